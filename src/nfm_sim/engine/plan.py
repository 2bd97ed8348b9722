"""A scenario compiled: plain tuples and arrays that all replications share, with every name resolved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import polars as pl

from nfm_sim.engine.credits import Calendar, Slot
from nfm_sim.engine.pools import Rank
from nfm_sim.engine.windows import Windows

if TYPE_CHECKING:
    from nfm_sim.engine.record import Log
    from nfm_sim.engine.world import Steps, World


@dataclass(frozen=True, slots=True)
class Leg:
    """From one holding node to the next, as a kind of movement drives it."""

    number: int
    start: str
    end: str
    hours: float
    """Of the head."""
    pass_h: float
    """How long after its head the tail arrives."""
    slots: tuple[Slot, ...]
    """What is booked; empty for traffic that needs no credit."""
    lines: tuple[str, ...]
    """What each link is called when it is the cause of a wait."""


@dataclass(frozen=True, slots=True)
class LegLink:
    """One link of a leg, for the table of passages: hours from the start of the leg."""

    link: str
    forward: bool
    enter_h: float
    leave_h: float
    slot_h: float


@dataclass(frozen=True, slots=True)
class Work:
    """Loading or unloading at a facility: the pool to hold, and the hours in which it is open."""

    pool: str
    hours: float
    windows: Windows | None


@dataclass(frozen=True, slots=True)
class Lot:
    """Pieces that move together: one train, column, lorry, barge or flight."""

    subject: str
    mode: str
    rank: Rank
    origin: str
    loads_at: str
    exit: str
    pieces: int
    yard_m2: float
    discharge_h: float
    load: Work | None
    assets: tuple[tuple[str, float], ...]
    """Pools and amounts that go along and come back empty: wagons, lorries, escorts."""
    engines: tuple[tuple[str, float], ...]
    """The same, but taken only when it is loaded: locomotives."""
    approach: tuple[Leg, ...]
    """By road to where it is loaded, when that is elsewhere."""
    legs: tuple[Leg, ...]
    windows: Windows | None
    """Hours in which it may move."""
    prepare: int | None
    """Draw: hours to form up or make ready."""
    beyond: int | None
    """Draw: hours from the exit to the area of operations."""
    beyond_assets: int | None
    """The same for its assets; None when they turn back at the exit, as escorts do."""
    back_h: float
    """Free running time from the exit to where it was loaded."""


@dataclass(frozen=True, slots=True)
class CallPlan:
    port: str
    planned_h: float
    sail_h: float
    lots: tuple[Lot, ...]


@dataclass(frozen=True, slots=True)
class ShipPlan:
    subject: str
    rank: Rank
    gangs: int
    gear: str
    """The facility it is discharged over: ramps or cranes."""
    lateness: int
    calls: tuple[CallPlan, ...]


class StagePlan(Protocol):
    """A stage as one element passes it; `engine/stages` has a file for each kind."""

    def run(self, world: World, element: ElementPlan, log: Log) -> Steps:
        """Pass the stage."""
        ...


@dataclass(frozen=True, slots=True)
class StageStep:
    """A stage of an element's chain, and whether it needs it."""

    name: str
    stage: StagePlan
    whether: int
    """Draw: below the share, it is needed."""
    share: float
    early: bool
    """A pre-alerted element passes it before the order."""


Requirement = tuple[tuple[str, ...], ...]
"""All of the parts, and of each part one."""


@dataclass(frozen=True, slots=True)
class TaskPlan:
    name: str
    priority: float
    weight: float
    stages: frozenset[str]
    breaks_rest: bool
    withdrawal: tuple[tuple[float, bool], ...]
    """(hour, whether its elements may be withdrawn) from when, the last first."""
    sustainment: tuple[tuple[str, float], ...]

    def may_withdraw(self, now: float) -> bool:
        """Whether its elements may be withdrawn for another task."""
        return next(may for hour, may in self.withdrawal if now >= hour)


@dataclass(frozen=True, slots=True)
class ClaimPlan:
    """What a task asks for: elements of a capability, or a share of a pool; or all that is offered to it."""

    task: TaskPlan
    name: str
    offers: bool
    """All elements of the capability that are offered to the NATO Force Model, from the activation order on."""
    capabilities: tuple[str, ...]
    pool: str
    number: float
    reserve: int
    """Elements that are kept for it under reserved shares."""
    from_h: float
    until_h: float
    tour_h: float
    longest_tour_h: float
    rest_h: float
    staffs: tuple[tuple[str, float], ...]

    @property
    def key(self) -> tuple[str, str]:
        return self.task.name, self.name

    @property
    def subject(self) -> str:
        return f"{self.task.name}/{self.name}"

    @property
    def rank(self) -> Rank:
        return (self.task.priority,)


@dataclass(frozen=True, slots=True)
class ElementPlan:
    subject: str
    rank: Rank
    capability: str
    offered: bool
    """To the NATO Force Model: it has a tier."""
    order: Rank
    """Who is called on first for a task: the lower."""
    commitment: tuple[str, str] | None
    """Task and commitment that it serves at hour 0."""
    tour_left: int
    """Draw: the share of its tour that is left then."""
    travel: Mapping[tuple[str, str], int]
    """Draws: hours to where it serves, by task and commitment."""
    redeploy: Mapping[str, int]
    """Draws: hours to come back, by task."""
    permits: tuple[tuple[float, int | None], ...]
    """(hour of the order, draw) from when a border permit takes so long, the last first."""
    home: str
    stages: tuple[StageStep, ...]
    lots: tuple[Lot, ...]
    deploys: int | None
    area: str
    integration: int
    requires: Requirement
    pre_alert_h: float
    partner: str
    partner_at: int | None
    """Draw: hour at which the partner is in place."""


@dataclass(frozen=True, slots=True)
class FormationPlan:
    subject: str
    elements: tuple[str, ...]
    needed: int
    """Elements that must be in place."""
    headquarters: str | None
    requires: Requirement


@dataclass(frozen=True, slots=True)
class PoolPlan:
    name: str
    place: str
    unit: str
    capacity: float
    people: float = 0.0
    arrivals: tuple[tuple[float, float], ...] = ()
    """(hour, amount) that it gains for good."""


@dataclass(frozen=True, slots=True)
class People:
    """Of one trade in one element: how many it should have, and how many are there at hour 0."""

    establishment: float
    present: float


@dataclass(frozen=True)
class Plan:
    """All that a replication needs and never changes."""

    about: Mapping[str, Any]
    start_h: float
    """0, or earlier when an element is pre-alerted."""
    horizon_h: float
    draw: Callable[[int, int], list[float]]
    decision: int
    calendars: tuple[Calendar, ...]
    """With the closures in them; a replication starts from a copy."""
    pools: Mapping[str, PoolPlan]
    shifts: Windows | None
    lockage_h: Mapping[str, float]
    """By lock that barges pass: hours of a lockage."""
    ships: tuple[ShipPlan, ...]
    policy: str
    claims: tuple[ClaimPlan, ...]
    """On elements."""
    shares: tuple[ClaimPlan, ...]
    """Of pools."""
    regime_hours: tuple[float, ...]
    """When regimes begin."""
    elements: tuple[ElementPlan, ...]
    formations: tuple[FormationPlan, ...]
    people: Mapping[str, Mapping[str, People]]
    """By element and trade."""
    donors: Mapping[str, tuple[tuple[str, Rank], ...]]
    """By trade: the elements that have people of it with their ranks, the least urgent last."""
    leg_links: tuple[tuple[LegLink, ...], ...]
    """By number of leg."""
    subjects: pl.DataFrame
    demands: tuple[tuple[str, str, str, float, int], ...]
    """(plan, region, capability, required_h, number) of what the regional plans ask for."""
