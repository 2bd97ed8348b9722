"""One replication under way: the clock, the pools, the calendars, and the words that processes speak."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from simpy import Environment, Event

from nfm_sim.engine.board import Board
from nfm_sim.engine.credits import WINDOW, book_leg
from nfm_sim.engine.plan import ClaimPlan, Leg, Lot, Plan, Work
from nfm_sim.engine.pools import Pool, Rank
from nfm_sim.engine.record import Kind, Log, Together
from nfm_sim.engine.windows import Windows

Steps = Generator[Event, Any, Any]
"""What a process is made of."""


@dataclass(slots=True, eq=False)
class Holding:
    """An amount of a pool that a subject holds."""

    pool: Pool
    subject: str
    amount: float
    since: float


@dataclass(slots=True)
class Mover:
    """A lot on its way: its log, and what it holds."""

    lot: Lot
    log: Log
    yard: Holding | None = None
    assets: list[Holding] = field(default_factory=list)


class World:
    """The state of a replication. `value` holds its draws, by number on the draw sheet."""

    def __init__(self, plan: Plan, seed: int, replication: int) -> None:
        self.plan = plan
        self.env = Environment(plan.start_h)
        self.value = plan.draw(seed, replication)
        self.pools = {key: Pool(self.env, p.name, p.place, p.capacity) for key, p in plan.pools.items()}
        self.calendars = [list(calendar) for calendar in plan.calendars]
        self.logs: dict[str, Log] = {}
        self.passages: list[tuple[str, int, float]] = []
        self.holdings: list[tuple[str, str, str, float, float, float]] = []
        self.held: set[Holding] = set()
        self.in_place = {element.subject: self.env.event() for element in plan.elements}
        self.effective = {element.subject: self.env.event() for element in plan.elements}
        self.present = {
            element: {trade: people.present for trade, people in trades.items()}
            for element, trades in plan.people.items()
        }
        self.filled_up: set[str] = set()
        self.donors = {trade: list(donors) for trade, donors in plan.donors.items()}
        """Who may still give people of a trade, the least urgent last."""
        self.ordered_h = self.value[plan.decision]
        self.asked: list[list[Any]] = []
        self.shares: dict[str, dict[Event, ClaimPlan]] = {}
        """Units of a pool that tasks hold, by the event that makes them give one up."""
        for key, pool in plan.pools.items():
            for hour, amount in pool.arrivals:
                self.at(hour, partial(self.pools[key].grow, amount))
        self.board = Board(self)

    @property
    def now(self) -> float:
        return self.env.now

    def drawn(self, number: int | None) -> float:
        """The hours of a draw; 0 where none was asked for."""
        return 0.0 if number is None else self.value[number]

    def note_asked(
        self, task: str, name: str, capability: str, pool: str, number: float, start_h: float, end_h: float
    ) -> list[Any]:
        """Note what a task asks for, from when to when; return the row, whose end may yet come earlier."""
        row: list[Any] = [
            task,
            name,
            capability,
            pool,
            number,
            max(start_h, self.plan.start_h),
            min(end_h, self.plan.horizon_h),
        ]
        self.asked.append(row)
        return row

    def open_log(self, subject: str, since: float, activity: str, kind: Kind, place: str, cause: str = "") -> Log:
        log = self.logs[subject] = Log(since, activity, kind, place, cause)
        return log

    def at(self, hour: float, call: Callable[[], None]) -> None:
        """Call something at an hour."""
        event = self.env.timeout(hour - self.env.now)
        event.callbacks.append(lambda _: call())

    def until(self, hour: float) -> Event:
        """Wait until an hour, or not at all when it has passed."""
        return self.env.timeout(max(0.0, hour - self.env.now))

    def pause(self, hours: float) -> Event:
        return self.env.timeout(hours)

    def take(
        self,
        subject: str,
        log: Log | Together,
        rank: Rank,
        key: str,
        amount: float,
        activity: str,
        place: str,
        kind: Kind = "wait",
    ) -> Steps:
        """Hold an amount of a pool, waiting for it where needed. A pool that is not listed is not scarce."""
        pool = self.pools.get(key)
        if pool is None:
            return None
        if not pool.take_now(amount, rank):
            log.to(self.env.now, activity, kind, place, pool.name)
            yield pool.take(amount, rank)
        return self.hold(pool, subject, amount)

    def hold(self, pool: Pool, subject: str, amount: float) -> Holding:
        """Note that a subject holds what it has just taken."""
        holding = Holding(pool, subject, amount, self.env.now)
        self.held.add(holding)
        return holding

    def give(self, holding: Holding | None) -> None:
        """Give back what is held, at the end of its use."""
        if holding is not None:
            self.held.remove(holding)
            self.note_holding(holding)
            holding.pool.give(holding.amount)

    def note_holding(self, holding: Holding) -> None:
        if self.env.now > holding.since:
            pool = holding.pool
            self.holdings.append(
                (pool.name, pool.place, holding.subject, holding.amount, holding.since, self.env.now)
            )

    def give_later(self, holdings: Iterable[Holding], hours: float) -> None:
        """Give back after a while: assets that come back empty."""
        holdings = list(holdings)
        if holdings:
            event = self.env.timeout(hours)

            def all_back(_: Event) -> None:
                for holding in holdings:
                    self.give(holding)

            event.callbacks.append(all_back)

    def work(self, log: Log | Together, activity: str, place: str, hours: float, windows: Windows | None) -> Steps:
        """Work so many hours, in the open hours only; the closed ones are waits for opening."""
        if windows is None:
            log.to(self.env.now, activity, "work", place)
            yield self.env.timeout(hours)
            return
        for start, end in windows.parts(self.env.now, hours):
            if start > self.env.now:
                log.to(self.env.now, activity, "wait", place, "closed hours")
                yield self.env.timeout(start - self.env.now)
            log.to(self.env.now, activity, "work", place)
            yield self.env.timeout(end - start)

    def load(self, mover: Mover, work: Work | None) -> Steps:
        """Load at a facility, and clear the yard behind it; return the holding of the facility."""
        lot, log = mover.lot, mover.log
        spot = None
        if work is not None:
            spot = yield from self.take(lot.subject, log, lot.rank, work.pool, 1, "load", lot.loads_at)
            yield from self.work(log, "load", lot.loads_at, work.hours, work.windows)
        self.give(mover.yard)
        mover.yard = None
        return spot

    def take_assets(self, mover: Mover, assets: Iterable[tuple[str, float]]) -> Steps:
        """Take the wagons, lorries or escorts that go along."""
        lot = mover.lot
        for key, amount in assets:
            holding = yield from self.take(lot.subject, mover.log, lot.rank, key, amount, "load", lot.loads_at)
            if holding is not None:
                mover.assets.append(holding)

    def march(self, mover: Mover, legs: Iterable[Leg], windows: Windows | None) -> Steps:
        """Move leg by leg: wait for the credit at the holding node, then go without a stop."""
        env, log, subject = self.env, mover.log, mover.lot.subject
        pass_h = 0.0
        end = mover.lot.loads_at
        for leg in legs:
            if leg.slots:
                leg_h = leg.hours + leg.pass_h
                start, cause = book_leg(self.calendars, leg.slots, env.now, windows, leg_h)
                if start > env.now:
                    line = "driving window" if cause in (WINDOW, None) else leg.lines[cause]
                    log.to(env.now, "march", "wait", leg.start, line)
                    yield env.timeout(start - env.now)
            log.to(env.now, "march", "move", leg.end)
            self.passages.append((subject, leg.number, env.now))
            yield env.timeout(leg.hours)
            pass_h, end = leg.pass_h, leg.end
            if leg.end in self.plan.lockage_h and leg.end != mover.lot.exit:
                yield from self._lock_through(mover, leg.end)
        if pass_h:
            log.to(env.now, "march", "move", end)
            yield env.timeout(pass_h)

    def _lock_through(self, mover: Mover, lock: str) -> Steps:
        lot, log = mover.lot, mover.log
        chamber = yield from self.take(lot.subject, log, lot.rank, f"{lock}.chambers", 1, "lockage", lock)
        yield from self.work(log, "lockage", lock, self.plan.lockage_h[lock], None)
        self.give(chamber)
