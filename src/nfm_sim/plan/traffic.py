"""Civil traffic by hour of the week: how it slows columns, and which train paths it leaves."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from nfm_sim.network import Link
from nfm_sim.record.ticks import whole_ticks
from nfm_sim.scenario.traffic import CivilTraffic
from nfm_sim.scenario.values import TIMEZONE


@dataclass(frozen=True, slots=True)
class HourClass:
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
    classes: tuple[HourClass, ...] = field(init=False)
    _of_hour: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        rules = self.rules
        week = [
            HourClass(
                rules.road_factor(day, hour),
                tuple(paths.at(day, hour) for paths in rules.paths.values()),
            )
            for day in range(7)
            for hour in range(24)
        ]
        classes = tuple(dict.fromkeys(week))
        object.__setattr__(self, "classes", classes)
        object.__setattr__(self, "_of_hour", tuple(classes.index(hour) for hour in week))

    @property
    def modes(self) -> frozenset[str]:
        """The modes that civil traffic touches."""
        return frozenset(mode for mode, given in (("road", self.rules.mean_per_h), ("rail", self.rules.paths)) if given)

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

    def periods(self, g_day: datetime, start_h: float, horizon_h: float) -> Periods:
        """Return when which class of hours holds, to a month after the horizon."""
        begins: list[float] = []
        kinds: list[int] = []
        past_the_hour = g_day.minute / 60 + g_day.second / 3600
        for number in range(math.floor(start_h), math.ceil(horizon_h) + 31 * 24):
            begin = whole_ticks(number - past_the_hour)
            day, hour = day_and_hour(g_day, begin)
            kind = self._of_hour[day * 24 + hour]
            if not kinds or kind != kinds[-1]:
                begins.append(begin)
                kinds.append(kind)
        return Periods(tuple(begins), (*begins[1:], math.inf), tuple(kinds))


def day_and_hour(g_day: datetime, hour: float) -> tuple[int, int]:
    """Return the day of the week (Monday 0) and the hour of the day in local time, so long after hour 0."""
    local = (g_day.replace(tzinfo=TIMEZONE).astimezone(UTC) + timedelta(hours=hour)).astimezone(TIMEZONE)
    return local.weekday(), local.hour


@dataclass(frozen=True, slots=True)
class Periods:
    """Stretches of hours of one class, one after the other."""

    begins: tuple[float, ...]
    ends: tuple[float, ...]
    kinds: tuple[int, ...]

    def after(self, hour: float) -> Iterator[tuple[float, float, int]]:
        """Yield (begin, end, class) of the periods from the one that holds at an hour; the last has no end."""
        for i in range(max(bisect_right(self.begins, hour) - 1, 0), len(self.begins)):
            yield max(self.begins[i], hour), self.ends[i], self.kinds[i]
