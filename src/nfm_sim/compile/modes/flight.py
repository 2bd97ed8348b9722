"""Helicopters: made ready where they landed, and flown off in daylight."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nfm_sim.compile.compiler import Compiler, Openings
from nfm_sim.compile.loads import Load
from nfm_sim.compile.lots import Counts
from nfm_sim.compile.modes.mode import Mode, RulesDrive, count_fullness
from nfm_sim.plan.movement import Drive, FlightLot, Lot, Trip, Way
from nfm_sim.plan.traffic import Traffic
from nfm_sim.scenario.rules import Movement


class Flight(Mode):
    """Helicopters that fly off together, over no link."""

    name = "flight"

    def drive(self, rules: Movement, traffic: Traffic) -> Drive:
        return FlightDrive("flight", rules.flight)

    def fullness(self, compiler: Compiler, loads_at: str, exit_node: str) -> Callable[[Counts], float]:
        return count_fullness(compiler.rules.flight.pieces)

    def loading(self, rules: Movement) -> Openings:
        return rules.flight.daylight

    def lot(self, compiler: Compiler, load: Load, common: Mapping[str, Any], way: Trip) -> Lot:
        prepare = compiler.sheet.ask("prepare", load.name, compiler.rules.flight.make_ready_h)
        return FlightLot(**common, trip=way, prepare=prepare)


class FlightDrive(RulesDrive):
    """Helicopters fly straight, at one speed."""

    def speed_kmh(self, way: Way) -> Mapping[str, float]:
        return {"air": self.rules.speed_kmh}
