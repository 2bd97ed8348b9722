"""Modes: how pieces move; the facilities that the usual rules use, and the kinds of ships that are discharged there.

A mode is declared here, and those of ours in `modes.csv`; its rules stand in `scenario/rules.py`, how its lots are made
in `compile/modes`, and the steps of a movement in `engine/movement/modes.py`. A user's declaration brings these three
along.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nfm_sim.kinds.registry import Listed, Registry, declared, rows_of

ROAD, RAIL, WATER, SEA = "road", "rail", "water", "sea"
NETWORKS = (ROAD, RAIL, WATER, SEA)
"""What a link may carry; a link can carry several (a sea ship and a barge share a fairway)."""

LOCOMOTIVES, ESCORTS, BARGES = "locomotives", "escort_teams", "barges"
"""National pools that modes take from, besides the wagons and trucks that classes of pieces name."""


@dataclass(frozen=True, kw_only=True)
class ModeKind(Listed):
    """How pieces move."""

    noun: str
    """What several of its movements are called: "trains"."""
    colour: str
    """In figures."""
    network: str = ""
    """The links that it uses; empty when it uses none."""
    loaded_at: str = ""
    """The facility at which it is loaded and unloaded; empty when it needs none."""
    at_railhead: bool = False
    """The pieces of force elements are loaded at their railhead, where they have one."""
    pool: str = ""
    """The national pool that each movement takes from, if it is not scarce by the classes of its pieces."""
    comes_back: bool = False
    """What went along comes back empty over the network, as a movement of its own."""
    counts_pieces: bool = False
    """Each piece is on a vehicle of its own, so that pieces are counted, not packets of lorries that leave together."""
    rules: type[Any] | None = None
    """Of a user's mode: the model of its rules in [movement.<name>], over `ModeRules`."""
    compiled: type[Any] | None = None
    """Of a user's mode: how its lots are made, over `nfm_sim.compile.modes.Mode`."""
    steps: Callable[..., Any] | None = None
    """Of a user's mode: the steps of a movement; None for loading, moving and unloading, as barges do."""

    def ends_at(self, place: str, railhead: str | None) -> str:
        """Where what stands at a place is loaded, or unloaded: at its railhead, if it has one and the mode uses it."""
        return (railhead if self.at_railhead else None) or place


MODES: Registry[ModeKind] = Registry("a mode", ModeKind, [declared(ModeKind, row) for row in rows_of("modes")])
TRAIN, COLUMN, TRUCK, BARGE, FLIGHT = (MODES[name] for name in ("train", "column", "truck", "barge", "flight"))

# Facilities, and the kinds of ships that are discharged over them.

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
