"""How the lots of each mode are made."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from nfm_sim.compile.kit import Hours, Openings
from nfm_sim.compile.loads import CREWS, Counts, Load, trip
from nfm_sim.compile.mode import SHORT_TON_T, WHEELED, LotParts, Mode, Modes, count_fullness, measured
from nfm_sim.kinds import UNIFORM, ModeKind
from nfm_sim.kinds.facilities import CHAMBERS, GATES
from nfm_sim.kinds.modes import BARGE, COLUMN, FLIGHT, TRAIN, TRUCK
from nfm_sim.network import LINE_CLASSES, NoRouteError
from nfm_sim.plan.legs import ColumnDrive, Drive, FlightDrive, TrainDrive, TruckDrive
from nfm_sim.plan.movement import Approach, Breakdown, Fleet, Need, Trip, Way
from nfm_sim.record.words import empty_of
from nfm_sim.scenario.means import USUAL_CARRIER, PieceClass, Wagon
from nfm_sim.scenario.rules import BargeRules, ColumnRules, FlightRules, TrainRules, TruckRules


class ColumnMode(Mode):
    """One march column, which drives by itself and needs a credit for every leg."""

    rules: ColumnRules
    drives = ColumnDrive

    def fullness(self, loads_at: str, exit_node: str) -> Callable[[Counts], float]:
        return count_fullness(self.rules.vehicles)

    def way(self, pieces: Counts) -> Way:
        alone = ((piece, 1, USUAL_CARRIER) for piece in self.classes(pieces))
        way = measured(super().way(pieces), alone)
        return replace(way, vehicles=sum(pieces.values()), load_class=way.weight_t / SHORT_TON_T)

    def needs(self, pieces: Counts) -> tuple[Need, ...]:
        escorted = sum(pieces.values()) > self.rules.escort_above
        return super().needs(pieces) if escorted else ()

    def on_one(self) -> float:
        return float(self.rules.vehicles)

    def loading(self) -> Openings:
        return ()

    def turn_h(self) -> float | None:
        return 0.0

    def hours(self, dangerous: bool = False) -> Hours:
        return Hours(self.kit.times.by_regime(self.rules.driving, "driving"), self.rules.rests)

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
            "trip": way._replace(breakdown=self._breakdown(load, way)),
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


class TruckMode(Mode):
    """A packet of trucks, which need no credit."""

    rules: TruckRules
    drives = TruckDrive

    def fullness(self, loads_at: str, exit_node: str) -> Callable[[Counts], float]:
        return lambda lot: max(sum(self.units_of(lot).values()) / self.rules.trucks, self.share_of_fleets(lot))

    def fleets(self, piece: PieceClass) -> tuple[Fleet, ...]:
        return tuple(Fleet(("", pool), float(self.rules.on_lorry(pool))) for pool in piece.trucks)

    def way(self, pieces: Counts) -> Way:
        rules, number = self.rules, sum(pieces.values())
        loads = (
            (piece, min(rules.on_lorry(pool), number), rules.lorry(pool))
            for piece in self.classes(pieces)
            for pool in piece.trucks
        )
        way = measured(super().way(pieces), loads)
        return replace(way, load_class=WHEELED * way.weight_t / SHORT_TON_T)

    def least(self) -> float:
        return float(self.rules.least_trucks)

    def parts(self, load: Load, way: Trip) -> LotParts:
        return {"gate": self.kit.places.work_at(load.origin, GATES, load.count)}


AXLE_T, METRE_T = (sorted(set(limits)) for limits in zip(*LINE_CLASSES.values(), strict=True))


def _next(limits: Sequence[float], tonnes: float) -> float:
    """The least limit of a line class that is not exceeded, so that trains of one class share their routes."""
    return next((limit for limit in limits if tonnes <= limit), tonnes)


class TrainMode(Mode):
    """One train: wagons, a loading track, a locomotive with its driver, and a path."""

    rules: TrainRules
    drives = TrainDrive

    def fullness(self, loads_at: str, exit_node: str) -> Callable[[Counts], float]:
        rules = self.rules
        limit_m = min(self._lengths(loads_at, exit_node).values()) - rules.locomotive_m

        def fullness(lot: Counts) -> float:
            wagons = self.made_up(lot)
            return max(
                wagons.number / rules.max_wagons,
                wagons.length_m / limit_m if limit_m > 0 else math.inf,
                wagons.weight_t / rules.max_t,
                self.share_of_fleets(lot),
            )

        return fullness

    def _lengths(self, loads_at: str, exit_node: str) -> dict[str, float]:
        """The lengths that a train keeps to, by what sets them."""
        lengths = {"movement.train.max_m": self.rules.max_m}
        track = self.kit.places.facilities.get((loads_at, self.kind.loaded_at))
        if track is not None and track.length_m:
            lengths[f"places.{loads_at}.{self.kind.loaded_at}.length_m"] = track.length_m
        way = self.kit.network.route(loads_at, exit_node, self.kind.network).links if loads_at != exit_node else ()
        return lengths | {f"max_train_m of {of.name}": of.max_train_m for of in way if of.max_train_m is not None}

    def lots_of(self, pieces: Counts, loads_at: str, exit_node: str) -> list[Counts]:
        """Cut pieces into trains; note a problem when not even a piece alone is short and light enough."""
        lots = super().lots_of(pieces, loads_at, exit_node)
        rules, lengths = self.rules, self._lengths(loads_at, exit_node)
        shortest = min(lengths, key=lambda key: lengths[key])
        for lot in lots:
            number, length_m, weight_t = self.made_up(lot)
            train_m, name = length_m + rules.locomotive_m, ", ".join(lot)
            if train_m > lengths[shortest]:
                remedy = f"is shorter than a train with {name}, {train_m:g} m"
                self.kit.fault(shortest, f"{lengths[shortest]:g} m", remedy)
            if weight_t > rules.max_t:
                remedy = f"is less than {name} weighs, {weight_t:g} t"
                self.kit.fault("movement.train.max_t", f"{rules.max_t:g}", remedy)
            if number > rules.max_wagons:
                remedy = f"is less than {name} needs, {number:g} wagons"
                self.kit.fault("movement.train.max_wagons", f"{rules.max_wagons:g}", remedy)
        return lots

    def way(self, pieces: Counts) -> Way:
        rules = self.rules
        return replace(
            measured(super().way(pieces), self._on_wagons(pieces)),
            out_of_gauge=any(piece.out_of_gauge for piece in self.classes(pieces)),
            electric=rules.electric,
            train_m=self.made_up(pieces).length_m + rules.locomotive_m,
            axle_t=_next(AXLE_T, max(tonnes / wagon.axles for tonnes, wagon in self._weights(pieces))),
            metre_t=_next(METRE_T, max(tonnes / wagon.length_m for tonnes, wagon in self._weights(pieces))),
        )

    def fleets(self, piece: PieceClass) -> tuple[Fleet, ...]:
        return tuple(Fleet(("", pool), piece.on_wagon(pool)) for pool in piece.wagons)

    def least(self) -> float:
        return float(self.rules.least_wagons)

    def hours(self, dangerous: bool = False) -> Hours:
        rules, by_regime = self.rules, self.kit.times.by_regime
        if not dangerous:
            return Hours(by_regime(rules.running, "running"), rules.rests)
        if rules.running_dangerous:
            return Hours(by_regime(rules.running_dangerous, "running_dangerous"), rules.rests)
        return Hours(by_regime(rules.running, "running_dangerous", "running"), rules.rests)

    def parts(self, load: Load, way: Trip) -> LotParts:
        abroad = self.kit.network.nodes[way.goal].kind == "border_crossing"
        rules = self.rules
        return {
            "approach": self._approach(load) if load.origin != load.loads_at else None,
            "engines": (Need(("", self.kind.pool), 1.0),),
            "border": self.kit.sheet.ask("border", load.name, rules.border_h) if abroad and not rules.through else None,
        }

    def _approach(self, load: Load) -> Approach:
        """The march to where a train is loaded."""
        column = ColumnMode(COLUMN, self.kit)
        by_road = column.way(load.pieces)
        march = trip(self.kit, load, by_road, load.origin, load.loads_at, column.hours())
        return Approach(march, column.needs(load.pieces), column.back_h(march))

    def _on_wagons(self, pieces: Counts) -> Iterator[tuple[PieceClass, float, Wagon]]:
        """Yield of each class how many stand on one wagon at most, and which: of a piece that needs two, a half."""
        for name, number in pieces.items():
            piece = self.kit.scenario.classes[name]
            for pool in piece.wagons:
                on_one = piece.on_wagon(pool)
                yield piece, min(number, math.ceil(on_one)) if on_one > 1 else on_one, self.rules.wagon(pool)

    def _weights(self, pieces: Counts) -> Iterator[tuple[float, Wagon]]:
        """Yield what a wagon of each kind weighs with its load."""
        for piece, number, wagon in self._on_wagons(pieces):
            yield wagon.tare_t + number * piece.weight_t, wagon

    def made_up(self, pieces: Counts) -> Wagons:
        """Return the wagons of a train with these pieces: of several kinds that may carry them, those that make it the
        longest and heaviest. The last wagon of each kind may be half empty."""
        units: dict[tuple[str, ...], list[float]] = {}
        for name, fleets in self.fleets_of(pieces).items():
            of_kind = units.setdefault(tuple(pool for (_, pool), _ in fleets), [0.0] * len(fleets))
            for place, fleet in enumerate(fleets):
                of_kind[place] += pieces[name] / fleet.per_unit
        number = length_m = weight_t = 0.0
        for pools, of_kind in units.items():
            whole = [math.ceil(wagons - 1e-9) + len(pools) - 1 for wagons in of_kind]
            kinds = [self.rules.wagon(pool) for pool in pools]
            number += max(whole)
            length_m += max(wagons * kind.length_m for wagons, kind in zip(whole, kinds, strict=True))
            weight_t += max(wagons * kind.tare_t for wagons, kind in zip(whole, kinds, strict=True))
        loads_t = sum(count * self.kit.scenario.classes[name].weight_t for name, count in pieces.items())
        return Wagons(number, length_m, weight_t + loads_t)


class Wagons(NamedTuple):
    """The wagons of a train."""

    number: float
    length_m: float
    weight_t: float
    """With what stands on them: the weight behind the locomotive."""


class BargeMode(Mode):
    """One barge, or smaller ones together in its place."""

    rules: BargeRules

    def fullness(self, loads_at: str, exit_node: str) -> Callable[[Counts], float]:
        return lambda lot: sum(number / self.fleets_of(lot)[name][0].per_unit for name, number in lot.items())

    def fleets(self, piece: PieceClass) -> tuple[Fleet, ...]:
        return tuple(Fleet(("", pool), float(self.rules.on_barge(pool))) for pool in piece.barges)

    def way(self, pieces: Counts) -> Way:
        return replace(super().way(pieces), cemt=self.rules.cemt)

    def lone_way(self) -> Way:
        return replace(super().lone_way(), cemt=self.rules.cemt)

    def parts(self, load: Load, way: Trip) -> LotParts:
        return {"trip": way._replace(civil_queue=self._civil_queue(load.name))}

    def way_back(self, load: Load, way: Trip) -> Trip | None:
        back = super().way_back(load, way)
        return back and back._replace(civil_queue=self._civil_queue(empty_of(load.name)))

    def _civil_queue(self, name: str) -> dict[str, int]:
        """Ask for the hours behind civil barges at each lock."""
        hours = self.rules.civil_queue_h
        if hours.is_zero:
            return {}
        locks = [node for node, facility in self.kit.network.facilities if facility == CHAMBERS]
        return {lock: self.kit.sheet.ask(f"civil queue {lock}", name, hours) for lock in locks}


class FlightMode(Mode):
    """Helicopters that fly off together, over no link."""

    rules: FlightRules
    drives = FlightDrive

    def loading(self) -> Openings:
        return self.rules.daylight

    def turn_h(self) -> float | None:
        return 0.0

    def parts(self, load: Load, way: Trip) -> LotParts:
        return {"prepare": self.kit.sheet.ask("prepare", load.name, self.rules.make_ready_h)}


OURS: Mapping[ModeKind, type[Mode]] = dict(
    zip((TRAIN, COLUMN, TRUCK, BARGE, FLIGHT), (TrainMode, ColumnMode, TruckMode, BargeMode, FlightMode), strict=True)
)


def class_of(kind: ModeKind) -> type[Mode]:
    """Return how the lots of a mode are made; those of a user's mode in the usual way, if it gives no other."""
    made: type[Mode] = OURS.get(kind) or kind.compiled or Mode
    return made


__all__ = ["Drive", "LotParts", "Mode", "Modes", "class_of", "count_fullness"]
