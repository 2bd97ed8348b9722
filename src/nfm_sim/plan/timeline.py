"""A value that changes at known hours, such as what the regimes of a scenario make of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Timeline(Generic[Value]):
    """A value from each of some hours on, until the next."""

    steps: tuple[tuple[float, Value], ...]
    """(hour, value from then on), the last first, because most questions are about late hours."""
    before: Value
    """Until the first of these hours."""

    @staticmethod
    def of(changes: Iterable[tuple[float, Value]], before: Value) -> Timeline[Value]:
        """Make a timeline of changes in rising order of their hours."""
        return Timeline(tuple(changes)[::-1], before)

    def at(self, now: float) -> Value:
        """Return the value that holds at an hour."""
        for hour, value in self.steps:
            if now >= hour:
                return value
        return self.before

    def since(self, now: float) -> Iterator[tuple[float, Value]]:
        """Yield (hour from when, value) of the value that holds at an hour and of all later ones, the last first."""
        for hour, value in self.steps:
            yield hour, value
            if hour <= now:
                return
        yield -math.inf, self.before
