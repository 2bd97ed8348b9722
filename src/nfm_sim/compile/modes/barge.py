"""Inland barges: loaded by crane, and behind civil barges at the locks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from nfm_sim.compile.loads import Load
from nfm_sim.compile.lots import Counts
from nfm_sim.compile.modes.mode import LotParts, Mode
from nfm_sim.kinds.facilities import CHAMBERS
from nfm_sim.plan.movement import Fleet, Trip, Way
from nfm_sim.record.words import empty_of
from nfm_sim.scenario.rules import BargeRules, PieceClass


class BargeMode(Mode):
    """One barge, or smaller ones together in its place."""

    rules: BargeRules

    def fullness(self, loads_at: str, exit_node: str) -> Callable[[Counts], float]:
        return lambda lot: sum(number / self.fleets_of(lot)[name][0].per_unit for name, number in lot.items())

    def fleets(self, piece: PieceClass) -> tuple[Fleet, ...]:
        return tuple(Fleet(("", pool), float(self.rules.on_barge(pool))) for pool in piece.barges)

    def way(self, load: Load) -> Way:
        return replace(super().way(load), cemt=self.rules.cemt)

    def lone_way(self) -> Way:
        return replace(super().lone_way(), cemt=self.rules.cemt)

    def parts(self, load: Load, way: Trip) -> LotParts:
        return {"trip": replace(way, civil_queue=self._civil_queue(load.name))}

    def way_back(self, load: Load, way: Trip) -> Trip | None:
        back = super().way_back(load, way)
        return back and replace(back, civil_queue=self._civil_queue(empty_of(load.name)))

    def _civil_queue(self, name: str) -> dict[str, int]:
        """Ask for the hours behind civil barges at each lock."""
        hours = self.rules.civil_queue_h
        if hours.is_zero:
            return {}
        locks = [node for node, facility in self.kit.network.facilities if facility == CHAMBERS]
        return {lock: self.kit.sheet.ask(f"civil queue {lock}", name, hours) for lock in locks}
