"""One replication under way: the clock, the pools, the calendars, and the words that processes speak."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from simpy import AnyOf, Event

from nfm_sim.engine.board import Board
from nfm_sim.engine.clock import Clock
from nfm_sim.engine.control import Control
from nfm_sim.engine.plan import ClaimPlan, Lot, PermitPlan, Plan, Work
from nfm_sim.engine.pools import Pool, Rank
from nfm_sim.engine.record import Kind, Log, Together
from nfm_sim.engine.windows import Windows

Steps = Generator[Event, Any, Any]
"""What a process is made of."""


@dataclass(slots=True, eq=False)
class Holding:
    """An amount of a pool that a subject holds."""

    pool: Pool
    amount: float
    end: int
    """Where its end stands in `World.held`."""


@dataclass(slots=True)
class Mover:
    """A lot on its way: its log, and what it holds."""

    lot: Lot
    log: Log
    yards: list[Holding] = field(default_factory=list)
    assets: list[Holding] = field(default_factory=list)


class World:
    """The state of a replication. `value` holds its draws, by number on the draw sheet."""

    def __init__(self, plan: Plan, seed: int, replication: int) -> None:
        self.plan = plan
        self.seed = seed
        self.replication = replication
        self.env = Clock(plan.start_h)
        self.value = plan.draw(seed, replication)
        self.pools = {
            key: Pool(self.env, number, pool.name, pool.capacity)
            for number, (key, pool) in enumerate(plan.pools.items())
        }
        self.control = Control(self)
        self.diverted: dict[str, str] = {}
        """By movement: the port that it came over instead of the planned one."""
        self.lost: dict[str, tuple[float, str]] = {}
        """Ports that nothing can be discharged at: until when, and why."""
        self._alarms: dict[str, Event] = {}
        self.held_up: dict[str, tuple[float, str]] = {}
        """Ships that a disruption has met: hours, and why."""
        self._permits: dict[str, tuple[float, float]] = {}
        self.logs: dict[str, Log] = {}
        self.departures: list[tuple[str, int, float] | None] = []
        """Subject, number of the leg and start; None for one that turned back."""
        self.held: list[Any] = []
        """Of each holding the number of its pool, its holder, the amount, its start and its end."""
        self.lent: list[tuple[str, str, str, float, float, float]] = []
        """People that one unit gives to another: trade, giver, taker, number, from when, until when."""
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

    def take_apart(self) -> None:
        """Let go of everything. World, board, control and processes know each other; left to itself, all that
        would lie about until the garbage collector has walked over it, and over the plan."""
        for part in (self.board, self.control, self):
            part.__dict__.clear()

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
        unless: Event | None = None,
    ) -> Steps:
        """Hold an amount of a pool, waiting for it where needed. A pool that is not listed is not scarce.

        Once `unless` has happened it gives up, and holds nothing.
        """
        pool = self.pools.get(key)
        if pool is None or (unless is not None and unless.triggered):
            return None
        if not pool.take_now(amount, rank):
            log.to(self.env.now, activity, kind, place, pool.closed_by or pool.name)
            request = pool.take(amount, rank)
            if unless is None:
                yield request
            else:
                yield AnyOf(self.env, [request, unless])
                if not request.triggered:
                    pool.withdraw(request)
                    return None
        return self.hold(pool, subject, amount)

    def hold(self, pool: Pool, subject: str, amount: float) -> Holding:
        """Note that a subject holds what it has just taken."""
        self.held += (pool.number, subject, amount, self.env.now, math.inf)
        return Holding(pool, amount, len(self.held) - 1)

    def give(self, holding: Holding | None) -> None:
        """Give back what is held, at the end of its use."""
        if holding is not None:
            self.held[holding.end] = self.env.now
            holding.pool.give(holding.amount)

    def give_all(self, holdings: Iterable[Holding | None]) -> None:
        for holding in holdings:
            self.give(holding)

    def give_later(self, holdings: Iterable[Holding], hours: float) -> None:
        """Give back after a while: assets that come back empty."""
        holdings = list(holdings)
        if holdings:
            event = self.env.timeout(hours)
            event.callbacks.append(lambda _: self.give_all(holdings))

    def work(self, log: Log | Together, activity: str, place: str, hours: float, windows: Windows | None) -> Steps:
        """Work so many hours, in the open hours only; the closed ones are waits for opening."""
        if windows is None or windows.stays_open(self.env.now, hours):
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
        self.leave_yard(mover)
        return spot

    def leave_yard(self, mover: Mover) -> None:
        self.give_all(mover.yards)
        mover.yards.clear()

    def use(self, mover: Mover, work: Work | None, activity: str, place: str) -> Steps:
        """Pass a facility: hold one of it for as long as the work takes."""
        if work is not None:
            lot = mover.lot
            one = yield from self.take(lot.subject, mover.log, lot.rank, work.pool, 1, activity, place)
            yield from self.work(mover.log, activity, place, work.hours, work.windows)
            self.give(one)

    def lose_port(self, port: str, until: float, cause: str) -> None:
        """Note that nothing can be discharged at a port, and tell the ships there."""
        if until > self.lost.get(port, (0.0, ""))[0]:
            self.lost[port] = (until, cause)
        alarm = self._alarms.pop(port, None)
        if alarm is not None:
            alarm.succeed()

    def port_lost(self, port: str) -> Event:
        """The event that a port is lost, from now on."""
        return self._alarms.setdefault(port, self.env.event())

    def lost_for(self, port: str) -> float:
        """How many hours a port will be lost for yet; 0 when it is open."""
        return max(0.0, self.lost.get(port, (0.0, ""))[0] - self.now)

    def permitted(self, flow: str) -> float:
        """The hour from which a flow may cross the border; its permit is asked for again when it has lapsed."""
        plan = self.plan.permits[flow]
        if flow not in self._permits:
            self._permits[flow] = self._permit(plan, plan.applied_h)
        if self.now > self._permits[flow][1]:
            self._permits[flow] = self._permit(plan, self.now)
        return self._permits[flow][0]

    def _permit(self, plan: PermitPlan, applied_h: float) -> tuple[float, float]:
        """(hour from which, hour until which) a permit holds that is asked for at an hour. When a regime comes in
        which it takes less, it is given as soon as that one would."""
        given = math.inf
        for since, draw in plan.lead:  # the last regime first
            given = min(given, max(applied_h, since) + self.drawn(draw))
            if since <= applied_h:
                break
        return given, given + plan.valid_h

    def take_assets(self, mover: Mover, assets: Iterable[tuple[str, float]]) -> Steps:
        """Take the wagons, lorries or escorts that go along."""
        lot = mover.lot
        for key, amount in assets:
            holding = yield from self.take(lot.subject, mover.log, lot.rank, key, amount, "load", lot.loads_at)
            if holding is not None:
                mover.assets.append(holding)
