"""The movement programme of an operation as it is used: which slots are taken, and by whom."""

import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from nfm_sim.plan.movement import ALL_PORTS, BookingKey, Lot, ProgrammePlan, Rate, evenly


class Bookings:
    """The slots of the flows of an operation."""

    def __init__(self, plan: ProgrammePlan, start_up_h: float) -> None:
        self.plan = plan
        self.start_up_h = start_up_h
        self.begins_h = math.inf
        """When onward movement may begin: known when the first ship begins to discharge."""
        self.ends_h = math.inf
        """When its window ends; infinite without one."""
        self.rates: Mapping[BookingKey, Rate] = plan.rates
        self.slots: Mapping[BookingKey, tuple[float, ...]] = plan.slots
        self.taken: defaultdict[BookingKey, dict[int, str]] = defaultdict(dict)
        """Who takes each slot, by its number."""
        self._next: Counter[BookingKey] = Counter()

    def arrive(self, now: float) -> None:
        """A ship begins to discharge, or pieces stand ready. With the first begins the window: what is booked a day
        follows from it."""
        if self.begins_h < math.inf:
            return
        self.begins_h = max(now + self.start_up_h, self.plan.first_h)
        window = self.plan.window
        if window is not None:
            self.ends_h = max(now, self.plan.first_h) + window.length_h
            self.rates = window.rates(self.begins_h, self.ends_h)
            self.slots = {
                key: tuple(evenly(window.days, rate.booked, self.begins_h)) for key, rate in self.rates.items()
            }

    def take(self, lot: Lot, subject: str, now: float) -> float:
        """Take the next slots of a lot's mode, of its port's own or of those that all ports share, one for each train,
        column, barge or truck, and return the hour of the last; infinity when there are no more. A mode that is not
        booked has none to wait for."""
        own = (lot.loads_at, lot.mode)
        key = own if own in self.slots else (ALL_PORTS, lot.mode)
        slots = self.slots.get(key)
        ready = max(now, self.begins_h)
        if slots is None:
            return ready
        hour = ready
        for _ in range(lot.slots):
            first = bisect_left(slots, self.begins_h if self.plan.made_up else ready)
            number = max(self._next[key], first)
            if number >= len(slots):
                return math.inf
            self.taken[key][number] = subject
            self._next[key] = number + 1
            hour = max(hour, slots[number])
        return hour

    def rows(self, until_h: float) -> Iterator[tuple[str, str, str, float, str | None]]:
        """Yield programme, port, mode, hour and who took it of each slot from the beginning until an hour."""
        for key, slots in self.slots.items():
            for number in range(bisect_left(slots, self.begins_h), len(slots)):
                subject = self.taken[key].get(number)
                if slots[number] < until_h or subject is not None:
                    yield self.plan.name, *key, slots[number], subject
