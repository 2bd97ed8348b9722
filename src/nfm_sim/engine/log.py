"""The time of subjects as it passes: at every moment each is in exactly one state.

A state is what the subject does or waits to do, where, and what for. Going to the next state closes the span of the
last one, so the spans of a subject tile its time whatever its process does.
"""

from __future__ import annotations

from dataclasses import dataclass

from nfm_sim.plan.movement import Rank
from nfm_sim.record.words import NO_CAUSE, Cause, Kind

State = tuple[str, str, str, Cause]
"""Activity, kind, place and cause."""
Span = tuple[State, float, float]
"""A state, its start and its end. A plain tuple, because a replication makes tens of thousands of them."""


class Log:
    """The spans of one subject."""

    __slots__ = ("parts", "since", "spans", "state")

    def __init__(self, since: float, activity: str, kind: str, place: str, cause: Cause = NO_CAUSE) -> None:
        self.spans: list[Span] = []
        self.parts: list[Log] = []
        self.since = since
        self.state: State | None = (activity, kind, place, cause)

    def copy(self) -> Log:
        """Return a log with the same spans so far, for what was one subject with this one until now."""
        log = Log(self.since, "", "", "")
        log.spans, log.state = list(self.spans), self.state
        return log

    def to(self, now: float, activity: str, kind: str, place: str, cause: Cause = NO_CAUSE) -> None:
        """Go to the next state. When it is the same as the last, the span goes on."""
        state = (activity, kind, place, cause)
        if state == self.state:
            return
        if now > self.since:  # as _end_span, without a call: this runs for every step of every movement
            if self.state is not None:
                self.spans.append((self.state, self.since, now))
            self.since = now
        self.state = state

    def mark(self, now: float, milestone: str, place: str) -> None:
        """Note a milestone, and stay in the state."""
        self._end_span(now)
        self.spans.append(((milestone, Kind.MILESTONE, place, NO_CAUSE), now, now))

    def change_cause(self, now: float, cause: Cause) -> None:
        """Go on in the same state, which from now on is due to another cause."""
        if self.state is not None:
            self.to(now, *self.state[:3], cause)

    def name_cause(self, cause: Cause) -> None:
        """Name the cause of the state under way, which was not known when it began."""
        if self.state is not None:
            self.state = (*self.state[:3], cause)

    def close(self, now: float) -> None:
        """End the last span: the subject is done, or the horizon is reached."""
        if self.parts:
            self.adopt_last()
        self._end_span(now)
        self.state = None

    def _end_span(self, now: float) -> None:
        if now > self.since:
            if self.state is not None:
                self.spans.append((self.state, self.since, now))
            self.since = now

    def follow(self, parts: list[Log]) -> None:
        """From now on the subject is as far as the last of its parts, whose logs begin now."""
        self.parts = parts

    def adopt_last(self) -> None:
        """Make the spans of the part that ended last this subject's own."""
        last = max(self.parts, key=lambda part: part.spans[-1][2] if part.spans else part.since)
        self.spans += [span for span in last.spans if span[0][1] != Kind.MILESTONE]
        if self.spans:
            self.since = self.spans[-1][2]
        self.parts = []


class Together:
    """Logs that go from state to state together, such as a ship's and those of the lots in it."""

    __slots__ = ("logs",)

    def __init__(self, logs: list[Log]) -> None:
        self.logs = logs

    def to(self, now: float, activity: str, kind: str, place: str, cause: Cause = NO_CAUSE) -> None:
        """Have all of them go to the next state."""
        for log in self.logs:
            log.to(now, activity, kind, place, cause)

    def change_cause(self, now: float, cause: Cause) -> None:
        """Have all of them go on in the same state, due to another cause."""
        for log in self.logs:
            log.change_cause(now, cause)


@dataclass(slots=True)
class Who:
    """A subject as it acts: the name under which it holds things, the log that tells its time, and its rank."""

    subject: str
    log: Log | Together
    rank: Rank
