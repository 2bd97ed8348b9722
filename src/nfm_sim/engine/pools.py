"""Pools: what is held for a while and queued for by rank.

A berth, a set of wagons, an escort team, a square metre of yard: all are amounts that are taken and given back.
Who waits is served by rank, then first come; a large request at the head is not overtaken by smaller ones behind
it, so it is not starved.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from itertools import count

from simpy import Environment, Event

Rank = tuple[float, ...]
"""Who is served first: the lower rank."""


class Pool:
    """A capacity, and who waits for how much of it."""

    __slots__ = ("_closures", "_env", "_order", "_queue", "capacity", "free", "most", "name", "number")

    def __init__(self, env: Environment, number: int, name: str, capacity: float) -> None:
        self._env = env
        self._queue: list[tuple[Rank, int, float, Event]] = []
        self._order = count()
        self._closures: list[str] = []
        self.number = number
        self.name = name
        self.capacity = capacity
        self.most = capacity
        """The largest capacity that it has had."""
        self.free = capacity

    def take_now(self, amount: float, rank: Rank) -> bool:
        """Take the amount if it is free and nobody of a lower or the same rank waits; say whether it was."""
        if amount > self.free or (self._queue and self._queue[0][0] <= rank):
            return False
        self.free -= amount
        return True

    def take(self, amount: float, rank: Rank) -> Event:
        """Queue for the amount; the event happens when it has been taken."""
        event = self._env.event()
        heappush(self._queue, (rank, next(self._order), amount, event))
        return event

    def withdraw(self, request: Event) -> None:
        """Take a request back that still waits, and serve who waits behind it."""
        self._queue = [entry for entry in self._queue if entry[3] is not request]
        heapify(self._queue)
        self.give(0.0)

    def close(self, amount: float, cause: str) -> None:
        """Have less for a while: who holds it goes on, and nobody follows him."""
        self.free -= amount
        self._closures.append(cause)

    def reopen(self, amount: float, cause: str) -> None:
        """Have it again."""
        self._closures.remove(cause)
        self.give(amount)

    @property
    def closed_by(self) -> str:
        """What has taken of it last; empty when nothing has."""
        return self._closures[-1] if self._closures else ""

    def shrink(self, amount: float) -> None:
        """Lose an amount that has been taken: who staffed it is gone."""
        self.capacity -= amount

    def grow(self, amount: float) -> None:
        """Gain an amount: spare parts that come in, reservists who report, teams that an element brings."""
        self.capacity += amount
        self.most = max(self.most, self.capacity)
        self.give(amount)

    def give(self, amount: float) -> None:
        """Give an amount back, and serve who waits."""
        self.free += amount
        queue = self._queue
        while queue and queue[0][2] <= self.free:
            _, _, wanted, event = heappop(queue)
            self.free -= wanted
            event.succeed()
