"""The movement programme of a flow as it is used: which slots are taken, and by whom."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator

from nfm_sim.kinds import MODES
from nfm_sim.plan.movement import Lot
from nfm_sim.plan.transit import ProgrammePlan


class Bookings:
    """The slots of a flow."""

    def __init__(self, flow: str, plan: ProgrammePlan, start_up_h: float) -> None:
        self.flow = flow
        self.plan = plan
        self.start_up_h = start_up_h
        self.begins_h = math.inf
        """When onward movement may begin: known when the first ship begins to discharge."""
        self.taken: dict[tuple[str, str], dict[int, str]] = {key: {} for key in plan.slots}
        """By port and mode: who takes each slot, by its number."""
        self._next: dict[tuple[str, str], int] = dict.fromkeys(plan.slots, 0)

    def arrive(self, now: float) -> None:
        """A ship begins to discharge."""
        self.begins_h = min(self.begins_h, max(now + self.start_up_h, self.plan.first_h))

    def take(self, lot: Lot, subject: str, now: float) -> float:
        """Take the next slots of a lot's mode at its port, one for each train, column, barge or truck, and return the
        hour of the last; infinity when there are no more. A mode that is not booked has none to wait for."""
        key = (lot.loads_at, lot.mode)
        slots = self.plan.slots.get(key)
        ready = max(now, self.begins_h)
        if slots is None:
            return ready
        hour = ready
        for _ in range(slots_for(lot)):
            first = bisect_left(slots, self.begins_h if self.plan.made_up else ready)
            number = max(self._next[key], first)
            if number >= len(slots):
                return math.inf
            self.taken[key][number] = subject
            self._next[key] = number + 1
            hour = max(hour, slots[number])
        return hour

    def rows(self, until_h: float) -> Iterator[tuple[str, str, str, float, str | None]]:
        """Yield flow, port, mode, hour and who took it of each slot from the beginning until an hour."""
        for (port, mode), slots in self.plan.slots.items():
            for number in range(bisect_left(slots, self.begins_h), len(slots)):
                subject = self.taken[port, mode].get(number)
                if slots[number] < until_h or subject is not None:
                    yield self.flow, port, mode, slots[number], subject


def slots_for(lot: Lot) -> int:
    """How many slots a lot takes: one for each of its trucks, or one as a train, column or barge."""
    return max(1, round(sum(need.amount for need in lot.along))) if MODES[lot.mode].counts_pieces else 1
