"""Facilities that the usual rules use, and the kinds of ships that are discharged over them."""

from dataclasses import dataclass

from nfm_sim.kinds.registry import Listed, Registry, declared, rows_of

BERTHS, QUAY, GANGS, RAMPS, CRANES = "berths", "quay_m", "gangs", "ramps", "cranes"
YARD, CUSTOMS, GATES, TRUCK_RAMPS, TRACKS = "yard_m2", "customs", "gates", "truck_ramps", "tracks"
LANDING_SPOTS, AIRCRAFT_STANDS, CHAMBERS = "landing_spots", "aircraft_stands", "chambers"
DOCKS, BEDS, ISSUE_POINTS = "docks", "beds", "issue_points"
EXPLOSIVES = "explosive_kg"
PIECES, TERMINAL = "pieces", "terminal"
"""Names of what needs people: each piece that stands at a place, and a place as a whole."""


@dataclass(frozen=True, kw_only=True)
class FacilityKind(Listed):
    """A kind of facility. Others may be named in a scenario: yards of a class, places where columns rest."""

    unit: str
    noun: str
    """What one of them is called in figures."""
    one_more: float = 1.0
    """How much is added where one more of it is priced. What is not 1 is assumed."""
    needs_gang: bool = False
    """Nobody works over one that has no gang, so that one more of them brings one."""
    discharges: bool = False
    """Without any of it no ship is discharged at a port."""


FACILITIES: Registry[FacilityKind] = Registry(
    "a facility", FacilityKind, [declared(FacilityKind, row) for row in rows_of("facilities")]
)


@dataclass(frozen=True, kw_only=True)
class ShipKind(Listed):
    """A kind of ship."""

    gear: str
    """The facility that it is discharged over."""
    own_crews: bool = False
    """Its vehicles have their crews aboard: it is discharged without gangs of the port, at its own rate."""


SHIPS: Registry[ShipKind] = Registry("a kind of ship", ShipKind, [declared(ShipKind, row) for row in rows_of("ships")])
