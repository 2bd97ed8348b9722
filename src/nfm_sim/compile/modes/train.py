"""Trains: whole wagons by pool, as long and heavy as the track, the route and the locomotive allow."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from nfm_sim.compile.loads import Load, trip
from nfm_sim.compile.lots import Counts
from nfm_sim.compile.modes.column import ColumnMode
from nfm_sim.compile.modes.mode import LotParts, Mode, RulesDrive, measured
from nfm_sim.compile.trips import Hours
from nfm_sim.kinds.modes import COLUMN, RAIL, ModeKind
from nfm_sim.network import LINE_CLASSES, Link
from nfm_sim.plan.movement import Approach, Drive, Fleet, Need, Trip, Way
from nfm_sim.plan.traffic import HourClass, Traffic
from nfm_sim.scenario.rules import Movement, PieceClass, TrainRules, Wagon

AXLE_T, METRE_T = (sorted(set(limits)) for limits in zip(*LINE_CLASSES.values(), strict=True))


def _next(limits: Sequence[float], tonnes: float) -> float:
    """The least limit of a line class that is not exceeded, so that trains of one class share their routes."""
    return next((limit for limit in limits if tonnes <= limit), tonnes)


class TrainMode(Mode):
    """One train: wagons, a loading track, a locomotive with its driver, and a path."""

    rules: TrainRules

    @classmethod
    def drive(cls, kind: ModeKind, rules: Movement, traffic: Traffic) -> Drive:
        return TrainDrive(kind, rules.train, traffic)

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
        return lengths | {
            f"max_train_m of {link.name}": link.max_train_m for link in way if link.max_train_m is not None
        }

    def lots_of(self, pieces: Counts, loads_at: str, exit_node: str) -> list[Counts]:
        """Cut pieces into trains; note a problem when not even a piece alone is short and light enough."""
        lots = super().lots_of(pieces, loads_at, exit_node)
        rules, lengths = self.rules, self._lengths(loads_at, exit_node)
        shortest = min(lengths, key=lambda key: lengths[key])
        for lot in lots:
            number, length_m, weight_t = self.made_up(lot)
            train_m = length_m + rules.locomotive_m
            name = ", ".join(lot)
            if train_m > lengths[shortest]:
                self.kit.fault(
                    shortest, f"{lengths[shortest]:g} m", f"is shorter than a train with {name}, {train_m:g} m"
                )
            if weight_t > rules.max_t:
                self.kit.fault(
                    "movement.train.max_t", f"{rules.max_t:g}", f"is less than {name} weighs, {weight_t:g} t"
                )
            if number > rules.max_wagons:
                remedy = f"is less than {name} needs, {number:g} wagons"
                self.kit.fault("movement.train.max_wagons", f"{rules.max_wagons:g}", remedy)
        return lots

    def way(self, load: Load) -> Way:
        rules = self.rules
        return replace(
            measured(super().way(load), self._on_wagons(load.pieces)),
            out_of_gauge=any(piece.out_of_gauge for piece in load.classes(self.kit)),
            electric=rules.electric,
            train_m=self.made_up(load.pieces).length_m + rules.locomotive_m,
            axle_t=_next(AXLE_T, max(tonnes / wagon.axles for tonnes, wagon in self._weights(load))),
            metre_t=_next(METRE_T, max(tonnes / wagon.length_m for tonnes, wagon in self._weights(load))),
        )

    def fleets(self, piece: PieceClass) -> tuple[Fleet, ...]:
        return tuple(Fleet(("", pool), piece.on_wagon(pool)) for pool in piece.wagons)

    def least(self) -> float:
        return float(self.rules.least_wagons)

    def hours(self) -> Hours:
        return Hours(self.kit.times.running, self.rules.rests)

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
        by_road = column.way(load)
        march = trip(self.kit, load, by_road, load.origin, load.loads_at, column.hours())
        return Approach(march, column.needs(load.pieces), column.back_h(march))

    def _on_wagons(self, pieces: Counts) -> Iterator[tuple[PieceClass, float, Wagon]]:
        """Yield of each class how many stand on one wagon at most, and which: of a piece that needs two, a half."""
        for name, number in pieces.items():
            piece = self.kit.scenario.classes[name]
            for pool in piece.wagons:
                on_one = piece.on_wagon(pool)
                yield piece, min(number, math.ceil(on_one)) if on_one > 1 else on_one, self.rules.wagon(pool)

    def _weights(self, load: Load) -> Iterator[tuple[float, Wagon]]:
        """Yield what a wagon of each kind weighs with its load."""
        for piece, number, wagon in self._on_wagons(load.pieces):
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


class TrainDrive(RulesDrive):
    """Trains take a headway, or what the civil timetable leaves."""

    def __init__(self, kind: ModeKind, rules: TrainRules, traffic: Traffic) -> None:
        super().__init__(kind, rules, rules.headway_h)
        self.traffic = traffic

    def speed_kmh(self, way: Way) -> Mapping[str, float]:
        speeds: Mapping[str, float] = self.rules.speed_kmh
        if way.out_of_gauge:
            return {**speeds, RAIL: min(speeds.get(RAIL, math.inf), self.rules.out_of_gauge_kmh)}
        return speeds

    def hold_h(self, way: Way, link: Link, hours: float, kmh: float, hour: HourClass) -> float:
        paths = self.traffic.paths_per_h(link, hour)
        between_h = math.inf if paths == 0 else self.headway_h if paths is None else 1 / paths
        return between_h / max(1, (link.tracks or 2) // 2)
