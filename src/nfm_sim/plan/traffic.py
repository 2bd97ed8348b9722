"""Civil traffic by hour of the week: how it slows columns, and which train paths it leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nfm_sim.network import Link
from nfm_sim.scenario.traffic import CivilTraffic


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
    week: Mapping[str, tuple[HourClass, ...]] = field(init=False)
    """By network that civil traffic touches: what each hour of the week is like."""

    def __post_init__(self) -> None:
        rules = self.rules
        week: dict[str, tuple[HourClass, ...]] = {}
        if rules.mean_per_h:
            week["road"] = tuple(HourClass(factor, ()) for factor in rules.road_factors())
        if rules.paths:
            week["rail"] = tuple(
                HourClass(0.0, tuple(paths.at(day, hour) for paths in rules.paths.values()))
                for day in range(7)
                for hour in range(24)
            )
        object.__setattr__(self, "week", week)

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


@dataclass(frozen=True, slots=True)
class Periods:
    """Stretches of hours of one class, one after the other."""

    begins: tuple[float, ...]
    ends: tuple[float, ...]
    classes: tuple[int, ...]
    """By number, as `Traffic.classes` lists them."""
