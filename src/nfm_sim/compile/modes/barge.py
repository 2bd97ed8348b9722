"""Inland barges: loaded by crane, and behind civil barges at the locks."""

from __future__ import annotations

from dataclasses import replace

from nfm_sim.compile.kit import Kit
from nfm_sim.compile.loads import Load
from nfm_sim.compile.modes.mode import LotParts, Mode
from nfm_sim.kinds.facilities import CHAMBERS
from nfm_sim.plan.movement import Trip, Way
from nfm_sim.scenario.rules import Movement


class Barge(Mode):
    """One barge."""

    def way(self, kit: Kit, load: Load) -> Way:
        return replace(super().way(kit, load), cemt=kit.rules.barge.cemt)

    def lone_way(self, rules: Movement) -> Way:
        return replace(super().lone_way(rules), cemt=rules.barge.cemt)

    def parts(self, kit: Kit, load: Load, way: Trip) -> LotParts:
        return {"trip": replace(way, civil_queue=_civil_queue(kit, load.name))}


def _civil_queue(kit: Kit, name: str) -> dict[str, int]:
    """Ask for the hours behind civil barges at each lock."""
    hours = kit.rules.barge.civil_queue_h
    if hours.is_zero:
        return {}
    locks = [node for node, facility in kit.network.facilities if facility == CHAMBERS]
    return {lock: kit.sheet.ask(f"civil queue {lock}", name, hours) for lock in locks}
