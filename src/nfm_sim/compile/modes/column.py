"""March columns: their crews, their escort, the time they take to pass, and the breakdowns they may have."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from nfm_sim.compile.loads import CREWS, Load
from nfm_sim.compile.lots import Counts
from nfm_sim.compile.modes.mode import SHORT_TON_T, LotParts, Mode, RulesDrive, count_fullness, measured
from nfm_sim.compile.times import Openings
from nfm_sim.compile.trips import Hours
from nfm_sim.kinds import UNIFORM
from nfm_sim.kinds.facilities import GATES
from nfm_sim.kinds.modes import TRUCK, ModeKind
from nfm_sim.network import Link, NoRouteError
from nfm_sim.plan.movement import Breakdown, Drive, Need, Trip, Way
from nfm_sim.plan.traffic import HourClass, Traffic
from nfm_sim.scenario.rules import Carrier, ColumnRules, Movement


class ColumnMode(Mode):
    """One march column, which drives by itself and needs a credit for every leg."""

    rules: ColumnRules

    @classmethod
    def drive(cls, kind: ModeKind, rules: Movement, traffic: Traffic) -> Drive:
        return ColumnDrive(kind, rules.column)

    def fullness(self, loads_at: str, exit_node: str) -> Callable[[Counts], float]:
        return count_fullness(self.rules.vehicles)

    def way(self, load: Load) -> Way:
        alone = ((piece, 1, Carrier()) for piece in load.classes(self.kit))
        way = measured(super().way(load), alone)
        return replace(way, vehicles=load.count, load_class=way.weight_t / SHORT_TON_T)

    def needs(self, pieces: Counts) -> tuple[Need, ...]:
        escorted = sum(pieces.values()) > self.rules.escort_above
        return super().needs(pieces) if escorted else ()

    def on_one(self) -> float:
        return float(self.rules.vehicles)

    def loading(self) -> Openings:
        return ()

    def turn_h(self) -> float | None:
        return 0.0

    def hours(self) -> Hours:
        return Hours(self.kit.times.driving, self.rules.rests)

    def back_h(self, way: Trip) -> float:
        """Return the running time of its escort, which drives home at the speed of trucks."""
        try:
            legs = self.kit.trips.legs(Way(TRUCK.name), way.goal, way.start)
        except NoRouteError:
            return super().back_h(way)
        return sum(leg.leave_h[-1] for leg in legs)

    def needs_beyond(self, beyond: int | None) -> int | None:
        return None  # escorts turn back at the border

    def parts(self, load: Load, way: Trip) -> LotParts:
        flown_in = load.flow is not None and load.flow.airlifts and not load.crewed
        people = load.flow.crew_per_vehicle * load.count if load.flow is not None else 0.0
        return {
            "trip": replace(way, breakdown=self._breakdown(load, way)),
            "keeps": (Need((load.part_of, CREWS), people),) if flown_in else (),
            "prepare": self.kit.sheet.ask("prepare", load.name, self.rules.form_up_h),
            "gate": self.kit.places.work_at(load.origin, GATES, load.count),
        }

    def _breakdown(self, load: Load, way: Trip) -> Breakdown | None:
        rules, ask = self.rules, self.kit.sheet.ask
        if not rules.breakdown_per_vehicle_km:
            return None
        links = self.kit.network.links
        km = sum(links[link].km for leg in way.legs for link in leg.links)
        driving_h = sum(leg.hours for leg in way.legs)
        return Breakdown(
            happens=ask("breakdown", load.name, UNIFORM),
            chance=1 - math.exp(-rules.breakdown_per_vehicle_km * load.count * km),
            after_h=ask("breakdown after", load.name, UNIFORM.scaled(driving_h)),
            recovery=ask("recovery", load.name, rules.recovery_h),
            blocks=ask("breakdown blocks", load.name, UNIFORM),
            blocked_share=rules.lane_blocked_share,
            vehicle=("", rules.recovery_vehicles),
            leaves_behind_h=math.inf if rules.leaves_behind_h is None else rules.leaves_behind_h,
            is_lost=ask("breakdown lost", load.name, UNIFORM),
            lost_share=rules.lost_share,
        )


class ColumnDrive(RulesDrive):
    """Columns take the time that they need to pass, and a gap behind them."""

    def pass_h(self, way: Way, kmh: float) -> float:
        """Return vehicles over their density and speed, and the gaps between march units and serials (FM 55-10)."""
        units, serials = self._parts(way)
        gaps_min = (units - serials) * self.rules.unit_gap_min + (serials - 1) * self.rules.serial_gap_min
        return float(way.vehicles / (self.rules.density_per_km * kmh) + gaps_min / 60)

    def hold_h(self, way: Way, link: Link, hours: float, kmh: float, hour: HourClass) -> float:
        gap_h = self.rules.column_gap_h
        if gap_h is None:
            units, _ = self._parts(way)
            gap_h = (self.rules.unit_gap_min if units == 1 else self.rules.serial_gap_min) / 60
        return float(self.pass_h(way, kmh) + gap_h)

    def _parts(self, way: Way) -> tuple[int, int]:
        """Return its march units and serials."""
        units = max(1, math.ceil(way.vehicles / self.rules.march_unit))
        return units, math.ceil(units / self.rules.serial_units)
