"""What compiling a scenario needs everywhere: draws, pools and facilities, windows, and the lots that move."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cached_property
from typing import Any

from nfm_sim.engine.legs import LegBook
from nfm_sim.engine.plan import PoolPlan, Way
from nfm_sim.engine.streams import DrawSheet
from nfm_sim.engine.ticks import whole_ticks
from nfm_sim.engine.traffic import Traffic
from nfm_sim.engine.windows import Windows, opening_windows
from nfm_sim.network import Facility
from nfm_sim.problems import Problem
from nfm_sim.scenario import Scenario
from nfm_sim.scenario.activation import RegimeStart, TimedStage
from nfm_sim.scenario.model import Element, Pool
from nfm_sim.scenario.rules import Wagon

Openings = tuple[str, ...]
LIMITS = {
    "train_m": "max_train_m",
    "weight_t": "max_weight_t",
    "height_m": "max_height_m",
    "width_m": "max_width_m",
}
"""What a movement measures, and which limit of a link that meets."""


class Compiler:
    """Compiles one scenario; the stages of activation ask it for draws, facilities and windows."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.network = scenario.loaded_network
        self.rules = scenario.movement
        self.sheet = DrawSheet()
        self.book = LegBook(self.network, self.rules, Traffic(self.rules.civil))
        self.pools: dict[str, PoolPlan] = {
            name: PoolPlan(name, "", pool.unit, pool.capacity, pool.people, self.arrivals(pool))
            for name, pool in scenario.pools.items()
        }
        self.start_h = -24 * max(map(scenario.pre_alert_days, scenario.elements.values()), default=0.0)
        self.subjects: list[tuple[Any, ...]] = []
        self.busy_until: dict[str, float] = {}
        """What the choice of modes has planned so far."""
        self.problems: list[Problem] = []
        self._there: dict[tuple[str, str], Facility | None] = {}
        self._windows: dict[tuple[str, ...], Windows | None] = {}

    def task_priority(self, name: str) -> float:
        """Of a task, which comes first at pools."""
        task = self.scenario.tasks.get(name)
        return 0.0 if task is None else task.priority

    def stage_hours(self, name: str, stage: TimedStage, subject: str, element: Element) -> int:
        """Ask for the hours of a stage: the element's own, its tier's, or the stage's."""
        by_tier = stage.hours if element.tier is None else stage.hours_by_tier.get(element.tier, stage.hours)
        hours = element.hours.get(name) or by_tier
        return self.sheet.ask(name, subject, hours)

    @property
    def timeline(self) -> tuple[RegimeStart, ...]:
        """The regimes in the order in which they come."""
        return tuple(sorted(self.scenario.timeline, key=lambda start: start.day))

    def arrivals(self, pool: Pool) -> tuple[tuple[float, float], ...]:
        """(hour, amount) of what comes in; reservists only from the first regime that calls them up."""
        called = [start.day for start in self.timeline if self.scenario.regimes[start.regime].call_up]
        first = (min(called) if called else math.inf) if pool.call_up else 0.0
        return tuple((whole_ticks((first + a.day) * 24), a.amount) for a in pool.arrivals if first < math.inf)

    def opening(self, place: str, facility: str, openings: tuple[str, ...]) -> Windows | None:
        """The hours in which a facility is open: as the scenario has it there, or else these."""
        change = self.scenario.places.get(place, {}).get(facility)
        return self.windows(change.open if change and change.open else openings)

    @cached_property
    def driving(self) -> Windows | None:
        """The hours in which columns may drive, as the regimes have it."""
        regimes = [self.scenario.regimes[start.regime].driving for start in self.timeline]
        return self._by_regime(self.rules.column.driving, regimes)

    @cached_property
    def running(self) -> Windows | None:
        """The hours in which military trains may run, as the regimes have it."""
        regimes = [self.scenario.regimes[start.regime].running for start in self.timeline]
        return self._by_regime(self.rules.train.running, regimes)

    def _by_regime(self, usual: Openings, regimes: list[Openings | None]) -> Windows | None:
        """Windows that each regime of the timeline may change; a regime that gives none has the usual ones."""
        starts = [(start.day * 24, own) for start, own in zip(self.timeline, regimes, strict=True)]
        if all(own is None for own in regimes):
            return self.windows(usual)
        periods = [(self.start_h, usual), *((hour, usual if own is None else own) for hour, own in starts)]
        ends = [hour for hour, _ in periods[1:]] + [math.inf]
        always = Windows([(-math.inf, math.inf)])
        return Windows(
            interval
            for (hour, openings), end in zip(periods, ends, strict=True)
            for interval in (self.windows(openings) or always).within(hour, end)
        )

    def wagon(self, pool: str) -> Wagon:
        """The kind of wagon that a pool has."""
        return self.rules.train.wagons.get(pool, Wagon())

    def known_limits(self, way: Way) -> Way:
        """What moves, without the measures that no link of the network limits, so that routes are shared."""
        return replace(way, **self._unlimited)

    @cached_property
    def _unlimited(self) -> dict[str, Any]:
        links = self.network.links.values()
        known = {limit for limit in LIMITS.values() if any(getattr(link, limit) is not None for link in links)}
        return {name: 0.0 for name, limit in LIMITS.items() if limit not in known}

    def pool_size(self, name: str) -> float:
        pool = self.pools.get(name)
        return math.inf if pool is None else max(1.0, pool.capacity)

    def there(self, node: str, name: str) -> Facility | None:
        """The facility of a node as the scenario has it."""
        if (node, name) not in self._there:
            self._there[node, name] = self.scenario.facility(node, name)
        return self._there[node, name]

    def facility(self, node: str, name: str) -> float | None:
        """List the facility among the pools, as this scenario has it, and return its rate per hour."""
        there = self.there(node, name)
        if there is None:
            return None
        self.pools[f"{node}.{name}"] = PoolPlan(name, node, there.unit, there.capacity)
        return there.rate_per_h

    def stopping_places(self) -> list[tuple[str, str]]:
        """The locks with their chambers, and the places where columns and drivers rest."""
        wanted = {"chambers"}
        wanted |= {rest.facility for rules in (self.rules.column, self.rules.train) for rest in rules.rests}
        named = [(node, name) for node, changes in self.scenario.places.items() for name in changes]
        return [at for at in dict.fromkeys([*self.network.facilities, *named]) if at[1] in wanted]

    def windows(self, openings: tuple[str, ...]) -> Windows | None:
        if openings not in self._windows:
            self._windows[openings] = opening_windows(
                openings, self.scenario.g_day, self.scenario.horizon_h, self.start_h
            )
        return self._windows[openings]

    def subject(
        self,
        name: str,
        what: str,
        part_of: str,
        mode: str,
        tier: int | None,
        pieces: int,
        origin: str,
        destination: str,
        deadline_h: float | None = None,
        required_h: float | None = None,
        notice_h: float | None = None,
        capability: str = "",
        personnel: int | None = None,
        task: str = "",
    ) -> None:
        where = (origin, destination)
        when = (deadline_h, required_h, notice_h)
        self.subjects.append((name, what, part_of, mode, tier, pieces, *where, *when, capability, personnel, task))
