"""A scenario compiled: plain tuples and arrays that all replications share, with every name resolved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import polars as pl

from nfm_sim.engine.credits import Slot
from nfm_sim.engine.pools import Rank
from nfm_sim.engine.windows import Windows

if TYPE_CHECKING:
    from nfm_sim.engine.legs import LegBook
    from nfm_sim.engine.record import Log
    from nfm_sim.engine.traffic import Periods
    from nfm_sim.engine.world import Steps, World


@dataclass(frozen=True, slots=True)
class Way:
    """What moves, as far as roads, tracks and fairways see it. What is 0 or empty is within all limits."""

    mode: str
    vehicles: int = 0
    """Of a column."""
    out_of_gauge: bool = False
    ammunition: bool = False
    electric: bool = False
    train_m: float = 0.0
    cemt: str = ""
    weight_t: float = 0.0
    height_m: float = 0.0
    width_m: float = 0.0


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
    by_class: tuple[Leg | None, ...] = ()
    """As it is driven in each class of hours of the week, None where it cannot be; empty: always the same."""


@dataclass(frozen=True, slots=True)
class LegLink:
    """One link of a leg: hours from the start of the leg."""

    link: str
    forward: bool
    enter_h: float
    leave_h: float
    slot_h: float


@dataclass(frozen=True, slots=True)
class Rest:
    """A stop that is due after so many hours of driving."""

    activity: str
    after_h: float
    hours: float
    facility: str
    """Where it must be had, such as beds; empty: at any holding node."""
    per_vehicle: float


@dataclass(frozen=True, slots=True)
class Trip:
    """Over the network from one node to another: what moves, by which legs, and when it may."""

    way: Way
    start: str
    goal: str
    legs: tuple[Leg, ...]
    windows: Windows | None
    rests: tuple[Rest, ...] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """Loading or unloading at a facility: the pool to hold, and the hours in which it is open."""

    pool: str
    hours: float
    windows: Windows | None


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A breakdown that a column may have on its trip."""

    happens: int
    """Draw: below the chance, it does."""
    chance: float
    after_h: int
    """Draw: after so many hours of driving."""
    recovery: int
    """Draw: hours."""
    blocks: int
    """Draw: below the share, it blocks a lane."""
    blocked_share: float


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
    yards: tuple[tuple[str, float], ...]
    """Pools and amounts of the areas where it stands."""
    discharge_h: float
    documents: Work | None
    """Customs and form 302."""
    permit: str
    """The flow whose border permit it needs; empty when none is needed or it is in hand."""
    crew: tuple[tuple[str, float], ...]
    """Pool and number of the people who marry up with it and stay."""
    load: Work | None
    unload: Work | None
    """At a terminal where it ends; None at a border."""
    gate: Work | None
    assets: tuple[tuple[str, float], ...]
    """Pools and amounts that go along and come back empty: wagons, lorries, escorts."""
    engines: tuple[tuple[str, float], ...]
    """The same, but taken only when it is loaded: locomotives."""
    approach: Trip | None
    """By road to where it is loaded, when that is elsewhere."""
    trip: Trip
    civil_queue: Mapping[str, int]
    """Draws: hours behind civil barges, by lock."""
    breakdown: Breakdown | None
    prepare: int | None
    """Draw: hours to form up or make ready."""
    border: int | None
    """Draw: hours of the exchange at the border, where its locomotive turns back; None when it goes on."""
    beyond: int | None
    """Draw: hours from the exit to the area of operations."""
    beyond_assets: int | None
    """The same for its assets; None when they turn back at the exit, as escorts do."""
    back_h: float
    """Free running time from the exit to where it was loaded."""


@dataclass(frozen=True, slots=True)
class OutagePlan:
    """One time that a disruption happens."""

    name: str
    happens: int
    """Draw: below the chance, it happens."""
    chance: float
    starts: tuple[int, ...]
    """Draws that add up to the hour of its start."""
    lasts: int
    """Draw."""
    left_share: float
    announced: bool
    links: frozenset[str]
    where: int | None
    """Draw: which of `anywhere` it hits, instead of `links`."""
    anywhere: tuple[tuple[float, str], ...]
    """(share of the length up to and with this link, link)."""
    pools: tuple[str, ...]
    ports: frozenset[str]
    """Those that no ship can be discharged at."""
    ships: frozenset[str]


@dataclass(frozen=True, slots=True)
class CallPlan:
    port: str
    planned_h: float
    sail_h: float
    lots: tuple[Lot, ...]
    elsewhere: Mapping[str, CallPlan] = field(default_factory=dict)
    """The same pieces over another port; its `sail_h` is from this one."""
    diverted: bool = False
    """It is one of those."""


@dataclass(frozen=True, slots=True)
class AirliftPlan:
    subject: str
    rank: Rank
    airport: str
    planned_h: float
    lateness: int
    people: float
    unload: Work | None
    transfer_h: float
    crews: str
    """The pool that its people join."""


@dataclass(frozen=True, slots=True)
class PermitPlan:
    """The border permit of a flow: when it was asked for, how long it takes by regime, and how long it holds."""

    applied_h: float
    lead: tuple[tuple[float, int | None], ...]
    """(hour, draw) from when it takes so long, the last first."""
    valid_h: float


@dataclass(frozen=True, slots=True)
class ShipPlan:
    subject: str
    rank: Rank
    length_m: float
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


@dataclass(frozen=True, slots=True)
class Fork:
    """What changes at an hour of a replication under way."""

    at_h: float
    gained: Mapping[str, float]
    """By pool; what is lost is below 0."""
    outages: tuple[OutagePlan, ...]
    """Those that are new, with draws of their own."""
    draw: Callable[[int, int], list[float]]
    routing: str
    bumping: bool
    policy: str
    claims: tuple[ClaimPlan, ...]


@dataclass(frozen=True)
class Plan:
    """All that a replication needs and never changes."""

    about: Mapping[str, Any]
    start_h: float
    """0, or earlier when an element is pre-alerted."""
    horizon_h: float
    draw: Callable[[int, int], list[float]]
    decision: int
    book: LegBook
    longest: Mapping[str, tuple[float, float]]
    """By link: the longest slot, and the longest stay on it, of all that is planned."""
    routing: str
    bumping: bool
    periods: Periods
    """When which class of hours of the week holds."""
    outages: tuple[OutagePlan, ...]
    pools: Mapping[str, PoolPlan]
    shifts: Windows | None
    lockage_h: Mapping[str, Work]
    """By lock that barges pass."""
    ships: tuple[ShipPlan, ...]
    airlifts: tuple[AirliftPlan, ...]
    permits: Mapping[str, PermitPlan]
    """By flow, those that are not in hand."""
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
    subjects: pl.DataFrame
    demands: tuple[tuple[str, str, str, float, int], ...]
    """(plan, region, capability, required_h, number) of what the regional plans ask for."""
    forks: tuple[Fork, ...] = ()
    """In the order of their hours."""
