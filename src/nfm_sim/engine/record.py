"""The record of a replication: spans, departures and holdings. Everything else is derived from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import polars as pl

OFFERED = "offers"
"""The commitment of the regional plans that is all that is offered to them."""
Kind = Literal["work", "move", "wait", "blocked", "milestone"]
State = tuple[str, str, str, str]
"""Activity, kind, place and cause."""
Name = TypeVar("Name")

SPANS = {
    "replication": pl.Int32,
    "subject": pl.String,
    "activity": pl.String,
    "kind": pl.String,
    "place": pl.String,
    "cause": pl.String,
    "start_h": pl.Float64,
    "end_h": pl.Float64,
}
DEPARTURES = {
    "replication": pl.Int32,
    "movement": pl.String,
    "leg": pl.Int32,
    "start_h": pl.Float64,
}
LEGS = {
    "replication": pl.Int32,
    "leg": pl.Int32,
    "link": pl.String,
    "forward": pl.Boolean,
    "enter_h": pl.Float64,
    "leave_h": pl.Float64,
    "slot_h": pl.Float64,
}
HOLDINGS = {
    "replication": pl.Int32,
    "pool": pl.String,
    "place": pl.String,
    "subject": pl.String,
    "amount": pl.Float64,
    "start_h": pl.Float64,
    "end_h": pl.Float64,
}
SUBJECTS = {
    "replication": pl.Int32,
    "subject": pl.String,
    "what": pl.String,
    "part_of": pl.String,
    "mode": pl.String,
    "tier": pl.Int32,
    "pieces": pl.Int32,
    "origin": pl.String,
    "destination": pl.String,
    "deadline_h": pl.Float64,
    "required_h": pl.Float64,
    "notice_h": pl.Float64,
    "capability": pl.String,
    "personnel": pl.Int32,
    "task": pl.String,
}
DUTIES = {
    "replication": pl.Int32,
    "element": pl.String,
    "task": pl.String,
    "commitment": pl.String,
    "state": pl.String,
    "start_h": pl.Float64,
    "end_h": pl.Float64,
}
COMMITMENTS = {
    "replication": pl.Int32,
    "task": pl.String,
    "commitment": pl.String,
    "capability": pl.String,
    "pool": pl.String,
    "number": pl.Float64,
    "start_h": pl.Float64,
    "end_h": pl.Float64,
}
POOLS = {
    "replication": pl.Int32,
    "pool": pl.String,
    "place": pl.String,
    "unit": pl.String,
    "capacity": pl.Float64,
    "people": pl.Float64,
}
DEMANDS = {
    "replication": pl.Int32,
    "plan": pl.String,
    "region": pl.String,
    "capability": pl.String,
    "required_h": pl.Float64,
    "number": pl.Int32,
}
TABLES: Mapping[str, Mapping[str, Any]] = {
    "subjects": SUBJECTS,
    "spans": SPANS,
    "departures": DEPARTURES,
    "legs": LEGS,
    "holdings": HOLDINGS,
    "pools": POOLS,
    "duties": DUTIES,
    "commitments": COMMITMENTS,
    "demands": DEMANDS,
}


@dataclass(frozen=True)
class Run:
    """What simulations leave behind: tidy tables, with a column `replication` in each.

    - `subjects`: who the spans are about: elements, ships, and movements (a train, a column, a lorry, a barge).
    - `spans`: subject, activity, kind, place, cause, start_h, end_h. The spans of a subject tile its time from
      its order to its close, or to the horizon. Milestones (ready to move, in place, effective, closed) are
      spans without length.
    - `departures`: movement, the number of the leg that it drove, and when it set off on it.
    - `legs`: the links of each leg that was driven, with their direction; when the head enters and the tail
      leaves, in hours after its start; and the hours of the link's calendar that it takes (0 for traffic that
      needs no credit). Both together are the `passages`.
    - `holdings`: what a subject held of a pool or yard, from when to when.
    - `pools`: the pools and yards with their capacity, at its largest, and the people to man a unit.
    - `duties`: what each element did: on a task (prepare, serve, redeploy), at rest or free. The rows of an
      element tile its time to the horizon.
    - `commitments`: what the tasks asked for, of a capability (alternatives with "|" between) or of a pool.
    - `demands`: what the regional plans ask for, by capability, region and hour.

    `about` says what was simulated: title, network, g_day, horizon_h, seed.
    """

    about: Mapping[str, Any]
    subjects: pl.DataFrame
    spans: pl.DataFrame
    departures: pl.DataFrame
    legs: pl.DataFrame
    holdings: pl.DataFrame
    pools: pl.DataFrame
    duties: pl.DataFrame
    commitments: pl.DataFrame
    demands: pl.DataFrame
    memo: dict[str, pl.DataFrame] = field(init=False, default_factory=dict, repr=False, compare=False)
    """Tables that measures have made of these, and need again."""

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        return {name: getattr(self, name) for name in TABLES}

    @property
    def passages(self) -> pl.DataFrame:
        """Who passed which link, in which direction, and when: a row for each link of each leg that was driven.

        Columns: replication, movement, link, forward, enter_h (its head), leave_h (its tail), slot_h.
        """
        if "passages" not in self.memo:
            rows = self.departures.join(self.legs, on=["replication", "leg"], maintain_order="left_right")
            hours = (pl.col(name) + pl.col("start_h") for name in ("enter_h", "leave_h"))
            self.memo["passages"] = rows.select("replication", "movement", "link", "forward", *hours, "slot_h")
        return self.memo["passages"]

    @property
    def horizon_h(self) -> float:
        return float(self.about["horizon_h"])

    def answer(self, name: str) -> pl.DataFrame | None:
        """The answer of a measure, where it is kept beside the tables; None: make it of them."""
        return None


class Numbers(dict[Name, int]):
    """Numbers what recurs, as it comes, so that rows of a record are numbers alone."""

    def __missing__(self, name: Name) -> int:
        number = self[name] = len(self)
        return number


class Log:
    """The time of one subject: at every moment it is in exactly one state.

    A state is (activity, kind, place, cause). Going to the next state closes the span of the last, so the spans
    of a subject tile its time whatever its process does. `rows` is flat: of each span its state, start and end.
    """

    __slots__ = ("parts", "rows", "since", "state")

    def __init__(self, since: float, activity: str, kind: Kind, place: str, cause: str = "") -> None:
        self.rows: list[Any] = []
        self.parts: list[Log] = []
        self.since = since
        self.state: State | None = (activity, kind, place, cause)

    def to(self, now: float, activity: str, kind: Kind, place: str, cause: str = "") -> None:
        """Go to the next state; one that goes on is one span."""
        state = (activity, kind, place, cause)
        if state == self.state:
            return
        if now > self.since:  # as _end_span, without a call: this runs for every step of every movement
            if self.state is not None:
                self.rows += (self.state, self.since, now)
            self.since = now
        self.state = state

    def mark(self, now: float, milestone: str, place: str) -> None:
        """Note a milestone, and stay in the state."""
        self._end_span(now)
        self.rows += ((milestone, "milestone", place, ""), now, now)

    def blame(self, cause: str) -> None:
        """Name the cause of the state under way, which was not known when it began."""
        if self.state is not None:
            self.state = (*self.state[:3], cause)

    def close(self, now: float) -> None:
        """End the last span; the subject is done, or the horizon is reached."""
        if self.parts:
            self.adopt_last()
        self._end_span(now)
        self.state = None

    def _end_span(self, now: float) -> None:
        if now > self.since:
            if self.state is not None:
                self.rows += (self.state, self.since, now)
            self.since = now

    def follow(self, parts: list[Log]) -> None:
        """From now on the subject is as far as the last of its parts, whose logs begin now."""
        self.parts = parts

    def adopt_last(self) -> None:
        """Make the spans of the part that ended last this subject's own."""
        last = max(self.parts, key=lambda part: part.rows[-1] if part.rows else part.since)
        for state, start, end in zip(last.rows[::3], last.rows[1::3], last.rows[2::3], strict=True):
            if state[1] != "milestone":
                self.rows += (state, start, end)
        if self.rows:
            self.since = self.rows[-1]
        self.parts = []


class Together:
    """Logs that go from state to state together, such as a ship's and those of the lots in it."""

    __slots__ = ("logs",)

    def __init__(self, logs: list[Log]) -> None:
        self.logs = logs

    def to(self, now: float, activity: str, kind: Kind, place: str, cause: str = "") -> None:
        """Go to the next state, all of them."""
        for log in self.logs:
            log.to(now, activity, kind, place, cause)
