"""How modes drive over links: their speed, their tail, and what they take of a link's calendar.

The plan keeps these, for what is rerouted under way.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from nfm_sim.kinds import ModeKind
from nfm_sim.kinds.modes import RAIL
from nfm_sim.network import Link
from nfm_sim.plan.movement import Way
from nfm_sim.plan.timeline import HourClass, Traffic


class RulesDrive:
    """A mode that drives as its rules say: no tail, and the same headway, if any, on every link."""

    on_credit = True

    def __init__(self, kind: ModeKind, rules: Any, traffic: Traffic) -> None:
        self.network = kind.network
        self.rules = rules
        self.traffic = traffic

    def speed_kmh(self, way: Way) -> Mapping[str, float]:
        speeds: Mapping[str, float] = self.rules.speed_kmh
        return speeds

    def pass_h(self, way: Way, kmh: float) -> float:
        return 0.0

    def hold_h(self, way: Way, link: Link, hours: float, kmh: float, hour: HourClass) -> float:
        return float(getattr(self.rules, "headway_h", 0.0))

    def rest_h(self, driving_h: float) -> float:
        return 0.0


class ColumnDrive(RulesDrive):
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


class TruckDrive(RulesDrive):
    """Trucks hold no calendar, and their drivers rest on the way."""

    on_credit = False

    def rest_h(self, driving_h: float) -> float:
        return float(self.rules.rest_h(driving_h))


class TrainDrive(RulesDrive):
    """Trains take a headway, or what the civil timetable leaves."""

    def speed_kmh(self, way: Way) -> Mapping[str, float]:
        speeds: Mapping[str, float] = self.rules.speed_kmh
        if way.out_of_gauge:
            return {**speeds, RAIL: min(speeds.get(RAIL, math.inf), self.rules.out_of_gauge_kmh)}
        return speeds

    def hold_h(self, way: Way, link: Link, hours: float, kmh: float, hour: HourClass) -> float:
        paths = self.traffic.paths_per_h(link, hour)
        between_h = math.inf if paths == 0 else self.rules.headway_h if paths is None else 1 / paths
        return between_h / max(1, (link.tracks or 2) // 2)


class FlightDrive(RulesDrive):
    """Helicopters fly straight, at one speed."""

    def speed_kmh(self, way: Way) -> Mapping[str, float]:
        return {"air": self.rules.speed_kmh}
