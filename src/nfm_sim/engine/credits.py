"""Credits: how movements share links.

A march column does not queue on a motorway and a freight train does not queue on open line. It stands where
it may stand, at a *holding node*, until movement control gives it a **credit** (road) or a **path** (rail) for
a whole **leg**: the links from this holding node to the next. Then it goes, and does not stop on the way.

Every link keeps a **calendar** of slots that are taken. A leg asks each of its links for one slot: it begins
when the head of the movement enters the link, `offset_h` after the start of the leg, and lasts `hold_h`:

- road: the time the column takes to pass a point, plus the gap behind it;
- double track: the headway;
- single track: the running time. Both directions share one calendar, so trains never meet on the link;
- a closure is a slot that nobody may move.

The credit is the earliest start at which every link of the leg is free when the head gets there. A gap that an
earlier booking left open is used when the movement fits into it. All movements on a link keep the order in
which they enter it: overtaking on the link is not modelled.

Hours are whole ticks (see `ticks`), so all comparisons here are exact.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from nfm_sim.engine.windows import Windows

Calendar = list[float]
"""Slots of one link (or of one direction of it), flat: start, end, start, end, ... in rising order."""


class Slot(NamedTuple):
    """What a leg asks of one link: the calendar's number, and when and how long, in hours from the start."""

    calendar: int
    offset_h: float
    hold_h: float


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
            take_slot(calendars[calendar], start + offset_h, start + offset_h + hold_h)
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
    cause: int | None = None
    moved = True
    while moved:
        moved = False
        if window is not None:
            opening = window.fit(start, leg_h)
            if opening > start:
                start, cause = opening, WINDOW
                if start == math.inf:
                    return start, cause
        for number, (calendar, offset_h, hold_h) in enumerate(slots):
            slots_taken = calendars[calendar]
            enter = start + offset_h
            if not slots_taken or slots_taken[-1] <= enter:
                continue
            place = bisect_right(slots_taken, enter)
            last = len(slots_taken)
            # even: `enter` lies in a gap before the slot that starts at `place`; odd: inside a slot
            if place & 1:
                enter = slots_taken[place]
                place += 1
            while place < last and slots_taken[place] < enter + hold_h:
                enter = slots_taken[place + 1]
                place += 2
            if enter > start + offset_h:
                start, cause, moved = enter - offset_h, number, True
                if start == math.inf:
                    return start, cause
    return start, cause


def take_slot(calendar: Calendar, start_h: float, end_h: float) -> None:
    """Put a slot that is known to be free into a calendar."""
    if not calendar or calendar[-1] <= start_h:
        calendar += (start_h, end_h)
    else:
        place = bisect_right(calendar, start_h)
        calendar[place:place] = (start_h, end_h)


def closed_calendar(closures: Sequence[tuple[float, float]]) -> Calendar:
    """Return a calendar in which nothing is taken but these closures, which may overlap."""
    windows = Windows(closures)
    return [hour for pair in zip(windows.opens, windows.closes, strict=True) for hour in pair]
