"""Legs: routes cut at holding nodes, as each mode and kind of movement drives them.

The compiler has the legs of all trips made once. When links close under way, movement control asks for others; a book
makes them too, and keeps none.
"""

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from operator import add
from typing import Any

from nfm_sim.kinds import ModeKind
from nfm_sim.kinds.modes import RAIL
from nfm_sim.memo import remembered
from nfm_sim.network import CEMT_CLASSES, Link, Network, Route
from nfm_sim.plan.movement import MEETS_NOTHING, Leg, LegHours, Legs, Slot, Way
from nfm_sim.plan.timeline import FREE, HourClass, Traffic
from nfm_sim.problems import InputError
from nfm_sim.record.words import link_cause, whole_ticks

Stretches = tuple[tuple[int, int], ...]
"""Classes of hours in which a leg is driven, one after the other: each with the number of the first link behind it."""
LEAST_HOLD_H = whole_ticks(1 / 3600)
"""A slot lasts a second at least, so that every passage has a place in the order of its link."""
NOT_YET = math.nan
"""In a leg that is not yet driven: hours that are known when it is."""
KEEPS_ORDER = 1.0
"""In a slot that is not yet driven: its running time counts."""
TRACKS_TO_OVERTAKE = 4
"""With two tracks for each direction, one train passes another, and none need be out of gauge beside its neighbour."""
MOST_BARRED = 48
"""Kinds of movement for which the links that cannot carry it are remembered."""


# How modes drive over links: their speed, their tail, and what they take of a link's calendar


class Drive:
    """How a mode drives over links; here as its rules say: no tail, and the same headway, if any, on every link.

    The plan keeps it, for what is rerouted under way.
    """

    on_credit = True
    """It books its legs. A truck, which does not, drives among the civil traffic and holds nowhere."""

    def __init__(self, kind: ModeKind, rules: Any, traffic: Traffic) -> None:
        self.network = kind.network
        """The kind of link that it uses; empty when it uses none."""
        self.rules = rules
        self.traffic = traffic

    def speed_kmh(self, way: Way) -> Mapping[str, float]:
        """Return the speed on an empty link, by kind of link."""
        speeds: Mapping[str, float] = self.rules.speed_kmh
        return speeds

    def pass_h(self, way: Way, kmh: float) -> float:
        """Return how long after its head the tail passes."""
        return 0.0

    def hold_h(self, way: Way, link: Link, hours: float, kmh: float, hour: HourClass) -> float:
        """Return how long it takes a link's calendar; infinite when such hours leave nothing for it."""
        return float(getattr(self.rules, "headway_h", 0.0))

    def rest_h(self, driving_h: float) -> float:
        """Return the hours of rest that are part of a leg."""
        return 0.0


class ColumnDrive(Drive):
    """Columns take the time that they need to pass, and a gap behind them."""

    def pass_h(self, way: Way, kmh: float) -> float:
        """Return vehicles over their density and speed, and the gaps between march units and serials (FM 55-10)."""
        units, serials = self._parts(way)
        gaps_min = (units - serials) * self.rules.unit_gap_min + (serials - 1) * self.rules.serial_gap_min
        return float(way.vehicles / (self.rules.density_per_km * kmh) + gaps_min / 60)

    def hold_h(self, way: Way, link: Link, hours: float, kmh: float, hour: HourClass) -> float:
        gap_h = self.rules.column_gap_h
        if gap_h is None:
            units, _ = self._parts(way)
            gap_h = (self.rules.unit_gap_min if units == 1 else self.rules.serial_gap_min) / 60
        return float(self.pass_h(way, kmh) + gap_h)

    def _parts(self, way: Way) -> tuple[int, int]:
        """Return its march units and serials."""
        units = max(1, math.ceil(way.vehicles / self.rules.march_unit))
        return units, math.ceil(units / self.rules.serial_units)


class TruckDrive(Drive):
    """Trucks hold no calendar, and their drivers rest on the way."""

    on_credit = False

    def rest_h(self, driving_h: float) -> float:
        return float(self.rules.rest_h(driving_h))


class TrainDrive(Drive):
    """Trains take a headway, or what the civil timetable leaves."""

    def speed_kmh(self, way: Way) -> Mapping[str, float]:
        speeds, most = super().speed_kmh(way), self.rules.out_of_gauge_kmh
        return {**speeds, RAIL: min(speeds.get(RAIL, math.inf), most)} if way.out_of_gauge else speeds

    def hold_h(self, way: Way, link: Link, hours: float, kmh: float, hour: HourClass) -> float:
        paths = self.traffic.paths_per_h(link, hour)
        between_h = math.inf if paths == 0 else self.rules.headway_h if paths is None else 1 / paths
        return between_h / max(1, (link.tracks or 2) // 2)


class FlightDrive(Drive):
    """Helicopters fly straight, at one speed."""

    def speed_kmh(self, way: Way) -> Mapping[str, float]:
        return {"air": self.rules.speed_kmh}


# The book of legs


@dataclass(frozen=True, eq=False)
class LegBook:
    """Makes legs, and knows the calendar of every link.

    A link has a calendar for each direction; a single track that is given as one link each way has those of one.
    """

    network: Network
    drives: Mapping[str, Drive]
    traffic: Traffic
    calendars: Mapping[tuple[str, bool], int]
    """Number of the calendar of a link in a direction."""

    def make(self, way: Way, start: str, end: str, closed: frozenset[str] = frozenset(), count: int = 1) -> list[Legs]:
        """Make the legs of up to `count` routes around links that are closed, the fastest first.

        There are no legs in them when start and end are one. Raises `NoRouteError` when there is no route.
        """
        if start == end:
            return [()]
        drive = self.drives[way.mode]
        speeds = drive.speed_kmh(way)
        if not drive.network:
            if "air" not in speeds:
                remedy = 'has no speed by "air", which a mode without a network needs'
                raise InputError.of("scenario", f"movement.{way.mode}.speed_kmh", "", remedy)
            hours = whole_ticks(self.network.great_circle_km(start, end) / speeds["air"])
            return [(Leg(start, end, hours, 0.0),)]  # over no link
        without = self.barred(replace(way, vehicles=0), drive.network) | closed
        routes = self.network.routes(start, end, drive.network, speeds, without, count)
        return [self._cut(way, drive, route) for route in routes]

    @remembered(MOST_BARRED)
    def barred(self, way: Way, network: str) -> frozenset[str]:
        """Return the links of a mode that cannot carry what moves: too weak, low or narrow, without a wire, closed to
        ammunition."""
        links = (link for link in self.network.links.values() if network in link.modes)
        return frozenset(link.name for link in links if not carries(link, way, network))

    def next_junction(self, leg: Leg, elapsed_h: float) -> int:
        """Return the number of the first link of a leg that is not entered after so many hours; else the last."""
        return min(bisect_right(leg.enter_h, elapsed_h), len(leg.links) - 1)

    def cut_before(self, leg: Leg, place: int) -> tuple[Leg, Leg]:
        """Cut a leg that needs no credit in two, before the link at a place."""
        at, ahead = leg.enter_h[place], self.network.links[leg.links[place]]
        node = ahead.start if leg.forward[place] else ahead.end
        by_class = tuple(hours.behind(place) for hours in leg.by_class)
        driven = replace(leg, end=node, hours=at, network="", by_class=(), **_over(leg, 0, place))
        left = replace(leg, start=node, hours=leg.hours - at, by_class=by_class, **_over(leg, place, len(leg.links)))
        return driven, left

    def _cut(self, way: Way, drive: Drive, route: Route) -> Legs:
        """Cut a route at its holding nodes; what needs no credit drives all of it as one leg."""
        stops = [0]
        if drive.on_credit:
            inner = enumerate(route.nodes[1:-1], start=1)
            stops += [place for place, node in inner if drive.network in self.network.nodes[node].holds]
        stops.append(len(route.links))
        return tuple(self._leg(way, drive, route, first, last) for first, last in pairwise(stops))

    def _leg(self, way: Way, drive: Drive, route: Route, first: int, last: int) -> Leg:
        """Make the leg over the links from `first` to before `last`, for every class of hours of the week."""
        places = range(first, last)

        def hours_in(hour: HourClass) -> LegHours:
            taken = [self._on_link(way, drive, route.links[place], route.link_h[place], hour) for place in places]
            run_h, pass_h, slot_h = zip(*(hours or (0.0, 0.0, 0.0) for hours in taken), strict=True)
            return LegHours(run_h, pass_h, slot_h, tuple(n for n, hours in enumerate(taken) if hours is None))

        slots: list[Slot] = []
        slot_links: list[int] = []
        for number, place in enumerate(places if drive.on_credit else ()):
            link, forward = route.links[place], route.forward[place]
            ordered = (link.tracks or 2) < TRACKS_TO_OVERTAKE
            slots.append((self.calendars[link.name, forward], NOT_YET, NOT_YET, KEEPS_ORDER if ordered else 0.0))
            if link.tracks == 1 or (way.out_of_gauge and ordered):
                slots.append((self.calendars[link.name, not forward], NOT_YET, NOT_YET, MEETS_NOTHING))
            slot_links += [number] * (len(slots) - len(slot_links))
        links = route.links[first:last]
        leg = Leg(
            start=route.nodes[first],
            end=route.nodes[last],
            hours=NOT_YET,
            pass_h=NOT_YET,
            links=tuple(link.name for link in links),
            forward=tuple(route.forward[first:last]),
            slots=tuple(slots),
            slot_links=tuple(slot_links),
            causes=tuple(link_cause(links[number].line, links[number].name) for number in slot_links),
            mode=way.mode,
            network=drive.network,
            by_class=tuple(hours_in(hour) for hour in self.traffic.classes(drive.network)),
        )
        return self.driven(leg, hours_in(FREE))

    def in_classes(self, leg: Leg, stretches: Stretches) -> Leg:
        """Return a leg as it is driven in classes of hours: each of them up to before a link."""
        run_h: tuple[float, ...] = ()
        pass_h: tuple[float, ...] = ()
        slot_h: tuple[float, ...] = ()
        for hour_class, before in stretches:
            hours, stretch = leg.by_class[hour_class], slice(len(run_h), before)
            run_h += hours.run_h[stretch]
            pass_h += hours.pass_h[stretch]
            slot_h += hours.slot_h[stretch]
        return self.driven(leg, LegHours(run_h, pass_h, slot_h))

    def driven(self, leg: Leg, hours: LegHours) -> Leg:
        """Return a leg as it is driven with such hours on its links."""
        run_h, enter_h, slot_h = hours.run_h, hours.enter_h, hours.slot_h
        slots = [
            (calendar, enter_h[link], run_h[link], MEETS_NOTHING)
            if order == MEETS_NOTHING
            else (calendar, enter_h[link], slot_h[link], run_h[link] if order else 0.0)
            for (calendar, _, _, order), link in zip(leg.slots, leg.slot_links, strict=True)
        ]
        return Leg(  # not by `replace`, which takes twice as long
            leg.start,
            leg.end,
            hours=whole_ticks(enter_h[-1] + self.drives[leg.mode].rest_h(enter_h[-1])),
            pass_h=hours.pass_h[-1],
            links=leg.links,
            forward=leg.forward,
            enter_h=enter_h,
            leave_h=tuple(map(add, enter_h[1:], hours.pass_h)),
            slot_h=slot_h,
            slots=tuple(slots),
            slot_links=leg.slot_links,
            causes=leg.causes,
            mode=leg.mode,
            network=leg.network,
            by_class=leg.by_class,
        )

    def _on_link(self, way: Way, drive: Drive, link: Link, free_h: float, hour: HourClass) -> tuple[float, ...] | None:
        """What a movement takes on a link in such hours, as `LegHours` has it; None when nothing is left for military
        traffic."""
        hours = free_h * self.traffic.delay(link, hour)
        kmh = link.km / hours if hours else math.inf
        hold_h = drive.hold_h(way, link, hours, kmh, hour)
        if math.isinf(hold_h):
            return None
        slot_h = max(whole_ticks(hold_h), LEAST_HOLD_H) if drive.on_credit else 0.0
        return whole_ticks(hours), whole_ticks(drive.pass_h(way, kmh)), slot_h


def _over(leg: Leg, first: int, end: int) -> dict[str, Any]:
    """What a leg says of its links from one to before another, with hours from the first of them on."""
    begin = leg.enter_h[first]
    return {
        **{name: getattr(leg, name)[first:end] for name in ("links", "forward", "slot_h")},
        "enter_h": tuple(hour - begin for hour in leg.enter_h[first : end + 1]),
        "leave_h": tuple(hour - begin for hour in leg.leave_h[first:end]),
    }


LIMITS = {of: f"max_{of}" for of in ("train_m", "weight_t", "height_m", "width_m", "axle_t", "metre_t")}
LIMITS["load_class"] = "military_load_class"
"""Measures of a movement, each with the limit of a link that it meets."""


def carries(link: Link, way: Way, network: str) -> bool:
    """Whether a link can carry what moves by road, rail or water. A limit that is not known does not bar it.

    Ammunition passes road tunnels of ADR category A only (ADR 1.9.5, the mass explosion hazard of B and beyond).
    """
    if way.dangerous and network == "road" and link.tunnel_category not in ("", "A"):
        return False
    if way.electric and link.electrification == "none":
        return False
    if way.cemt and link.cemt_class and CEMT_CLASSES.index(link.cemt_class) < CEMT_CLASSES.index(way.cemt):
        return False
    return all((most := getattr(link, name)) is None or getattr(way, own) <= most for own, name in LIMITS.items())
