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
from typing import Any, ClassVar, Protocol

from simpy import Environment, Event

from nfm_sim.engine.log import Who
from nfm_sim.plan.movement import Rank
from nfm_sim.record.words import Cause, never


class Joint(Protocol):
    """A request that stands in the queues of several pools."""

    rank: Rank
    order: int
    event: Event
    who: Who
    served: Any
    """Something when it has been served."""
    short_of: list[Pool]
    """The pools that have too little for it."""
    entries: set[Pool]
    """The pools in whose queues it has an entry."""

    def take(self) -> bool:
        """Take all of it if it is there; say whether it was."""
        ...

    def is_promised(self, pool: Pool) -> bool:
        """Whether it wants a pool only later, and so keeps none who take it now."""
        ...


WITHDRAWN = "withdrawn"
"""The value of the event of a request that was taken back."""

Request = tuple[Rank, int, float, Event, Who | None, Joint | None]
"""Rank, order, amount, the event that it is served, and who waits (None: a task, which keeps no log of it); and what it
is a part of when it asks other pools too."""


class Pool:
    """A capacity, and the requests that wait for a part of it.

    `own_cause` is what a wait for it is due to, unless a disruption has taken a part of it. `number` is its place
    among the pools of the plan. `limit` is the most that it can ever have.
    """

    __slots__ = (
        "_aside",
        "_closures",
        "_env",
        "_queue",
        "capacity",
        "changes",
        "closed",
        "free",
        "limit",
        "most",
        "number",
        "own_cause",
        "promised",
    )
    order: ClassVar[Iterator[int]] = count()
    """Numbers requests as they come, over all pools."""

    def __init__(
        self, env: Environment, number: int, own_cause: Cause, capacity: float, limit: float = math.inf
    ) -> None:
        self._env = env
        self._queue: list[Request] = []
        self._aside: list[Request] = []
        """Requests for more than it can ever have."""
        self._closures: list[Cause] = []
        self.number = number
        self.own_cause = own_cause
        self.capacity = capacity
        self.most = capacity
        """The largest capacity that it has had."""
        self.limit = limit
        self.changes: list[tuple[float, float]] = []
        """Hour and amount of each change of the capacity that there is."""
        self.free = capacity
        self.closed = 0.0
        """What is out of use for a while."""
        self.promised = 0.0
        """What is free and will be taken soon, less what is not free and will be soon."""

    def take_now(self, amount: float, rank: Rank) -> bool:
        """Take the amount if it is free and no request of a lower or the same rank waits; say whether it was."""
        if amount > self.free or (self._queue and self._queue[0][0] <= rank):
            return False
        self.free -= amount
        return True

    def take(self, amount: float, rank: Rank, who: Who | None = None) -> Event:
        """Queue for the amount; the event happens when it has been taken."""
        event = self._env.event()
        self._push((rank, next(Pool.order), amount, event, who, None))
        if self._queue and self._queue[0][5] is not None:
            self._serve()  # one that waits for another pool keeps nobody here
        return event

    def stand(self, joint: Joint, least: float) -> None:
        """Have a request for several pools stand in the queue of this one."""
        self._push((joint.rank, joint.order, least, joint.event, joint.who, joint))

    def _push(self, request: Request) -> None:
        if request[2] > self.limit:
            self._aside.append(request)
        else:
            heappush(self._queue, request)

    def first(self) -> Request | None:
        """The first request that waits."""
        queue = self._queue
        while queue and (joint := queue[0][5]) is not None and self._is_stale(joint):
            self._drop_first(joint)
        return queue[0] if queue else None

    def _is_stale(self, joint: Joint) -> bool:
        return joint.served is not None or self not in joint.short_of

    def _drop_first(self, joint: Joint) -> None:
        heappop(self._queue)
        joint.entries.discard(self)

    def waiting(self) -> Iterator[tuple[str, float]]:
        """Yield who waits for how much."""
        for _, _, amount, _, who, joint in (*self._queue, *self._aside):
            if who is not None and (joint is None or not self._is_stale(joint)):
                yield who.subject, amount

    def withdraw(self, request: Event) -> None:
        """Take back a request if it still waits, with `WITHDRAWN` as the value of its event; serve those behind it."""
        if request.triggered:
            return
        self._queue = [entry for entry in self._queue if entry[3] is not request]
        self._aside = [entry for entry in self._aside if entry[3] is not request]
        heapify(self._queue)
        request.succeed(WITHDRAWN)
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
        self.changes.append((self._env.now, -amount))
        self._closures.append(cause)
        if for_good:
            self._set_limit(self.limit - amount)
        else:
            self.closed += amount

    def reopen(self, amount: float, cause: Cause) -> None:
        """Put an amount that was closed back into use."""
        self._closures.remove(cause)
        self.changes.append((self._env.now, amount))
        self.closed -= amount
        self.release(amount)

    @property
    def cause(self) -> Cause:
        """The cause of a wait for it: the disruption that closed a part of it last, or the pool itself."""
        return self._closures[-1] if self._closures else self.own_cause

    @property
    def now(self) -> float:
        """The hour."""
        return self._env.now

    def new_event(self) -> Event:
        """Return an event of its replication."""
        return self._env.event()

    def promise(self, amount: float) -> None:
        """Promise an amount that is not free and will be soon, or take back (below 0) what has come."""
        self.promised -= amount
        self.release(0.0)

    def look_again(self) -> None:
        """Serve who can be served, as soon as what happens now is done: the first in the queue has left it."""
        if len(self._queue) > 1:
            event = self._env.event()
            event.callbacks.append(lambda _: self._serve())
            event.succeed()

    def shrink(self, amount: float) -> None:
        """Lose an amount that has been taken: the element that staffed it has gone."""
        self.capacity -= amount
        self.changes.append((self._env.now, -amount))

    def grow(self, amount: float) -> None:
        """Gain an amount: spare parts that come in, reservists who report, teams that an element brings."""
        self.capacity += amount
        self.changes.append((self._env.now, amount))
        self.most = max(self.most, self.capacity)
        self.release(amount)

    def release(self, amount: float) -> None:
        """Release an amount, and serve the requests that wait."""
        self.free += amount
        queue = self._queue
        while queue and queue[0][5] is None:
            wanted = queue[0][2]
            if wanted > self.free:
                return
            self.free -= wanted
            heappop(queue)[3].succeed()
        if queue:
            self._serve()

    def _serve(self) -> None:
        queue = self._queue
        passed: list[Request] = []
        while queue:
            _, _, wanted, event, _, joint = queue[0]
            if joint is None:
                if wanted > self.free:
                    break
                self.free -= wanted
                heappop(queue)
                event.succeed()
                continue
            if not self._is_stale(joint):
                later = joint.is_promised(self)
                if not (later and self.free - self.promised < wanted) and joint.take():
                    joint.event.succeed()
                elif self in joint.short_of:
                    if not later:
                        break
                    passed.append(heappop(queue))
                    continue
            self._drop_first(joint)
        for request in passed:
            heappush(queue, request)
