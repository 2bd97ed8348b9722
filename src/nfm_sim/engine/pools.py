"""Pools: what is held for a while and queued for by rank.

A berth, a set of wagons, an escort team, a square metre of yard: all are amounts that are taken and released. A pool
serves those that wait by rank, then in the order in which they came. A large request at the head of the queue is not
overtaken by smaller ones behind it, so it is not starved. One for more than the pool can ever have steps aside, and
those behind it are served; should a fork make the pool larger, it comes back.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from itertools import count

from simpy import Environment, Event

from nfm_sim.engine.log import Who
from nfm_sim.plan.movement import Rank
from nfm_sim.record.words import Cause, never

Request = tuple[Rank, int, float, Event, Who | None]
"""Rank, order, amount, the event that it is served, and who waits; None: a task, which keeps no log of it."""


class Pool:
    """A capacity, and the requests that wait for a part of it.

    `own_cause` is what a wait for it is due to, unless a disruption has taken a part of it. `number` is its place
    among the pools of the plan. `limit` is the most that it can ever have.
    """

    __slots__ = (
        "_aside",
        "_closures",
        "_env",
        "_order",
        "_queue",
        "capacity",
        "closed",
        "free",
        "limit",
        "most",
        "number",
        "own_cause",
    )

    def __init__(
        self, env: Environment, number: int, own_cause: Cause, capacity: float, limit: float = math.inf
    ) -> None:
        self._env = env
        self._queue: list[Request] = []
        self._aside: list[Request] = []
        """Requests for more than it can ever have."""
        self._order = count()
        self._closures: list[Cause] = []
        self.number = number
        self.own_cause = own_cause
        self.capacity = capacity
        self.most = capacity
        """The largest capacity that it has had."""
        self.limit = limit
        self.free = capacity
        self.closed = 0.0
        """What is out of use for a while."""

    def take_now(self, amount: float, rank: Rank) -> bool:
        """Take the amount if it is free and no request of a lower or the same rank waits; say whether it was."""
        if amount > self.free or (self._queue and self._queue[0][0] <= rank):
            return False
        self.free -= amount
        return True

    def take(self, amount: float, rank: Rank, who: Who | None = None) -> Event:
        """Queue for the amount; the event happens when it has been taken."""
        event = self._env.event()
        request = (rank, next(self._order), amount, event, who)
        if amount > self.limit:
            self._aside.append(request)
        else:
            heappush(self._queue, request)
        return event

    def waiting(self) -> Iterator[tuple[str, float]]:
        """Yield who waits for how much."""
        return ((who.subject, amount) for _, _, amount, _, who in (*self._queue, *self._aside) if who is not None)

    def withdraw(self, request: Event) -> None:
        """Take back a request that still waits, and serve those behind it."""
        self._queue = [entry for entry in self._queue if entry[3] is not request]
        self._aside = [entry for entry in self._aside if entry[3] is not request]
        heapify(self._queue)
        self.release(0.0)

    def resize(self, amount: float) -> None:
        """Gain an amount for good, or lose it when it is below 0. Requests for more than there can be from now on step
        aside, and those that can be met again come back."""
        self._set_limit(self.limit + amount)
        self.grow(amount)

    def _set_limit(self, limit: float) -> None:
        self.limit = limit
        requests = [*self._queue, *self._aside]
        for request in requests:
            who = request[4]
            if who is not None and (request[2] > self.limit) != (request in self._aside):
                who.log.turn(self._env.now, self.cause_of(request[2]))
        self._queue = [request for request in requests if request[2] <= self.limit]
        self._aside = [request for request in requests if request[2] > self.limit]
        heapify(self._queue)

    def cause_of(self, amount: float) -> Cause:
        """The cause of a wait for an amount."""
        return never(self.cause) if amount > self.limit else self.cause

    def close(self, amount: float, cause: Cause, *, for_good: bool = False) -> None:
        """Take an amount out of use. Its holders keep what they have; what they release is not given out again.

        `for_good`: it does not come back within the horizon.
        """
        self.free -= amount
        self._closures.append(cause)
        if for_good:
            self._set_limit(self.limit - amount)
        else:
            self.closed += amount

    def reopen(self, amount: float, cause: Cause) -> None:
        """Put an amount that was closed back into use."""
        self._closures.remove(cause)
        self.closed -= amount
        self.release(amount)

    @property
    def cause(self) -> Cause:
        """The cause of a wait for it: the disruption that closed a part of it last, or the pool itself."""
        return self._closures[-1] if self._closures else self.own_cause

    def shrink(self, amount: float) -> None:
        """Lose an amount that has been taken: the element that staffed it has gone."""
        self.capacity -= amount

    def grow(self, amount: float) -> None:
        """Gain an amount: spare parts that come in, reservists who report, teams that an element brings."""
        self.capacity += amount
        self.most = max(self.most, self.capacity)
        self.release(amount)

    def release(self, amount: float) -> None:
        """Release an amount, and serve the requests that wait."""
        self.free += amount
        queue = self._queue
        while queue and queue[0][2] <= self.free:
            _, _, wanted, event, _ = heappop(queue)
            self.free -= wanted
            event.succeed()
