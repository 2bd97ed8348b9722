"""Means for a goal: the smallest whole amount of something with which it holds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Unpack

import numpy as np
import polars as pl

from nfm_sim.decide.goals import Goal
from nfm_sim.problems import InputError
from nfm_sim.scenario import Scenario
from nfm_sim.study.compare import compare_quantity
from nfm_sim.study.estimates import each_confidence
from nfm_sim.study.how import How, asked_alone
from nfm_sim.study.intervals import Interval
from nfm_sim.study.study import Study
from nfm_sim.study.tried import Confirmed, Tried, confirm, fresh_numbers, needed

Amounts = tuple[int, ...]
STEPS_UP = (0, 1, 2, 4)
"""What is confirmed in turn: the least that the search found, then so much more. Assumed."""
LEVELS = 5
"""Amounts of the first of two paths, for each of which the least of the second is sought."""


@dataclass(frozen=True)
class Needed:
    """How much of something a goal takes."""

    goal: Goal
    paths: tuple[str, ...]
    amounts: Amounts | None
    """The least with which it holds, or where that is not sure, the least that the search found; None: not even the
    most suffices."""
    interval: Interval
    """The chance with it, on fresh replications; of those of the search, when the most does not suffice."""
    is_sure: bool
    """Its lower bound is as high as the goal asks."""
    below: Interval | None
    """The chance with one less of the last path, on the same replications; None: there is none."""
    replications: int
    tried: pl.DataFrame
    """What the search tried: a column a path, replications, estimate, low, high (each interval for itself)."""
    turns: tuple[tuple[int, int], ...]
    """Amounts of which the larger surely gave a smaller chance: more is not always better."""

    @property
    def is_least(self) -> bool:
        """Whether one less surely does not do."""
        return self.amounts is not None and (self.below is None or self.below.high < self.least)

    @property
    def least(self) -> float:
        """The chance that is asked for."""
        assert self.goal.least is not None
        return self.goal.least


def need(
    scenario: Scenario,
    goal: Goal | str,
    *,
    path: str,
    between: tuple[int, int],
    **how: Any,
) -> Needed:
    """Return the smallest whole amount at a dotted path with which a goal holds, as `needs` finds it for one path.

    >>> trucks = "pools.trucks.capacity"
    >>> found = nfm.decide.need(scenario, "P(closure <= 12 h) >= 0.8", path=trucks, between=(1, 4), jobs=1)
    >>> found.amounts, found.is_sure, found.is_least
    ((2,), True, True)
    """
    (found,) = needs(scenario, goal, paths=[path], between=[between], **how)
    return found


def needs(
    scenario: Scenario,
    goal: Goal | str,
    *,
    paths: Sequence[str],
    between: Sequence[tuple[int, int]],
    replications: int = 64,
    most_replications: int = 512,
    seed: int = 0,
    out: str | Path | None = None,
    confidence: float = 0.95,
    **how: Unpack[How],
) -> list[Needed]:
    """Return the smallest whole amounts at one or two dotted paths with which a goal holds.

    It halves the range `between` of the last path on common draws, `replications` of each amount that is tried, and
    doubles these until the lower bound of the amount that it found is as high as asked for and the upper bound of one
    less is not, or there are `most_replications`. What it found is then confirmed on fresh replications, as many as
    such a promise takes; when it is not, more is tried. Of two paths it returns the frontier of pairs: for some
    amounts of the first, spread evenly over its range, the least of the second, all together with this confidence.
    Raises `InputError` for a goal without a chance, a path that is none, or a range that is none.

    >>> both = ["pools.trucks.capacity", "places.harbour.truck_ramps"]
    >>> pairs = nfm.decide.needs(scenario, "P(closure <= 12 h) >= 0.8", paths=both, between=[(1, 2)] * 2, jobs=1)
    >>> [found.amounts for found in pairs]
    [None, (2, 1)]
    """
    search = _Search(scenario, tuple(paths), _asked(goal, scenario), seed, out, how)
    *first, (low, high) = map(_range, between)
    levels = [(level,) for level in sorted({round(at) for at in np.linspace(*first[0], LEVELS)})] if first else [()]
    each, found = each_confidence(confidence, len(levels)), []
    for level in levels:
        one = search.least(level, (low, high), (replications, most_replications), each)
        high = one.amounts[-1] if one.amounts and one.is_sure else high  # with more of the first no more is needed
        found.append(one)
    return found


def _asked(goal: Goal | str, scenario: Scenario) -> Goal:
    goal = (Goal(goal) if isinstance(goal, str) else goal).asked_of(scenario)
    if goal.least is None:
        raise InputError.of("goal", "", goal.text, "says of no chance; write it as P(...) >= 0.9")
    return goal


def _range(between: tuple[int, int]) -> tuple[int, int]:
    low, high = between
    if not 0 <= low <= high:
        raise InputError.of("need", "between", f"{low} to {high}", "must be whole amounts, the smaller first")
    return low, high


class _Search:
    """Amounts of some paths, and how likely the goal is with them."""

    def __init__(
        self, scenario: Scenario, paths: tuple[str, ...], goal: Goal, seed: int, out: str | Path | None, how: How
    ) -> None:
        def make(amounts: Amounts) -> tuple[Scenario, tuple[()]]:
            return scenario.with_changes(dict(zip(paths, amounts, strict=True))), ()

        self._paths, self._goal = paths, goal
        self._tried = Tried(
            make, seed, asked_alone([goal.event], how, out), out, lambda amounts: "-".join(map(str, amounts))
        )
        self._seen: dict[Amounts, Study] = {}

    def least(self, given: Amounts, between: tuple[int, int], numbers: tuple[int, int], confidence: float) -> Needed:
        """The least of the last path beside given amounts of the others."""
        (low, high), (number, most), share = between, numbers, self._goal.least or 0.0
        looks = 2 + 2 * max(0, math.ceil(math.log2(most / number)))
        each = each_confidence(confidence, looks)

        def at(amount: int) -> Interval:
            return self._chance((*given, amount), range(number), each)

        if not at(high).estimate >= share:
            number = most if at(high).high >= share else number
            if not at(high).estimate >= share:
                return self._need(None, at(high), None, number, given)
        found = _bisect(lambda amount: at(amount).estimate >= share, low, high)
        while number < most and not (at(found).low >= share and (found == low or at(found - 1).high < share)):
            number = min(most, 2 * number)
            while found < high and not at(found).estimate >= share:
                found += 1
            while found > low and at(found - 1).estimate >= share:
                found -= 1
        confirmed, fresh = self._confirmed(
            given, sorted({min(high, found + up) for up in STEPS_UP}), number, confidence
        )
        amount = confirmed.chosen if confirmed.is_sure else found
        interval = confirmed.interval if confirmed.is_sure else self._chance((*given, found), fresh, confidence)
        below = self._chance((*given, amount - 1), fresh, confidence) if amount > low else None
        return self._need((*given, amount), interval, below, len(fresh), given, is_sure=confirmed.is_sure)

    def _confirmed(
        self, given: Amounts, candidates: list[int], seen: int, confidence: float
    ) -> tuple[Confirmed[int], range]:
        enough = needed(self._goal.least or 0.0, confidence, len(candidates))
        fresh = fresh_numbers(seen, max(seen, enough))
        judge = lambda amount, sure: self._chance((*given, amount), fresh, sure)  # noqa: E731
        return confirm(candidates, judge, self._goal.least or 0.0, confidence), fresh

    def _chance(self, amounts: Amounts, numbers: range, confidence: float) -> Interval:
        study = self._tried([amounts], numbers)[amounts]
        if numbers.start == 0:
            self._seen[amounts] = study
        return self._goal.interval(study, confidence)

    def _need(
        self,
        amounts: Amounts | None,
        interval: Interval,
        below: Interval | None,
        replications: int,
        given: Amounts,
        *,
        is_sure: bool = False,
    ) -> Needed:
        mine = {tried: study for tried, study in sorted(self._seen.items()) if tried[:-1] == given}
        rows = []
        for tried, study in mine.items():
            one = self._goal.interval(study)
            rows.append((*tried, len(study.replications), one.estimate, one.low, one.high))
        self._tried.compared(sorted(self._seen))
        table = pl.DataFrame(rows, schema=[*self._paths, "replications", "estimate", "low", "high"], orient="row")
        turns = tuple(self._turns(mine))
        return Needed(self._goal, self._paths, amounts, interval, is_sure, below, replications, table, turns)

    def _turns(self, tried: dict[Amounts, Study]) -> Iterator[tuple[int, int]]:
        """Neighbours among the amounts that were tried of which the larger surely does worse."""
        amounts = list(tried)
        each = each_confidence(0.95, len(amounts) - 1)
        for less, more in pairwise(amounts):
            both = {"less": tried[less], "more": tried[more]}
            high = compare_quantity(both, self._goal.event, "less", each)["high"][0]
            if high is not None and high < 0:
                yield less[-1], more[-1]


def _bisect(suffices: Callable[[int], bool], low: int, high: int) -> int:
    """The least whole number that suffices, when `high` does and more is better."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if suffices(middle) else (middle + 1, high)
    return high
