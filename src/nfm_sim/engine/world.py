"""One replication under way: its clock, pools, calendars and logs, and the steps that all processes take.

A process is a generator that reads like an order: take a track, work so many hours, release it. The steps here
write the log of the subject as they go, so that a process cannot forget it. The world knows neither ships nor
elements: `movement/` and `forces/` bring their processes to it.
"""

from collections.abc import Callable, Generator, Iterable, Sequence
from functools import partial
from typing import Any

from simpy import AnyOf, Event

from nfm_sim.engine.clock import Clock
from nfm_sim.engine.links.control import Control
from nfm_sim.engine.log import Log, Together, Who
from nfm_sim.engine.queues.pools import WITHDRAWN, Bundle, Holding, SharedPool, Want
from nfm_sim.plan.draws import Stream
from nfm_sim.plan.movement import Need, PoolKey, Post
from nfm_sim.plan.plan import Plan
from nfm_sim.plan.timeline import Timeline, Windows
from nfm_sim.record.words import NO_CAUSE, Cause, Kind, Rule, whole_ticks

# bound once: in steps that every movement takes, looking an attribute of a class up each time shows
WAIT, WORK = Kind.WAIT, Kind.WORK

Steps = Generator[Event, Any, Any]
"""A process: a generator of events."""
Unless = Event | None
"""What makes a wait vain once it has happened."""
Staff = Sequence[tuple[SharedPool, float]]
"""Pools of people, and how many of each."""
Posts = Sequence[Post]


class World:
    """The state of a replication. `value` holds its draws, by number on the draw sheet."""

    def __init__(self, plan: Plan, stream: Stream) -> None:
        self.plan = plan
        self.stream = stream
        self.env = Clock(plan.start_h)
        self.pause = self.env.timeout
        """Wait for so many hours."""
        self.value = plan.draw(stream)
        self.pools = {
            key: SharedPool(self.env, number, (pool.kind, pool.name), pool.capacity, pool.attainable)
            for number, (key, pool) in enumerate(plan.pools.items())
        }
        self.control = Control(self.env, plan)
        self.logs: dict[str, Log] = {}
        self.hits: list[Any] = []
        """The disruptions that happen or may, each a `Hit`."""
        self.holdings: list[Holding] = []
        """In the order in which they were taken; those that have ended too."""
        for key, pool in plan.pools.items():
            self.pools[key].staff = tuple(
                (self.pools[need.pool], need.amount) for need in pool.staff if need.pool in self.pools
            )
            for hour, amount in pool.arrivals:
                self.at(hour, partial(self.pools[key].grow, amount))
            for hour, factor in pool.factors:
                self.at(hour, partial(setattr, self.pools[key], "needed", factor))

    @property
    def now(self) -> float:
        return self.env.now

    def drawn(self, number: int | None) -> float:
        """The hours of a draw; 0 where none was asked for."""
        return 0.0 if number is None else self.value[number]

    def permitted(self, lead: Timeline[int | None], asked_h: float) -> float:
        """The hour at which a border permit is given that is asked for at an hour.

        When a regime comes in which a permit takes less, it is given as soon as one that is asked for then would be.
        """
        return min(max(asked_h, since) + self.drawn(draw) for since, draw in lead.since(asked_h))

    def open_log(
        self, subject: str, since: float, activity: str, kind: str, place: str, cause: Cause = NO_CAUSE
    ) -> Log:
        """Begin the spans of a subject."""
        log = self.logs[subject] = Log(since, activity, kind, place, cause)
        return log

    def at(self, hour: float, call: Callable[[], Any]) -> None:
        """Call something at an hour."""
        self.env.timeout(hour - self.env.now).callbacks.append(lambda _: call())

    def until(self, hour: float) -> Event:
        """Wait until an hour, or not at all when it has passed."""
        return self.env.timeout(max(0.0, hour - self.env.now))

    def take(
        self, who: Who, key: PoolKey, amount: float, activity: str, place: str, kind: str = WAIT, unless: Unless = None
    ) -> Steps:
        """Hold an amount of a pool, waiting for it where needed. A pool that is not listed is not scarce.

        Once `unless` has happened, the request is withdrawn, and nothing is held.
        """
        pool = self.pools.get(key)
        if pool is None or (unless is not None and unless.triggered):
            return None
        if not pool.take_now(amount, who.rank):
            who.log.to(self.env.now, activity, kind, place, pool.cause_of(amount))
            request = pool.take(amount, who.rank, who)
            if unless is not None:
                unless.callbacks.append(lambda _: pool.withdraw(request))
            if (yield request) is WITHDRAWN:
                return None
        holding = Holding(pool, who.subject, amount, self.env.now)  # as `hold`, without a call
        self.holdings.append(holding)
        works = pool.staff and amount  # at nothing of it nobody does
        return (yield from self._man(who, holding, activity, place, kind, unless)) if works else holding

    def take_all(
        self, who: Who, needs: Iterable[Need], activity: str, place: str, kind: str = WAIT, unless: Unless = None
    ) -> Steps:
        """Take one after the other of what is needed; return the holdings, of what is scarce."""
        holdings: list[Holding] = []
        for key, amount in needs:
            holding = yield from self.take(who, key, amount, activity, place, kind, unless)
            if holding is not None:
                holdings.append(holding)
        return holdings

    def _man(self, who: Who, holding: Holding, activity: str, place: str, kind: str, unless: Unless) -> Steps:
        """Take those who work at what is held; once `unless` has happened, release it all."""
        staff = [(pool, each * holding.amount) for pool, each in holding.pool.staff]
        crew = yield from self.take_people(who, staff, activity, place, kind, unless)
        if crew is None:
            self.release(holding)
            return None
        holding.staff, holding.pace = crew
        return holding

    def man(
        self, who: Who, posts: Posts, pieces: int, activity: str, place: str, kind: str = WAIT, unless: Unless = None
    ) -> Steps:
        """Take those who work at so many pieces or guard them; return their holdings, and their share of those who are
        needed; None once `unless` has happened. A pool that is not listed is not scarce."""
        staff = [(self.pools[post.pool], post.people(pieces)) for post in posts if post.pool in self.pools]
        return (yield from self.take_people(who, staff, activity, place, kind, unless)) if staff else ([], 1.0)

    def take_people(self, who: Who, staff: Staff, activity: str, place: str, kind: str, unless: Unless) -> Steps:
        """Take people all at once: as many as are needed, or all that there are when these are fewer. Where there are
        none, nobody works until some come. Return their holdings and the share of the scarcest; None once `unless` has
        happened."""
        staff = [(pool, amount * pool.needed) for pool, amount in staff]
        wants = [Want(pool, amount, enough=0.0, later=False) for pool, amount in staff]
        bundle = Bundle(who, wants, partial(_if_free, staff))
        if not bundle.take():
            who.log.to(self.env.now, activity, kind, place, bundle.cause)
            yield bundle.event if unless is None else AnyOf(self.env, [bundle.event, unless])
        if bundle.served is None:
            bundle.hold_back()
            return None
        taken = bundle.served
        pace = min(got / amount for (_, amount), got in zip(staff, taken, strict=True))
        return [self.hold(pool, who.subject, got) for (pool, _), got in zip(staff, taken, strict=True)], pace

    def take_together(self, bundle: Bundle, activity: str, place: str) -> Steps:
        """Hold amounts of several pools, all at once; return the holdings, without what is only earmarked."""
        if not bundle.take():
            bundle.who.log.to(self.env.now, activity, WAIT, place, bundle.cause)
            yield bundle.event
        assert bundle.served is not None
        holdings = [
            self.hold(want.pool, bundle.who.subject, amount)
            for want, amount in zip(bundle.wants, bundle.served, strict=True)
            if amount and not want.later
        ]
        for holding in holdings:
            if holding.pool.staff:
                yield from self._man(bundle.who, holding, activity, place, WAIT, None)
        return holdings

    def hold(self, pool: SharedPool, subject: str, amount: float) -> Holding:
        """Note that a subject holds what it has just taken."""
        holding = Holding(pool, subject, amount, self.env.now)
        self.holdings.append(holding)
        return holding

    def release(self, holding: Holding | None) -> None:
        """Release what is held, at the end of its use."""
        if holding is not None:
            holding.end_h = self.env.now
            holding.pool.release(holding.amount)
            for staff in holding.staff:
                self.release(staff)

    def release_all(self, holdings: list[Holding]) -> None:
        """Release all that is in a list, which is empty then."""
        for holding in holdings:
            self.release(holding)
        holdings.clear()

    def share(self, holdings: list[Holding], subject: str, share: float) -> list[Holding]:
        """Hand a share of each holding to another subject, and return what that holds. The list has what is kept: as
        the record has it, a holding ends when its amount changes, and another begins."""
        handed = []
        for place, holding in enumerate(holdings):
            holding.end_h = self.env.now
            part = whole_ticks(holding.amount * share)  # so that areas add up, whatever is divided
            kept = holdings[place] = self.hold(holding.pool, holding.subject, holding.amount - part)
            given = self.hold(holding.pool, subject, part)
            kept.staff = list(holding.staff)
            given.staff = self.share(kept.staff, subject, share)
            handed.append(given)
        return handed

    def release_later(self, holdings: list[Holding], hours: float) -> None:
        """Release holdings after a while: what comes back empty."""
        if holdings:
            self.at(self.env.now + hours, partial(self.release_all, holdings))

    def work(
        self,
        log: Log | Together,
        activity: str,
        place: str,
        hours: float,
        windows: Windows | None,
        at: Holding | None = None,
        pace: float = 1.0,
    ) -> Steps:
        """Work so many hours, in the open hours only; the closed ones are waits for opening. With too few who work, at
        what is held too, it takes the longer."""
        if at is not None and at.pace < pace:
            pace = at.pace
        if pace < 1:
            hours = whole_ticks(hours / pace)
        if windows is None or windows.stays_open(self.env.now, hours):
            log.to(self.env.now, activity, WORK, place)
            yield self.env.timeout(hours)
            return
        for start, end in windows.parts(self.env.now, hours):
            if start > self.env.now:
                log.to(self.env.now, activity, WAIT, place, Rule.CLOSED_HOURS)
                yield self.env.timeout(start - self.env.now)
            log.to(self.env.now, activity, WORK, place)
            yield self.env.timeout(end - start)


def _if_free(staff: Staff, free: Sequence[float]) -> list[float] | None:
    """As many of each as are needed, or as there are, if they are free; None while they are not, or there are none."""
    taken = [min(amount, pool.present) for pool, amount in staff]
    return taken if all(0 < amount <= there for amount, there in zip(taken, free, strict=True)) else None
