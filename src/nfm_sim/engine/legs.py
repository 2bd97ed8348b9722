"""Cut routes into legs between holding nodes, as each kind of movement drives them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

from nfm_sim.engine.credits import Slot
from nfm_sim.engine.plan import Leg, LegLink, Way
from nfm_sim.engine.ticks import whole_ticks
from nfm_sim.engine.traffic import FREE, HourClass, Traffic
from nfm_sim.network import CEMT_CLASSES, Link, Network, Route
from nfm_sim.scenario.model import NETWORK_MODE
from nfm_sim.scenario.rules import Movement

LEAST_HOLD_H = whole_ticks(1 / 3600)
"""A slot lasts a second at least, so that every passage has a place in the order of its link."""
Legs = tuple[Leg, ...]


@dataclass
class LegBook:
    """Makes legs, each once, and knows the calendar of every link.

    A link has a calendar for each direction; both directions of a single track share one.
    """

    network: Network
    movement: Movement
    traffic: Traffic
    leg_links: list[tuple[LegLink, ...]] = field(default_factory=list)
    """By number of leg."""
    calendars: dict[tuple[str, bool], int] = field(default_factory=dict)
    """Number of the calendar of a link in a direction."""
    _made: dict[tuple[object, ...], list[Legs]] = field(default_factory=dict)
    _cut_legs: dict[tuple[int, int], tuple[Leg, Leg]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for link in self.network.links.values():
            for forward in (True, False):
                shared = not forward and link.tracks == 1
                self.calendars[link.name, forward] = len(self.calendars) - 1 if shared else len(self.calendars)

    def legs(self, way: Way, start: str, end: str) -> Legs:
        """Return the legs of the fastest route when nothing is closed; none when it starts where it ends."""
        return self.options(way, start, end, frozenset(), 1)[0]

    def options(self, way: Way, start: str, end: str, closed: frozenset[str], count: int) -> list[Legs]:
        """Return the legs of up to `count` routes around links that are closed, the fastest first.

        Raises `NoRouteError` when there is none.
        """
        key = (way, start, end, closed, count)
        if key not in self._made:
            self._made[key] = self._make(way, start, end, closed, count)
        return self._made[key]

    def longest(self) -> dict[str, tuple[float, float]]:
        """The longest slot, and the longest stay on a link, of all that is compiled so far, by link."""
        longest: dict[str, tuple[float, float]] = {}
        for links in self.leg_links:
            for link in links:
                slot_h, stay_h = longest.get(link.link, (0.0, 0.0))
                longest[link.link] = (max(slot_h, link.slot_h), max(stay_h, link.leave_h - link.enter_h))
        return longest

    def cut_at_junction(self, leg: Leg, elapsed_h: float) -> tuple[Leg, Leg]:
        """Cut a leg at the next junction of one who has driven it for a while: up to there, and from there."""
        links = self.leg_links[leg.number]
        next_link = next((i for i, link in enumerate(links) if link.enter_h > elapsed_h), len(links) - 1)
        key = (leg.number, next_link)
        if key not in self._cut_legs:
            at = links[next_link].enter_h
            ahead = self.network.links[links[next_link].link]
            node = ahead.start if links[next_link].forward else ahead.end
            self._cut_legs[key] = (
                self._add(leg.start, node, at, links[:next_link]),
                self._add(
                    node,
                    leg.end,
                    leg.hours - at,
                    tuple(
                        LegLink(link.link, link.forward, link.enter_h - at, link.leave_h - at, link.slot_h)
                        for link in links[next_link:]
                    ),
                ),
            )
        return self._cut_legs[key]

    def _add(self, start: str, end: str, hours: float, links: tuple[LegLink, ...]) -> Leg:
        """Number a leg that needs no credit."""
        self.leg_links.append(links)
        return Leg(len(self.leg_links) - 1, start, end, hours, 0.0, (), ())

    def barred(self, way: Way) -> frozenset[str]:
        """Return the links that cannot carry it: too weak, low or narrow, without a wire, closed to ammunition."""
        return frozenset(link.name for link in self.network.links.values() if not carries(link, way))

    def _make(self, way: Way, start: str, end: str, closed: frozenset[str], count: int) -> list[Legs]:
        if start == end:
            return [()]
        if way.mode == "flight":
            return [self._flight(start, end)]
        speeds: Mapping[str, float] = getattr(self.movement, way.mode).speed_kmh
        if way.out_of_gauge:
            speeds = {**speeds, "rail": min(speeds.get("rail", math.inf), self.movement.train.out_of_gauge_kmh)}
        routes = self.network.routes(start, end, NETWORK_MODE[way.mode], speeds, self.barred(way) | closed, count)
        return [self._cut(way, route) for route in routes]

    def _cut(self, way: Way, route: Route) -> Legs:
        """Cut a route at its holding nodes; a lorry, which needs no credit, drives all of it as one leg."""
        stops = [0]
        holds = NETWORK_MODE[way.mode]
        for place, node in enumerate(route.nodes[1:-1], start=1):
            if way.mode != "truck" and holds in self.network.nodes[node].holds:
                stops.append(place)
        stops.append(len(route.links))
        return tuple(self._leg(way, route, first, last) for first, last in pairwise(stops))

    def _leg(self, way: Way, route: Route, first: int, last: int) -> Leg:
        """Make the leg over the links from `first` to before `last`, for every class of hours of the week."""
        free = self._drive(way, route, first, last, FREE)
        if free is None:
            raise ValueError("a link that carries no traffic")
        mode = NETWORK_MODE[way.mode]
        classes = self.traffic.classes if way.mode != "truck" and mode in self.traffic.modes else ()
        by_class = tuple(self._drive(way, route, first, last, hour) for hour in classes)
        return replace(free, by_class=by_class)

    def _drive(self, way: Way, route: Route, first: int, last: int, hour: HourClass) -> Leg | None:
        """The leg as it is driven in such hours; None when a link has nothing left for military traffic."""
        slots: list[Slot] = []
        links: list[LegLink] = []
        lines: list[str] = []
        at = pass_h = 0.0
        for place in range(first, last):
            link, forward = route.links[place], route.forward[place]
            hours = route.link_h[place] * self.traffic.delay(link, hour)
            kmh = link.km / hours if hours else math.inf
            run_h, pass_h = whole_ticks(hours), whole_ticks(self._pass_h(way, kmh))
            slot_h = 0.0
            if way.mode != "truck":
                hold_h = self._hold_h(way, link, hours, kmh, hour)
                if math.isinf(hold_h):
                    return None
                slot_h = max(whole_ticks(hold_h), LEAST_HOLD_H)
                slots.append((self.calendars[link.name, forward], at, slot_h))
                lines.append(f"{link.line} ({link.name})")
                if way.out_of_gauge and link.tracks != 1:
                    slots.append((self.calendars[link.name, not forward], at, slot_h))
                    lines.append(f"{link.line} ({link.name})")
            links.append(LegLink(link.name, forward, at, at + run_h + pass_h, slot_h))
            at += run_h
        if way.mode == "truck":
            at = whole_ticks(at + self.movement.truck.rest_h(at))
        number = len(self.leg_links)
        self.leg_links.append(tuple(links))
        start, end = route.nodes[first], route.nodes[last]
        return Leg(number, start, end, at, pass_h, tuple(slots), tuple(lines))

    def _pass_h(self, way: Way, kmh: float) -> float:
        """Pass time: vehicles at their density and speed, and the gaps between march units (FM 55-10)."""
        if way.mode != "column":
            return 0.0
        rules = self.movement.column
        gaps_h = (math.ceil(way.vehicles / rules.march_unit) - 1) * rules.unit_gap_min / 60
        return way.vehicles / (rules.density_per_km * kmh) + gaps_h

    def _hold_h(self, way: Way, link: Link, hours: float, kmh: float, hour: HourClass) -> float:
        """How long the movement takes a link's calendar: see `credits`."""
        if way.mode == "column":
            return self._pass_h(way, kmh) + self.movement.column.column_gap_h
        if way.mode == "barge":
            return self.movement.barge.headway_h
        paths = self.traffic.paths_per_h(link, hour)
        between_h = math.inf if paths == 0 else self.movement.train.headway_h if paths is None else 1 / paths
        if link.tracks == 1:
            return max(hours, between_h) if paths is not None else hours
        return between_h / max(1, (link.tracks or 2) // 2)

    def _flight(self, start: str, end: str) -> Legs:
        """Straight over the great circle, over no link."""
        hours = whole_ticks(self.network.great_circle_km(start, end) / self.movement.flight.speed_kmh)
        return (self._add(start, end, hours, ()),)


def carries(link: Link, way: Way) -> bool:
    """Whether a link can carry what moves. A limit that is not known does not bar it.

    Ammunition passes road tunnels of ADR category A only (ADR 1.9.5, the mass explosion hazard of B and beyond).
    """
    if way.ammunition and way.mode in ("column", "truck") and link.tunnel_category not in ("", "A"):
        return False
    if way.electric and link.electrification == "none":
        return False
    if way.cemt and link.cemt_class and CEMT_CLASSES.index(link.cemt_class) < CEMT_CLASSES.index(way.cemt):
        return False
    asked = (way.weight_t, way.height_m, way.width_m, way.train_m)
    limits = (link.max_weight_t, link.max_height_m, link.max_width_m, link.max_train_m)
    return all(limit is None or amount <= limit for amount, limit in zip(asked, limits, strict=True))
