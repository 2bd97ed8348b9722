"""Goals: what is to come true, how surely, and the smallest amount with which it does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Unpack

import numpy as np
import polars as pl

from nfm_sim.plan.draws import BLOCK
from nfm_sim.problems import InputError, counted, refuse
from nfm_sim.record import Record
from nfm_sim.scenario import Scenario
from nfm_sim.study.compare import compare_quantity
from nfm_sim.study.estimates import each_confidence, estimate_of
from nfm_sim.study.intervals import Interval
from nfm_sim.study.quantities import NUMBER, Event, read_event, rows_missing
from nfm_sim.study.replicate import How, asked_alone, replicate
from nfm_sim.study.study import Study
from nfm_sim.study.tried import Confirmed, Tried, confirm, fresh_numbers, margin, needed

AND_EUR = re.compile(rf"(?P<before>.*)\band\s+eur\s*(?:<=|≤)\s*(?P<eur>{NUMBER})\s*(?P<million>M?)\s*", flags=re.DOTALL)
AS_SURE = re.compile(rf"(?P<event>.*\))\s*(?:>=|≥)\s*(?P<share>{NUMBER})\s*(?P<percent>%?)\s*", flags=re.DOTALL)


@dataclass(frozen=True)
class Goal:
    """An event, and with which chance it is to come true: "P(closure.division_1 <= 30 d) >= 0.9". Without a chance it
    asks how likely the event is; "and eur <= 50e6" behind it (or 50 M) sets a budget where means are bought or courses
    have costs. Raises `InputError` for what is none.

    >>> nfm.Goal("P(closure.division <= 2 d) >= 90 %").least
    0.9
    """

    text: str
    event: Event = field(init=False, repr=False)
    least: float | None = field(init=False, repr=False)
    """The chance that is asked for, 0 to 1."""
    most_eur: float | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        rest, least, eur = self.text, None, None
        if (cost := AND_EUR.fullmatch(rest)) is not None:
            rest, eur = cost["before"], float(cost["eur"]) * (1e6 if cost["million"] else 1)
        sure = AS_SURE.fullmatch(rest) if rest.lstrip().startswith("P") else None
        if sure is not None:
            rest, least = sure["event"], float(sure["share"]) / (100 if sure["percent"] else 1)
            if not 0 < least < 1:
                remedy = "must lie between 0 and 1: so many replications show no certainty"
                raise InputError.of("goal", "P", f"{sure['share']}{sure['percent']}", remedy)
        for name, value in {"event": read_event(rest), "least": least, "most_eur": eur}.items():
            object.__setattr__(self, name, value)

    def asked_of(self, scenario: Scenario) -> Goal:
        """Itself, when a scenario has all that it names. Raises `InputError`."""
        refuse(rows_missing(self.event, scenario, "goal"))
        return self

    def interval(self, record: Record, confidence: float = 0.95) -> Interval:
        """How likely the event is, with its interval. Where a replication does not tell, the estimate is nan, and the
        bounds hold whatever is true there."""
        found = estimate_of(record, self.event, confidence).select("estimate", "low", "high")
        return Interval(*found.fill_null(float("nan")).row(0))


@dataclass(frozen=True)
class Chance:
    """How likely an event is, and whether that is what was asked for."""

    goal: Goal
    interval: Interval
    """Its estimate is nan where some replications do not tell."""
    replications: int
    known: int
    """In how many of them it is known whether it comes true."""

    @property
    def holds(self) -> bool | None:
        """Whether it is surely as likely as asked for, or surely not; None: so few replications cannot tell, or nothing
        is asked for."""
        if self.goal.least is None:
            return None
        return True if self.interval.low >= self.goal.least else False if self.interval.high < self.goal.least else None


def chance(
    of: Record | Scenario, goal: Goal | str, *, replications: int = 100, confidence: float = 0.95, **how: Unpack[How]
) -> Chance:
    """Say how likely a goal is, in a study or run that there is, or in so many replications of a scenario.

    All that it claims is counted within each replication: a chance of two things is that of both together. A claim of
    a quantity without rows is one of each of its rows. Raises `InputError` for names and units that are none.

    >>> nfm.chance(study, "P(closure.division <= 12 h and ready_by_deadline.1 >= 90 %)").interval.estimate
    1.0
    """
    goal = Goal(goal) if isinstance(goal, str) else goal
    if isinstance(of, Scenario):
        goal.asked_of(of)
        of = replicate(of, replications, **asked_alone([goal.event], how))
    true = goal.event.values(of)[goal.event.column]
    return Chance(goal, goal.interval(of, confidence), len(true), len(true) - true.null_count())


# Means for a goal: the smallest whole amount of something with which it holds.


Amounts = tuple[int, ...]
CONFIRMED, FRESH = 3, 3
"""So many amounts are tried on fresh replications at most, on so many times as many as the search had. Assumed."""
SEARCHED = 0.8
"""How surely the search leaves an amount: so little, because what it finds is confirmed. Assumed."""
LOOKS = 3
"""At an amount that is tried, as its replications are doubled."""
LEVELS = 5
"""Amounts of the first of two paths, for each of which the least of the second is sought."""


@dataclass(frozen=True)
class Needed:
    """How much of something a goal takes."""

    goal: Goal
    paths: tuple[str, ...]
    amounts: Amounts | None
    """The least that surely does, or where none does, the most that was tried again; None: surely not even the most."""
    interval: Interval
    """The chance with it, on fresh replications; of those of the search, when the most does not suffice."""
    is_sure: bool
    """Its lower bound is as high as the goal asks."""
    below: Interval | None
    """The chance with one less of the last path, on the same replications; None: there is none, or what is less could
    not be told from it in the search."""
    too_few: int | None
    """The most of the last path that surely does not suffice, of what the search tried."""
    replications: int
    """Of the interval."""
    tried: pl.DataFrame
    """What the search tried: a column a path, replications, estimate, low, high (each interval for itself)."""
    turns: tuple[tuple[int, int], ...]
    """Amounts of which the larger surely gave a smaller chance: more is not always better."""

    @property
    def is_least(self) -> bool:
        """Whether one less surely does not do."""
        return self.is_sure and self.below is not None and self.below.high < self.least

    @property
    def least(self) -> float:
        """The chance that is asked for."""
        assert self.goal.least is not None
        return self.goal.least


def need(scenario: Scenario, goal: Goal | str, *, path: str, between: tuple[int, int], **how: Any) -> Needed:
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
    confidence: float = 0.95,
    **how: Unpack[How],
) -> list[Needed]:
    """Return the smallest whole amounts at one or two dotted paths with which a goal holds.

    It halves the range `between` of the last path on common draws, until the next smaller amount cannot be told from
    the one that it found: with few replications of amounts that soon show, and `replications` of those that do not.
    What it found, and what it tried above that, is then confirmed on fresh replications, `FRESH` times as many, or as
    many as such a promise takes. It says which amount surely does not do, and when it cannot tell one less from what it
    found. Of two paths it returns the frontier of pairs: for some amounts of the first, spread evenly over its range,
    the least of the second, all together with this confidence.
    Raises `InputError` for a goal without a chance, a path or a range that is none, or paths that have no range each.

    >>> both = ["pools.trucks.capacity", "places.harbour.truck_ramps"]
    >>> pairs = nfm.decide.needs(scenario, "P(closure <= 12 h) >= 0.8", paths=both, between=[(1, 2)] * 2, jobs=1)
    >>> [found.amounts for found in pairs]
    [None, (2, 1)]
    """
    if not len(paths) == len(between) in (1, 2):
        counts = f"{counted(len(paths), 'path')}, {counted(len(between), 'range')}"
        raise InputError.of("need", "paths", counts, "must be one or two paths, with a range each")
    if len({*paths}) < len(paths):
        raise InputError.of("need", "paths", paths[0], "stands twice; name another, or this one alone")
    goal = (Goal(goal) if isinstance(goal, str) else goal).asked_of(scenario)
    if goal.least is None:
        raise InputError.of("goal", "", goal.text, "says of no chance; write it as P(...) >= 0.9")
    search = _Search(scenario, tuple(paths), goal, how)
    *first, (low, high) = map(_range, between)
    levels = [(level,) for level in sorted({round(at) for at in np.linspace(*first[0], LEVELS)})] if first else [()]
    each, found = each_confidence(confidence, len(levels)), []
    for level in levels:
        one = search.least(level, (low, high), replications, each)
        high = one.amounts[-1] if one.amounts and one.is_sure else high  # with more of the first no more is needed
        found.append(one)
    return found


def _range(between: tuple[int, int]) -> tuple[int, int]:
    low, high = between
    if not 0 <= low <= high or low % 1 or high % 1:
        raise InputError.of("need", "between", f"{low} to {high}", "must be whole amounts, the smaller first")
    return low, high


class _Search:
    """Amounts of some paths, and how likely the goal is with them."""

    def __init__(self, scenario: Scenario, paths: tuple[str, ...], goal: Goal, how: How) -> None:
        self._paths, self._goal = paths, goal
        self._tried = Tried[Amounts](
            lambda amounts: scenario.with_changes(dict(zip(paths, amounts, strict=True))),
            asked_alone([goal.event], how),
            lambda amounts: "-".join(map(str, amounts)),
        )
        self._seen: dict[Amounts, Study] = {}
        """The replications that the search had of each."""
        self._fresh: dict[Amounts, Study] = {}

    def least(self, given: Amounts, between: tuple[int, int], number: int, confidence: float) -> Needed:
        """The least of the last path beside given amounts of the others."""
        (low, high), share = between, self._goal.least or 0.0
        fresh = fresh_numbers(number, max(FRESH * number, needed(share, confidence, CONFIRMED)))
        shown = margin(share, len(fresh), confidence, CONFIRMED)
        less, found = low - 1, high  # what is less than the least is not tried
        if self._estimate((*given, high), share, number) >= share:
            less, found = self._halved((*given, less), (*given, high), share, number)
            larger = self._larger((*given, found))
            higher = share + shown
            if self._estimate((*given, found), higher, number) < higher:  # so many would not confirm it
                likely = (more for more in larger if self._estimate((*given, more), higher, number) >= higher)
                less, found = self._halved((*given, found), (*given, next(likely, high)), higher, number)
        elif (most := self._chance((*given, high), range(number), confidence)).high < share:
            return self._need(given, Confirmed((), most, False), None, number)
        candidates = [(*given, amount) for amount in [found, *self._larger((*given, found))][:CONFIRMED]]
        confirmed = confirm(candidates, lambda amounts, sure: self._confirmed(amounts, fresh, sure), share, confidence)
        amounts, below = confirmed.chosen, None
        if low < amounts[-1] == less + 1 and self._estimate((*given, less), share, number) <= share - shown:
            below = self._confirmed((*given, less), fresh, each_confidence(confidence, 2))
        return self._need(given, confirmed, below, len(self._fresh[amounts].replications))

    def _halved(self, less: Amounts, more: Amounts, share: float, number: int) -> tuple[int, int]:
        """The largest amount that likely has a smaller chance, and the least of which that is not so: neighbours, or as
        near as so many replications tell them apart."""
        while more[-1] - less[-1] > 1 and not self._alike(less, more, number):
            middle = (*less[:-1], (less[-1] + more[-1]) // 2)
            if self._estimate(middle, share, number) >= share:
                more = middle
            else:
                less = middle
        return less[-1], more[-1]

    def _estimate(self, amounts: Amounts, share: float, most: int) -> float:
        """The chance: of so many replications at most, and of few where these show on which side of a share it is."""
        number = len(self._seen[amounts].replications) if amounts in self._seen else BLOCK
        while True:
            found = self._chance(amounts, range(min(most, number)), SEARCHED)
            if number >= most or not found.low < share <= found.high:
                return found.estimate
            number *= 2

    def _larger(self, amounts: Amounts) -> list[int]:
        """The larger amounts of the last path that were tried."""
        return sorted(tried[-1] for tried in self._seen if tried[:-1] == amounts[:-1] and tried[-1] > amounts[-1])

    def _confirmed(self, amounts: Amounts, fresh: range, confidence: float) -> Interval:
        """The chance on fresh replications: on few of them, when these show that it is surely not as high as asked."""
        for numbers in (fresh_numbers(fresh.start, len(fresh) // FRESH), fresh):
            found = self._chance(amounts, numbers, confidence)
            if found.high < (self._goal.least or 0.0):
                break
        return found

    def _chance(self, amounts: Amounts, numbers: range, confidence: float) -> Interval:
        study = self._tried([amounts], numbers)[amounts]
        (self._fresh if numbers.start else self._seen)[amounts] = study
        return self._goal.interval(study, confidence)

    def _alike(self, less: Amounts, more: Amounts, number: int) -> bool:
        """Whether so many replications of each do not show that more does better."""
        if any(len(self._seen[one].replications) < number for one in (less, more) if one in self._seen):
            return False  # few showed on which side each is
        return less in self._seen and not (self._differ(less, more, 0.95)[0] or 0.0) > 0

    def _differ(self, less: Amounts, more: Amounts, confidence: float) -> tuple[float | None, float | None]:
        """The bounds of how much larger the chance with more is, on the replications that both had."""
        both = {"less": self._seen[less], "more": self._seen[more]}
        low, high = compare_quantity(both, self._goal.event, "less", confidence).select("low", "high").row(0)
        return low, high

    def _need(self, given: Amounts, found: Confirmed[Amounts], below: Interval | None, replications: int) -> Needed:
        """What was found beside given amounts of the others, without amounts where not even the most suffices."""
        mine = {tried: study for tried, study in sorted(self._seen.items()) if tried[:-1] == given}
        each, too_few, rows = each_confidence(0.95, len(mine) * LOOKS), None, []
        for tried, study in mine.items():
            rows.append((*tried, len(study.replications), *self._goal.interval(study).known))
            too_few = tried[-1] if self._goal.interval(study, each).high < (self._goal.least or 0.0) else too_few
        self._tried.compared(sorted(self._seen))
        whole = dict.fromkeys([*self._paths, "replications"], pl.Int64)
        table = pl.DataFrame(rows, whole | dict.fromkeys(("estimate", "low", "high"), pl.Float64), orient="row")
        each = each_confidence(0.95, len(mine) - 1)
        worse = (pair for pair in pairwise(mine) if (self._differ(*pair, each)[1] or 0.0) < 0)
        turns = tuple((less[-1], more[-1]) for less, more in worse)
        amounts, interval, sure = found.chosen or None, found.interval, found.is_sure
        return Needed(self._goal, self._paths, amounts, interval, sure, below, too_few, replications, table, turns)
