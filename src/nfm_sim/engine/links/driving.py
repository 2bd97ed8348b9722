"""How legs are driven: with what each link takes at the hour at which the head of a movement gets there.

Civil traffic slows what drives by road, its timetable leaves paths to trains, and a link of which a part is left takes
lorries longer.

What replications find under way is remembered from one to the next, while the plan that they share stays as it is. A
replication drives one leg for one way at one time, so that what it drives can be counted; which object that is, and
whether another replication made it, shows nowhere. So what is remembered may be forgotten between any two of them.
"""

import math
from bisect import bisect_left, bisect_right
from typing import NamedTuple

from nfm_sim.memo import remembered
from nfm_sim.plan.legs import LegBook, Stretches
from nfm_sim.plan.movement import Leg, LegHours, Legs, Way
from nfm_sim.plan.plan import Plan
from nfm_sim.record.words import Cause, whole_ticks

MOST_DRIVEN = 49_152
"""Legs that are remembered as they are driven: through classes of hours, some 3 kB each (the corps in transit comes to
some 6,000), and for twice as many quarters of an hour, in which one of these is driven."""
MOST_FOUND = 48
"""Ways that are remembered: some 0.25 MB each on the Dutch network (tests/benchmarks/memory.py)."""
DrivenLegs = dict[tuple[Leg, Stretches | float], Leg]
"""Legs as they are driven, by the classes of hours that they pass, or the quarter of an hour in which lorries leave."""


@remembered(1)
def _newest(book: LegBook) -> list[DrivenLegs]:
    return [{}]


def driven_legs(book: LegBook) -> DrivenLegs:
    """Return what is remembered for a replication that begins: nothing, when that has become too much. One that is
    under way keeps the table that it began with."""
    newest = _newest(book)
    if len(newest[0]) > MOST_DRIVEN:
        newest[0] = {}
    return newest[0]


@remembered(MOST_FOUND)
def ways(book: LegBook, way: Way, start: str, end: str, closed: frozenset[str], count: int) -> list[Legs]:
    """As `LegBook.make`."""
    return book.make(way, start, end, closed, count)


class Closure(NamedTuple):
    """Hours in which a link is closed, or a share of it, and what closed it."""

    start: float
    end: float
    cause: Cause
    left_share: float = 0.0


class Driving:
    """The legs of a replication as they are driven at different hours, each once."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.leg_book = plan.book
        self._known = driven_legs(plan.book)
        self.narrowings: dict[str, list[Closure]] = {}
        """By link, the hours in which a part of it is left, or will be."""

    def narrow(self, link: str, closure: Closure, now: float) -> None:
        """Leave a part of a link for some hours."""
        ahead = {name: [one for one in of if one.end > now] for name, of in self.narrowings.items()}
        self.narrowings = {name: of for name, of in ahead.items() if of}
        self.narrowings.setdefault(link, []).append(closure)

    def forget(self, link: str) -> None:
        """All of a link is open again."""
        self.narrowings.pop(link, None)

    def at(self, leg: Leg, start: float) -> tuple[Leg | None, float]:
        """Return a leg that starts at an hour as it is driven; or None, and the next hour to ask for, when a link has
        no path then."""
        return self._as_driven(leg, start) if leg.slots else (self._among_traffic(leg, start), start)

    def _among_traffic(self, leg: Leg, start: float) -> Leg:
        """Return the leg of lorries that leave at an hour. Those of one quarter of an hour drive alike: they need no
        exact place on a link, and so they share a few legs."""
        quarter = math.floor(start * 4) / 4
        driven = self._known.get((leg, quarter))
        if driven is None:
            driven, _ = self._as_driven(leg, quarter)
            assert driven is not None, "lorries need no path"
            self._known[leg, quarter] = driven
        return self._slowed(driven, start) if self.is_narrowed(leg, start) else driven

    def _as_driven(self, leg: Leg, start: float) -> tuple[Leg | None, float]:
        """Return a leg that starts at an hour as it is driven, with what each link takes when its head gets there; or
        None, and the next hour to ask for, when a link has no path then."""
        if not leg.by_class:
            return leg, start
        periods = self.plan.periods[leg.network]
        period = max(0, bisect_right(periods.begins, start) - 1)  # the first holds before it too
        hour_class = periods.classes[period]
        hours = leg.by_class[hour_class]
        if hours.closed or start + hours.enter_h[-2] >= periods.ends[period]:
            return self._through_classes(leg, start, period)
        whole = ((hour_class, len(leg.links)),)
        return self._known.get((leg, whole)) or self._driven(leg, whole), start

    def _through_classes(self, leg: Leg, start: float, period: int) -> tuple[Leg | None, float]:
        """As `_as_driven`, period by period: a link takes what it does in that in which the head enters it."""
        periods, number_of_links = self.plan.periods[leg.network], len(leg.links)
        place, at = 0, start
        stretches: list[tuple[int, int]] = []
        while place < number_of_links:
            while at >= periods.ends[period]:
                period += 1
            hour_class = periods.classes[period]
            hours = leg.by_class[hour_class]
            entered = hours.enter_h
            before = bisect_left(entered, periods.ends[period] - at + entered[place], place, number_of_links)
            closed = next((number for number in hours.closed if place <= number < before), None)
            if closed is not None:
                return None, start + self._next_path(leg, closed, period) - (at + entered[closed] - entered[place])
            stretches.append((hour_class, before))
            at += entered[before] - entered[place]
            place = before
        return self._driven(leg, tuple(stretches)), start

    def _driven(self, leg: Leg, stretches: Stretches) -> Leg:
        driven = self._known.get((leg, stretches))
        if driven is None:
            driven = self._known[leg, stretches] = self.leg_book.in_classes(leg, stretches)
        return driven

    def _slowed(self, leg: Leg, start: float) -> Leg:
        """Return a leg that needs no credit as it is driven over links of which a part is left."""
        runs = []
        at = start
        for link, enter_h, leave_h in zip(leg.links, leg.enter_h, leg.leave_h, strict=False):
            runs.append(whole_ticks((leave_h - enter_h) / self._left_share(link, at)))
            at += runs[-1]
        nothing = (0.0,) * len(runs)
        return self.leg_book.driven(leg, LegHours(tuple(runs), pass_h=nothing, slot_h=nothing))

    def _next_path(self, leg: Leg, place: int, period: int) -> float:
        """Return when the next period after this one begins in which a link has paths; infinity when none has."""
        periods = self.plan.periods[leg.network]
        ahead = zip(periods.begins[period:], periods.classes[period:], strict=True)
        return next((begin for begin, number in ahead if place not in leg.by_class[number].closed), math.inf)

    def is_narrowed(self, leg: Leg, hour: float) -> bool:
        """Whether a leg that needs no credit may meet a link of which a part is left."""
        if leg.slots or not self.narrowings:
            return False
        narrow = self.narrowings.keys() & leg.links
        return any(one.end > hour for link in narrow for one in self.narrowings[link])

    def _left_share(self, link: str, hour: float) -> float:
        """The share of a link that is left at an hour."""
        shares = (known.left_share for known in self.narrowings.get(link, ()) if known.start <= hour < known.end)
        return min(shares, default=1.0)
