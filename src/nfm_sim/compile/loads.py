"""Loads: pieces that are to move together, their trips, and their formalities at a port."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nfm_sim.compile.compiler import Compiler
from nfm_sim.compile.lots import Counts
from nfm_sim.network import NoRouteError
from nfm_sim.plan.movement import Landing, Legs, Need, Rank, Rest, Trip, Way
from nfm_sim.plan.windows import Windows
from nfm_sim.record.ticks import whole_ticks
from nfm_sim.scenario.model import Flow
from nfm_sim.scenario.rules import PieceClass, RestRule
from nfm_sim.scenario.values import Mode

CREWS = "crews"
"""The pool of the people who fly in for a flow."""


@dataclass(frozen=True, slots=True)
class Load:
    """Pieces that are to move together, from where to where, and for whom."""

    name: str
    part_of: str
    mode: Mode
    pieces: Counts
    rank: Rank
    origin: str
    loads_at: str
    destination: str
    discharge_per_h: float = math.inf
    flow: Flow | None = None
    """The flow of an allied movement, which has formalities at the port."""

    @property
    def count(self) -> int:
        """The number of its pieces."""
        return sum(self.pieces.values())

    def classes(self, compiler: Compiler) -> list[PieceClass]:
        """The classes of its pieces."""
        return [compiler.scenario.classes[name] for name in self.pieces]

    def handling(self, compiler: Compiler) -> float:
        """The time to handle all its pieces, as a multiple of a facility's time for one."""
        return sum(number * compiler.scenario.classes[name].handling for name, number in self.pieces.items())


@dataclass(frozen=True, slots=True)
class Hours:
    """When something may move, and when it must rest."""

    windows: Windows | None = None
    rests: tuple[RestRule, ...] = ()


def trip(compiler: Compiler, load: Load, way: Way, start: str, goal: str, hours: Hours) -> Trip:
    """Compile the way of a load from one node to another; note a problem when nothing can carry it."""
    way = compiler.known_limits(way)
    legs: Legs = ()
    try:
        legs = compiler.legs(way, start, goal)
    except NoRouteError as error:
        key = f"{'flows' if load.flow is not None else 'elements'}.{load.part_of}"
        remedy = f"has pieces that no way can carry: {error} for what they weigh and need; change classes or modes"
        compiler.fault(key, ", ".join(load.pieces), remedy)
    rests = [Rest(r.activity, r.after_h, whole_ticks(r.hours), r.facility, r.per_vehicle) for r in hours.rests]
    return Trip(way, start, goal, legs, hours.windows, tuple(rests))


def landing(compiler: Compiler, load: Load) -> Landing | None:
    """Compile what a load meets at its port; None when it does not come by ship."""
    if load.flow is None:
        return None
    return Landing(
        yards=_yards(compiler, load),
        discharge_h=whole_ticks(load.handling(compiler) / load.discharge_per_h),
        documents=compiler.work_at(load.origin, "customs", load.count),
        permit="" if load.flow.permit_applied_day is None else load.part_of,
    )


def _yards(compiler: Compiler, load: Load) -> tuple[Need, ...]:
    """Return the areas that it takes of each yard of its port, in one order for all."""
    areas: dict[str, float] = {}
    for name, number in load.pieces.items():
        piece = compiler.scenario.classes[name]
        yard = piece.yard if (load.origin, piece.yard) in compiler.facilities else "yard_m2"
        areas[yard] = areas.get(yard, 0.0) + number * piece.yard_m2
    for yard, area in areas.items():
        there = compiler.facilities.get((load.origin, yard))
        if there is not None and area > there.capacity:
            remedy = f"is smaller than {load.name}, which needs {area:g} m2; make it larger or the loads smaller"
            compiler.fault(f"places.{load.origin}.{yard}", f"{there.capacity:g}", remedy)
    return tuple(Need((load.origin, yard), area) for yard, area in sorted(areas.items()))
