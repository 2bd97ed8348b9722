"""How the lots of each mode are made."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

from nfm_sim.compile import loads
from nfm_sim.compile.kit import MOST_MADE, Hours, Kit, Openings
from nfm_sim.compile.loads import CREWS, Counts, Load, trip
from nfm_sim.kinds import UNIFORM, ModeKind
from nfm_sim.kinds.modes import BARGE, CHAMBERS, COLUMN, FLIGHT, GATES, TRAIN, TRUCK
from nfm_sim.memo import remembered
from nfm_sim.network import LINE_CLASSES, NoRouteError
from nfm_sim.plan.legs import ColumnDrive, Drive, FlightDrive, TrainDrive, TruckDrive
from nfm_sim.plan.movement import Approach, Breakdown, Carried, Fleet, Lot, Need, PoolKey, Post, Trip, Way, means_of
from nfm_sim.record.words import empty_of, whole_ticks
from nfm_sim.scenario.rules import (
    USUAL_CARRIER,
    BargeRules,
    Carrier,
    ColumnRules,
    FlightRules,
    PieceClass,
    TrainRules,
    TruckRules,
    Wagon,
)

# The common part of all modes, and the questions that each mode answers.
#
# A mode is one short class: how full a lot may be, what moves as roads, tracks and fairways see it, what goes along,
# and how it drives over links. A new mode overrides what differs from the usual.


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
        self.rules = kit.scenario.movement.of(kind.name)
        self._cut: dict[Hashable, list[Counts]] = {}

    def fullness(self, loads_at: str, exit_node: str) -> Callable[[Counts], float]:
        """Return the function that says how full a lot is: 1 when nothing more goes in."""
        most = self.rules.lot_pieces
        return lambda lot: sum(lot.values()) / most

    def parts(self, load: Load, way: Trip) -> LotParts:
        """Return what its lots have that those of other modes do without."""
        return {}

    def way(self, pieces: Counts) -> Way:
        """Return what moves, as the network sees it."""
        return replace(self.lone_way(), dangerous=any(piece.dangerous for piece in self.classes(pieces)))

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

    def needs(self, pieces: Counts) -> tuple[Need, ...]:
        """Return what goes along and comes back empty."""
        own = (Need(("", self.kind.pool), 1.0),) if self.kind.pool else ()
        return means_of(self.carried(pieces)) or own

    def carried(self, pieces: Counts) -> tuple[Carried, ...]:
        """Return its pieces and what carries them, where a lot goes with as much as there is; empty: all or nothing."""
        classes = self.kit.scenario.classes
        return tuple(Carried(pieces[name], of, classes[name].handling) for name, of in self.fleets_of(pieces).items())

    def share_of_fleets(self, pieces: Counts) -> float:
        """Return the share that pieces take of all wagons or trucks that may carry them; of several kinds, the most."""
        taken: defaultdict[tuple[PoolKey, ...], float] = defaultdict(float)
        for name, fleets in self.fleets_of(pieces).items():
            pools, _ = self._all_fleets[name]
            taken[pools] += pieces[name] / fleets[0].per_unit
        there = dict(self._all_fleets[name] for name in pieces)
        return max((math.ceil(number - 1e-9) / there[pools] for pools, number in taken.items()), default=0.0)

    @cached_property
    def _all_fleets(self) -> dict[str, tuple[tuple[PoolKey, ...], float]]:
        """By class of pieces: the pools of wagons or trucks that may carry it, and what all of them make in those of
        the first. Found once, too."""
        size = self.kit.places.pool_size
        return {
            name: (
                tuple(pool for pool, _ in fleets),
                sum(size(pool) * on_one / fleets[0].per_unit for (_, pool), on_one in fleets),
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

    def at_once(self, piece: PieceClass) -> tuple[str, float]:
        """Return what limits how many pieces of a class go at once, and how many that are: the first of the pools of
        wagons or trucks that may carry it, or the mode's own pool; infinite where none of them is scarce."""
        own = (Fleet(("", self.kind.pool), self.rules.lot_pieces),) if self.kind.pool else ()
        fleets = self.fleets(piece) or own
        if not fleets:
            return "", math.inf
        return fleets[0].pool[1], sum(self.kit.places.stock(pool) * per_unit for (_, pool), per_unit in fleets)

    def loading(self) -> Openings:
        """Return the hours in which it is loaded; empty for always."""
        return tuple(getattr(self.rules, "loading", ()))

    def hours(self, dangerous: bool = False) -> Hours:
        """Return when it may move and must rest, with dangerous goods or without."""
        return Hours()

    def turn_h(self) -> float | None:
        """Return the hours at the far end, for unloading and turning; None for as many as loading takes here."""
        hours: float | None = getattr(self.rules, "turn_h", 0.0)
        return hours

    def needs_beyond(self, beyond: int | None) -> int | None:
        """Return the draw of the hours beyond the exit for what goes along; None when that turns back there."""
        return beyond

    def lots_of(self, pieces: Counts, loads_at: str, exit_node: str) -> list[Counts]:
        """Cut pieces into what one movement takes, each dangerous class apart; remembered, because many ships bring the
        same."""
        key = (*pieces.items(), loads_at, exit_node)
        if key not in self._cut:
            full, explosive = (
                self.fullness(loads_at, exit_node),
                loads.explosive_fullness(self.kit, loads_at, exit_node),
            )
            self._cut[key] = [
                lot
                for part in self._apart(pieces)
                for lot in loads.form_lots(part, lambda of: max(full(of), explosive(of)))
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
        parts = self.parts(load, way)
        return Lot(
            subject=load.name,
            mode=load.mode,
            rank=load.rank,
            origin=load.origin,
            loads_at=load.loads_at,
            exit=exit_node,
            pieces=load.count,
            landing=loads.landing(kit, load),
            along=self.needs(load.pieces),
            load=loading,
            unload=kit.places.work_at(exit_node, terminal, handling),
            embarkation=loads.embarkation(kit, load, exit_node),
            explosives=loads.explosives(kit, load, exit_node) if terminal else (),
            from_afar=None if load.from_h is None else kit.sheet.ask("from afar", load.name, load.from_h),
            beyond=beyond,
            needs_beyond=self.needs_beyond(beyond),
            back=self.way_back(load, way) if self.kind.comes_back and kit.scenario.movement.empties else None,
            turn_h=whole_ticks(turn_h) if turn_h is not None else loading.hours if loading is not None else 0.0,
            back_h=self.back_h(way),
            carried=self.carried(load.pieces),
            least=self.least(),
            posts=self.posts(),
            flow=load.part_of if load.flow is not None else "",
            batch=load.name.rsplit("-", 1)[0],
            trip=parts.pop("trip", way),
            **parts,
        )


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


class ColumnMode(Mode):
    """One march column, which drives by itself and needs a credit for every leg."""

    rules: ColumnRules
    drives = ColumnDrive

    def way(self, pieces: Counts) -> Way:
        alone = ((piece, 1, USUAL_CARRIER) for piece in self.classes(pieces))
        way = measured(super().way(pieces), alone)
        return replace(way, vehicles=sum(pieces.values()), load_class=way.weight_t / SHORT_TON_T)

    def needs(self, pieces: Counts) -> tuple[Need, ...]:
        escorted = sum(pieces.values()) > self.rules.escort_above
        return super().needs(pieces) if escorted else ()

    def hours(self, dangerous: bool = False) -> Hours:
        return Hours(self.kit.times.by_regime(self.rules.driving, "driving"), self.rules.rests)

    def back_h(self, way: Trip) -> float:
        """Return the running time of its escort, which drives home at the speed of trucks."""
        try:
            legs = self.kit.trips.legs(Way(TRUCK.name), way.goal, way.start)
        except NoRouteError:
            return super().back_h(way)
        return sum(leg.leave_h[-1] for leg in legs)

    def needs_beyond(self, beyond: int | None) -> int | None:
        return None  # escorts turn back at the border

    def parts(self, load: Load, way: Trip) -> LotParts:
        flown_in = load.flow is not None and load.flow.airlifts and not load.crewed
        people = load.flow.crew_per_vehicle * load.count if load.flow is not None else 0.0
        return {
            "trip": way._replace(breakdown=self._breakdown(load, way)),
            "keeps": (Need((load.part_of, CREWS), people),) if flown_in else (),
            "prepare": self.kit.sheet.ask("prepare", load.name, self.rules.form_up_h),
            "gate": self.kit.places.work_at(load.origin, GATES, load.count),
        }

    def _breakdown(self, load: Load, way: Trip) -> Breakdown | None:
        rules, ask = self.rules, self.kit.sheet.ask
        if not rules.breakdown_per_vehicle_km:
            return None
        links = self.kit.network.links
        km = sum(links[link].km for leg in way.legs for link in leg.links)
        driving_h = sum(leg.hours for leg in way.legs)
        return Breakdown(
            happens=ask("breakdown", load.name, UNIFORM),
            chance=1 - math.exp(-rules.breakdown_per_vehicle_km * load.count * km),
            after_h=ask("breakdown after", load.name, UNIFORM.scaled(driving_h)),
            recovery=ask("recovery", load.name, rules.recovery_h),
            blocks=ask("breakdown blocks", load.name, UNIFORM),
            blocked_share=rules.lane_blocked_share,
            vehicle=("", rules.recovery_vehicles),
            leaves_behind_h=math.inf if rules.leaves_behind_h is None else rules.leaves_behind_h,
            is_lost=ask("breakdown lost", load.name, UNIFORM),
            lost_share=rules.lost_share,
        )


class TruckMode(Mode):
    """A packet of trucks, which need no credit."""

    rules: TruckRules
    drives = TruckDrive

    def fullness(self, loads_at: str, exit_node: str) -> Callable[[Counts], float]:
        most = self.rules.trucks
        return lambda lot: max(sum(n for _, n in means_of(self.carried(lot))) / most, self.share_of_fleets(lot))

    def fleets(self, piece: PieceClass) -> tuple[Fleet, ...]:
        return tuple(Fleet(("", pool), float(self.rules.on_lorry(pool))) for pool in piece.trucks)

    def way(self, pieces: Counts) -> Way:
        rules, number = self.rules, sum(pieces.values())
        loads = (
            (piece, min(rules.on_lorry(pool), number), rules.lorry(pool))
            for piece in self.classes(pieces)
            for pool in piece.trucks
        )
        way = measured(super().way(pieces), loads)
        return replace(way, load_class=WHEELED * way.weight_t / SHORT_TON_T)

    def least(self) -> float:
        return float(self.rules.least_trucks)

    def parts(self, load: Load, way: Trip) -> LotParts:
        return {"gate": self.kit.places.work_at(load.origin, GATES, load.count)}


AXLE_T, METRE_T = (sorted(set(limits)) for limits in zip(*LINE_CLASSES.values(), strict=True))


def _next(limits: Sequence[float], tonnes: float) -> float:
    """The least limit of a line class that is not exceeded, so that trains of one class share their routes."""
    return next((limit for limit in limits if tonnes <= limit), tonnes)


class TrainMode(Mode):
    """One train: wagons, a loading track, a locomotive with its driver, and a path."""

    rules: TrainRules
    drives = TrainDrive

    def fullness(self, loads_at: str, exit_node: str) -> Callable[[Counts], float]:
        rules = self.rules
        limit_m = min(self._lengths(loads_at, exit_node).values()) - rules.locomotive_m

        def fullness(lot: Counts) -> float:
            wagons = self.made_up(lot)
            return max(
                wagons.number / rules.max_wagons,
                wagons.length_m / limit_m if limit_m > 0 else math.inf,
                wagons.weight_t / rules.max_t,
                self.share_of_fleets(lot),
            )

        return fullness

    def _lengths(self, loads_at: str, exit_node: str) -> dict[str, float]:
        """The lengths that a train keeps to, by what sets them."""
        lengths = {"movement.train.max_m": self.rules.max_m}
        track = self.kit.places.facilities.get((loads_at, self.kind.loaded_at))
        if track is not None and track.length_m:
            lengths[f"places.{loads_at}.{self.kind.loaded_at}.length_m"] = track.length_m
        way = self.kit.network.route(loads_at, exit_node, self.kind.network).links if loads_at != exit_node else ()
        return lengths | {f"max_train_m of {of.name}": of.max_train_m for of in way if of.max_train_m is not None}

    def lots_of(self, pieces: Counts, loads_at: str, exit_node: str) -> list[Counts]:
        """Cut pieces into trains; note a problem when not even a piece alone is short and light enough."""
        lots = super().lots_of(pieces, loads_at, exit_node)
        rules, lengths = self.rules, self._lengths(loads_at, exit_node)
        shortest = min(lengths, key=lambda key: lengths[key])
        for lot in lots:
            number, length_m, weight_t = self.made_up(lot)
            train_m, name = length_m + rules.locomotive_m, ", ".join(lot)
            if train_m > lengths[shortest]:
                remedy = f"is shorter than a train with {name}, {train_m:g} m"
                self.kit.fault(shortest, f"{lengths[shortest]:g} m", remedy)
            if weight_t > rules.max_t:
                remedy = f"is less than {name} weighs, {weight_t:g} t"
                self.kit.fault("movement.train.max_t", f"{rules.max_t:g}", remedy)
            if number > rules.max_wagons:
                remedy = f"is less than {name} needs, {number:g} wagons"
                self.kit.fault("movement.train.max_wagons", f"{rules.max_wagons:g}", remedy)
        return lots

    def way(self, pieces: Counts) -> Way:
        rules, on_wagons = self.rules, list(self._on_wagons(pieces))
        weights = [(wagon.tare_t + number * piece.weight_t, wagon) for piece, number, wagon in on_wagons]
        return replace(
            measured(super().way(pieces), on_wagons),
            out_of_gauge=any(piece.out_of_gauge for piece in self.classes(pieces)),
            electric=rules.electric,
            train_m=self.made_up(pieces).length_m + rules.locomotive_m,
            axle_t=_next(AXLE_T, max(tonnes / wagon.axles for tonnes, wagon in weights)),
            metre_t=_next(METRE_T, max(tonnes / wagon.length_m for tonnes, wagon in weights)),
        )

    def fleets(self, piece: PieceClass) -> tuple[Fleet, ...]:
        return tuple(Fleet(("", pool), piece.on_wagon(pool)) for pool in piece.wagons)

    def least(self) -> float:
        return float(self.rules.least_wagons)

    def hours(self, dangerous: bool = False) -> Hours:
        rules, by_regime = self.rules, self.kit.times.by_regime
        if not dangerous:
            return Hours(by_regime(rules.running, "running"), rules.rests)
        if rules.running_dangerous:
            return Hours(by_regime(rules.running_dangerous, "running_dangerous"), rules.rests)
        return Hours(by_regime(rules.running, "running_dangerous", "running"), rules.rests)

    def parts(self, load: Load, way: Trip) -> LotParts:
        abroad = self.kit.network.nodes[way.goal].kind == "border_crossing"
        rules = self.rules
        return {
            "approach": self._approach(load) if load.origin != load.loads_at else None,
            "engines": (Need(("", self.kind.pool), 1.0),),
            "border": self.kit.sheet.ask("border", load.name, rules.border_h) if abroad and not rules.through else None,
        }

    def _approach(self, load: Load) -> Approach:
        """The march to where a train is loaded."""
        column = ColumnMode(COLUMN, self.kit)
        by_road = column.way(load.pieces)
        march = trip(self.kit, load, by_road, load.origin, load.loads_at, column.hours())
        return Approach(march, column.needs(load.pieces), column.back_h(march))

    def _on_wagons(self, pieces: Counts) -> Iterator[tuple[PieceClass, float, Wagon]]:
        """Yield of each class how many stand on one wagon at most, and which: of a piece that needs two, a half."""
        for name, number in pieces.items():
            piece = self.kit.scenario.classes[name]
            for pool in piece.wagons:
                on_one = piece.on_wagon(pool)
                yield piece, min(number, math.ceil(on_one)) if on_one > 1 else on_one, self.rules.wagon(pool)

    def made_up(self, pieces: Counts) -> Wagons:
        """Return the wagons of a train with these pieces: of several kinds that may carry them, those that make it the
        longest and heaviest. The last wagon of each kind may be half empty."""
        units: dict[tuple[str, ...], list[float]] = {}
        for name, fleets in self.fleets_of(pieces).items():
            of_kind = units.setdefault(tuple(pool for (_, pool), _ in fleets), [0.0] * len(fleets))
            for place, fleet in enumerate(fleets):
                of_kind[place] += pieces[name] / fleet.per_unit
        number = length_m = weight_t = 0.0
        for pools, of_kind in units.items():
            whole = [math.ceil(wagons - 1e-9) + len(pools) - 1 for wagons in of_kind]
            kinds = [self.rules.wagon(pool) for pool in pools]
            number += max(whole)
            length_m += max(wagons * kind.length_m for wagons, kind in zip(whole, kinds, strict=True))
            weight_t += max(wagons * kind.tare_t for wagons, kind in zip(whole, kinds, strict=True))
        loads_t = sum(count * self.kit.scenario.classes[name].weight_t for name, count in pieces.items())
        return Wagons(number, length_m, weight_t + loads_t)


class Wagons(NamedTuple):
    """The wagons of a train."""

    number: float
    length_m: float
    weight_t: float
    """With what stands on them: the weight behind the locomotive."""


class BargeMode(Mode):
    """One barge, or smaller ones together in its place."""

    rules: BargeRules

    def fullness(self, loads_at: str, exit_node: str) -> Callable[[Counts], float]:
        return lambda lot: sum(number / self.fleets_of(lot)[name][0].per_unit for name, number in lot.items())

    def fleets(self, piece: PieceClass) -> tuple[Fleet, ...]:
        return tuple(Fleet(("", pool), float(self.rules.on_barge(pool))) for pool in piece.barges)

    def lone_way(self) -> Way:
        return replace(super().lone_way(), cemt=self.rules.cemt)

    def parts(self, load: Load, way: Trip) -> LotParts:
        return {"trip": way._replace(civil_queue=self._civil_queue(load.name))}

    def way_back(self, load: Load, way: Trip) -> Trip | None:
        back = super().way_back(load, way)
        return back and back._replace(civil_queue=self._civil_queue(empty_of(load.name)))

    def _civil_queue(self, name: str) -> dict[str, int]:
        """Ask for the hours behind civil barges at each lock."""
        hours = self.rules.civil_queue_h
        if hours.is_zero:
            return {}
        locks = [node for node, facility in self.kit.places.facilities if facility == CHAMBERS]
        return {lock: self.kit.sheet.ask(f"civil queue {lock}", name, hours) for lock in locks}


class FlightMode(Mode):
    """Helicopters that fly off together, over no link."""

    rules: FlightRules
    drives = FlightDrive

    def loading(self) -> Openings:
        return self.rules.daylight

    def parts(self, load: Load, way: Trip) -> LotParts:
        return {"prepare": self.kit.sheet.ask("prepare", load.name, self.rules.make_ready_h)}


OURS: Mapping[ModeKind, type[Mode]] = dict(
    zip((TRAIN, COLUMN, TRUCK, BARGE, FLIGHT), (TrainMode, ColumnMode, TruckMode, BargeMode, FlightMode), strict=True)
)


def class_of(kind: ModeKind) -> type[Mode]:
    """Return how the lots of a mode are made; those of a user's mode in the usual way, if it gives no other."""
    made: type[Mode] = OURS.get(kind) or kind.compiled or Mode
    return made


__all__ = ["Drive", "LotParts", "Mode", "Modes", "class_of"]
