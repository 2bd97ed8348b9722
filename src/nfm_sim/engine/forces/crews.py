"""Crews: the elements that serve where something is to be mended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from simpy import Environment, Event


class Crews:
    """By disruption: how many elements of each capability are there to mend it."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._there: Counter[tuple[str, str]] = Counter()
        self._news: dict[str, Event] = {}

    def change(self, disruption: str, capability: str, number: int) -> None:
        """Note that elements come, or when the number is below 0, go."""
        self._there[disruption, capability] += number
        news = self._news.pop(disruption, None)
        if news is not None:
            news.succeed()

    def news(self, disruption: str) -> Event:
        """The event that somebody comes or goes."""
        return self._news.setdefault(disruption, self._env.event())

    def pace(self, disruption: str, needed: Mapping[str, float]) -> float:
        """Return the share of those who are needed that is there: 1 at most, and 0 while a capability is missing."""
        return min([1.0, *(self._there[disruption, capability] / number for capability, number in needed.items())])
