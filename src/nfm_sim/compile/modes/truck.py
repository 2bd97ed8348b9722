"""Line-haul trucks: packets that are loaded one after another and drive among the civil traffic."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable

from nfm_sim.compile.kit import Kit
from nfm_sim.compile.loads import Load
from nfm_sim.compile.lots import Counts
from nfm_sim.compile.modes.mode import LotParts, Mode, RulesDrive, road_way, whole_units
from nfm_sim.kinds.facilities import GATES
from nfm_sim.plan.movement import Carried, Drive, Need, Trip, Way
from nfm_sim.plan.traffic import Traffic
from nfm_sim.scenario.rules import Movement, PieceClass


class Truck(Mode):
    """A packet of trucks, which need no credit."""

    def drive(self, rules: Movement, traffic: Traffic) -> Drive:
        return TruckDrive(self.kind, rules.truck, on_credit=False)

    def fullness(self, kit: Kit, loads_at: str, exit_node: str) -> Callable[[Counts], float]:
        rules = kit.rules.truck
        return lambda lot: max(
            sum(lot.values()) / (rules.pieces * rules.trucks),
            *(number / kit.places.pool_size(pool) for pool, number in trucks_of(kit, lot).items()),
        )

    def way(self, kit: Kit, load: Load) -> Way:
        return road_way(self.kind.name, load.classes(kit))

    def needs(self, kit: Kit, pieces: Counts) -> tuple[Need, ...]:
        return whole_units(trucks_of(kit, pieces))

    def carried(self, kit: Kit, pieces: Counts) -> tuple[Carried, ...]:
        per_unit, classes = kit.rules.truck.pieces, kit.scenario.classes
        return tuple(
            Carried(number, ("", classes[name].truck), per_unit, classes[name].handling)
            for name, number in pieces.items()
        )

    def least(self, rules: Movement) -> float:
        return float(rules.truck.least_trucks)

    def per_piece(self, kit: Kit, piece: PieceClass) -> tuple[str, float]:
        return piece.truck, 1 / kit.rules.truck.pieces

    def parts(self, kit: Kit, load: Load, way: Trip) -> LotParts:
        return {"gate": kit.places.work_at(load.origin, GATES, load.count)}


class TruckDrive(RulesDrive):
    """Trucks hold no calendar, and their drivers rest on the way."""

    def rest_h(self, driving_h: float) -> float:
        return float(self.rules.rest_h(driving_h))


def trucks_of(kit: Kit, pieces: Counts) -> dict[str, float]:
    """Return the whole trucks by pool for the pieces of a packet."""
    loads: Counter[str] = Counter()
    for name, number in pieces.items():
        loads[kit.scenario.classes[name].truck] += number
    return {pool: float(math.ceil(number / kit.rules.truck.pieces)) for pool, number in loads.items()}
