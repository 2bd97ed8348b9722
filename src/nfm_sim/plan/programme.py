"""Movement programmes as all replications share them: what is booked, and at which hours."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from nfm_sim.record.ticks import whole_ticks

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


@dataclass(frozen=True, slots=True)
class WindowPlan:
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


@dataclass(frozen=True, slots=True)
class ProgrammePlan:
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
