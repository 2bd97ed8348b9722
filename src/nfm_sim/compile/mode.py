"""The common part of all modes, and the questions that each mode answers.

A mode is one short class: how full a lot may be, what moves as roads, tracks and fairways see it, what goes along,
and how it drives over links. A new mode overrides what differs from the usual.
"""

import math
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

from nfm_sim.compile.kit import MOST_MADE, Hours, Kit, Openings
from nfm_sim.compile.loads import Counts, Load, embarkation, explosive_fullness, explosives, form_lots, landing, trip
from nfm_sim.kinds import ModeKind
from nfm_sim.memo import remembered
from nfm_sim.network import NoRouteError
from nfm_sim.plan.legs import Drive
from nfm_sim.plan.movement import Carried, Fleet, Lot, Need, PoolKey, Post, Trip, Way
from nfm_sim.record.ticks import whole_ticks
from nfm_sim.scenario.means import Carrier, PieceClass

SHORT_TON_T = 0.9072
"""The class of a tracked vehicle is about its weight in short tons (FM 3-34.343, appendix B)."""
WHEELED = 0.85
"""That of a tractor with its trailer is about so much of it, by the expedient rule (MTMCTEA 55-20)."""
Modes = Mapping[str, "Mode"]
LotParts = dict[str, Any]
"""Fields of a `Lot` that only some modes have."""


class Mode:
    """How pieces move by one mode; what is not overridden is how anything goes that is loaded, moved and unloaded."""

    drives: ClassVar[type[Drive]] = Drive
    """How it drives over links."""

    def __init__(self, kind: ModeKind, kit: Kit) -> None:
        self.kind = kind
        self.kit = kit
        self.rules = kit.rules.of(kind.name)
        self._cut: dict[Hashable, list[Counts]] = {}

    def fullness(self, loads_at: str, exit_node: str) -> Callable[[Counts], float]:
        """Return the function that says how full a lot is: 1 when nothing more goes in."""
        return count_fullness(self.rules.pieces)

    def parts(self, load: Load, way: Trip) -> LotParts:
        """Return what its lots have that those of other modes do without."""
        return {}

    def way(self, pieces: Counts) -> Way:
        """Return what moves, as the network sees it."""
        return Way(self.kind.name, dangerous=any(piece.dangerous for piece in self.classes(pieces)))

    @remembered(MOST_MADE)
    def _way_of(self, *pieces: tuple[str, int]) -> Way:
        """The same; remembered, because many loads are of the same pieces."""
        return self.way(dict(pieces))

    def classes(self, pieces: Counts) -> list[PieceClass]:
        """Return the classes of pieces."""
        return [self.kit.scenario.classes[name] for name in pieces]

    def lone_way(self) -> Way:
        """Return one piece on its way, whatever it weighs: what a choice of modes reckons with."""
        return Way(self.kind.name)

    def fleets(self, piece: PieceClass) -> tuple[Fleet, ...]:
        """Return the wagons or trucks that may carry a piece, in the order in which they are asked; none where a
        movement takes one of the mode's own pool, or nothing."""
        return ()

    def fleets_of(self, pieces: Counts) -> dict[str, tuple[Fleet, ...]]:
        """The same by class of pieces, without those that need none."""
        return {name: of for name in pieces if (of := self._fleets_by_class[name])}

    @cached_property
    def _fleets_by_class(self) -> dict[str, tuple[Fleet, ...]]:
        """Found once: cutting pieces into lots asks for them some ten thousand times."""
        return {name: self.fleets(piece) for name, piece in self.kit.scenario.classes.items()}

    def units_of(self, pieces: Counts) -> dict[str, float]:
        """Return the whole wagons or trucks for pieces, by pool: of the first kind that may carry each."""
        units: dict[str, float] = {}
        for name, (first, *_) in self.fleets_of(pieces).items():
            _, pool = first.pool
            units[pool] = units.get(pool, 0.0) + pieces[name] / first.per_unit
        return {pool: float(math.ceil(number - 1e-9)) for pool, number in units.items()}

    def needs(self, pieces: Counts) -> tuple[Need, ...]:
        """Return what goes along and comes back empty, in one order for all, so that two movements never wait for
        each other."""
        units = self.units_of(pieces) or ({self.kind.pool: 1.0} if self.kind.pool else {})
        return tuple(Need(("", pool), number) for pool, number in sorted(units.items()))

    def carried(self, pieces: Counts) -> tuple[Carried, ...]:
        """Return its pieces and what carries them, where a lot goes with as much as there is; empty: all or nothing."""
        classes = self.kit.scenario.classes
        return tuple(Carried(pieces[name], of, classes[name].handling) for name, of in self.fleets_of(pieces).items())

    def share_of_fleets(self, pieces: Counts) -> float:
        """Return the share that pieces take of all wagons or trucks that may carry them; of several kinds, the most."""
        taken: dict[tuple[PoolKey, ...], float] = {}
        for name, fleets in self.fleets_of(pieces).items():
            pools, _ = self._all_fleets[name]
            taken[pools] = taken.get(pools, 0.0) + pieces[name] / fleets[0].per_unit
        there = dict(self._all_fleets[name] for name in pieces)
        return max((math.ceil(number - 1e-9) / there[pools] for pools, number in taken.items()), default=0.0)

    @cached_property
    def _all_fleets(self) -> dict[str, tuple[tuple[PoolKey, ...], float]]:
        """By class of pieces: the pools of wagons or trucks that may carry it, and what all of them make in those of
        the first."""
        size = self.kit.places.pool_size
        return {
            name: (
                tuple(fleet.pool for fleet in fleets),
                sum(size(fleet.pool[1]) * fleet.per_unit / fleets[0].per_unit for fleet in fleets),
            )
            for name, fleets in self._fleets_by_class.items()
        }

    def posts(self) -> tuple[Post, ...]:
        """Return those who work at each movement."""
        each, more = self.rules.needs, self.rules.needs_per_piece
        posts = (Post(("", pool), each.get(pool, 0.0), more.get(pool, 0.0)) for pool in dict.fromkeys((*each, *more)))
        return tuple(post for post in posts if post.people(1))

    def least(self) -> float:
        """Return the wagons or trucks with which a lot leaves at least, when it cannot have all."""
        return 0.0

    def way_back(self, load: Load, way: Trip) -> Trip | None:
        """Return the way over the network on which what goes along comes back empty; None where nothing leads back."""
        empty = replace(self.lone_way(), electric=way.way.electric, train_m=way.way.train_m)
        try:
            return self.kit.trips.trip(empty, way.goal, way.start, self.hours(), way.via[::-1])
        except NoRouteError:
            return None

    def back_h(self, way: Trip) -> float:
        """Return the running time in which what goes along comes back empty: as it went, without waits."""
        return sum(leg.hours for leg in way.legs)

    def on_one(self) -> float:
        """Return how many pieces go with one of the mode's own pool."""
        return float(self.rules.pieces)

    def at_once(self, piece: PieceClass) -> tuple[str, float]:
        """Return what limits how many pieces of a class go at once, and how many that are: the first of the pools of
        wagons or trucks that may carry it, or the mode's own pool; infinite where none of them is scarce."""
        fleets = self.fleets(piece)
        if not fleets and not self.kind.pool:
            return "", math.inf
        fleets = fleets or (Fleet(("", self.kind.pool), self.on_one()),)
        return fleets[0].pool[1], sum(self.kit.places.stock(pool) * per_unit for (_, pool), per_unit in fleets)

    def loading(self) -> Openings:
        """Return the hours in which it is loaded; empty for always."""
        openings: Openings = self.rules.loading
        return openings

    def hours(self, dangerous: bool = False) -> Hours:
        """Return when it may move and must rest, with dangerous goods or without."""
        return Hours()

    def turn_h(self) -> float | None:
        """Return the hours at the far end, for unloading and turning; None for as many as loading takes here."""
        hours: float | None = self.rules.turn_h
        return hours

    def needs_beyond(self, beyond: int | None) -> int | None:
        """Return the draw of the hours beyond the exit for what goes along; None when that turns back there."""
        return beyond

    def lots_of(self, pieces: Counts, loads_at: str, exit_node: str) -> list[Counts]:
        """Cut pieces into what one movement takes, each dangerous class apart; remembered, because many ships bring the
        same."""
        key = (*pieces.items(), loads_at, exit_node)
        if key not in self._cut:
            full, explosive = self.fullness(loads_at, exit_node), explosive_fullness(self.kit, loads_at, exit_node)
            self._cut[key] = [
                lot for part in self._apart(pieces) for lot in form_lots(part, lambda of: max(full(of), explosive(of)))
            ]
        return self._cut[key]

    def _apart(self, pieces: Counts) -> list[Counts]:
        """Part what is not loaded together; what drives by itself is not loaded."""
        classes = self.kit.scenario.classes
        apart = [name for name in pieces if classes[name].dangerous] if self.kind.loaded_at else []
        others = {name: number for name, number in pieces.items() if name not in apart}
        return [*([others] if others else []), *({name: pieces[name]} for name in apart)]

    def compile(self, load: Load) -> Lot:
        """Compile a load into a lot."""
        kit = self.kit
        goal = load.goal
        exit_node = goal.exits[load.mode]
        beyond_h = goal.beyond_h.get(load.mode)
        beyond = None if beyond_h is None else kit.sheet.ask("beyond", load.name, beyond_h)
        via = goal.via.get(load.mode, ())
        moves = self._way_of(*load.pieces.items())
        way = trip(kit, load, moves, load.loads_at, exit_node, self.hours(moves.dangerous), via)
        handling, terminal = load.handling(kit), self.kind.loaded_at
        loading = kit.places.work_at(load.loads_at, terminal, handling, self.loading())
        turn_h = self.turn_h()
        common: LotParts = {
            "subject": load.name,
            "mode": load.mode,
            "rank": load.rank,
            "origin": load.origin,
            "loads_at": load.loads_at,
            "exit": exit_node,
            "pieces": load.count,
            "landing": landing(kit, load),
            "along": self.needs(load.pieces),
            "load": loading,
            "unload": kit.places.work_at(exit_node, terminal, handling),
            "embarkation": embarkation(kit, load, exit_node),
            "explosives": explosives(kit, load, exit_node) if terminal else (),
            "from_afar": None if load.from_h is None else kit.sheet.ask("from afar", load.name, load.from_h),
            "beyond": beyond,
            "needs_beyond": self.needs_beyond(beyond),
            "back": self.way_back(load, way) if self.kind.comes_back and kit.rules.empties else None,
            "turn_h": whole_ticks(turn_h) if turn_h is not None else loading.hours if loading is not None else 0.0,
            "back_h": self.back_h(way),
            "carried": self.carried(load.pieces),
            "least": self.least(),
            "posts": self.posts(),
            "flow": load.part_of if load.flow is not None else "",
            "batch": load.name.rsplit("-", 1)[0],
        }
        return Lot(**{"trip": way, **common, **self.parts(load, way)})


def measured(way: Way, loads: Iterable[tuple[PieceClass, float, Carrier]]) -> Way:
    """Return a movement with the measures of its heaviest, highest and widest vehicle and its load: `loads` says of
    each class how many of it stand on what."""
    loads = list(loads)
    return replace(
        way,
        weight_t=max(on.tare_t + number * piece.weight_t for piece, number, on in loads),
        height_m=max(on.deck_m + piece.height_m if piece.height_m else 0.0 for piece, _, on in loads),
        width_m=max(piece.width_m for piece, _, _ in loads),
    )


def count_fullness(most: int) -> Callable[[Counts], float]:
    """The fullness of lots that take so many pieces at most."""
    return lambda lot: sum(lot.values()) / most
