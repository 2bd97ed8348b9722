"""What one element does: which task it is on, where it goes next, and what its spans say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simpy import AnyOf, Event

from nfm_sim.engine.plan import ClaimPlan, ElementPlan, StageStep
from nfm_sim.engine.record import Log

if TYPE_CHECKING:
    from nfm_sim.engine.world import Steps, World

DutyRow = tuple[str, str, str, float, float]


class Claim:
    """A commitment under way: how many it asks for, and who is assigned to it."""

    __slots__ = ("asked", "assigned", "overdue", "plan", "rivals")

    def __init__(self, plan: ClaimPlan) -> None:
        self.plan = plan
        self.asked = 0.0
        self.assigned: dict[Duty, None] = {}
        self.overdue: list[Duty] = []
        """Who serves beyond his tour, until relief comes."""
        self.rivals: list[Claim] = []
        """The claims that share a capability with it."""

    @property
    def missing(self) -> float:
        return self.asked + len(self.overdue) - len(self.assigned)


class Duty:
    """What one element does: at every moment it is on exactly one task, or free.

    `claim` is what it is on, `goal` what the board has assigned it to. Where these differ, it is called away: it
    goes at the end of the stage or movement that it is in.
    """

    __slots__ = (
        "_log",
        "_news",
        "available",
        "claim",
        "deployed",
        "element",
        "goal",
        "passed",
        "permit_h",
        "rows",
        "since",
        "state",
        "world",
    )

    def __init__(self, world: World, element: ElementPlan) -> None:
        self.world = world
        self.element = element
        self.claim: Claim | None = None
        self.goal: Claim | None = None
        self.available = False
        self.passed: set[str] = set()
        self.deployed = False
        self.permit_h: float | None = None
        """When it may cross the border, once that is asked for."""
        self.state = "free"
        self.since = world.plan.start_h
        self.rows: list[DutyRow] = []
        self._log: Log | None = None
        self._news: Event | None = None

    @property
    def called_away(self) -> bool:
        return self.goal is not self.claim

    @property
    def log(self) -> Log:
        """Its spans, from its order until it is effective; what comes before and after is in the duties alone."""
        if self._log is None or self._log.state is None:
            return Log(self.world.now, "", "work", "")
        return self._log

    def open_log(self, since: float) -> None:
        if self._log is None:
            home = self.element.home
            self._log = self.world.open_log(
                self.element.subject, since, "decision", "wait", home, "political decision"
            )

    def to(self, state: str, claim: Claim | None) -> None:
        """Go to the next state, on a claim or free."""
        self.close(self.world.now)
        self.state, self.claim = state, claim

    def close(self, now: float) -> None:
        """End the row under way."""
        if now > self.since:
            task, name = (self.claim.plan.task.name, self.claim.plan.name) if self.claim else ("", "")
            self.rows.append((task, name, self.state, self.since, now))
            self.since = now

    def wake(self) -> None:
        if self._news is not None:
            self._news.succeed()
            self._news = None

    def stay(self, until_h: float | None = None) -> Steps:
        """Stay until an hour, or until it is called away."""
        if self.called_away or (until_h is not None and until_h <= self.world.now):
            return
        self._news = self.world.env.event()
        yield self._news if until_h is None else AnyOf(self.world.env, [self._news, self.world.until(until_h)])
        self._news = None

    def pass_stage(self, step: StageStep) -> Steps:
        """One stage of activation, once; an element that does not need it passes at once."""
        if step.name not in self.passed:
            if self.world.value[step.whether] < step.share:
                yield from step.stage.run(self.world, self.element, self.log)
            self.passed.add(step.name)

    def blame_task(self, claim: Claim) -> None:
        """Say in its spans why its activation does not go on."""
        if self.world.now < self.world.ordered_h:
            self.log.to(self.world.now, "decision", "wait", self.element.home, "political decision")
        else:
            self.log.to(self.world.now, "commitment", "wait", self.element.home, claim.plan.task.name)
