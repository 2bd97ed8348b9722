"""A scenario compiled: plain tuples and arrays that all replications share, with every name resolved."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import polars as pl

from nfm_sim.plan.draws import Stream
from nfm_sim.plan.forces import ForcePlans
from nfm_sim.plan.legs import LegBook
from nfm_sim.plan.movement import FlowPlans, Need, PoolKey, ProgrammePlan, Rank, Work
from nfm_sim.plan.timeline import Periods, Windows
from nfm_sim.record.words import CauseKind


class OutagePlan(NamedTuple):
    """One time that a disruption happens."""

    name: str
    happens: int
    """Draw: below the chance, it happens."""
    chance: float
    starts: tuple[int, ...]
    """Draws that add up to the hour of its start."""
    lasts: int | None
    """Draw; None: to the horizon."""
    left_share: float
    work: int | None
    """Draw: hours of work until it is over; None when nobody can mend it."""
    crew: tuple[Need, ...]
    """Amounts of pools that mend it."""
    mended_by: Mapping[str, float]
    """By capability: the elements that mend it."""
    loss_share: float
    rounds: int | None
    """Draw: the share of a whole one that is added before whole ones are counted; None when nothing is lost."""
    guards: tuple[Need, ...]
    """Where they are there, `guarded_chance` takes the place of `chance`."""
    guarded_chance: float
    announced: bool
    warning_h: float
    links: tuple[str, ...]
    where: int | None
    """Draw: which of `anywhere` it hits, instead of `links`."""
    anywhere: tuple[tuple[float, str], ...]
    """(share of the length up to and with this link, link)."""
    pools: tuple[PoolKey, ...]
    places: tuple[str, ...]
    """Where all that stands is hit."""
    ports: tuple[PoolKey, ...]
    """Facilities of ports without which no ship can be discharged, or none of their kind."""
    ships: tuple[str, ...]


class PoolPlan(NamedTuple):
    """A pool, or a facility of a place."""

    name: str
    place: str
    unit: str
    capacity: float
    people: float = 0.0
    """People who man one unit of it."""
    arrivals: tuple[tuple[float, float], ...] = ()
    """(hour, amount) that it gains for good."""
    kind: str = CauseKind.POOL
    """Its kind as a cause of waits: a facility of a place, or a pool."""
    attainable: float = math.inf
    """The most that it can ever have, with all that comes in and all that elements bring."""
    taken: float = 0.0
    """Of that, what later regimes leave no more."""
    staff: tuple[Need, ...] = ()
    """Of a facility: those who work at one unit of it while it is used."""
    factors: tuple[tuple[float, float], ...] = ()
    """(hour, multiple of those who work at something that are needed from then on)."""


class Fork(NamedTuple):
    """A change of the plan at an hour of a replication under way."""

    at_h: float
    gained: Mapping[PoolKey, float]
    """By pool; what is lost is below 0."""
    promised: Mapping[PoolKey, float]
    """By pool: what comes to it later than that, and was not to come before."""
    outages: tuple[OutagePlan, ...]
    """Disruptions that are new, with draws of that plan."""
    plan: Plan
    """Whose policies and commitments hold from then on."""
    ranks: Mapping[str, Rank]
    """By flow: that of its ships, and of pieces that are not yet ashore; what is ashore keeps its place."""
    diverts_to: Mapping[str, frozenset[str]]
    """By flow: the ports to which its ships may still divert."""


@dataclass(frozen=True, kw_only=True)
class FlowsAndForces(FlowPlans, ForcePlans):
    """All that moves and activates: the allied flows and the own force."""


@dataclass(frozen=True, kw_only=True)
class Plan(FlowsAndForces):
    """All that a replication needs and never changes."""

    about: Mapping[str, Any]
    start_h: float
    """0, or earlier when an element is pre-alerted."""
    horizon_h: float
    draw: Callable[[Stream], list[float]]
    """The value of every draw, by its number."""
    book: LegBook
    longest: Mapping[str, tuple[float, float]]
    """By link: the longest slot, and the longest stay on it, of all that is planned."""
    routing: str
    diversion: str
    bumping: bool
    periods: Mapping[str, Periods]
    """When which class of hours of the week holds."""
    outages: tuple[OutagePlan, ...]
    pools: Mapping[PoolKey, PoolPlan]
    shifts: Windows | None
    """When ships are discharged."""
    lockage_h: Mapping[str, Work]
    """By lock that barges pass."""
    programmes: Mapping[str, ProgrammePlan]
    """By flow, of those that have one; flows of one operation share theirs."""
    policy: str
    regime_hours: tuple[float, ...]
    """When regimes begin."""
    subjects: pl.DataFrame
    demands: tuple[tuple[str, str, str, float, float], ...]
    """(plan, region, capability, required_h, number) of what the regional plans ask for."""
    forks: tuple[Fork, ...] = ()
    """In the order of their hours."""
    titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What things are called, by table of the scenario and name."""
    redraw: Callable[[Stream], Plan] | None = None
    """The plan of a replication, where numbers are uncertain that all are made of."""
    inputs: Mapping[str, float] = field(default_factory=dict)
    """By path: the uncertain numbers as they were drawn for this plan."""
