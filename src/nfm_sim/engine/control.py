"""Movement control: it gives credits, and takes them back when a link closes or an urgent movement comes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simpy import Process

from nfm_sim.engine.credits import WINDOW, add_closure, book_leg, find_start, unbook
from nfm_sim.engine.plan import Leg, Trip
from nfm_sim.engine.windows import Windows
from nfm_sim.network import NoRouteError

if TYPE_CHECKING:
    from nfm_sim.engine.world import Mover, World

DRIVING_WINDOW = "driving window"
NO_PATHS = "civil timetable"


@dataclass(slots=True, eq=False)
class Credit:
    """Leave for one leg, from a start on."""

    mover: Mover
    process: Process
    leg: Leg
    start: float
    cause: str
    """What the movement waits for until its start; empty when it goes at once."""
    departed: bool = False
    number: int = -1
    """Of its departure among those of the replication."""


@dataclass(frozen=True, slots=True)
class Delay:
    """The start that a movement would have had, and what it waited for until then."""

    start: float
    cause: str


@dataclass(frozen=True, slots=True)
class Closure:
    """Hours in which a link is closed, and what closed it."""

    start: float
    end: float
    name: str


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Why a movement lost its credit; what its process is interrupted with."""

    cause: str
    under_way: bool
    """It is on its leg, before the closed link."""
    bumped: Delay | None = None
    """What it loses by one that goes first begins only where its own wait ends."""


class Control:
    """The calendars of a replication, who has booked them, and which links are closed."""

    def __init__(self, world: World) -> None:
        self.world = world
        book = world.plan.book
        self.calendars: list[list[float]] = [[] for _ in range(max(book.calendars.values(), default=-1) + 1)]
        self.credits: dict[Credit, None] = {}
        self.closures: dict[str, list[Closure]] = {}
        """By link, those that are known and leave nothing."""
        self.narrowings: dict[str, list[Closure]] = {}
        """By link, those that leave a part."""

    def closed(self, now: float) -> frozenset[str]:
        """The links that nobody passes at this hour."""
        return frozenset(
            link for link, closures in self.closures.items() if any(c.start <= now < c.end for c in closures)
        )

    def ways_around(self, trip: Trip, at: str, legs: tuple[Leg, ...], count: int) -> list[tuple[Leg, ...]]:
        """Return up to `count` other ways to the goal, around what is closed now; none when there is no way.

        With a count of 1 they are asked for only when the planned legs meet a closed link.
        """
        closed = self.closed(self.world.env.now)
        book = self.world.plan.book
        if count == 1 and not any(link.link in closed for leg in legs for link in book.leg_links[leg.number]):
            return []
        try:
            return book.options(trip.way, at, trip.goal, closed, count)
        except NoRouteError:
            return []

    def free_arrival(self, legs: tuple[Leg, ...]) -> float:
        """When a movement that leaves now arrives when nothing else moves, waiting for what is closed."""
        hour: float = self.world.env.now
        for leg in legs:
            hour = self._open(leg, hour)[0] + leg.hours
        return hour

    def booked_arrival(self, legs: tuple[Leg, ...], windows: Windows | None) -> float:
        """When a movement that leaves now arrives, as the calendars are booked."""
        hour: float = self.world.env.now
        for leg in legs:
            driven, start, _ = self.find(leg, hour, windows)
            hour = start + driven.hours
        return hour

    def book(self, mover: Mover, leg: Leg, windows: Windows | None) -> Credit:
        """Book a leg, as it is driven in the hours in which it will start."""
        now = self.world.env.now
        if leg.slots or leg.by_class or self.closures:
            driven, start, cause = self.find(leg, now, windows)
        else:
            driven, start, cause = leg, now, ""  # nothing to wait for, as for most lorries
        if driven.slots and start > now and self.world.plan.bumping:
            driven, start, cause = self._bump(mover, leg, windows)
        elif driven.slots and start < math.inf:
            book_leg(self.calendars, driven.slots, start)
        active = self.world.env.active_process
        assert active is not None, "credits are asked for by a movement's process"
        credit = Credit(mover, active, driven, start, cause)
        self.credits[credit] = None
        return credit

    def _bump(self, mover: Mover, leg: Leg, windows: Windows | None) -> tuple[Leg, float, str]:
        """Book a leg before lower movements that have not started; they keep their credit where it still fits."""
        rank = mover.lot.rank[:2]
        behind = [
            credit
            for credit in self.credits
            if not credit.departed and credit.start < math.inf and credit.mover.lot.rank[:2] > rank
        ]
        for credit in behind:
            self._free(credit)
        driven, start, cause = self.find(leg, self.world.env.now, windows)
        if start < math.inf:
            book_leg(self.calendars, driven.slots, start)
        for credit in behind:
            again, _ = find_start(self.calendars, credit.leg.slots, credit.start)
            if again == credit.start:
                book_leg(self.calendars, credit.leg.slots, credit.start)
            else:
                self.done(credit)
                by = f"bumped by {mover.lot.subject.split('/')[0]}"
                credit.process.interrupt(TakenBack(by, credit.departed, Delay(credit.start, credit.cause)))
        return driven, start, cause

    def _free(self, credit: Credit) -> None:
        """Free what is booked and not yet driven."""
        now = self.world.env.now
        for calendar, offset, hold_h in credit.leg.slots:
            enter = credit.start + offset
            if enter >= now:
                unbook(self.calendars[calendar], enter, enter + hold_h)

    def find(self, leg: Leg, earliest: float, windows: Windows | None) -> tuple[Leg, float, str]:
        """Return the leg as it will be driven, its earliest start, and what it waits for until then."""
        if not leg.by_class:
            start, cause = self._start(leg, earliest, windows)
            return leg, start, cause
        first = ""
        for begin, end, kind in self.world.plan.periods.after(earliest):
            driven = leg.by_class[kind]
            if driven is None:
                first = first or NO_PATHS  # what closes or fills a link explains more than the hours without paths
                continue
            start, cause = self._start(driven, begin, windows)
            first = cause or first
            if start < end:
                return driven, start, first if start > earliest else ""
            if start == math.inf:
                break
        return leg, math.inf, first

    def _start(self, leg: Leg, earliest: float, windows: Windows | None) -> tuple[float, str]:
        if not leg.slots:
            return self._open(leg, earliest)
        start, cause = find_start(self.calendars, leg.slots, earliest, windows, leg.hours + leg.pass_h)
        if start == earliest:
            return start, ""
        if cause in (WINDOW, None):
            return start, DRIVING_WINDOW
        return start, self._closed_by(leg, cause, earliest) or leg.lines[cause]

    def _closed_by(self, leg: Leg, slot: int, now: float) -> str:
        """What closes the link of a slot when its turn would be; empty when other movements do."""
        if not self.closures and not self.narrowings:
            return ""
        calendar, offset, _ = leg.slots[slot]
        hour = now + offset
        for link in self.world.plan.book.leg_links[leg.number]:
            if self.world.plan.book.calendars[link.link, link.forward] == calendar:
                known = [*self.closures.get(link.link, []), *self.narrowings.get(link.link, [])]
                for closure in known:
                    if closure.end > hour:
                        return closure.name
        return ""

    def _open(self, leg: Leg, earliest: float) -> tuple[float, str]:
        """When a movement finds no link of its leg closed, and what closed one."""
        start, cause = earliest, ""
        if not self.closures:
            return start, cause
        links = self.world.plan.book.leg_links[leg.number]
        moved = True
        while moved:
            moved = False
            for link in links:
                for closure in self.closures.get(link.link, ()):
                    if closure.start <= start + link.enter_h < closure.end:
                        start, cause, moved = closure.end - link.enter_h, closure.name, True
        return start, cause

    def done(self, credit: Credit) -> None:
        """The leg is driven, or given up."""
        self.credits.pop(credit, None)

    def close(self, links: Iterable[str], start: float, end: float, name: str, left_share: float) -> None:
        """Close links from one hour to another; movements that would enter them then lose their credit.

        With a share left, a link is open in part of each cycle: as long as its longest slot, so that one
        movement passes, and closed for the rest.
        """
        if end <= start:
            return
        closed = {link: self._cycle(link, start, end, left_share) for link in links}
        hit = [credit for credit in self.credits if self._meets(credit, closed)]
        for credit in hit:
            self._free(credit)
            self.done(credit)
        numbers = self.world.plan.book.calendars
        for link, intervals in closed.items():
            for calendar in {numbers[link, True], numbers[link, False]}:
                for first, last in intervals:
                    add_closure(self.calendars[calendar], first, last)
            known = self.narrowings if left_share else self.closures
            known.setdefault(link, []).append(Closure(start, end, name))
        for credit in hit:
            credit.process.interrupt(TakenBack(name, credit.departed))

    def _cycle(self, link: str, start: float, end: float, left_share: float) -> list[tuple[float, float]]:
        """The hours in which a link is closed."""
        if not left_share:
            return [(start, end)]
        open_h = self.world.plan.longest.get(link, (1.0, 0.0))[0] or 1.0
        cycle_h = open_h / left_share
        closed = []
        while start < end:
            closed.append((start, min(start + cycle_h - open_h, end)))
            start += cycle_h
        return closed

    def _meets(self, credit: Credit, closed: dict[str, list[tuple[float, float]]]) -> bool:
        """Whether a movement would enter a link while it is closed."""
        now = self.world.env.now
        for link in self.world.plan.book.leg_links[credit.leg.number]:
            if link.link in closed:
                enter = credit.start + link.enter_h
                leave = enter + link.slot_h
                if enter >= now and any(enter < stop and leave > start for start, stop in closed[link.link]):
                    return True
        return False
