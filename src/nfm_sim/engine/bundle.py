"""Bundles: amounts of several pools that are taken at once or not at all.

A train that held its flat wagons while it waits for heavy ones, or its wagons while it waits for a track, would keep
them from others who could use them. So what is needed for one step is asked for in one: a bundle stands in the queues
of those pools that have too little for it, and is served when all have enough. Meanwhile others take what there is in
the pools that have enough.

A bundle may be served with less, as `form` says: a train is as long as there are wagons for it. And it may have
something promised that is taken only later: a locomotive, for when the train is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from simpy import Event

from nfm_sim.engine.log import Who
from nfm_sim.engine.pools import Pool
from nfm_sim.plan.movement import Rank
from nfm_sim.record.words import Cause

Form = Callable[[Sequence[float]], "Sequence[float] | None"]
"""From what is free of each pool to what is taken of each; None when that is too little."""


class Want(NamedTuple):
    """What a bundle wants of a pool."""

    pool: Pool
    amount: float
    least: float
    """With less it is never served."""
    promised: bool = False
    """It is taken later, and nobody else is promised it until then."""


def _lacks(want: Want, there: float) -> bool:
    """Whether a pool has too little: of what is promised, also when it is yet to come back, for who cannot have all."""
    return there < want.amount or (want.promised and want.pool.free < want.amount)


class Bundle:
    """Amounts of several pools for one subject."""

    __slots__ = (
        "entries",
        "event",
        "form",
        "held_back",
        "later",
        "order",
        "rank",
        "served",
        "short_of",
        "wants",
        "who",
    )

    def __init__(self, who: Who, wants: Sequence[Want], form: Form | None = None) -> None:
        self.who = who
        self.rank: Rank = who.rank
        self.order = next(Pool.order)
        self.wants = wants
        self.form = form
        self.later = {want.pool for want in wants if want.promised}
        self.event: Event = wants[0].pool.new_event()
        self.served: Sequence[float] | None = None
        """What it has got of each pool."""
        self.short_of: list[Pool] = []
        """The pools that have too little for it; the first is what it waits for."""
        self.entries: set[Pool] = set()
        """The pools in whose queues it has an entry; one of a pool that it is not short of counts for nothing."""
        self.held_back = False
        """Others are to be served first: it asks for nothing until then."""

    def take(self) -> bool:
        """Take all of it if it is there; else stand in the queues of the pools that have too little."""
        if self.held_back:
            return False
        free = [self._free_for(want) for want in self.wants]
        taken = self._form(free)
        if taken is None:
            self._stand_in([want.pool for want, there in zip(self.wants, free, strict=True) if _lacks(want, there)])
            return False
        for want, amount in zip(self.wants, taken, strict=True):
            if want.promised:
                want.pool.promised += amount
            else:
                want.pool.free -= amount
        self.served = taken
        self._leave(self.short_of)
        return True

    def _form(self, free: Sequence[float]) -> Sequence[float] | None:
        if self.form is not None:
            return self.form(free)
        enough = all(there >= want.amount for want, there in zip(self.wants, free, strict=True))
        return [want.amount for want in self.wants] if enough else None

    def _free_for(self, want: Want) -> float:
        """What is free of a pool for this bundle: nothing while one that waits there is to be served before it."""
        pool = want.pool
        first = pool.first()
        if first is not None and (first[0], first[1]) < (self.rank, self.order):
            return 0.0
        return pool.free - pool.promised if want.promised else pool.free

    def _stand_in(self, short: list[Pool]) -> None:
        before, self.short_of = self.short_of, short
        self._leave([pool for pool in before if pool not in short])
        for want in self.wants:
            if want.pool in short and want.pool not in self.entries:
                self.entries.add(want.pool)
                want.pool.stand(self, want.least)
        if before and short[0] is not before[0]:
            self.who.log.turn(short[0].now, self.cause)

    @property
    def cause(self) -> Cause:
        """The cause of its wait."""
        pool = self.short_of[0] if self.short_of else self.wants[0].pool
        return pool.cause_of(next(want.least for want in self.wants if want.pool is pool))

    def is_promised(self, pool: Pool) -> bool:
        """Whether it wants a pool only later."""
        return pool in self.later

    def hold_back(self) -> None:
        """Leave all queues until it is to ask again."""
        before, self.held_back, self.short_of = self.short_of, True, []
        self._leave(before)

    def _leave(self, pools: list[Pool]) -> None:
        """Let those behind it in the queues of pools have their turn."""
        for pool in pools:
            pool.look_again()

    def ask(self) -> None:
        """Ask for all of it, after it was held back or its wants have changed."""
        self.held_back = False
        if self.take():
            self.event.succeed()
