"""Helicopters: made ready where they landed, and flown off in daylight."""

from __future__ import annotations

from collections.abc import Mapping

from nfm_sim.compile.kit import Kit
from nfm_sim.compile.loads import Load
from nfm_sim.compile.modes.mode import LotParts, Mode, RulesDrive
from nfm_sim.compile.times import Openings
from nfm_sim.plan.movement import Drive, Trip, Way
from nfm_sim.plan.traffic import Traffic
from nfm_sim.scenario.rules import Movement


class Flight(Mode):
    """Helicopters that fly off together, over no link."""

    def drive(self, rules: Movement, traffic: Traffic) -> Drive:
        return FlightDrive(self.kind, rules.flight)

    def loading(self, rules: Movement) -> Openings:
        return rules.flight.daylight

    def turn_h(self, rules: Movement) -> float | None:
        return 0.0

    def parts(self, kit: Kit, load: Load, way: Trip) -> LotParts:
        return {"prepare": kit.sheet.ask("prepare", load.name, kit.rules.flight.make_ready_h)}


class FlightDrive(RulesDrive):
    """Helicopters fly straight, at one speed."""

    def speed_kmh(self, way: Way) -> Mapping[str, float]:
        return {"air": self.rules.speed_kmh}
