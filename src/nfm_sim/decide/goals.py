"""Goals: what is to come true, and how surely."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Unpack

from nfm_sim.problems import InputError, refuse
from nfm_sim.record import Record
from nfm_sim.scenario import Scenario
from nfm_sim.study.asked import rows_missing
from nfm_sim.study.estimates import estimate_of
from nfm_sim.study.events import NUMBER, Event, read_event
from nfm_sim.study.intervals import Interval
from nfm_sim.study.replicate import How, asked_alone, replicate

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
