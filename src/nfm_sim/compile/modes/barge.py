"""Inland barges: loaded by crane, and behind civil barges at the locks."""

from __future__ import annotations

from dataclasses import replace

from nfm_sim.compile.compiler import Compiler
from nfm_sim.compile.loads import Load
from nfm_sim.compile.modes.mode import LotParts, Mode
from nfm_sim.kinds.facilities import CHAMBERS
from nfm_sim.plan.movement import Trip, Way
from nfm_sim.scenario.rules import Movement


class Barge(Mode):
    """One barge."""

    def way(self, compiler: Compiler, load: Load) -> Way:
        return replace(super().way(compiler, load), cemt=compiler.rules.barge.cemt)

    def lone_way(self, rules: Movement) -> Way:
        return replace(super().lone_way(rules), cemt=rules.barge.cemt)

    def parts(self, compiler: Compiler, load: Load, way: Trip) -> LotParts:
        return {"trip": replace(way, civil_queue=_civil_queue(compiler, load.name))}


def _civil_queue(compiler: Compiler, name: str) -> dict[str, int]:
    """Ask for the hours behind civil barges at each lock."""
    hours = compiler.rules.barge.civil_queue_h
    if hours.is_zero:
        return {}
    locks = [node for node, facility in compiler.network.facilities if facility == CHAMBERS]
    return {lock: compiler.sheet.ask(f"civil queue {lock}", name, hours) for lock in locks}
