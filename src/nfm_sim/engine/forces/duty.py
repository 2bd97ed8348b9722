"""Duties: the task that an element is on, where it goes next, and what its spans say of it.

Three things are kept apart. The *duty* of an element is its whole time: a row for each stretch in one state (prepare,
serve, redeploy, rest, free), from the start of the replication to its horizon. Its *log* holds its spans, from its
order until it is effective. And the *board* decides: it sets the goal of a duty and wakes it. The element then goes at
the end of the movement that it is in, or of the stage, unless that breaks off.

Elements that serve where something is to be mended are its crews.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from simpy import AnyOf, Environment, Event

from nfm_sim.engine.log import Log, Who
from nfm_sim.engine.world import Steps, World
from nfm_sim.plan.forces import CommitmentPlan, ElementPlan
from nfm_sim.plan.movement import Lot
from nfm_sim.record.words import Activity, CauseKind, DutyState, Kind, Rule


class CommitmentDuties:
    """The duties of a commitment under way: how many elements it asks for, and which are assigned to it."""

    __slots__ = ("asked", "assigned", "overdue", "plan", "rivals", "sets")

    def __init__(self, plan: CommitmentPlan) -> None:
        self.plan = plan
        self.asked = 0.0
        self.assigned: dict[Duty, None] = {}
        self.overdue: list[Duty] = []
        """Elements that serve beyond their tour, until relief comes."""
        self.sets = 0
        """Of pieces of an element that are there, or on their way there."""
        self.rivals: list[CommitmentDuties] = []
        """The commitments that share a capability with it."""

    @property
    def missing(self) -> float:
        """The number of elements that it still asks for, relief included."""
        return self.asked + len(self.overdue) - len(self.assigned)


class Duty:
    """The time of one element: at every moment it is on exactly one task, or free.

    `commitment` is what it is on, `goal` what the board has assigned it to. Where these differ, it is called away.
    """

    def __init__(self, world: World, element: ElementPlan) -> None:
        self.world = world
        self.element = element
        self.commitment: CommitmentDuties | None = None
        self.goal: CommitmentDuties | None = None
        self.at_home: Sequence[Lot] = element.lots
        """What has not set out to its area of operations."""
        self.available = False
        self.passed: set[str] = set()
        """Names of the stages that it has passed."""
        self.deployed = False
        self.permit_h: float | None = None
        """When it may cross the border, once that is asked for."""
        self.state: str = DutyState.FREE
        self.since = world.plan.start_h
        self.rows: list[tuple[str, str, str, float, float]] = []
        """Task, commitment, state, start and end."""
        self.lacks: set[str] = set()
        """What it has too little of to be effective."""
        self.supplied: Event | None = None
        """While it lacks what it cannot be effective without: that it has it again."""
        self.was_effective = False
        """Before it began to."""
        self._log: Log | None = None
        self._news: Event | None = None

    @property
    def called_away(self) -> bool:
        """Whether the board wants it elsewhere."""
        return self.goal is not self.commitment

    @property
    def log(self) -> Log:
        """Its spans, from its order until it is effective; what comes before and after is in the duties alone."""
        if self._log is None or self._log.state is None:
            return Log(self.world.now, "", Kind.WORK, "")
        return self._log

    @property
    def who(self) -> Who:
        """The element as it acts now."""
        return Who(self.element.subject, self.log, self.element.rank)

    def open_log(self, since: float) -> None:
        """Begin its spans, unless they have begun."""
        if self._log is None:
            element, waits = self.element, (Activity.DECISION, Kind.WAIT)
            self._log = self.world.open_log(element.subject, since, *waits, element.home, Rule.DECISION)

    def to(self, state: str, commitment: CommitmentDuties | None) -> None:
        """Go to the next state, on a commitment or on none."""
        self.close(self.world.now)
        self.state, self.commitment = state, commitment

    def close(self, now: float) -> None:
        """End the row under way."""
        if now > self.since:
            task, name = self.commitment.plan.key if self.commitment else ("", "")
            self.rows.append((task, name, self.state, self.since, now))
            self.since = now

    def wake(self) -> None:
        """Tell it that its goal has changed."""
        if self._news is not None:
            self._news.succeed()
            self._news = None

    def listen(self) -> Event:
        """The event that its goal changes, from now on."""
        self._news = self.world.env.event()
        return self._news

    def listen_no_more(self) -> None:
        """Hear no more of changes, until it stays or listens again."""
        self._news = None

    def stay(self, until_h: float | None = None) -> Steps:
        """Stay until an hour, or until it is called away."""
        if self.called_away or (until_h is not None and until_h <= self.world.now):
            return
        news = self.listen()
        yield news if until_h is None else AnyOf(self.world.env, [news, self.world.until(until_h)])
        self.listen_no_more()

    def blame_decision(self) -> None:
        """Say in its spans that its activation waits for the political decision."""
        self.log.to(self.world.now, Activity.DECISION, Kind.WAIT, self.element.home, Rule.DECISION)

    def blame_task(self, commitment: CommitmentDuties) -> None:
        """Say in its spans that its activation waits for a task that has the element."""
        cause = (CauseKind.TASK, commitment.plan.task.name)
        self.log.to(self.world.now, Activity.COMMITMENT, Kind.WAIT, self.element.home, cause)


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
