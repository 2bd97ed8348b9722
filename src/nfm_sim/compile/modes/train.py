"""Trains: whole wagons by pool, as long and heavy as the track, the route and the locomotive allow."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from nfm_sim.compile.loads import Load, trip
from nfm_sim.compile.lots import Counts
from nfm_sim.compile.modes.column import ColumnMode
from nfm_sim.compile.modes.mode import LotParts, Mode, RulesDrive, measured, whole_units
from nfm_sim.compile.trips import Hours
from nfm_sim.kinds.modes import COLUMN, RAIL, ModeKind
from nfm_sim.network import Link
from nfm_sim.plan.movement import Approach, Carried, Drive, Need, Trip, Way
from nfm_sim.plan.traffic import HourClass, Traffic
from nfm_sim.scenario.rules import Movement, PieceClass, TrainRules, Wagon


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
            wagons = self.wagons_of(lot)
            return max(
                sum(wagons.values()) / rules.max_wagons,
                self.wagons_m(wagons) / limit_m if limit_m > 0 else math.inf,
                self.trailing_t(wagons, lot) / rules.max_t,
                *(number / self.kit.places.pool_size(pool) for pool, number in wagons.items()),
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
            wagons = self.wagons_of(lot)
            train_m = self.wagons_m(wagons) + rules.locomotive_m
            weight_t, number = self.trailing_t(wagons, lot), sum(wagons.values())
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
            train_m=self.wagons_m(self.wagons_of(load.pieces)) + rules.locomotive_m,
        )

    def needs(self, pieces: Counts) -> tuple[Need, ...]:
        return whole_units(self.wagons_of(pieces))

    def carried(self, pieces: Counts) -> tuple[Carried, ...]:
        classes = self.kit.scenario.classes
        return tuple(
            Carried(number, ("", classes[name].wagon), classes[name].pieces_per_wagon, classes[name].handling)
            for name, number in pieces.items()
        )

    def least(self) -> float:
        return float(self.rules.least_wagons)

    def per_piece(self, piece: PieceClass) -> tuple[str, float]:
        return piece.wagon, 1 / piece.pieces_per_wagon

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

    def wagons_of(self, pieces: Counts) -> dict[str, float]:
        """Return the whole wagons by pool for the pieces of a train."""
        wagons: dict[str, float] = {}
        for name, number in pieces.items():
            wanted = self.kit.scenario.classes[name]
            wagons[wanted.wagon] = wagons.get(wanted.wagon, 0.0) + number / wanted.pieces_per_wagon
        return {pool: math.ceil(number - 1e-9) for pool, number in wagons.items()}

    def _on_wagons(self, pieces: Counts) -> Iterator[tuple[PieceClass, float, Wagon]]:
        """Yield of each class how many stand on one wagon at most, and which: of a piece that needs two, a half."""
        for name, number in pieces.items():
            piece = self.kit.scenario.classes[name]
            on_one = piece.pieces_per_wagon
            yield piece, min(number, math.ceil(on_one)) if on_one > 1 else on_one, self.rules.wagon(piece.wagon)

    def wagons_m(self, wagons: Mapping[str, float]) -> float:
        """Length of the wagons."""
        return sum(number * self.rules.wagon(pool).length_m for pool, number in wagons.items())

    def trailing_t(self, wagons: Mapping[str, float], pieces: Counts) -> float:
        """Weight behind the locomotive: the wagons and what stands on them."""
        classes = self.kit.scenario.classes
        tare = sum(number * self.rules.wagon(pool).tare_t for pool, number in wagons.items())
        return tare + sum(number * classes[name].weight_t for name, number in pieces.items())


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
