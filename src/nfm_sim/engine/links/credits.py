"""Credits: how movements share links.

A march column does not queue on a motorway and a freight train does not queue on open line. It stands where
it may stand, at a *holding node*, until movement control gives it a **credit** (road) or a **path** (rail) for
a whole **leg**: the links from this holding node to the next. Then it goes, and does not stop on the way.

Every link keeps a **calendar** of slots that are taken. A leg asks each of its links for one slot: it begins
when the head of the movement enters the link, `offset_h` after the start of the leg, and lasts `hold_h`:

- road: the time the column takes to pass a point, plus the gap behind it;
- rail: the headway;
- a closure is a slot that no movement can book.

The credit is the earliest start at which every link of the leg is free when the head gets there. A gap that an
earlier booking left open is used when the movement fits into it. Movements leave a link in the order in which they
enter it, and as far apart: a fast one that follows a slow one enters later by the difference of their running times
(`run_h`), as lines in a train graph do not cross (UIC 406). What nothing may meet (a train on a single track, what is
out of gauge on a double one) asks the calendar of the other direction too, for as long as it is on the link: a slot
with `MEETS_NOTHING` as its running time. So trains follow each other on a single track at the headway, from block to
block, and one that comes against them waits until the last has left the link.

Hours are whole ticks (see `ticks`), so all comparisons here are exact.
"""

import math
from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from operator import itemgetter

from nfm_sim.plan.movement import MEETS_NOTHING, Slot
from nfm_sim.plan.timeline import Windows

WINDOW = -1
"""In place of a slot's number: the driving window, not a link, set the start."""
_END = itemgetter(1)
CLOSED = math.nan
"""In place of a running time: the slot is a closure, which nothing need leave in order. Not a number, so that a
difference with it is never above 0, and no running time is at least as long."""
_is_closure = math.isnan


class Calendar:
    """What is taken of one link, or of one direction of it."""

    __slots__ = ("closed_to", "runs", "taken")

    def __init__(self) -> None:
        self.taken: list[float] = []
        """Slots, flat: start, end, start, end, ... in rising order. So one bisection finds where an hour lies: at an
        odd place it is within a slot, at an even one between two."""
        self.runs: list[float] = []
        """By slot: the hours from entering the link to leaving it; `CLOSED` for a closure."""
        self.closed_to: list[tuple[float, float]] = []
        """Hours in which something on the other track may not be met."""

    def next_free(self, enter: float, hold_h: float, run_h: float) -> float:
        """Return the first hour from `enter` on at which a slot is free.

        It goes from gap to gap: behind the slot before one it may begin, and it must end before the next. What it must
        not meet on the other track may push it further, and then it seeks a gap from there, until neither does.
        """
        if run_h == MEETS_NOTHING:
            return self._next_empty(enter, hold_h)
        taken, runs = self.taken, self.runs
        last = len(runs) - 1
        asked = -1.0
        while asked != enter:
            asked = enter
            before = (bisect_right(taken, enter) - 1) // 2
            while before <= last:
                if before >= 0:
                    ahead = runs[before]
                    hour = taken[2 * before + 1] + (ahead - run_h if ahead > run_h else 0.0)
                    if _is_closure(ahead):
                        hour = self._after(before, run_h)
                    if hour > enter:
                        enter = hour
                before += 1
                if before > last:
                    break
                behind = runs[before]
                hour = taken[2 * before] - (run_h - behind if run_h > behind else 0.0)
                if _is_closure(behind):
                    hour = self._before(before, run_h)
                if enter + hold_h <= hour:
                    before -= 1
                    break
            if self.closed_to:
                enter = self._unmet(enter, run_h)
        return enter

    def _unmet(self, enter: float, run_h: float) -> float:
        """Return the first hour from `enter` on at which something meets nothing out of gauge. These keep their order,
        so that their ends rise as their starts do."""
        for place in range(bisect_right(self.closed_to, enter, key=_END), len(self.closed_to)):
            start, end = self.closed_to[place]
            if start >= enter + run_h:
                break
            enter = end
        return enter

    def _after(self, number: int, run_h: float) -> float:
        """The first hour at which something may follow a slot, and those before it when it is a closure."""
        hour = -math.inf
        for place in range(number, -1, -1):
            ahead = self.runs[place]
            hour = max(hour, self.taken[2 * place + 1] + max(0.0, ahead - run_h))
            if not _is_closure(ahead):
                break
        return hour

    def _before(self, number: int, run_h: float) -> float:
        """The last hour at which the slot of something may end before a slot, and those behind it when it is a
        closure."""
        hour = math.inf
        for place in range(number, len(self.runs)):
            behind = self.runs[place]
            hour = min(hour, self.taken[2 * place] - max(0.0, run_h - behind))
            if not _is_closure(behind):
                break
        return hour

    def _next_empty(self, enter: float, hold_h: float) -> float:
        """Return the first hour from `enter` on from which nothing is on the link for a while."""
        taken, runs = self.taken, self.runs
        number = (bisect_right(taken, enter) - 1) // 2
        while number > 0 and _is_closure(runs[number]):  # what came before is off it before this one
            number -= 1
        for place in range(max(number, 0), len(runs)):
            start, run_h = taken[2 * place], runs[place]
            if start >= enter + hold_h:
                break
            if start + run_h > enter:
                enter = start + run_h
        return enter

    def book(self, enter: float, hold_h: float, run_h: float) -> None:
        """Take a slot that is free."""
        if run_h == MEETS_NOTHING:
            insort(self.closed_to, (enter, enter + hold_h))
        else:
            place = bisect_right(self.taken, enter)
            self.taken[place:place] = (enter, enter + hold_h)
            self.runs.insert(place // 2, run_h)

    def unbook(self, enter: float, hold_h: float, run_h: float) -> None:
        """Give a slot back. One that a closure has grown over stays closed."""
        end = enter + hold_h
        if run_h == MEETS_NOTHING:
            self.closed_to.remove((enter, end))
            return
        place = bisect_left(self.taken, enter)
        place += place & 1  # an odd place is the end of the slot before
        if self.taken[place : place + 2] == [enter, end]:
            del self.taken[place : place + 2]
            del self.runs[place // 2]

    def close(self, start: float, end: float) -> None:
        """Close it from one hour to another, over slots that are taken; one that begins before keeps its hours."""
        taken = self.taken
        first = bisect_left(taken, start)
        if first & 1:
            closed = self.runs[first // 2]
            if not _is_closure(closed):
                start = taken[first]
                first += 1
            else:
                first -= 1
                start = taken[first]
        last = bisect_left(taken, end)
        if last & 1:
            end = taken[last]
            last += 1
        if start < end:
            taken[first:last] = (start, end)
            self.runs[first // 2 : last // 2] = [CLOSED]

    def reopen(self, hour: float) -> None:
        """Take back all that is closed from an hour on."""
        for number in reversed(range(len(self.runs))):
            start, end = self.taken[2 * number : 2 * number + 2]
            if end <= hour:
                break
            if _is_closure(self.runs[number]) and start >= hour:
                del self.taken[2 * number : 2 * number + 2]
                del self.runs[number]
            elif _is_closure(self.runs[number]):
                self.taken[2 * number + 1] = hour


Calendars = dict[int, Calendar] | Sequence[Calendar]
"""The calendars of all links by number."""


def book_leg(calendars: Calendars, slots: Sequence[Slot], start: float) -> None:
    """Book a whole leg from a start on that `find_start` has found."""
    for calendar, offset_h, hold_h, run_h in slots:
        book = calendars[calendar]
        enter = start + offset_h
        if run_h != MEETS_NOTHING and (not book.taken or book.taken[-1] <= enter):  # as `book`, without a call
            book.taken += (enter, enter + hold_h)
            book.runs.append(run_h)
        else:
            book.book(enter, hold_h, run_h)


def find_start(
    calendars: Calendars, slots: Sequence[Slot], earliest_h: float, window: Windows | None = None, leg_h: float = 0.0
) -> tuple[float, int | None]:
    """Find the start of a whole leg, and what set it.

    The start is the first hour from `earliest_h` on at which every link is free, and, with a `window`, from which the
    `leg_h` hours of the leg fit into its open hours; infinity when there is none. What set it is the number of the slot
    in `slots` that was taken longest, `WINDOW`, or None when the leg starts at once.
    """
    start = earliest_h
    by_window = False
    last: Slot | None = None  # set the start last; from this slot on, the round before found all links free
    while True:
        before = start
        if window is not None:
            start = window.fit(start, leg_h)
            if start > before:
                by_window, last, before = True, None, start
        if start == math.inf:
            break
        for slot in slots:
            if slot is last:
                break
            calendar, offset_h, hold_h, run_h = slot
            book = calendars[calendar]
            taken = book.taken
            enter = start + offset_h
            # as a rule a movement comes after all others, and is no faster than the last of them
            if not book.closed_to and (not taken or (taken[-1] <= enter and book.runs[-1] <= run_h)):
                continue
            free = book.next_free(enter, hold_h, run_h)
            if free > enter:
                start = free - offset_h
                by_window, last = False, slot
        if start == before:
            break
    if by_window:
        return start, WINDOW
    return start, None if last is None else slots.index(last)
