"""Split pieces over modes, and form the lots that move together."""

import math
from bisect import bisect_right
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache

from nfm_sim.compile.kit import Hours, Kit
from nfm_sim.kinds import Distribution
from nfm_sim.kinds.modes import CUSTOMS, EXPLOSIVES, ISSUE_POINTS, PIECES, YARD
from nfm_sim.network import NoRouteError
from nfm_sim.plan.movement import Embarkation, Landing, Need, Post, Rank, Trip, Way
from nfm_sim.record.words import whole_ticks
from nfm_sim.scenario.flows import Flow, Shares
from nfm_sim.scenario.model import Destination
from nfm_sim.scenario.values import Mode

Counts = dict[str, int]
"""Pieces by class."""


def split_over_modes(pieces: Mapping[str, int], shares: Mapping[str, Shares]) -> dict[Mode, Counts]:
    """Return the pieces by class that go by each mode: whole pieces, by largest remainder.

    Every piece goes by exactly one mode. The order of modes is that of the shares.
    """
    by_mode: dict[Mode, Counts] = {}
    for class_name, count in pieces.items():
        if not count:
            continue
        exact = {mode: count * share for mode, share in shares[class_name].items() if share > 0}
        whole = {mode: math.floor(amount) for mode, amount in exact.items()}
        left = count - sum(whole.values())
        for mode in sorted(exact, key=lambda mode: whole[mode] - exact[mode])[:left]:
            whole[mode] += 1
        for mode, number in whole.items():
            if number:
                by_mode.setdefault(mode, {})[class_name] = number
    return by_mode


def form_lots(pieces: Mapping[str, int], fullness: Callable[[Counts], float]) -> list[Counts]:
    """Return as few lots as can be, of about equal fullness.

    `fullness` says how full a lot is, 1 at most: vehicles of a column over their limit, or the length of a train
    over that of its track. One piece alone may be above 1. Classes stay in order, so that a lot holds few.
    """

    @cache
    def full(*lot: tuple[str, int]) -> float:
        """Remembered, because every level asks of the same lots."""
        return fullness(dict(lot))

    lots = _fill(pieces, full, 1.0)
    if len(lots) in (1, sum(pieces.values())):
        return lots
    low, high = 0.0, 1.0
    for _ in range(EVEN_STEPS):
        level = (low + high) / 2
        even = _fill(pieces, full, level)
        if len(even) == len(lots):
            lots, high = even, level
        else:
            low = level
    return lots


EVEN_STEPS = 8
"""Halvings in the search for the least fullness that needs no more lots."""


def _fill(pieces: Mapping[str, int], full: Callable[..., float], limit: float) -> list[Counts]:
    """Fill one lot after another up to the limit; `full` says how full one is with so many of each class."""

    @cache
    def room(class_name: str, there: tuple[tuple[str, int], ...]) -> int:
        """Return the number of pieces of a class for which a lot still has room; remembered, because many lots are
        alike."""
        lot = dict(there)
        before = lot.get(class_name, 0)
        more = range(1, pieces[class_name] + 1)
        return bisect_right(more, limit + 1e-9, key=lambda n: full(*{**lot, class_name: before + n}.items()))

    lots: list[Counts] = []
    lot: Counts = {}
    for class_name, count in pieces.items():
        left = count
        while left:
            fits = min(left, room(class_name, tuple(lot.items())))
            if lot and not fits:
                lots.append(lot)
                lot = {}
            else:
                number = max(fits, 1)
                lot = {**lot, class_name: lot.get(class_name, 0) + number}
                left -= number
    return [*lots, lot] if lot else lots


def interleave(lots_by_mode: Mapping[Mode, list[Counts]]) -> list[tuple[Mode, int, Counts]]:
    """Return (mode, number, lot) in the order of discharge: every mode gets its lots evenly over the ship."""
    places = [
        ((number + 0.5) / len(lots), order, mode, number, lot)
        for order, (mode, lots) in enumerate(lots_by_mode.items())
        for number, lot in enumerate(lots)
    ]
    return [(mode, number, lot) for _, _, mode, number, lot in sorted(places, key=lambda p: p[:2])]


CREWS = "crews"
"""The pool of the people who fly in for a flow."""


@dataclass(frozen=True, slots=True)
class Load:
    """Pieces that are to move together, from where to where, and for whom."""

    name: str
    part_of: str
    mode: Mode
    pieces: Counts
    rank: Rank
    origin: str
    loads_at: str
    goal: Destination
    discharge_per_h: float = math.inf
    flow: Flow | None = None
    """The flow of an allied movement, which has formalities at the port."""
    by_ship: bool = True
    """Whether it comes by ship."""
    crewed: bool = False
    """Whether its crews came with it."""
    from_h: Distribution | None = None
    """How long it comes from afar."""

    @property
    def count(self) -> int:
        """The number of its pieces."""
        return sum(self.pieces.values())

    def handling(self, kit: Kit) -> float:
        """The time to handle all its pieces, as a multiple of a facility's time for one."""
        return sum(number * kit.scenario.classes[name].handling for name, number in self.pieces.items())


def trip(kit: Kit, load: Load, way: Way, start: str, goal: str, hours: Hours, via: tuple[str, ...] = ()) -> Trip:
    """Return the trip of a load from one node to another; note a problem when nothing can carry it."""
    try:
        return kit.trips.trip(way, start, goal, hours, via)
    except NoRouteError as error:
        scenario = kit.scenario
        tables: dict[str, Collection[str]] = {"flows": scenario.flows, "elements": scenario.elements}
        tables["supply.stocks"] = scenario.supply.stocks
        table = next((name for name, of in tables.items() if load.part_of in of), "attrition")
        remedy = f"has pieces that no way can carry: {error} for what they weigh and need; change classes or modes"
        kit.fault(f"{table}.{load.part_of}", ", ".join(load.pieces), remedy)
        return Trip(way, start, goal, (), hours.windows, via)


def landing(kit: Kit, load: Load) -> Landing:
    """Compile what a load meets where it comes: at a port its yard and papers; a force element
    nothing."""
    if load.flow is None:
        return Landing()
    return Landing(
        yards=_yards(kit, load, load.origin) if load.by_ship else (),
        discharge_h=whole_ticks(load.handling(kit) / load.discharge_per_h),
        documents=kit.places.work_at(load.origin, CUSTOMS if load.by_ship else ISSUE_POINTS, load.count),
        guards=_guards(kit, load.origin) if load.by_ship else (),
    )


def embarkation(kit: Kit, load: Load, port: str) -> Embarkation | None:
    """Compile how a load goes aboard at the end of its way; None where no ship of its flow takes it."""
    calls = [call for ship in load.flow.ships.values() for call in ship.calls] if load.flow is not None else []
    if not any(call.takes and call.port == port for call in calls):
        return None
    return Embarkation(_yards(kit, load, port), load.handling(kit), _guards(kit, port))


def _guards(kit: Kit, place: str) -> tuple[Post, ...]:
    """Return those who guard each piece that stands at a place."""
    needs = kit.scenario.staff_of(place, PIECES)
    return tuple(Post(("", pool), 0.0, number) for pool, number in needs.items() if number)


def _yards(kit: Kit, load: Load, port: str) -> tuple[Need, ...]:
    """Return the areas that it takes of each yard of a port, in one order for all."""
    areas: dict[str, float] = {}
    for name, number in load.pieces.items():
        piece = kit.scenario.classes[name]
        yard = piece.yard if (port, piece.yard) in kit.places.facilities else YARD
        areas[yard] = areas.get(yard, 0.0) + number * piece.yard_m2
    if (port, EXPLOSIVES) in kit.places.facilities and (mass := _explosive_kg(kit, load.pieces)):
        areas[EXPLOSIVES] = mass
    for yard, area in areas.items():
        _check_room(kit, load, port, yard, area)
    return tuple(Need((port, yard), whole_ticks(area)) for yard, area in sorted(areas.items()))


def _check_room(kit: Kit, load: Load, place: str, name: str, amount: float) -> None:
    there = kit.places.facilities.get((place, name))
    if there is not None and amount > there.capacity:
        unit = "kg" if name == EXPLOSIVES else "m2"
        remedy = f"is smaller than {load.name}, which needs {amount:g} {unit}; make it larger or the loads smaller"
        kit.fault(f"places.{place}.{name}", f"{there.capacity:g}", remedy)


def _explosive_kg(kit: Kit, pieces: Mapping[str, int]) -> float:
    return sum(number * kit.scenario.classes[name].explosive_kg for name, number in pieces.items())


def explosives(kit: Kit, load: Load, exit_node: str) -> tuple[Need, ...]:
    """Return the net explosive mass of each piece of a load, in the mean, by place where it is loaded or unloaded and
    that is limited."""
    mass = _explosive_kg(kit, load.pieces)
    places = (load.loads_at, exit_node)
    limited = [(place, EXPLOSIVES) for place in places if mass and (place, EXPLOSIVES) in kit.places.facilities]
    for place, _ in limited:
        _check_room(kit, load, place, EXPLOSIVES, mass)
    return tuple(Need(key, mass / load.count) for key in limited)


def explosive_fullness(kit: Kit, *places: str) -> Callable[[Counts], float]:
    """Return how full a lot is by what may be at these places at once of net explosive mass."""
    there = [of for place in places if (of := kit.places.facilities.get((place, EXPLOSIVES)))]
    if not there:
        return lambda lot: 0.0
    limit = max(SMALLEST_KG, min(of.capacity for of in there))
    return lambda lot: _explosive_kg(kit, lot) / limit


SMALLEST_KG = 1e-6
"""In place of a limit of 0, which has each piece be a lot of its own, of which it is then said that it is too large."""
