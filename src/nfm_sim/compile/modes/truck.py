"""Line-haul trucks: packets that are loaded one after another and drive among the civil traffic."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable

from nfm_sim.compile.loads import Load
from nfm_sim.compile.lots import Counts
from nfm_sim.compile.modes.mode import LotParts, Mode, RulesDrive, measured, whole_units
from nfm_sim.kinds.facilities import GATES
from nfm_sim.kinds.modes import ModeKind
from nfm_sim.plan.movement import Carried, Drive, Need, Trip, Way
from nfm_sim.plan.traffic import Traffic
from nfm_sim.scenario.rules import Movement, PieceClass, TruckRules


class TruckMode(Mode):
    """A packet of trucks, which need no credit."""

    rules: TruckRules

    @classmethod
    def drive(cls, kind: ModeKind, rules: Movement, traffic: Traffic) -> Drive:
        return TruckDrive(kind, rules.truck, on_credit=False)

    def fullness(self, loads_at: str, exit_node: str) -> Callable[[Counts], float]:
        rules = self.rules
        return lambda lot: max(
            sum(lot.values()) / (rules.pieces * rules.trucks),
            *(number / self.kit.places.pool_size(pool) for pool, number in self.trucks_of(lot).items()),
        )

    def way(self, load: Load) -> Way:
        on_one = min(self.rules.pieces, load.count)
        loads = ((piece, on_one, self.rules.lorry(piece.truck)) for piece in load.classes(self.kit))
        return measured(super().way(load), loads)

    def needs(self, pieces: Counts) -> tuple[Need, ...]:
        return whole_units(self.trucks_of(pieces))

    def carried(self, pieces: Counts) -> tuple[Carried, ...]:
        per_unit, classes = self.rules.pieces, self.kit.scenario.classes
        return tuple(
            Carried(number, ("", classes[name].truck), per_unit, classes[name].handling)
            for name, number in pieces.items()
        )

    def least(self) -> float:
        return float(self.rules.least_trucks)

    def per_piece(self, piece: PieceClass) -> tuple[str, float]:
        return piece.truck, 1 / self.rules.pieces

    def parts(self, load: Load, way: Trip) -> LotParts:
        return {"gate": self.kit.places.work_at(load.origin, GATES, load.count)}

    def trucks_of(self, pieces: Counts) -> dict[str, float]:
        """Return the whole trucks by pool for the pieces of a packet."""
        loads: Counter[str] = Counter()
        for name, number in pieces.items():
            loads[self.kit.scenario.classes[name].truck] += number
        return {pool: float(math.ceil(number / self.rules.pieces)) for pool, number in loads.items()}


class TruckDrive(RulesDrive):
    """Trucks hold no calendar, and their drivers rest on the way."""

    def rest_h(self, driving_h: float) -> float:
        return float(self.rules.rest_h(driving_h))
