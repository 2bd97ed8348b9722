"""Allied transit as all replications share it: ships with their calls, airlifts, and border permits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from nfm_sim.kinds.facilities import BERTHS, GANGS, QUAY
from nfm_sim.plan.movement import Lot, Need, PoolKey, Rank, Work
from nfm_sim.plan.timeline import Timeline


@dataclass(frozen=True, slots=True)
class CallPlan:
    """A port call of a ship."""

    port: str
    planned_h: float
    sail_h: float
    lots: tuple[Lot, ...]
    takes: int = 0
    """Pieces that it takes aboard at most."""
    sails_h: float = math.inf
    """When it sails with what it has."""
    loading_h: float = 0.0
    """To take one piece aboard."""
    elsewhere: Mapping[str, CallPlan] = field(default_factory=dict)
    """The same pieces over another port, formed for what is there; its `sail_h` is from this one."""
    each: tuple[tuple[Lot, ...], ...] = ()
    """Of a call over another port: what the pieces of each planned lot make there by themselves."""

    def anywhere(self) -> Iterator[CallPlan]:
        """Yield the call, and what would come in its place."""
        yield self
        yield from self.elsewhere.values()

    def over(self, aboard: Sequence[int]) -> tuple[Lot, ...]:
        """The lots of what is still aboard, by the numbers of the planned lots: formed of the whole cargo, or when some
        of it has left the ship, of each planned lot."""
        whole = len(aboard) == len(self.each)
        return self.lots if whole else tuple(chain.from_iterable(self.each[number] for number in aboard))


@dataclass(frozen=True, slots=True)
class ShipPlan:
    """A ship, and the gangs that discharge it side by side."""

    subject: str
    flow: str
    rank: Rank
    length_m: float
    gangs: int
    gear: str
    """The facility it is discharged over: ramps or cranes."""
    own_crews: bool
    """It is discharged without gangs of the port."""
    lateness: int
    """Draw."""
    calls: tuple[CallPlan, ...]

    def needs(self, port: str) -> Iterator[Need]:
        """Yield what it takes of a port itself, besides what its lots take."""
        yield Need((port, QUAY), self.length_m)
        yield Need((port, BERTHS), 1.0)
        yield Need((port, self.gear), 1.0)
        if not self.own_crews:
            yield Need((port, GANGS), 1.0)


@dataclass(frozen=True, slots=True)
class OriginPlan:
    """Where pieces of a flow stand ready from an hour on."""

    flow: str
    place: str
    ready_h: float
    lots: tuple[Lot, ...]


@dataclass(frozen=True, slots=True)
class AirliftPlan:
    """An aircraft that brings the crews of columns."""

    subject: str
    flow: str
    rank: Rank
    airport: str
    planned_h: float
    lateness: int
    """Draw."""
    people: int
    unload: Work | None
    transfer_h: float
    crews: PoolKey
    """The pool that its people join."""

    def needs(self) -> Iterator[Need]:
        """Yield what it takes of its airport."""
        if self.unload is not None:
            yield Need(self.unload.pool, 1.0)


@dataclass(frozen=True, slots=True)
class PermitPlan:
    """The border permit of a flow: when it was asked for, how long it takes by regime, and how long it holds."""

    applied_h: float
    lead: Timeline[int | None]
    """Draws: how long it takes when it is asked for from then on."""
    valid_h: float
