"""Hours that are known beforehand: when something is open, what regimes change, civil traffic by hour of the week."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from nfm_sim.kinds import NETWORKS
from nfm_sim.memo import remembered
from nfm_sim.network import Link
from nfm_sim.scenario.rules import CivilTraffic


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Intervals of open hours in rising order, none of which touch."""

    opens: tuple[float, ...]
    closes: tuple[float, ...]

    def opens_at(self, now: float) -> float:
        """Return this hour when it is open, else the next one at which it opens; infinity when there is none."""
        i = bisect_right(self.opens, now)
        if i and now < self.closes[i - 1]:
            return now
        return self.opens[i] if i < len(self.opens) else math.inf

    def stays_open(self, now: float, hours: float) -> bool:
        """Whether it is open from this hour on for so many."""
        i = bisect_right(self.opens, now) - 1
        return i >= 0 and now + hours <= self.closes[i]

    def within(self, start: float, end: float) -> list[tuple[float, float]]:
        """Return the open intervals between two hours."""
        hours = zip(self.opens, self.closes, strict=True)
        return [(max(opens, start), min(closes, end)) for opens, closes in hours if opens < end and closes > start]

    def fit(self, now: float, hours: float) -> float:
        """Return the first hour from `now` on at which `hours` fit into one open interval, or infinity."""
        first = max(bisect_right(self.opens, now) - 1, 0)
        for i in range(first, len(self.opens)):
            start = max(now, self.opens[i])
            if start + hours <= self.closes[i]:
                return start
        return math.inf

    def parts(self, now: float, hours: float) -> Iterator[tuple[float, float]]:
        """Yield the (start, end) of each stretch of work, until `hours` of open time have passed."""
        left = hours
        for i in range(max(bisect_right(self.opens, now) - 1, 0), len(self.opens)):
            start = max(now, self.opens[i])
            end = min(start + left, self.closes[i])
            if end > start:
                yield start, end
                left -= end - start
            if left <= 0:
                return
        yield math.inf, math.inf


Value = TypeVar("Value")


class Timeline(NamedTuple, Generic[Value]):
    """A value from each of some hours on, until the next."""

    steps: tuple[tuple[float, Value], ...]
    """(hour, value from then on), the last first, because most questions are about late hours."""
    before: Value
    """Until the first of these hours."""

    @staticmethod
    def of(changes: Iterable[tuple[float, Value]], before: Value) -> Timeline[Value]:
        """Make a timeline of changes in rising order of their hours."""
        return Timeline(tuple(changes)[::-1], before)

    def at(self, now: float) -> Value:
        """Return the value that holds at an hour."""
        return next((value for hour, value in self.steps if now >= hour), self.before)

    def since(self, now: float) -> Iterator[tuple[float, Value]]:
        """Yield (hour from when, value) of the value that holds at an hour and of all later ones, the last first."""
        for hour, value in self.steps:
            yield hour, value
            if hour <= now:
                return
        yield -math.inf, self.before


# Civil traffic by hour of the week: how it slows columns, and which train paths it leaves


class HourClass(NamedTuple):
    """Hours of the week that are alike."""

    road_factor: float
    """Volume as a multiple of the mean of the week."""
    paths: tuple[float, ...]
    """Train paths an hour that are left, by line as the rules list them, the rest of the network last."""


MOST_DELAY = 100.0
"""However full a road is, it takes at most so many times the hours of an empty one; the function knows no bound."""
FREE = HourClass(0.0, ())
"""No civil traffic at all."""


@dataclass(frozen=True)
class Traffic:
    """The civil traffic of a scenario, with the hours of the week sorted into classes."""

    rules: CivilTraffic
    week: Mapping[str, tuple[HourClass, ...]] = field(init=False)
    """By network that civil traffic touches: what each hour of the week is like."""

    def __post_init__(self) -> None:
        rules = self.rules
        week: dict[str, tuple[HourClass, ...]] = {}
        if rules.mean_per_h:
            week["road"] = tuple(HourClass(factor, ()) for factor in rules.road_factors())
        if rules.paths:
            of_lines = (paths.hours() for paths in rules.paths.values())
            week["rail"] = tuple(HourClass(0.0, paths) for paths in zip(*of_lines, strict=True))
        object.__setattr__(self, "week", week)

    @remembered(len(NETWORKS))
    def classes(self, network: str) -> tuple[HourClass, ...]:
        """The hours of the week on a network that differ, each once; empty where civil traffic is not modelled."""
        return tuple(dict.fromkeys(self.week.get(network, ())))

    def delay(self, link: Link, hour: HourClass) -> float:
        """Hours on a road as a multiple of those on an empty one: 1 + a (volume / capacity)^b (BPR, 1964)."""
        mean = self.rules.mean_per_h.get(link.kind)
        if mean is None or "road" not in link.modes:
            return 1.0
        load = mean * hour.road_factor / (self.rules.lane_capacity_per_h * (link.lanes or 1))
        return min(MOST_DELAY, float(1 + self.rules.delay_a * load**self.rules.delay_b))

    def paths_per_h(self, link: Link, hour: HourClass) -> float | None:
        """Train paths an hour that the timetable leaves on a link and direction; None without a timetable."""
        if not hour.paths:
            return None
        lines = list(self.rules.paths)
        if link.line in lines:
            return hour.paths[lines.index(link.line)]
        return hour.paths[lines.index("other")] if "other" in lines else None


class Periods(NamedTuple):
    """Stretches of hours of one class, one after the other."""

    begins: tuple[float, ...]
    ends: tuple[float, ...]
    classes: tuple[int, ...]
    """By number, as `Traffic.classes` lists them."""
