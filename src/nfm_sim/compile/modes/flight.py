"""Helicopters: made ready where they landed, and flown off in daylight."""

from __future__ import annotations

from collections.abc import Mapping

from nfm_sim.compile.loads import Load
from nfm_sim.compile.modes.mode import LotParts, Mode, RulesDrive
from nfm_sim.compile.times import Openings
from nfm_sim.kinds.modes import ModeKind
from nfm_sim.plan.movement import Drive, Trip, Way
from nfm_sim.plan.traffic import Traffic
from nfm_sim.scenario.rules import FlightRules, Movement


class FlightMode(Mode):
    """Helicopters that fly off together, over no link."""

    rules: FlightRules

    @classmethod
    def drive(cls, kind: ModeKind, rules: Movement, traffic: Traffic) -> Drive:
        return FlightDrive(kind, rules.flight)

    def loading(self) -> Openings:
        daylight: Openings = self.rules.daylight
        return daylight

    def turn_h(self) -> float | None:
        return 0.0

    def parts(self, load: Load, way: Trip) -> LotParts:
        return {"prepare": self.kit.sheet.ask("prepare", load.name, self.rules.make_ready_h)}


class FlightDrive(RulesDrive):
    """Helicopters fly straight, at one speed."""

    def speed_kmh(self, way: Way) -> Mapping[str, float]:
        return {"air": self.rules.speed_kmh}
