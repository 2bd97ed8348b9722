"""Hours that are known beforehand: when something is open, and values that change with the regimes of a scenario."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Intervals of open hours in rising order, none of which touch."""

    opens: tuple[float, ...]
    closes: tuple[float, ...]

    def open_at(self, now: float) -> bool:
        """Whether it is open at this hour."""
        i = bisect_right(self.opens, now) - 1
        return i >= 0 and now < self.closes[i]

    def opens_at(self, now: float) -> float:
        """Return this hour when it is open, else the next one at which it opens; infinity when there is none."""
        i = bisect_right(self.opens, now)
        if i and now < self.closes[i - 1]:
            return now
        return self.opens[i] if i < len(self.opens) else math.inf

    def stays_open(self, now: float, hours: float) -> bool:
        """Whether it is open from this hour on for so many."""
        i = bisect_right(self.opens, now) - 1
        return i >= 0 and now + hours <= self.closes[i]

    def within(self, start: float, end: float) -> list[tuple[float, float]]:
        """Return the open intervals between two hours."""
        return [
            (max(o, start), min(c, end)) for o, c in zip(self.opens, self.closes, strict=True) if o < end and c > start
        ]

    def fit(self, now: float, hours: float) -> float:
        """Return the first hour from `now` on at which `hours` fit into one open interval, or infinity."""
        first = max(bisect_right(self.opens, now) - 1, 0)
        for i in range(first, len(self.opens)):
            start = max(now, self.opens[i])
            if start + hours <= self.closes[i]:
                return start
        return math.inf

    def parts(self, now: float, hours: float) -> Iterator[tuple[float, float]]:
        """Yield the (start, end) of each stretch of work, until `hours` of open time have passed."""
        left = hours
        for i in range(max(bisect_right(self.opens, now) - 1, 0), len(self.opens)):
            start = max(now, self.opens[i])
            end = min(start + left, self.closes[i])
            if end > start:
                yield start, end
                left -= end - start
            if left <= 0:
                return
        yield math.inf, math.inf


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
