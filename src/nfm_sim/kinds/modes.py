"""Modes: how pieces move.

A mode is declared here; its rules stand in `scenario/rules.py`, how its lots are made in `compile/modes`, and the steps
of a movement in `engine/movement/modes.py`. A user's declaration brings these three along.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from nfm_sim.kinds.facilities import CRANES, LANDING_SPOTS, TRACKS, TRUCK_RAMPS
from nfm_sim.kinds.registry import Declaration, Registry

ROAD, RAIL, WATER, SEA = "road", "rail", "water", "sea"
NETWORKS = (ROAD, RAIL, WATER, SEA)
"""What a link may carry; a link can carry several (a sea ship and a barge share a fairway)."""

LOCOMOTIVES, ESCORTS, BARGES = "locomotives", "escort_teams", "barges"
"""National pools that modes take from, besides the wagons and trucks that classes of pieces name."""


@dataclass(frozen=True, kw_only=True)
class ModeKind(Declaration):
    """How pieces move."""

    registry: ClassVar[Registry[ModeKind]]
    name: str
    meaning: str
    noun: str
    """What several of its movements are called: "trains"."""
    network: str
    """The links that it uses; empty when it uses none."""
    loaded_at: str
    """The facility at which it is loaded and unloaded; empty when it needs none."""
    colour: str
    """In figures."""
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


TRAIN = ModeKind(
    name="train",
    meaning="By train: wagons, a loading track, a locomotive with its driver, and a path.",
    noun="trains",
    network=RAIL,
    loaded_at=TRACKS,
    colour="#0072b2",
    at_railhead=True,
    pool=LOCOMOTIVES,
    comes_back=True,
)
COLUMN = ModeKind(
    name="column",
    meaning="In a march column, which drives by itself and needs a credit for every leg.",
    noun="columns",
    network=ROAD,
    loaded_at="",
    colour="#d55e00",
    pool=ESCORTS,
)
TRUCK = ModeKind(
    name="truck",
    meaning="By line-haul trucks, which drive among the civil traffic.",
    noun="lorries",
    network=ROAD,
    loaded_at=TRUCK_RAMPS,
    colour="#e69f00",
    comes_back=True,
    counts_pieces=True,
)
BARGE = ModeKind(
    name="barge",
    meaning="By inland barge.",
    noun="barges",
    network=WATER,
    loaded_at=CRANES,
    colour="#009e73",
    pool=BARGES,
    comes_back=True,
)
FLIGHT = ModeKind(
    name="flight",
    meaning="Helicopters that fly off themselves.",
    noun="flights",
    network="",
    loaded_at=LANDING_SPOTS,
    colour="#cc79a7",
)

MODES: Registry[ModeKind] = Registry("a mode", ModeKind, [TRAIN, COLUMN, TRUCK, BARGE, FLIGHT])
