"""Credits: how movements share links.

A march column does not queue on a motorway and a freight train does not queue on open line. It stands where
it may stand, at a *holding node*, until movement control gives it a **credit** (road) or a **path** (rail) for
a whole **leg**: the links from this holding node to the next. Then it goes, and does not stop on the way.

Every link keeps a **calendar** of slots that are taken. A leg asks each of its links for one slot: it begins
when the head of the movement enters the link, `offset_h` after the start of the leg, and lasts `hold_h`:

- road: the time the column takes to pass a point, plus the gap behind it;
- double track: the headway;
- single track: the running time. Both directions share one calendar, so trains never meet on the link;
- a closure is a slot that no movement can book.

The credit is the earliest start at which every link of the leg is free when the head gets there. A gap that an
earlier booking left open is used when the movement fits into it. All movements on a link keep the order in
which they enter it: overtaking on the link is not modelled.

Hours are whole ticks (see `ticks`), so all comparisons here are exact.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from nfm_sim.plan.movement import Slot
from nfm_sim.plan.windows import Windows

Calendar = list[float]
"""Slots of one link (or of one direction of it), flat: start, end, start, end, ... in rising order."""


WINDOW = -1
"""In place of a slot's number: the driving window, not a link, set the start."""


def book_leg(
    calendars: Sequence[Calendar],
    slots: Sequence[Slot],
    earliest_h: float,
    window: Windows | None = None,
    leg_h: float = 0.0,
) -> tuple[float, int | None]:
    """Book a whole leg and return its start and what set it.

    The start is the first hour from `earliest_h` on at which every link is free, and, with a `window`, from
    which the `leg_h` hours of the leg fit into its open hours; infinity when there is none, and then nothing
    is booked. What set it is the number of the slot in `slots` that was taken longest, `WINDOW`, or None when
    the leg starts at once.
    """
    start, cause = find_start(calendars, slots, earliest_h, window, leg_h)
    if start < math.inf:
        for calendar, offset_h, hold_h in slots:
            taken = calendars[calendar]
            enter = start + offset_h
            if not taken or taken[-1] <= enter:
                taken += (enter, enter + hold_h)
            else:
                place = bisect_right(taken, enter)
                taken[place:place] = (enter, enter + hold_h)
    return start, cause


def find_start(
    calendars: Sequence[Calendar],
    slots: Sequence[Slot],
    earliest_h: float,
    window: Windows | None = None,
    leg_h: float = 0.0,
) -> tuple[float, int | None]:
    """Find what `book_leg` would book, and book nothing."""
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
            calendar, offset_h, hold_h = slot
            taken = calendars[calendar]
            enter = start + offset_h
            if not taken or taken[-1] <= enter:
                continue
            # even: `enter` lies in a gap, before the slot that starts at `place`; odd: inside a slot
            place = bisect_right(taken, enter)
            if place & 1 or taken[place] < enter + hold_h:
                start = _next_gap(taken, place, enter, hold_h) - offset_h
                by_window, last = False, slot
        if start == before:
            break
    if by_window:
        return start, WINDOW
    return start, None if last is None else slots.index(last)


def _next_gap(taken: Calendar, place: int, enter: float, hold_h: float) -> float:
    """Return the first hour from `enter` on, which lies at `place`, at which a slot of `hold_h` is free."""
    if place & 1:
        enter = taken[place]
        place += 1
    last = len(taken)
    while place < last and taken[place] < enter + hold_h:
        enter = taken[place + 1]
        place += 2
    return enter


def unbook(taken: Calendar, start: float, end: float) -> None:
    """Free a slot. One that a closure has grown over stays closed."""
    place = bisect_left(taken, start)
    place += place & 1  # an odd place is the end of the slot before
    if taken[place : place + 2] == [start, end]:
        del taken[place : place + 2]


def add_closure(taken: Calendar, start: float, end: float) -> None:
    """Close a calendar from one hour to another, over slots that are taken."""
    first = bisect_left(taken, start)
    if first & 1:
        first -= 1
        start = taken[first]
    last = bisect_left(taken, end)
    if last & 1:
        end = taken[last]
        last += 1
    taken[first:last] = (start, end)
