"""Loads: pieces that are to move together, their trips, and their formalities at a port."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nfm_sim.compile.kit import Kit
from nfm_sim.compile.lots import Counts
from nfm_sim.compile.trips import Hours
from nfm_sim.kinds import Distribution
from nfm_sim.kinds.facilities import CUSTOMS, ISSUE_POINTS, PIECES, YARD
from nfm_sim.network import NoRouteError
from nfm_sim.plan.movement import Embarkation, Landing, Need, Post, Rank, Trip, Way
from nfm_sim.record.ticks import whole_ticks
from nfm_sim.scenario.flows import Flow
from nfm_sim.scenario.model import Destination
from nfm_sim.scenario.rules import PieceClass
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
    goal: Destination
    discharge_per_h: float = math.inf
    flow: Flow | None = None
    """The flow of an allied movement, which has formalities at the port."""
    by_ship: bool = True
    """Whether it comes by ship."""
    crewed: bool = False
    """Whether its crews came with it."""
    from_h: Distribution | None = None
    """How long it comes from afar."""

    @property
    def count(self) -> int:
        """The number of its pieces."""
        return sum(self.pieces.values())

    def classes(self, kit: Kit) -> list[PieceClass]:
        """The classes of its pieces."""
        return [kit.scenario.classes[name] for name in self.pieces]

    def handling(self, kit: Kit) -> float:
        """The time to handle all its pieces, as a multiple of a facility's time for one."""
        return sum(number * kit.scenario.classes[name].handling for name, number in self.pieces.items())


def trip(kit: Kit, load: Load, way: Way, start: str, goal: str, hours: Hours, via: tuple[str, ...] = ()) -> Trip:
    """Return the trip of a load from one node to another; note a problem when nothing can carry it."""
    try:
        return kit.trips.trip(way, start, goal, hours, via)
    except NoRouteError as error:
        what = f"{'flows' if load.flow is not None else 'elements'}.{load.part_of}"
        remedy = f"has pieces that no way can carry: {error} for what they weigh and need; change classes or modes"
        kit.fault(what, ", ".join(load.pieces), remedy)
        return Trip(way, start, goal, (), hours.windows, via)


def landing(kit: Kit, load: Load) -> Landing | None:
    """Compile what a load meets where it comes: at a port its yard and papers, and its border permit; None for a force
    element."""
    if load.flow is None:
        return None
    return Landing(
        yards=_yards(kit, load, load.origin) if load.by_ship else (),
        discharge_h=whole_ticks(load.handling(kit) / load.discharge_per_h),
        documents=kit.places.work_at(load.origin, CUSTOMS if load.by_ship else ISSUE_POINTS, load.count),
        permit="" if load.flow.permit_applied_day is None else load.part_of,
        guards=_guards(kit, load.origin) if load.by_ship else (),
    )


def embarkation(kit: Kit, load: Load, port: str) -> Embarkation | None:
    """Compile how a load goes aboard at the end of its way; None where no ship of its flow takes it."""
    calls = [call for ship in load.flow.ships.values() for call in ship.calls] if load.flow is not None else []
    if not any(call.takes and call.port == port for call in calls):
        return None
    return Embarkation(_yards(kit, load, port), load.handling(kit), _guards(kit, port))


def _guards(kit: Kit, place: str) -> tuple[Post, ...]:
    """Return those who guard each piece that stands at a place."""
    needs = kit.scenario.staff_of(place, PIECES)
    return tuple(Post(("", pool), 0.0, number) for pool, number in needs.items() if number)


def _yards(kit: Kit, load: Load, port: str) -> tuple[Need, ...]:
    """Return the areas that it takes of each yard of a port, in one order for all."""
    areas: dict[str, float] = {}
    for name, number in load.pieces.items():
        piece = kit.scenario.classes[name]
        yard = piece.yard if (port, piece.yard) in kit.places.facilities else YARD
        areas[yard] = areas.get(yard, 0.0) + number * piece.yard_m2
    for yard, area in areas.items():
        there = kit.places.facilities.get((port, yard))
        if there is not None and area > there.capacity:
            remedy = f"is smaller than {load.name}, which needs {area:g} m2; make it larger or the loads smaller"
            kit.fault(f"places.{port}.{yard}", f"{there.capacity:g}", remedy)
    return tuple(Need((port, yard), whole_ticks(area)) for yard, area in sorted(areas.items()))
