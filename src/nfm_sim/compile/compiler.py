"""The compiler: draws, facilities, legs and windows, as all parts of a plan need them.

A `Compiler` holds what the parts of a plan are made of: the draw sheet, which numbers every draw that a replication
will need; the facilities as the scenario has them; the legs that are made so far, each once; and the opening hours,
each made into windows once. The other files of this room ask it for these and return parts of the plan. Nothing in
the plan points back to it. What is wrong with the scenario is collected in `problems` and raised in one.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from nfm_sim.kinds.facilities import CHAMBERS
from nfm_sim.network import Facility
from nfm_sim.plan.draws import DrawSheet
from nfm_sim.plan.legs import LegBook
from nfm_sim.plan.movement import Drive, Legs, PoolKey, Trip, Way, Work
from nfm_sim.plan.timeline import Timeline
from nfm_sim.plan.traffic import Traffic
from nfm_sim.plan.windows import Windows, opening_windows
from nfm_sim.problems import Problem
from nfm_sim.record.ticks import whole_ticks
from nfm_sim.scenario import Scenario
from nfm_sim.scenario.activation import Regime, RegimeStart, TimedStage
from nfm_sim.scenario.model import Element
from nfm_sim.scenario.rules import Wagon

Openings = tuple[str, ...]
LIMITS = {
    "train_m": "max_train_m",
    "weight_t": "max_weight_t",
    "height_m": "max_height_m",
    "width_m": "max_width_m",
}
"""Measures of a movement, each with the limit of a link that it meets."""


class Compiler:
    """Compiles one scenario, whose modes drive links as `drives` says."""

    def __init__(self, scenario: Scenario, drives: Mapping[str, Drive], traffic: Traffic) -> None:
        self.scenario = scenario
        self.network = scenario.loaded_network
        self.rules = scenario.movement
        self.sheet = DrawSheet()
        self.book = LegBook(self.network, drives, traffic)
        self.made: dict[tuple[Way, str, str], Legs] = {}
        """The legs of all trips so far."""
        self.trips: dict[Hashable, Trip] = {}
        """All trips so far, as `loads.trip` is asked for them: many lots go the same way."""
        self._works: dict[Hashable, Work] = {}
        self._limited: dict[Way, Way] = {}
        self.start_h = -24 * max(map(scenario.pre_alert_days, scenario.elements.values()), default=0.0)
        self.busy_until: dict[str, float] = {}
        """By scarce thing: the hour until which the choice of modes has planned it so far."""
        self.problems: list[Problem] = []
        self._windows: dict[Openings, Windows | None] = {}

    def fault(self, key: str, value: str, remedy: str) -> None:
        """Note what is wrong with the scenario, once."""
        problem = Problem(self.scenario.file, key, value, remedy)
        if problem not in self.problems:
            self.problems.append(problem)

    @cached_property
    def facilities(self) -> Mapping[PoolKey, Facility]:
        """All facilities by place and name: the network's, and those of the scenario, as it has them."""
        scenario = self.scenario
        keys = [*self.network.facilities, *((node, name) for node, own in scenario.places.items() for name in own)]
        found = {key: scenario.facility(*key) for key in keys}
        return {key: facility for key, facility in found.items() if facility is not None}

    def rate_per_h(self, place: str, name: str) -> float:
        """Return the amount that one unit of a facility handles in an hour; infinite without one, or when it takes no
        time."""
        there = self.facilities.get((place, name))
        return math.inf if there is None else there.rate_per_h or math.inf

    def work_at(self, place: str, name: str, amount: float, openings: Openings = ()) -> Work | None:
        """Return so much work at a facility, at its rate and in its hours; None when the place has none."""
        if (place, name) not in self.facilities:
            return None
        key = (place, name, amount, openings)
        if key not in self._works:
            hours = whole_ticks(amount / self.rate_per_h(place, name))
            self._works[key] = Work((place, name), hours, self.opening(place, name, openings))
        return self._works[key]

    def pool_size(self, name: str) -> float:
        """The most that a national pool has of itself, 1 at least; infinite where it is not scarce."""
        pool = self.scenario.pools.get(name)
        return math.inf if pool is None else max(1.0, pool.capacity + sum(arrival.amount for arrival in pool.arrivals))

    def legs(self, way: Way, start: str, goal: str) -> Legs:
        """Return the legs of the fastest route when nothing is closed. Raises `NoRouteError`."""
        key = (way, start, goal)
        if key not in self.made:
            self.made[key] = self.book.make(*key)[0]
        return self.made[key]

    def known_limits(self, way: Way) -> Way:
        """Return a movement without the measures that no link of the network limits, so that routes are shared."""
        if way not in self._limited:
            self._limited[way] = replace(way, **self._unlimited)
        return self._limited[way]

    @cached_property
    def _unlimited(self) -> dict[str, Any]:
        links = self.network.links.values()
        known = {limit for limit in LIMITS.values() if any(getattr(link, limit) is not None for link in links)}
        return {name: 0.0 for name, limit in LIMITS.items() if limit not in known}

    def task_priority(self, name: str) -> float:
        """The priority of a task at pools: a lower number goes first."""
        task = self.scenario.tasks.get(name)
        return 0.0 if task is None else task.priority

    def stage_hours(self, name: str, stage: TimedStage, subject: str, element: Element) -> int:
        """Ask for the hours of a stage: the element's own, its tier's, or the stage's."""
        by_tier = stage.hours if element.tier is None else stage.hours_by_tier.get(element.tier, stage.hours)
        hours = element.hours.get(name) or by_tier
        return self.sheet.ask(name, subject, hours)

    def wagon(self, pool: str) -> Wagon:
        """The kind of wagon that a pool has."""
        return self.rules.train.wagons.get(pool, Wagon())

    @cached_property
    def regimes(self) -> tuple[tuple[RegimeStart, Regime], ...]:
        """The regimes in the order in which they come."""
        starts = sorted(self.scenario.timeline, key=lambda start: start.day)
        return tuple((start, self.scenario.regimes[start.regime]) for start in starts)

    def permit_lead(self, name: str, nation: str = "") -> Timeline[int | None]:
        """Ask for the hours that a border permit takes, by the hour at which it is asked for."""
        leads = []
        for start, regime in self.regimes:
            hours = regime.permit_h_by_nation.get(nation, regime.permit_h)
            draw = None if hours is None else self.sheet.ask(f"permit {start.regime}", name, hours)
            leads.append((whole_ticks(start.day * 24), draw))
        return Timeline.of(leads, None)

    def opening(self, place: str, facility: str, openings: Openings) -> Windows | None:
        """The hours in which a facility is open: as the scenario has it there, or else these."""
        change = self.scenario.places.get(place, {}).get(facility)
        return self.windows(change.open if change and change.open else openings)

    @cached_property
    def driving(self) -> Windows | None:
        """The hours in which columns may drive, as the regimes have it."""
        return self._by_regime(self.rules.column.driving, [regime.driving for _, regime in self.regimes])

    @cached_property
    def running(self) -> Windows | None:
        """The hours in which military trains may run, as the regimes have it."""
        return self._by_regime(self.rules.train.running, [regime.running for _, regime in self.regimes])

    def _by_regime(self, usual: Openings, own_hours: list[Openings | None]) -> Windows | None:
        """Make windows that each regime may change; a regime that gives none has the usual ones."""
        if all(own is None for own in own_hours):
            return self.windows(usual)
        changes = [
            (start.day * 24, usual if own is None else own)
            for (start, _), own in zip(self.regimes, own_hours, strict=True)
        ]
        periods = [(self.start_h, usual), *changes]
        ends = [hour for hour, _ in changes] + [math.inf]
        always = Windows([(-math.inf, math.inf)])
        return Windows(
            interval
            for (hour, openings), end in zip(periods, ends, strict=True)
            for interval in (self.windows(openings) or always).within(hour, end)
        )

    def windows(self, openings: Openings) -> Windows | None:
        """Return the windows of daily openings; None for always open."""
        if openings not in self._windows:
            self._windows[openings] = opening_windows(
                openings, self.scenario.g_day, self.scenario.horizon_h, self.start_h
            )
        return self._windows[openings]

    def stopping_places(self) -> list[PoolKey]:
        """The locks with their chambers, and the places where columns and drivers rest."""
        wanted = {CHAMBERS} | {rest.facility for _, rest in self.rules.rests()}
        return [key for key in self.facilities if key[1] in wanted]
