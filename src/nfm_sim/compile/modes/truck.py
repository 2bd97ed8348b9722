"""Line-haul trucks: packets that are loaded one after another and drive among the civil traffic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from nfm_sim.compile.loads import Load
from nfm_sim.compile.lots import Counts
from nfm_sim.compile.modes.mode import SHORT_TON_T, WHEELED, LotParts, Mode, RulesDrive, measured
from nfm_sim.kinds.facilities import GATES
from nfm_sim.kinds.modes import ModeKind
from nfm_sim.plan.movement import Drive, Fleet, Trip, Way
from nfm_sim.plan.traffic import Traffic
from nfm_sim.scenario.rules import Movement, PieceClass, TruckRules


class TruckMode(Mode):
    """A packet of trucks, which need no credit."""

    rules: TruckRules

    @classmethod
    def drive(cls, kind: ModeKind, rules: Movement, traffic: Traffic) -> Drive:
        return TruckDrive(kind, rules.truck, on_credit=False)

    def fullness(self, loads_at: str, exit_node: str) -> Callable[[Counts], float]:
        return lambda lot: max(sum(self.units_of(lot).values()) / self.rules.trucks, self.share_of_fleets(lot))

    def fleets(self, piece: PieceClass) -> tuple[Fleet, ...]:
        return tuple(Fleet(("", pool), float(self.rules.on_lorry(pool))) for pool in piece.trucks)

    def way(self, load: Load) -> Way:
        rules = self.rules
        loads = (
            (piece, min(rules.on_lorry(pool), load.count), rules.lorry(pool))
            for piece in load.classes(self.kit)
            for pool in piece.trucks
        )
        way = measured(super().way(load), loads)
        return replace(way, load_class=WHEELED * way.weight_t / SHORT_TON_T)

    def least(self) -> float:
        return float(self.rules.least_trucks)

    def parts(self, load: Load, way: Trip) -> LotParts:
        return {"gate": self.kit.places.work_at(load.origin, GATES, load.count)}


class TruckDrive(RulesDrive):
    """Trucks hold no calendar, and their drivers rest on the way."""

    def rest_h(self, driving_h: float) -> float:
        return float(self.rules.rest_h(driving_h))
