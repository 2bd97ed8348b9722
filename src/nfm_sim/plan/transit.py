"""Allied transit as all replications share it: ships with their calls, airlifts, permits, and movement programmes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import NamedTuple

from nfm_sim.kinds.facilities import BERTHS, GANGS, QUAY
from nfm_sim.plan.movement import Lot, Need, PoolKey, Rank, Work
from nfm_sim.plan.timeline import Timeline
from nfm_sim.record.ticks import whole_ticks


class CallPlan(NamedTuple):
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
    elsewhere: Mapping[str, CallPlan] = MappingProxyType({})
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


class ShipPlan(NamedTuple):
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


class OriginPlan(NamedTuple):
    """Where pieces of a flow stand ready from an hour on."""

    flow: str
    place: str
    ready_h: float
    lots: tuple[Lot, ...]


class AirliftPlan(NamedTuple):
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


class PermitPlan(NamedTuple):
    """The border permit of a flow: when it was asked for, how long it takes by regime, and how long it holds."""

    applied_h: float
    lead: Timeline[int | None]
    """Draws: how long it takes when it is asked for from then on."""
    valid_h: float


ALL_PORTS = ""
"""In place of a port: a booking that all ports of a programme share, each taking the next slot when it has a load."""
BookingKey = tuple[str, str]
"""Port, or `ALL_PORTS`, and mode."""
Days = tuple[tuple[float, float], ...]
"""Working days: the hours at which each begins and ends."""


class Rate(NamedTuple):
    """Loads a working day by one booking: what the window needs (None without one), and what is booked."""

    needed: float | None
    booked: float


class WindowPlan(NamedTuple):
    """A planned length, from which the loads of each working day follow."""

    length_h: float
    days: Days
    loads: Mapping[BookingKey, tuple[tuple[float, int], ...]]
    """The hours for which loads are planned to come, and their number."""
    most: Mapping[BookingKey, float]
    """Loads a working day that can be had at most, where that is limited."""

    def rates(self, from_h: float, until_h: float) -> dict[BookingKey, Rate]:
        """Return what is booked between the beginning of onward movement and the end of the window.

        It is the least steady rate with which all that is planned to come leaves by then: of the loads from each
        arrival on, over the working days that are left. What comes when none is left is too late for the window, and
        waits for what is booked for the rest."""
        rates = {}
        for key, arrivals in self.loads.items():
            needed = max(self._needed(arrivals, from_h, until_h), default=math.inf)
            booked = min(needed, self.most.get(key, math.inf))
            rates[key] = Rate(needed, booked if booked < math.inf else float(sum(loads for _, loads in arrivals)))
        return rates

    def _needed(self, arrivals: Iterable[tuple[float, int]], from_h: float, until_h: float) -> Iterator[float]:
        left = 0
        for hour, loads in sorted(arrivals, reverse=True):
            days = sum(share for *_, share in cut(self.days, max(hour, from_h), until_h))
            if days > 0:
                left += loads
                yield left / days


class ProgrammePlan(NamedTuple):
    """What is booked for the onward movement of the flows of an operation."""

    name: str
    start_up: int
    """Draw: hours from the first discharge of its flows on in which nothing moves on."""
    first_h: float
    slots: Mapping[BookingKey, tuple[float, ...]]
    """The hours of the slots, in rising order; empty with a window, which sets them when the operation begins."""
    rates: Mapping[BookingKey, Rate]
    """Loads a working day, where slots are spread evenly."""
    window: WindowPlan | None
    made_up: bool
    """Whether a slot that was missed may be used later."""


def cut(days: Days, from_h: float, until_h: float = math.inf) -> Iterator[tuple[float, float, float]]:
    """Yield what lies of working days between two hours: begin, end, and which share of the day that is."""
    for opens, closes in days:
        begin, end = max(opens, from_h), min(closes, until_h)
        if begin < end:
            yield begin, end, (end - begin) / (closes - opens)


def evenly(days: Days, per_day: float, from_h: float = -math.inf) -> Iterator[float]:
    """Yield the hours of so many slots a working day, evenly over its hours; of half a slot a day, one every second
    day."""
    number, done = 0, 0.0
    for begin, end, share in cut(days, from_h):
        while (place := (number + 0.5) / per_day) < done + share:
            yield whole_ticks(begin + (place - done) / share * (end - begin))
            number += 1
        done += share
