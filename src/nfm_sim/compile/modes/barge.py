"""Inland barges: loaded by crane, and behind civil barges at the locks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from nfm_sim.compile.compiler import Compiler, Openings
from nfm_sim.compile.loads import Load
from nfm_sim.compile.lots import Counts
from nfm_sim.compile.modes.mode import Mode, RulesDrive, count_fullness
from nfm_sim.plan.movement import BargeLot, Drive, Lot, Need, Trip, Way
from nfm_sim.plan.traffic import Traffic
from nfm_sim.scenario.rules import BARGES, Movement, PieceClass


class Barge(Mode):
    """One barge."""

    name = "barge"

    def drive(self, rules: Movement, traffic: Traffic) -> Drive:
        return RulesDrive("barge", rules.barge, rules.barge.headway_h)

    def fullness(self, compiler: Compiler, loads_at: str, exit_node: str) -> Callable[[Counts], float]:
        return count_fullness(compiler.rules.barge.pieces)

    def way(self, compiler: Compiler, load: Load) -> Way:
        return replace(super().way(compiler, load), cemt=compiler.rules.barge.cemt)

    def lone_way(self, rules: Movement) -> Way:
        return replace(super().lone_way(rules), cemt=rules.barge.cemt)

    def needs(self, compiler: Compiler, pieces: Counts) -> tuple[Need, ...]:
        return (Need(("", BARGES), 1.0),)

    def per_piece(self, compiler: Compiler, piece: PieceClass) -> tuple[str, float]:
        return BARGES, 1 / compiler.rules.barge.pieces

    def turn_h(self, rules: Movement) -> float | None:
        return rules.barge.turn_h

    def loading(self, rules: Movement) -> Openings:
        return rules.barge.loading

    def lot(self, compiler: Compiler, load: Load, common: Mapping[str, Any], way: Trip) -> Lot:
        return BargeLot(**common, trip=replace(way, civil_queue=_civil_queue(compiler, load.name)))


def _civil_queue(compiler: Compiler, name: str) -> dict[str, int]:
    """Ask for the hours behind civil barges at each lock."""
    hours = compiler.rules.barge.civil_queue_h
    if hours.fixed == 0:
        return {}
    locks = [node for node, facility in compiler.network.facilities if facility == "chambers"]
    return {lock: compiler.sheet.ask(f"civil queue {lock}", name, hours) for lock in locks}
