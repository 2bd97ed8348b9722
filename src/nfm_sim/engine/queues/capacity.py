"""What there is of a pool: its capacity, what of that is free, and what disruptions have taken out of use."""

from __future__ import annotations

import math

from simpy import Environment

from nfm_sim.record.words import Cause, never


class Capacity:
    """The amounts of a pool. `own_cause` is what a wait for it is due to, unless a disruption has closed a part of it;
    `number` is its place among the pools of the plan; `limit` is the most that it can ever have."""

    __slots__ = (
        "_closures",
        "capacity",
        "changes",
        "closed",
        "due_back",
        "earmarked",
        "env",
        "free",
        "limit",
        "most",
        "number",
        "own_cause",
    )

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
        self._closures: list[Cause] = []

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

    def _change(self, amount: float) -> None:
        self.changes.append((self.env.now, amount))
