"""Movement control: it gives credits, and takes them back.

Every movement that stands at a holding node asks control for a credit for its next leg. Control finds the earliest
start in the calendars (see `credits`), books it, and remembers the credit until the leg is driven. Two things take a
credit back: a link ahead closes, or, where the scenario lets urgent movements bump others, a movement of a lower rank
gets its slot. Control then interrupts the process of the movement with a `TakenBack`, and the movement asks again from
where it stands.

Control also knows which links are closed, and finds ways around them. It keeps every leg that it has found, so that
one replication drives one leg for one way.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from simpy import Process

from nfm_sim.engine.clock import Clock
from nfm_sim.engine.links.credits import WINDOW, Calendar, book_leg, find_start
from nfm_sim.engine.links.driving import Closure, Driving, ways
from nfm_sim.network import NoRouteError
from nfm_sim.plan.movement import Leg, Legs, Lot, Trip, Way
from nfm_sim.plan.plan import Plan
from nfm_sim.plan.timeline import Windows
from nfm_sim.record.words import NO_CAUSE, Cause, CauseKind, Rule, never, whole_ticks

LEAST_OPEN_H = whole_ticks(0.05)
"""A link of which a part is left is open for three minutes at a time at least."""


@dataclass(slots=True, eq=False)
class Credit:
    """Leave for one leg, from a start on."""

    lot: Lot
    process: Process
    leg: Leg
    start: float
    cause: Cause
    """The cause of the wait until its start; no cause when it starts at once."""


class TakenBack(NamedTuple):
    """Why a movement lost its credit; what its process is interrupted with."""

    cause: Cause
    under_way: bool
    """The movement is on its leg, before the closed link."""
    own_turn: Credit | None = None
    """Of a movement that was bumped: what it had. Its wait is its own until that start, and due to the one that bumped
    it from then on."""


class Control:
    """The calendars of a replication, the credits that are booked in them, and the links that are closed."""

    def __init__(self, env: Clock, plan: Plan) -> None:
        self.env = env
        self.plan = plan
        self.leg_book = plan.book
        self.bumping = plan.bumping
        self.calendars: defaultdict[int, Calendar] = defaultdict(Calendar)
        self.credits: dict[Credit, None] = {}
        self._standing: dict[str, dict[Credit, None]] = {}
        """By place: the credits of movements that stand there, and of some that have left. These go when the place is
        next looked at, so that a movement that leaves need not look for itself."""
        self.departures: dict[Credit, tuple[str, Leg, float]] = {}
        """Who drove which leg from which hour on, by the credit for it."""
        self.detours: list[tuple[str, str, str, float, float]] = []
        """Movements that go another way: the subject, where, the disruption, the hour, and the hours that it is
        longer."""
        self.closures: dict[str, list[Closure]] = {}
        """By link, those that are known and leave nothing."""
        self.driving = Driving(plan)
        # ways and parts of legs that were asked for, each once, so that all who drive one way drive one leg object:
        # the record counts legs by object
        self._found: dict[tuple[Way, str, str, frozenset[str], int], list[Legs]] = {}
        self._cut: dict[tuple[Leg, int], tuple[Leg, Leg]] = {}

    def closed(self, now: float, within_h: float = 0.0) -> frozenset[str]:
        """Return the links that no movement passes at this hour, or at one within some hours, as far as is known."""
        until = now + within_h
        return frozenset(
            link for link, closures in self.closures.items() if any(c.start <= until and now < c.end for c in closures)
        )

    def ways_around(self, trip: Trip, at: str, legs: Legs, count: int) -> list[Legs]:
        """Return up to `count` other ways to the goal, around what is closed now, or is known to close before it is
        there; none when there is no way.

        With a count of 1 they are sought only when the planned legs meet a closed link.
        """
        closed = self.closed(self.env.now, sum(leg.hours for leg in legs)) if self.closures else frozenset()
        legs, goal, then = _to_next_stop(trip, legs)
        if count == 1 and all(closed.isdisjoint(leg.links) for leg in legs):
            return []
        key = (trip.way, at, goal, closed, count)
        if key not in self._found:
            try:
                self._found[key] = ways(self.leg_book, *key)
            except NoRouteError:
                self._found[key] = []
        return [legs + then for legs in self._found[key]]

    def cut_at_junction(self, leg: Leg, elapsed_h: float) -> tuple[Leg, Leg]:
        """Cut a leg at the next junction of a movement that has driven it for a while: up to there, and from there."""
        place = self.leg_book.next_junction(leg, elapsed_h)
        if (leg, place) not in self._cut:
            self._cut[leg, place] = self.leg_book.cut_before(leg, place)
        return self._cut[leg, place]

    def lost_on(self, legs: Legs) -> Cause:
        """Return what closes a link of these legs, or a share of it, when a movement that leaves now and meets nothing
        else gets there; no cause where nothing does."""
        hour: float = self.env.now
        for leg in legs:
            for link, enter_h in zip(leg.links, leg.enter_h, strict=False):
                enter = hour + enter_h
                for closure in self._losses_of(link):
                    if closure.start <= enter < closure.end:
                        return closure.cause
            hour += leg.hours
        return NO_CAUSE

    def _losses_of(self, link: str) -> Iterable[Closure]:
        """The hours in which a link is closed, or a part of it is left."""
        return chain(self.closures.get(link, ()), self.driving.narrowings.get(link, ()))

    def free_arrival(self, legs: Legs) -> float:
        """When a movement that leaves now arrives when nothing else moves, waiting for what is closed."""
        hour: float = self.env.now
        for leg in legs:
            hour = self._when_open(leg, hour)[0] + leg.hours
        return hour

    def booked_arrival(self, legs: Legs, windows: Windows | None) -> float:
        """When a movement that leaves now arrives, as the calendars are booked."""
        hour: float = self.env.now
        for leg in legs:
            driven, start, _ = self.find(leg, hour, windows)
            hour = start + driven.hours
        return hour

    def book(self, lot: Lot, leg: Leg, windows: Windows | None) -> Credit:
        """Book a leg for the active process, as it is driven in the hours in which it will start."""
        now = self.env.now
        cause: Cause | None
        if leg.slots or leg.by_class or self.closures or self.driving.narrowings:
            driven, start, cause = self.find(leg, now, windows)
        else:
            driven, start, cause = leg, now, None  # nothing to wait for, as for most trucks
        below = self._unstarted_below(lot, leg) if driven.slots and start > now else []
        if below:
            driven, start, cause = self._bump(lot, leg, windows, below)
        elif driven.slots and start < math.inf:
            book_leg(self.calendars, driven.slots, start)
        active = self.env.active_process
        assert active is not None, "credits are asked for by a movement's process"
        if start == math.inf:
            cause = never(cause or Rule.DRIVING_WINDOW)
        credit = Credit(lot, active, driven, start, cause or NO_CAUSE)
        self.credits[credit] = None
        if driven.slots:
            self._standing.setdefault(leg.start, {})[credit] = None
        return credit

    def _unstarted_below(self, lot: Lot, leg: Leg) -> list[Credit]:
        """The credits that have not started of movements of a lower rank: of those that stand at the same place, as at
        a pool, and where the scenario lets urgent movements bump others, of all."""
        rank = lot.rank[:2]
        standing = self._standing.get(leg.start, {})
        for credit in [credit for credit in standing if credit in self.departures or credit not in self.credits]:
            del standing[credit]
        return [
            credit
            for credit in (self.credits if self.bumping else standing)
            if credit not in self.departures and credit.start < math.inf and credit.lot.rank[:2] > rank
        ]

    def _bump(
        self, lot: Lot, leg: Leg, windows: Windows | None, below: list[Credit]
    ) -> tuple[Leg, float, Cause | None]:
        """Book a leg before lower movements that have not started; they keep their credit where it still fits."""
        for credit in below:
            self._unbook_ahead(credit)
        driven, start, cause = self.find(leg, self.env.now, windows)
        if start < math.inf:
            book_leg(self.calendars, driven.slots, start)
        for credit in below:
            again, _ = find_start(self.calendars, credit.leg.slots, credit.start)
            if again == credit.start:
                book_leg(self.calendars, credit.leg.slots, credit.start)
            else:
                self.forget(credit)
                by = (CauseKind.MOVEMENT, f"bumped by {lot.subject.split('/')[0]}")
                credit.process.interrupt(TakenBack(by, under_way=False, own_turn=credit))
        return driven, start, cause

    def _unbook_ahead(self, credit: Credit) -> None:
        """Free what is booked and not yet driven; of what never starts, nothing is booked."""
        now = self.env.now
        for calendar, offset, hold_h, run_h in credit.leg.slots:
            enter = credit.start + offset
            if now <= enter < math.inf:
                self.calendars[calendar].unbook(enter, hold_h, run_h)

    def find(self, leg: Leg, earliest: float, windows: Windows | None) -> tuple[Leg, float, Cause | None]:
        """Return the leg as it will be driven, its earliest start, and what it waits for until then."""
        if not leg.by_class and not self.driving.is_narrowed(leg, earliest):
            return leg, *self._when_free(leg, earliest, windows)
        start, cause = earliest, None
        while start < math.inf:
            driven, next_h = self.driving.at(leg, start)
            if driven is None:
                # what closes or fills a link explains more than the hours without paths
                start, cause = next_h, cause or Rule.CIVIL_TIMETABLE
                continue
            begin, why = self._when_free(driven, start, windows)
            cause = why or cause
            if begin == start:
                return driven, start, cause
            start = begin
        return leg, math.inf, cause

    def _when_free(self, leg: Leg, earliest: float, windows: Windows | None) -> tuple[float, Cause | None]:
        if not leg.slots:
            return self._when_open(leg, earliest)
        start, slot = find_start(self.calendars, leg.slots, earliest, windows, leg.hours + leg.pass_h)
        if start == earliest:
            return start, None
        if slot in (WINDOW, None):
            return start, Rule.DRIVING_WINDOW
        return start, self._closed_by(leg, slot, earliest) or leg.causes[slot]

    def _closed_by(self, leg: Leg, slot: int, now: float) -> Cause | None:
        """Return the cause that closes the link of a slot when the leg would use it; None when movements fill it."""
        if not self.closures and not self.driving.narrowings:
            return None
        calendar, offset, _, _ = leg.slots[slot]
        ways = zip(leg.links, leg.forward, strict=True)
        links = [link for link, forward in ways if self.leg_book.calendars[link, forward] == calendar]
        losses = (closure for link in links for closure in self._losses_of(link))
        return next((closure.cause for closure in losses if closure.end > now + offset), None)

    def _when_open(self, leg: Leg, earliest: float) -> tuple[float, Cause | None]:
        """When a movement finds no link of its leg closed, and what closed one."""
        start, cause = earliest, None
        if not self.closures:
            return start, cause
        moved = True
        while moved:
            moved = False
            for link, enter_h in zip(leg.links, leg.enter_h, strict=False):
                for closure in self.closures.get(link, ()):
                    if closure.start <= start + enter_h < closure.end:
                        start, cause, moved = closure.end - enter_h, closure.cause, True
        return start, cause

    def forget(self, credit: Credit) -> None:
        """The leg is driven, or given up."""
        self.credits.pop(credit, None)

    def give_up(self, process: Process) -> None:
        """A movement is no more: nobody drives what it has booked."""
        for credit in [credit for credit in self.credits if credit.process is process]:
            self._unbook_ahead(credit)
            self.departures.pop(credit, None)
            self.forget(credit)

    def close(self, links: Iterable[str], start: float, end: float, cause: Cause, left_share: float) -> None:
        """Close links from one hour to another; movements that would enter them then lose their credit.

        With a share left, a link is open in part of each cycle: as long as its longest slot, so that one
        movement passes (on a single track: until it is off the link), and closed for the rest.
        """
        if end <= start:
            return
        closed = {link: self._closed_hours(link, start, end, left_share) for link in links}
        hit = [credit for credit in self.credits if self._enters_closed(credit, closed)]
        for credit in hit:
            self._unbook_ahead(credit)
            self.forget(credit)
        numbers = self.leg_book.calendars
        for link, intervals in closed.items():
            for calendar in {numbers[link, True], numbers[link, False]}:
                for first, last in intervals:
                    self.calendars[calendar].close(first, last)
            closure = Closure(start, end, cause, left_share)
            if left_share:
                self.driving.narrow(link, closure, self.env.now)
            else:
                self.closures.setdefault(link, []).append(closure)
        for credit in hit:
            credit.process.interrupt(TakenBack(cause, under_way=credit in self.departures))

    def reopen(self, links: Sequence[str], cause: Cause, until: float) -> None:
        """End now what a cause has closed until an hour. Who waits to pass these links, or before what another
        disruption has closed, asks again, in the order of their turns."""
        now, opened = self.env.now, frozenset(links)
        ahead = opened | self.closed(now)
        waiting = [
            credit
            for credit in self.credits
            if credit not in self.departures
            and not ahead.isdisjoint(credit.leg.links)
            and (credit.start > now or not opened.isdisjoint(credit.leg.links))
        ]
        for credit in waiting:
            self._unbook_ahead(credit)
            self.forget(credit)
        for link in links:
            left = [closure for closure in self._losses_of(link) if closure.end > now]
            mended = next((closure for closure in left if (closure.cause, closure.end) == (cause, until)), None)
            left = [closure for closure in left if closure is not mended]
            for calendar in {self.leg_book.calendars[link, True], self.leg_book.calendars[link, False]}:
                self.calendars[calendar].reopen(now)
            self.closures.pop(link, None)
            self.driving.forget(link)
            for closure in left:
                self.close([link], max(now, closure.start), closure.end, closure.cause, closure.left_share)
        for credit in sorted(waiting, key=lambda credit: credit.start):
            credit.process.interrupt(TakenBack(cause, under_way=False))

    def _closed_hours(self, link: str, start: float, end: float, left_share: float) -> list[tuple[float, float]]:
        """The hours in which a link is closed."""
        if not left_share:
            return [(start, end)]
        slot_h, stay_h = self.plan.longest.get(link, (1.0, 0.0))
        if self.leg_book.network.links[link].tracks == 1:
            slot_h = max(slot_h, stay_h)  # what comes against it can enter no earlier
        open_h = max(LEAST_OPEN_H, slot_h or 1.0)
        cycle_h = open_h / left_share
        end = min(end, self.plan.horizon_h)  # what is closed beyond it keeps nobody, and may be for years
        closed = []
        while start < end:
            closed.append((start, min(start + cycle_h - open_h, end)))
            start += cycle_h
        return closed

    def _enters_closed(self, credit: Credit, closed: dict[str, list[tuple[float, float]]]) -> bool:
        """Whether a movement would enter a link while it is closed."""
        now, begin, leg = self.env.now, credit.start, credit.leg
        return any(
            begin + enter_h >= now and begin + enter_h < stop and begin + enter_h + slot_h > start
            for link, enter_h, slot_h in zip(leg.links, leg.enter_h, leg.slot_h, strict=False)
            for start, stop in closed.get(link, ())
        )


def _to_next_stop(trip: Trip, legs: Legs) -> tuple[Legs, str, Legs]:
    """Return the legs to the next place that a trip passes in any case, that place, and the legs from there."""
    for number, leg in enumerate(legs[:-1]):
        if leg.end in trip.via:
            return legs[: number + 1], leg.end, legs[number + 1 :]
    return legs, trip.goal, ()
