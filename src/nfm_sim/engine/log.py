"""The time of subjects as it passes: at every moment each is in exactly one state.

A state is what the subject does or waits to do, where, and what for. Going to the next state closes the span of the
last one, so the spans of a subject tile its time whatever its process does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nfm_sim.plan.movement import Rank
from nfm_sim.record.words import NO_CAUSE, Cause, Kind

State = tuple[str, str, str, Cause]
"""Activity, kind, place and cause."""


class Log:
    """The spans of one subject, in columns: `states`, and until when each held (`ends`); the first from `begun` on, the
    others from the end of the one before. In columns, because a replication has tens of thousands of spans, and an
    object for each would take as long as to make them."""

    __slots__ = ("begun", "ends", "parts", "since", "state", "states")

    def __init__(self, since: float, activity: str, kind: str, place: str, cause: Cause = NO_CAUSE) -> None:
        self.states: list[State] = []
        self.ends: list[float] = []
        self.parts: list[Log] = []
        """The logs of its parts while it is as far as the last of these."""
        self.begun = self.since = since
        self.state: State | None = (activity, kind, place, cause)

    def copy(self) -> Log:
        """Return a log with the same spans so far, for what was one subject with this one until now."""
        log = Log(self.begun, "", "", "")
        log.states, log.ends = list(self.states), list(self.ends)
        log.since, log.state = self.since, self.state
        return log

    def to(self, now: float, activity: str, kind: str, place: str, cause: Cause = NO_CAUSE) -> None:
        """Go to the next state. When it is the same as the last, the span goes on; what is closed stays closed."""
        state = (activity, kind, place, cause)
        if state == self.state or self.state is None:
            return
        if now > self.since:  # as `_end_span`, without a call: this runs for every step of every movement
            self.states.append(self.state)
            self.ends.append(now)
            self.since = now
        self.state = state

    def mark(self, now: float, milestone: str, place: str, cause: Cause = NO_CAUSE) -> None:
        """Note a milestone, and stay in the state."""
        self._end_span(now)
        self._add((milestone, Kind.MILESTONE, place, cause), now)

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
                self._add(self.state, now)
            self.since = now

    def _add(self, state: State, end: float) -> None:
        self.states.append(state)
        self.ends.append(end)

    def adopt_last(self) -> None:
        """Make the spans of the part that ended last this subject's own."""
        last = max(self.parts, key=lambda part: part.since)
        for state, end in zip(last.states, last.ends, strict=True):
            if state[1] != Kind.MILESTONE:
                self._add(state, end)
        if self.ends:
            self.since = self.ends[-1]
        self.parts = []


class Together:
    """Logs that go from state to state together, such as a ship's and those of the lots in it."""

    __slots__ = ("logs",)

    def __init__(self, logs: Sequence[Log | Together]) -> None:
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
