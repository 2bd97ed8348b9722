"""Cut routes into legs between holding nodes, as each kind of movement drives them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from nfm_sim.engine.credits import Calendar, Slot, closed_calendar
from nfm_sim.engine.plan import Leg, LegLink
from nfm_sim.engine.ticks import whole_ticks
from nfm_sim.network import Link, Network
from nfm_sim.scenario import Scenario
from nfm_sim.scenario.rules import Movement

LEAST_HOLD_H = whole_ticks(1 / 3600)
"""A slot lasts a second at least, so that every passage has a place in the order of its link."""


@dataclass
class LegBook:
    """Makes legs, each once, and numbers the calendars of the links that they use."""

    network: Network
    movement: Movement
    closures: Mapping[str, list[tuple[float, float]]]
    """By link: hours in which it is closed."""
    leg_links: list[tuple[LegLink, ...]] = field(default_factory=list)
    calendars: list[Calendar] = field(default_factory=list)
    _numbers: dict[tuple[str, bool], int] = field(default_factory=dict)
    _made: dict[tuple[str, str, str, int], tuple[Leg, ...]] = field(default_factory=dict)

    def legs(self, mode: str, start: str, end: str, vehicles: int = 0) -> tuple[Leg, ...]:
        """Return the legs of the fastest route; none when it starts where it ends."""
        if start == end:
            return ()
        key = (mode, start, end, vehicles if mode == "column" else 0)
        if key not in self._made:
            self._made[key] = MAKERS[mode](self, start, end, vehicles)
        return self._made[key]

    def ends(self, mode: str) -> list[str]:
        """Return the nodes where legs of a mode end, each once."""
        ends = [leg.end for (made_for, *_), legs in self._made.items() if made_for == mode for leg in legs]
        return list(dict.fromkeys(ends))

    def _cut(
        self,
        network_mode: str,
        start: str,
        end: str,
        speed_kmh: Mapping[str, float],
        pass_h: Callable[[float], float],
        hold_h: Callable[[Link, float], float] | None,
    ) -> tuple[Leg, ...]:
        """Cut the route where movements may stand. `pass_h` is of a speed, `hold_h` of a link and its hours;
        without `hold_h` nothing is booked and the route is one leg."""
        route = self.network.route(start, end, network_mode, speed_kmh)
        legs: list[Leg] = []
        slots: list[Slot] = []
        lines: list[str] = []
        links: list[LegLink] = []
        leg_start, at = start, 0.0
        for link, forward, hours, node in zip(
            route.links, route.forward, route.link_h, route.nodes[1:], strict=True
        ):
            run_h = whole_ticks(hours)
            tail_h = whole_ticks(pass_h(link.km / hours))
            slot_h = 0.0
            if hold_h is not None:
                slot_h = max(whole_ticks(hold_h(link, hours)), LEAST_HOLD_H)
                slots.append((self._calendar(link, forward), at, slot_h))
                lines.append(f"{link.line} ({link.name})")
            links.append(LegLink(link.name, forward, at, at + run_h + tail_h, slot_h))
            at += run_h
            if node == end or (hold_h is not None and network_mode in self.network.nodes[node].holds):
                number = len(self.leg_links)
                self.leg_links.append(tuple(links))
                legs.append(Leg(number, leg_start, node, at, tail_h, tuple(slots), tuple(lines)))
                slots, lines, links, leg_start, at = [], [], [], node, 0.0
        return tuple(legs)

    def _calendar(self, link: Link, forward: bool) -> int:
        """Both directions of a single track share a calendar; elsewhere each has its own."""
        key = (link.name, forward or link.tracks == 1)
        if key not in self._numbers:
            self._numbers[key] = len(self.calendars)
            self.calendars.append(closed_calendar(self.closures.get(link.name, [])))
        return self._numbers[key]

    def column(self, start: str, end: str, vehicles: int) -> tuple[Leg, ...]:
        """Pass time: vehicles at their density and speed, and the gaps between march units (FM 55-10)."""
        rules = self.movement.column
        gaps_h = (math.ceil(vehicles / rules.march_unit) - 1) * rules.unit_gap_min / 60

        def pass_h(kmh: float) -> float:
            return vehicles / (rules.density_per_km * kmh) + gaps_h

        def hold_h(link: Link, hours: float) -> float:
            return pass_h(link.km / hours) + rules.column_gap_h

        return self._cut("road", start, end, rules.speed_kmh, pass_h, hold_h)

    def train(self, start: str, end: str, _: int) -> tuple[Leg, ...]:
        """A headway of each pair of tracks; the whole running time of a single track."""
        rules = self.movement.train

        def hold_h(link: Link, hours: float) -> float:
            return hours if link.tracks == 1 else rules.headway_h / max(1, (link.tracks or 2) // 2)

        return self._cut("rail", start, end, rules.speed_kmh, lambda kmh: 0.0, hold_h)

    def truck(self, start: str, end: str, _: int) -> tuple[Leg, ...]:
        """Among the civil traffic, with the legal breaks."""
        rules = self.movement.truck
        legs = self._cut("road", start, end, rules.speed_kmh, lambda kmh: 0.0, None)
        return tuple(
            Leg(
                leg.number,
                leg.start,
                leg.end,
                whole_ticks(leg.hours + rules.break_h * math.floor(leg.hours / rules.break_after_h)),
                0.0,
                (),
                (),
            )
            for leg in legs
        )

    def barge(self, start: str, end: str, _: int) -> tuple[Leg, ...]:
        rules = self.movement.barge
        return self._cut("water", start, end, rules.speed_kmh, lambda kmh: 0.0, lambda link, h: rules.headway_h)

    def flight(self, start: str, end: str, _: int) -> tuple[Leg, ...]:
        """Straight over the great circle, over no link."""
        hours = whole_ticks(self.network.great_circle_km(start, end) / self.movement.flight.speed_kmh)
        self.leg_links.append(())
        return (Leg(len(self.leg_links) - 1, start, end, hours, 0.0, (), ()),)


MAKERS: Mapping[str, Callable[[LegBook, str, str, int], tuple[Leg, ...]]] = {
    "column": LegBook.column,
    "train": LegBook.train,
    "truck": LegBook.truck,
    "barge": LegBook.barge,
    "flight": LegBook.flight,
}


def closed_links(scenario: Scenario, network: Network) -> dict[str, list[tuple[float, float]]]:
    """Return the hours in which links are closed, by link: a closed node closes all its links."""
    closed: dict[str, list[tuple[float, float]]] = {}
    for closure in scenario.closures.values():
        for link in network.links.values():
            if link.name == closure.link or closure.node in (link.start, link.end):
                closed.setdefault(link.name, []).append((whole_ticks(closure.start_h), whole_ticks(closure.end_h)))
    return closed
