"""Civil traffic by hour of the week: how it slows columns, and which train paths it leaves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
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
    _week: Mapping[str, tuple[HourClass, ...]] = field(init=False, repr=False)
    """By network that civil traffic touches: what each hour of the week is like."""

    def __post_init__(self) -> None:
        rules = self.rules
        hours = [(day, hour) for day in range(7) for hour in range(24)]
        week: dict[str, tuple[HourClass, ...]] = {}
        if rules.mean_per_h:
            week["road"] = tuple(HourClass(rules.road_factor(*hour), ()) for hour in hours)
        if rules.paths:
            week["rail"] = tuple(
                HourClass(0.0, tuple(paths.at(*hour) for paths in rules.paths.values())) for hour in hours
            )
        object.__setattr__(self, "_week", week)

    def classes(self, network: str) -> tuple[HourClass, ...]:
        """The hours of the week on a network that differ, each once; empty where civil traffic is not modelled."""
        return tuple(dict.fromkeys(self._week.get(network, ())))

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

    def periods(self, g_day: datetime, start_h: float, horizon_h: float) -> dict[str, Periods]:
        """Return by network when which of its classes of hours holds, to a month after the horizon."""
        past_the_hour = g_day.minute / 60 + g_day.second / 3600
        begins = [whole_ticks(n - past_the_hour) for n in range(math.floor(start_h), math.ceil(horizon_h) + 31 * 24)]
        places = (
            [day * 24 + hour for day, hour in (day_and_hour(g_day, begin) for begin in begins)] if self._week else []
        )
        return {
            network: Periods.of(begins, [week[place] for place in places], self.classes(network))
            for network, week in self._week.items()
        }


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

    @classmethod
    def of(cls, begins: Sequence[float], hours: Sequence[HourClass], classes: Sequence[HourClass]) -> Periods:
        """Join hours that are alike."""
        new = [n for n, hour in enumerate(hours) if n == 0 or hour != hours[n - 1]]
        starts = tuple(begins[n] for n in new)
        return cls(starts, (*starts[1:], math.inf), tuple(classes.index(hours[n]) for n in new))
