"""Trains: whole wagons by pool, as long and heavy as the track, the route and the locomotive allow."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from nfm_sim.compile.kit import Kit
from nfm_sim.compile.loads import Load, trip
from nfm_sim.compile.lots import Counts
from nfm_sim.compile.modes.column import Column
from nfm_sim.compile.modes.mode import LotParts, Mode, RulesDrive, whole_units
from nfm_sim.compile.trips import Hours
from nfm_sim.kinds.modes import COLUMN, RAIL, ModeKind
from nfm_sim.network import Link
from nfm_sim.plan.movement import Approach, Carried, Drive, Need, Trip, Way
from nfm_sim.plan.traffic import HourClass, Traffic
from nfm_sim.scenario.rules import Movement, PieceClass, TrainRules


class Train(Mode):
    """One train: wagons, a loading track, a locomotive with its driver, and a path."""

    def drive(self, rules: Movement, traffic: Traffic) -> Drive:
        return TrainDrive(self.kind, rules.train, traffic)

    def fullness(self, kit: Kit, loads_at: str, exit_node: str) -> Callable[[Counts], float]:
        rules = kit.rules.train
        limit_m = min(self._lengths(kit, loads_at, exit_node).values()) - rules.locomotive_m

        def fullness(lot: Counts) -> float:
            wagons = wagons_of(kit, lot)
            return max(
                sum(wagons.values()) / rules.max_wagons,
                wagons_m(kit, wagons) / limit_m if limit_m > 0 else math.inf,
                trailing_t(kit, wagons, lot) / rules.max_t,
                *(number / kit.places.pool_size(pool) for pool, number in wagons.items()),
            )

        return fullness

    def _lengths(self, kit: Kit, loads_at: str, exit_node: str) -> dict[str, float]:
        """The lengths that a train keeps to, by what sets them."""
        lengths = {"movement.train.max_m": kit.rules.train.max_m}
        track = kit.places.facilities.get((loads_at, self.kind.loaded_at))
        if track is not None and track.length_m:
            lengths[f"places.{loads_at}.{self.kind.loaded_at}.length_m"] = track.length_m
        way = kit.network.route(loads_at, exit_node, self.kind.network).links if loads_at != exit_node else ()
        return lengths | {
            f"max_train_m of {link.name}": link.max_train_m for link in way if link.max_train_m is not None
        }

    def lots_of(self, kit: Kit, pieces: Counts, loads_at: str, exit_node: str) -> list[Counts]:
        """Cut pieces into trains; note a problem when not even a piece alone is short and light enough."""
        lots = super().lots_of(kit, pieces, loads_at, exit_node)
        rules, lengths = kit.rules.train, self._lengths(kit, loads_at, exit_node)
        shortest = min(lengths, key=lambda key: lengths[key])
        for lot in lots:
            wagons = wagons_of(kit, lot)
            train_m = wagons_m(kit, wagons) + rules.locomotive_m
            weight_t, number = trailing_t(kit, wagons, lot), sum(wagons.values())
            name = ", ".join(lot)
            if train_m > lengths[shortest]:
                kit.fault(shortest, f"{lengths[shortest]:g} m", f"is shorter than a train with {name}, {train_m:g} m")
            if weight_t > rules.max_t:
                kit.fault("movement.train.max_t", f"{rules.max_t:g}", f"is less than {name} weighs, {weight_t:g} t")
            if number > rules.max_wagons:
                remedy = f"is less than {name} needs, {number:g} wagons"
                kit.fault("movement.train.max_wagons", f"{rules.max_wagons:g}", remedy)
        return lots

    def way(self, kit: Kit, load: Load) -> Way:
        rules = kit.rules.train
        return replace(
            super().way(kit, load),
            out_of_gauge=any(piece.out_of_gauge for piece in load.classes(kit)),
            electric=rules.electric,
            train_m=wagons_m(kit, wagons_of(kit, load.pieces)) + rules.locomotive_m,
        )

    def needs(self, kit: Kit, pieces: Counts) -> tuple[Need, ...]:
        return whole_units(wagons_of(kit, pieces))

    def carried(self, kit: Kit, pieces: Counts) -> tuple[Carried, ...]:
        classes = kit.scenario.classes
        return tuple(
            Carried(number, ("", classes[name].wagon), classes[name].pieces_per_wagon, classes[name].handling)
            for name, number in pieces.items()
        )

    def least(self, rules: Movement) -> float:
        return float(rules.train.least_wagons)

    def per_piece(self, kit: Kit, piece: PieceClass) -> tuple[str, float]:
        return piece.wagon, 1 / piece.pieces_per_wagon

    def hours(self, kit: Kit) -> Hours:
        return Hours(kit.times.running, kit.rules.train.rests)

    def parts(self, kit: Kit, load: Load, way: Trip) -> LotParts:
        abroad = kit.network.nodes[way.goal].kind == "border_crossing"
        rules = kit.rules.train
        return {
            "approach": _approach(kit, load) if load.origin != load.loads_at else None,
            "engines": (Need(("", self.kind.pool), 1.0),),
            "border": kit.sheet.ask("border", load.name, rules.border_h) if abroad and not rules.through else None,
        }


def _approach(kit: Kit, load: Load) -> Approach:
    """The march to where a train is loaded."""
    column = Column(COLUMN)
    by_road = column.way(kit, load)
    march = trip(kit, load, by_road, load.origin, load.loads_at, column.hours(kit))
    return Approach(march, column.needs(kit, load.pieces), column.back_h(kit, march))


class TrainDrive(RulesDrive):
    """Trains take a headway, or what the civil timetable leaves; on a single track, the running time."""

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
        if link.tracks == 1:
            return max(hours, between_h) if paths is not None else hours
        return between_h / max(1, (link.tracks or 2) // 2)


def wagons_of(kit: Kit, pieces: Counts) -> dict[str, float]:
    """Return the whole wagons by pool for the pieces of a train."""
    wagons: dict[str, float] = {}
    for name, number in pieces.items():
        wanted = kit.scenario.classes[name]
        wagons[wanted.wagon] = wagons.get(wanted.wagon, 0.0) + number / wanted.pieces_per_wagon
    return {pool: math.ceil(number - 1e-9) for pool, number in wagons.items()}


def wagons_m(kit: Kit, wagons: Mapping[str, float]) -> float:
    """Length of the wagons."""
    return sum(number * kit.rules.train.wagon(pool).length_m for pool, number in wagons.items())


def trailing_t(kit: Kit, wagons: Mapping[str, float], pieces: Counts) -> float:
    """Weight behind the locomotive: the wagons and what stands on them."""
    classes = kit.scenario.classes
    tare = sum(number * kit.rules.train.wagon(pool).tare_t for pool, number in wagons.items())
    return tare + sum(number * classes[name].weight_t for name, number in pieces.items())
