"""The words of the record, each written once, and its hours.

The engine writes them into the spans and duties, and measures and plots read them there: what a subject does
(`Activity`), which marks it reaches (`Milestone`), of which kind a span is (`Kind`), and what a span is due to: a
`Cause`, which is a pair of its kind (`CauseKind`) and its name. Stages of activation and rests carry the names that
the scenario gives them.
"""

from math import isfinite
from typing import Final, TypeVar

import numpy as np
import polars as pl

OFFERED: Final = "offers"
"""The commitment of the regional plans that is all that is offered to them."""


class What:
    """Kinds of subjects: what the spans are about."""

    ELEMENT: Final = "element"
    FORMATION: Final = "formation"
    SHIP: Final = "ship"
    AIRLIFT: Final = "airlift"
    MOVEMENT: Final = "movement"
    SUPPLY: Final = "supply"
    """A movement that fills a stock."""
    RELIEF: Final = "relief"
    """A movement of pieces to a commitment, or back from it."""
    EVACUATION: Final = "evacuation"
    """A movement of what fell out of elements, or of what goes forward in its stead."""
    EMPTY: Final = "empty"
    """Wagons, lorries or a barge that come back empty from a movement."""
    LOADED: Final = (MOVEMENT, SUPPLY, RELIEF, EVACUATION)
    """All that moves with something."""


def empty_of(subject: str) -> str:
    """The name of what comes back empty from a movement."""
    return f"{subject}/back"


class Kind:
    """Kinds of spans."""

    WORK: Final = "work"
    MOVE: Final = "move"
    WAIT: Final = "wait"
    BLOCKED: Final = "blocked"
    MILESTONE: Final = "milestone"


class Activity:
    """Activities: what a subject does, or waits to do."""

    DECISION: Final = "decision"
    COMMITMENT: Final = "commitment"
    DEPLOY: Final = "deploy"
    INTEGRATION: Final = "integration"
    SYNCHRONISE: Final = "synchronise"
    EFFECT: Final = "effect"
    ASSEMBLE: Final = "assemble"
    REDEPLOY: Final = "redeploy"
    ARRIVE: Final = "arrive"
    SAIL: Final = "sail"
    DIVERT: Final = "divert"
    DISCHARGE: Final = "discharge"
    EMBARK: Final = "embark"
    DISEMBARK: Final = "disembark"
    TRANSFER: Final = "transfer"
    DOCUMENTS: Final = "documents"
    ISSUE: Final = "issue"
    PERMIT: Final = "permit"
    LOAD: Final = "load"
    UNLOAD: Final = "unload"
    GATE: Final = "gate"
    FORM_UP: Final = "form up"
    MAKE_READY: Final = "make ready"
    MARCH: Final = "march"
    TURN_BACK: Final = "turn back"
    RECOVERY: Final = "recovery"
    MEND: Final = "mend"
    LOCKAGE: Final = "lockage"
    BORDER_EXCHANGE: Final = "border exchange"
    BEYOND: Final = "beyond the border"
    FROM_AFAR: Final = "from afar"


class Milestone:
    """Marks that a subject reaches: spans without length."""

    READY: Final = "ready"
    IN_PLACE: Final = "in place"
    EFFECTIVE: Final = "effective"
    CLOSED: Final = "closed"
    DISCHARGED: Final = "discharged"
    IN_PORT: Final = "in port"
    MARRIED_UP: Final = "married up"
    LOST: Final = "lost"


class DutyState:
    """States of a duty: what an element does for a task, or between two."""

    PREPARE: Final = "prepare"
    SERVE: Final = "serve"
    SHORT: Final = "short of supply"
    """In place, without a class of supply that it cannot be effective without."""
    WEAK: Final = "short of strength"
    """In place, with too few who are fit, or too few pieces, to be effective."""
    REDEPLOY: Final = "redeploy"
    REST: Final = "rest"
    FREE: Final = "free"


class CauseKind:
    """Kinds of causes."""

    LINK: Final = "link"
    FACILITY: Final = "facility"
    POOL: Final = "pool"
    RULE: Final = "rule"
    DISRUPTION: Final = "disruption"
    TASK: Final = "task"
    ELEMENT: Final = "element"
    PARTNER: Final = "partner"
    MOVEMENT: Final = "movement"
    NEVER: Final = "never"
    """What can never be had: more of a pool than there can ever be, an hour that never comes."""


class Stuck:
    """Why a subject waits for nothing that can come."""

    NEVER: Final = "never"
    """It needs more than there can ever be, or an hour that never comes."""
    DEADLOCK: Final = "deadlock"
    """It waits for what another holds that waits for what it holds, maybe by way of others."""
    BEHIND: Final = "behind"
    """It waits for what another holds that is stuck."""
    HELD: Final = "held"
    """It waits for what is held for good, or used up."""


Cause = tuple[str, str]
"""The cause of a span: a kind, and a name. Both are empty where there is nothing to name."""
NO_CAUSE: Cause = ("", "")


class Rule:
    """Causes that are no capacity: rules, opening hours, papers, chance."""

    DECISION: Cause = (CauseKind.RULE, "political decision")
    LATENESS: Cause = (CauseKind.RULE, "lateness")
    AHEAD_OF_PLAN: Cause = (CauseKind.RULE, "ahead of plan")
    SHIP: Cause = (CauseKind.RULE, "ship to embark")
    CARGO: Cause = (CauseKind.RULE, "cargo to come")
    GANGS_OF_SHIP: Cause = (CauseKind.RULE, "gangs of the ship")
    CLOSED_HOURS: Cause = (CauseKind.RULE, "closed hours")
    DRIVING_WINDOW: Cause = (CauseKind.RULE, "driving window")
    CIVIL_TIMETABLE: Cause = (CauseKind.RULE, "civil timetable")
    CIVIL_BARGES: Cause = (CauseKind.RULE, "civil barges")
    BORDER_PERMIT: Cause = (CauseKind.RULE, "border permit")
    PROGRAMME: Cause = (CauseKind.RULE, "movement programme")
    SUPPLY: Cause = (CauseKind.RULE, "supply")
    ATTRITION: Cause = (CauseKind.RULE, "attrition")
    BREAKDOWN: Cause = (CauseKind.RULE, "breakdown")
    LOST: Cause = (CauseKind.NEVER, "lost")


def never(cause: Cause) -> Cause:
    """Return a cause as one that will never cease."""
    return (CauseKind.NEVER, cause[1])


def link_cause(line: str, link: str) -> Cause:
    """Return the cause of a wait for a link: its line, and the link behind it in brackets."""
    return (CauseKind.LINK, f"{line} ({link})")


LINK_IN_CAUSE: Final = r"^.* \((.*)\)$"
"""Finds the link in the name of such a cause, where the kind says that it is one."""


# Simulated hours are floats that hold whole ticks, so that every sum of hours is exact.
#
# A tick is 2**-20 hour (3.4 milliseconds). Sums and differences of whole ticks are exact in a float up to
# 2**33 hours, so spans tile without gap, a ledger adds up to the last bit, and two slots that touch do not
# overlap.


TICKS_PER_HOUR = 2**20


def whole_ticks(hours: float) -> float:
    """Return the hours rounded to the nearest tick."""
    return round(hours * TICKS_PER_HOUR) / TICKS_PER_HOUR


def in_hours(days: float) -> float:
    """Return days as hours in whole ticks, as deadlines and events have them; infinite days are infinite hours."""
    return whole_ticks(days * 24) if isfinite(days) else days


SECOND_H = whole_ticks(1 / 3600)
"""A deadline is kept by what comes within a second of it. Each step of a movement is rounded to a tick, so that the sum
of many comes up to some ticks after the hour that it meets exactly; and times are told to the second."""

AnyHours = TypeVar("AnyHours", float, np.ndarray, pl.Expr)


def late_h(at_h: AnyHours, by_h: AnyHours) -> AnyHours:
    """Return how many hours something comes after its deadline: 0 when it is in time.

    >>> late_h(36.0, 24.0), late_h(24.0 + 1 / 7200, 24.0), late_h(12.0, 24.0)
    (12.0, 0.0, 0.0)
    """
    after_h = at_h - by_h
    late: AnyHours = after_h * (after_h > SECOND_H) + 0.0  # of what comes early, -0.0 would be left
    return late
