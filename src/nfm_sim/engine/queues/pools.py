"""Pools, which are held for a while and queued for by rank, and bundles, which take from several pools at once.

A berth, a set of wagons, an escort team, a square metre of yard: all are amounts that are taken and released. A pool
serves those that wait by rank, then in the order in which they came. A large request at the head of the queue is not
overtaken by smaller ones behind it, so it is not starved. One for more than the pool can ever have steps aside, and
those behind it are served; should a fork make the pool larger, it comes back.

A train that held its flat wagons while it waits for heavy ones, or its wagons while it waits for a track, would keep
them from others who could use them. So what is needed for one step is asked for in one: a bundle is served when all
its pools have enough, and stands in the queues of those that have too little until then. Meanwhile others take what
there is in the pools that have enough. A bundle may be served with less, as its `form` says: a train is as long as
there are wagons for it. And it may earmark what it takes only later: a locomotive, for when the train is loaded.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import count
from typing import ClassVar, NamedTuple

from simpy import Environment, Event

from nfm_sim.engine.log import Who
from nfm_sim.plan.movement import Rank
from nfm_sim.record.words import Cause, never

WITHDRAWN = "withdrawn"
"""The value of the event of a request that was taken back."""
Form = Callable[[Sequence[float]], "Sequence[float] | None"]
"""From what is free of each pool to what is taken of each; None when that is too little."""


class Request(NamedTuple):
    """What waits in the queue of a pool.

    The queue is a heap of these tuples, which are compared as they are, in C: the lower rank first, then who came
    first. No two have one order, so that nothing behind it is ever compared.
    """

    rank: Rank
    order: int
    amount: float
    """Of a bundle: the least that it can do with."""
    event: Event
    """It happens when the request is served."""
    who: Who | None
    """None: a task, which keeps no log of its waits."""
    bundle: Bundle | None
    """What it is a part of when it asks other pools too."""


class SharedPool:
    """A pool as the subjects of a replication share it, and the requests that wait for a part of it.

    `own_cause` is what a wait for it is due to, unless a disruption has closed a part of it; `number` is its place in
    the plan; `limit` is the most that it can ever have.
    """

    order: ClassVar[Iterator[int]] = count()
    """Numbers requests as they come, over all pools."""

    def __init__(
        self, env: Environment, number: int, own_cause: Cause, capacity: float, limit: float = math.inf
    ) -> None:
        self.env = env
        self.number = number
        self.own_cause = own_cause
        self.capacity = capacity
        """What there is, in use or not."""
        self.most = capacity
        """The largest capacity that it has had."""
        self.limit = limit
        self.free = capacity
        self.closed = 0.0
        """What disruptions have taken out of use."""
        self.earmarked = 0.0
        """What bundles will take later, whether it is free already or due back by then."""
        self.due_back = 0.0
        """What is held, and will be back before any bundle that earmarks it now takes it."""
        self.changes: list[tuple[float, float]] = []
        """Hour and amount of each change of what is in use or could be."""
        self.staff: Sequence[tuple[SharedPool, float]] = ()
        """The pools of those who work at it, and how many of them one unit of it needs."""
        self.needed = 1.0
        """Of people: the multiple of them that is needed wherever they work."""
        self._closures: list[Cause] = []
        self._queue: list[Request] = []
        self._aside: list[Request] = []
        """Requests for more than it can ever have."""

    @property
    def free_later(self) -> float:
        """What a bundle may earmark: it is free, or due back, and nobody else will take it."""
        return self.free + self.due_back - self.earmarked

    @property
    def present(self) -> float:
        """What there is and no disruption has closed, in use or not."""
        return self.capacity - self.closed

    @property
    def cause(self) -> Cause:
        """The cause of a wait for it: the disruption that closed a part of it last, or the pool itself."""
        return self._closures[-1] if self._closures else self.own_cause

    def cause_of(self, amount: float) -> Cause:
        """The cause of a wait for an amount."""
        return never(self.cause) if amount > self.limit else self.cause

    def take_now(self, amount: float, rank: Rank) -> bool:
        """Take the amount if it is free and no request of a lower or the same rank waits; say whether it was."""
        if amount > self.free or (self._queue and self._queue[0].rank <= rank):
            return False
        self.free -= amount
        return True

    def take(self, amount: float, rank: Rank, who: Who | None = None) -> Event:
        """Queue for the amount; the event happens when it has been taken."""
        event = self.env.event()
        self._push(Request(rank, next(SharedPool.order), amount, event, who, None))
        if self._queue and self._queue[0].bundle is not None:
            self._serve()  # a bundle that waits for another pool keeps nobody here
        return event

    def stand(self, bundle: Bundle, least: float) -> None:
        """Have a bundle stand in the queue."""
        self._push(Request(bundle.who.rank, bundle.order, least, bundle.event, bundle.who, bundle))

    def _push(self, request: Request) -> None:
        if request.amount > self.limit:
            self._aside.append(request)
        else:
            heappush(self._queue, request)

    def first(self) -> Request | None:
        """The first request that waits."""
        queue = self._queue
        while queue and (bundle := queue[0].bundle) is not None and self._has_left(bundle):
            self._drop_first(bundle)
        return queue[0] if queue else None

    def _has_left(self, bundle: Bundle) -> bool:
        """Whether a bundle waits here no more. Its request stays until it comes to the head of the queue, because to
        find it in the heap would take longer."""
        return bundle.served is not None or self not in bundle.short_of

    def _drop_first(self, bundle: Bundle) -> None:
        heappop(self._queue)
        bundle.stands_in.discard(self)

    def waiting(self) -> Iterator[tuple[str, float]]:
        """Yield who waits for how much."""
        for request in (*self._queue, *self._aside):
            if request.who is not None and (request.bundle is None or not self._has_left(request.bundle)):
                yield request.who.subject, request.amount

    def withdraw(self, event: Event) -> None:
        """Take back the request of an event if it still waits, with `WITHDRAWN` as its value; serve those behind it."""
        if event.triggered:
            return
        self._queue = [request for request in self._queue if request.event is not event]
        self._aside = [request for request in self._aside if request.event is not event]
        heapify(self._queue)
        event.succeed(WITHDRAWN)
        self._serve()

    def forget(self, who: Who) -> None:
        """Take back all that somebody asks for."""
        for request in [*self._queue, *self._aside]:
            if request.who is who and request.bundle is not None:
                request.bundle.hold_back()
            elif request.who is who:
                self.withdraw(request.event)

    def release(self, amount: float) -> None:
        """Release an amount, and serve the requests that wait."""
        self.free += amount
        if self._queue:
            self._serve()

    def grow(self, amount: float) -> None:
        """Gain an amount: spare parts that come in, reservists who report, teams that an element brings."""
        self.capacity += amount
        self.changes.append((self.env.now, amount))
        self.most = max(self.most, self.capacity)
        self.release(amount)

    def shrink(self, amount: float) -> None:
        """Lose an amount that has been taken: the element that staffed it has gone. Who needs more than there are now
        can do with all."""
        self.capacity -= amount
        self.changes.append((self.env.now, -amount))
        if self._queue:
            self._serve()

    def resize(self, amount: float, promised: float = 0.0) -> None:
        """Gain an amount for good, or lose it when it is below 0, as what is promised for later. Requests for more than
        there can be from now on step aside, and those that can be met again come back."""
        self._set_limit(self.limit + amount + promised)
        self.grow(amount)

    def _set_limit(self, limit: float) -> None:
        self.limit = limit
        aside = {request.order for request in self._aside}
        requests = [
            request if request.bundle is None else request._replace(amount=request.bundle.least_of(self))
            for request in (*self._queue, *self._aside)
        ]
        for request in requests:
            if request.who is not None and (request.amount > limit) != (request.order in aside):
                request.who.log.change_cause(self.env.now, self.cause_of(request.amount))
        self._queue = [request for request in requests if request.amount <= limit]
        self._aside = [request for request in requests if request.amount > limit]
        heapify(self._queue)

    def close(self, amount: float, cause: Cause, *, for_good: bool = False) -> None:
        """Take an amount out of use. Its holders keep what they have; what they release is not given out again.

        `for_good`: it does not come back within the horizon.
        """
        self.free -= amount  # below 0 while holders have what is closed, so that it goes as they release it
        self.closed += amount
        self.changes.append((self.env.now, -amount))
        self._closures.append(cause)
        if for_good:
            self._set_limit(self.limit - amount)
            self._serve()  # who waited behind one that can never have what it asks for

    def reopen(self, amount: float, cause: Cause) -> None:
        """Put an amount that was closed back into use."""
        self._closures.remove(cause)
        self.closed -= amount
        self.changes.append((self.env.now, amount))
        self.release(amount)

    def expect(self, holding: Holding) -> None:
        """What is held will be back in time for a bundle that earmarks it from now on, if it is not back already."""
        if holding.end_h == math.inf:
            self.due_back += holding.amount
            self._serve()

    def unmark(self, amount: float) -> None:
        """What a bundle has earmarked it has taken, or never will."""
        self.earmarked -= amount
        self._serve()

    def look_again(self) -> None:
        """Serve who can be served, as soon as what happens now is done: the first in the queue has left it."""
        if len(self._queue) > 1:
            event = self.env.event()
            event.callbacks.append(lambda _: self._serve())
            event.succeed()

    def _serve(self) -> None:
        """Serve those that wait in their order, until one finds too little here.

        A bundle that finds too little elsewhere has left this queue, and stops nobody. Nor does one that takes from
        this pool only later: those behind it may have what is free until then.
        """
        queue = self._queue
        passed: list[Request] = []
        while queue:
            request = queue[0]
            bundle = request.bundle
            if bundle is None:
                if request.amount > self.free:
                    break
                self.free -= request.amount
                heappop(queue).event.succeed()
                continue
            if not self._has_left(bundle):
                later = self in bundle.later
                if not (later and self.free_later < request.amount) and bundle.take():
                    bundle.event.succeed()
                elif self in bundle.short_of:
                    if not later:
                        break
                    passed.append(heappop(queue))
                    continue
            self._drop_first(bundle)
        for request in passed:
            heappush(queue, request)


class Want(NamedTuple):
    """What a bundle wants of a pool."""

    pool: SharedPool
    amount: float
    enough: float
    """With less it is never served; 0: with as much as there ever is it can do, if that is anything."""
    later: bool
    """It is earmarked, and taken later."""

    @property
    def least(self) -> float:
        """With less it is never served, as much as there is now."""
        return self.enough or min(self.amount, self.pool.limit) or self.amount


class Bundle:
    """Amounts of several pools for one subject."""

    def __init__(self, who: Who, wants: Sequence[Want], form: Form | None = None) -> None:
        self.who = who
        self.order = next(SharedPool.order)
        self.wants = wants
        self.form = form
        self.later = {want.pool for want in wants if want.later}
        """The pools that it takes from only later."""
        self.event: Event = wants[0].pool.env.event()
        self.served: Sequence[float] | None = None
        """What it has got of each pool."""
        self.short_of: list[SharedPool] = []
        """The pools that have too little for it; the first is what it waits for."""
        self.stands_in: set[SharedPool] = set()
        """The pools whose queues have a request of it; one of a pool that it is not short of counts for nothing."""
        self.held_back = False
        """Others are to be served first: it asks for nothing until then."""

    def take(self) -> bool:
        """Take all of it if it is there; else stand in the queues of the pools that have too little."""
        if self.held_back:
            return False
        free = [self._free_for(want) for want in self.wants]
        taken = self._formed(free)
        if taken is None:
            self._wait_for([want.pool for want, there in zip(self.wants, free, strict=True) if _lacks(want, there)])
            return False
        for want, amount in zip(self.wants, taken, strict=True):
            if want.later:
                want.pool.earmarked += amount
            else:
                want.pool.free -= amount
        self.served = taken
        self._leave(self.short_of)
        return True

    def _formed(self, free: Sequence[float]) -> Sequence[float] | None:
        if self.form is not None:
            return self.form(free)
        enough = all(there >= want.amount for want, there in zip(self.wants, free, strict=True))
        return [want.amount for want in self.wants] if enough else None

    def _free_for(self, want: Want) -> float:
        """What is free of a pool for this bundle: nothing while one that waits there is to be served before it."""
        pool = want.pool
        first = pool.first()
        if first is not None and (first.rank, first.order) < (self.who.rank, self.order):
            return 0.0
        return pool.free_later if want.later else pool.free

    def _wait_for(self, short_of: list[SharedPool]) -> None:
        before, self.short_of = self.short_of, short_of
        self._leave([pool for pool in before if pool not in short_of])
        for want in self.wants:
            if want.pool in short_of and want.pool not in self.stands_in:
                self.stands_in.add(want.pool)
                want.pool.stand(self, want.least)
        self.who.log.change_cause(short_of[0].env.now, self.cause)

    @property
    def cause(self) -> Cause:
        """The cause of its wait."""
        pool = self.short_of[0] if self.short_of else self.wants[0].pool
        return pool.cause_of(self.least_of(pool))

    def least_of(self, pool: SharedPool) -> float:
        """With less of a pool it is never served; 0 where it wants none of it any more."""
        return next((want.least for want in self.wants if want.pool is pool), 0.0)

    def hold_back(self) -> None:
        """Leave all queues until it is to ask again."""
        before, self.held_back, self.short_of = self.short_of, True, []
        self._leave(before)

    def _leave(self, pools: list[SharedPool]) -> None:
        """Let those behind it in the queues of pools have their turn."""
        for pool in pools:
            pool.look_again()

    def ask(self) -> None:
        """Ask for all of it, after it was held back or its wants have changed."""
        self.held_back = False
        if self.take():
            self.event.succeed()


def _lacks(want: Want, there: float) -> bool:
    """Whether a pool has too little: of what is taken later, also when it is yet to come back, for who cannot have
    all."""
    return there < want.amount or (want.later and want.pool.free < want.amount)


@dataclass(slots=True, eq=False)
class Holding:
    """An amount of a pool that a subject holds."""

    pool: SharedPool
    subject: str
    amount: float
    start_h: float
    end_h: float = math.inf
    staff: Sequence[Holding] = ()
    """Those who work at it, who are released with it."""
    pace: float = 1.0
    """Their share of those whom it needs: work takes the longer."""
    due_h: float = math.inf
    """From when on others may earmark it, because it will be back in time."""
