"""Facilities that the usual rules use, and the kinds of ships that are discharged over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nfm_sim.kinds.registry import Declaration, Registry

BERTHS, QUAY, GANGS, RAMPS, CRANES = "berths", "quay_m", "gangs", "ramps", "cranes"
YARD, CUSTOMS, GATES, TRUCK_RAMPS, TRACKS = "yard_m2", "customs", "gates", "truck_ramps", "tracks"
LANDING_SPOTS, AIRCRAFT_STANDS, CHAMBERS = "landing_spots", "aircraft_stands", "chambers"
DOCKS, BEDS, ISSUE_POINTS = "docks", "beds", "issue_points"
EXPLOSIVES = "explosive_kg"
PIECES, TERMINAL = "pieces", "terminal"
"""Names of what needs people: each piece that stands at a place, and a place as a whole."""


@dataclass(frozen=True, kw_only=True)
class FacilityKind(Declaration):
    """A kind of facility. Others may be named in a scenario: yards of a class, places where columns rest."""

    registry: ClassVar[Registry[FacilityKind]]
    name: str
    meaning: str
    unit: str
    noun: str
    """What one of them is called in figures."""
    one_more: float = 1.0
    """How much is added where one more of it is priced. What is not 1 is assumed."""
    needs_gang: bool = False
    """Nobody works over one that has no gang, so that one more of them brings one."""
    discharges: bool = False
    """Without any of it no ship is discharged at a port."""


def _kind(name: str, noun: str, meaning: str, unit: str = "", **more: float) -> FacilityKind:
    return FacilityKind(name=name, noun=noun, meaning=meaning, unit=unit or name, **more)  # type: ignore[arg-type]


FACILITIES: Registry[FacilityKind] = Registry(
    "a facility",
    FacilityKind,
    [
        _kind(BERTHS, "berth", "Where ships lie.", "ships", discharges=True),
        _kind(QUAY, "quay", "Its length, of which each ship takes its own.", "m"),
        _kind(GANGS, "gang", "People who discharge ships over ramps and cranes."),
        _kind(RAMPS, "ramp", "Over which vehicles are driven off ships.", needs_gang=True, discharges=True),
        _kind(CRANES, "crane", "That lift containers off ships and onto barges.", needs_gang=True, discharges=True),
        _kind(YARD, "staging yard", "Where pieces stand until they move on.", "m2", one_more=1_000.0),
        _kind(CUSTOMS, "customs officer", "Who handle customs and form 302."),
        _kind(GATES, "gate", "That columns and lorries leave by."),
        _kind(TRUCK_RAMPS, "lorry ramp", "At which lorries are loaded.", "trucks"),
        _kind(TRACKS, "loading track", "On which trains are loaded and stand until they leave."),
        _kind(LANDING_SPOTS, "landing spot", "From which helicopters fly off.", "aircraft"),
        _kind(AIRCRAFT_STANDS, "aircraft stand", "Where aircraft are unloaded.", "aircraft"),
        _kind(CHAMBERS, "lock chamber", "Of a lock that barges pass."),
        _kind(DOCKS, "dock", "Of a depot that issues supplies."),
        _kind(ISSUE_POINTS, "issue point", "Of a site that issues prepositioned stocks to those who come for them."),
        _kind(BEDS, "bed", "Of a convoy support centre, where columns rest.", one_more=100.0),
        _kind(
            EXPLOSIVES,
            "net explosive mass",
            "What may be at a place at once, of all pieces that stand, are loaded or are unloaded there.",
            "kg",
            one_more=1_000.0,
        ),
        _kind(PIECES, "stand", "Each piece that stands at a place until it moves on: what it needs, in [needs]."),
        _kind(
            TERMINAL,
            "terminal",
            "All at a place that pieces are loaded at or leave by: its team is shared out over them.",
        ),
    ],
)


@dataclass(frozen=True, kw_only=True)
class ShipKind(Declaration):
    """A kind of ship."""

    registry: ClassVar[Registry[ShipKind]]
    name: str
    meaning: str
    gear: str
    """The facility that it is discharged over."""
    own_crews: bool = False
    """Its vehicles have their crews aboard: it is discharged without gangs of the port, at its own rate."""


SHIPS: Registry[ShipKind] = Registry(
    "a kind of ship",
    ShipKind,
    [
        ShipKind(name="roro", meaning="Vehicles are driven off over a ramp.", gear=RAMPS),
        ShipKind(name="lolo", meaning="Containers are lifted off by crane.", gear=CRANES),
        ShipKind(name="ferry", meaning="Vehicles drive off with their own crews.", gear=RAMPS, own_crews=True),
    ],
)
