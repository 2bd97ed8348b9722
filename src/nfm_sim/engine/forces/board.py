"""The task board: which element is on which task, and which goes to which next.

Commitments come and go: each opens at an hour, asks for so many elements, and ends. Whenever that changes, or an
element becomes free, the board dispatches: it takes the commitment that ranks first under the scenario's policy and
fills it, then the next, until nothing more can be done. It looks for an element among the free, then among those at
rest if the task may call on them, then among those of another commitment. An assigned element has a new goal and is
woken; its duty then goes there as soon as it can.

The board also keeps what elements wait for of each other (who is in place, who is effective) and the rows of what the
tasks ask for.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from heapq import heappop, heappush

from simpy import AnyOf, Environment, Event

from nfm_sim.engine.forces.stages import STAGES, Staff
from nfm_sim.engine.log import Log, Who
from nfm_sim.engine.movement.mover import Movements
from nfm_sim.engine.supply.attrition import Wastage
from nfm_sim.engine.supply.stocks import SupplyChain
from nfm_sim.engine.world import Steps, World
from nfm_sim.kinds.choices import POLICIES, function_of
from nfm_sim.plan.forces import CommitmentPlan, ElementPlan, HoursPlan, StageStep
from nfm_sim.plan.movement import Lot, PoolKey, Rank
from nfm_sim.record.words import Activity, CauseKind, DutyState, Kind, Rule

# Which task goes first for elements.
#
# A policy is a function from a commitment and the number of elements that it has to the rank of its next one: the
# lower rank goes first. A commitment takes an element from another if its next one ranks before the other's last. The
# same function thus says which commitment is served, which gives up an element, and when all keep what they have.


def strict(commitment: CommitmentPlan, filled: int) -> Rank:
    """Rank by the priority of the task: the lower number takes all that it asks for."""
    return (commitment.task.priority,)


def weights(commitment: CommitmentPlan, filled: int) -> Rank:
    """Share elements out as seats are, in proportion to the weights of the tasks: rank by elements per weight, half
    an element ahead (Webster, Sainte-Laguë), then by priority."""
    return ((filled + 0.5) / commitment.task.weight, commitment.task.priority)


def reserved(commitment: CommitmentPlan, filled: int) -> Rank:
    """Rank what is within the reserve of a task first; above the reserves strict order holds."""
    return (0 if filled < commitment.reserve else 1, commitment.task.priority)


PolicyFunction = Callable[[CommitmentPlan, int], Rank]
OURS: Mapping[str, PolicyFunction] = {policy.__name__: policy for policy in (strict, weights, reserved)}


def policy_of(name: str) -> PolicyFunction:
    """Return the policy that a scenario names in `policy`."""
    return function_of(POLICIES[name], OURS, _no_rank)


def _no_rank(rank: object, commitment: CommitmentPlan, filled: int) -> str:
    if isinstance(rank, tuple) and all(isinstance(number, int | float) and number == number for number in rank):
        return ""
    return "a tuple of numbers, of which the lower goes first"


# Duties: the task that an element is on, where it goes next, and what its spans say of it.
#
# Three things are kept apart. The *duty* of an element is its whole time: a row for each stretch in one state (prepare,
# serve, redeploy, rest, free), from the start of the replication to its horizon. Its *log* holds its spans, from its
# order until it is effective. And the *board* decides: it sets the goal of a duty and wakes it. The element then goes
# at the end of the movement that it is in, or of the stage, unless that breaks off.
#
# Elements that serve where something is to be mended are its crews.


class CommitmentDuties:
    """The duties of a commitment under way: how many elements it asks for, and which are assigned to it."""

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
        """While it lacks what it cannot be effective without: that it has it again, or lacks something else."""
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


class Board:
    """Assigns elements to commitments, by the policy of the scenario.

    Free elements go first, and of these the elements that are not offered to the NATO Force Model, then those of the
    least urgent tier. A commitment that finds no free element takes one from the commitment that ranks last, if the
    policy lets it and elements may be withdrawn from that task.
    """

    def __init__(self, world: World, movements: Movements, supply: SupplyChain, attrition: Wastage) -> None:
        plan = world.plan
        self.world = world
        self.movements = movements
        self.supply = supply
        self.attrition = attrition
        self.policy = policy_of(plan.policy)
        self.ordered_h = world.value[plan.decision]
        """The hour of the activation order."""
        self.staff = Staff(plan)
        self.crews = Crews(world.env)
        self.in_place = {element.subject: world.env.event() for element in plan.elements}
        self.effective = {element.subject: world.env.event() for element in plan.elements}
        self.asked: list[tuple[str, str, str, str, float, float, float]] = []
        """Task, commitment, capability, pool, number, and from when until when: what a task asks for over a time,
        elements of a capability or an amount of a pool."""
        self.units_held: dict[PoolKey, dict[Event, CommitmentPlan]] = {}
        """Units of a pool that tasks hold, by the event that makes them give one up."""
        self.commitments = [CommitmentDuties(commitment) for commitment in plan.commitments]
        for commitment in self.commitments:
            wanted = set(commitment.plan.capabilities)
            commitment.rivals = [
                other
                for other in self.commitments
                if other is not commitment and not wanted.isdisjoint(other.plan.capabilities)
            ]
        self.duties = {element.subject: Duty(world, element) for element in plan.elements}
        self._free: dict[tuple[str, bool], list[tuple[Rank, Duty]]] = {}
        self._resting: dict[str, list[Duty]] = {}
        self._offers = {c.plan.capabilities[0]: c for c in self.commitments if c.plan.offers}
        self._hold_present()
        for commitment in self.commitments:
            world.at(max(commitment.plan.from_h, world.now), partial(self.open, commitment))
            world.at(commitment.plan.until_h, partial(self.end, commitment))
        world.at(self.ordered_h, self.order)
        for hour in plan.regime_hours:
            world.at(hour, self.dispatch)
        for duty in self.duties.values():
            if duty.element.pre_alert_h:
                world.at(-duty.element.pre_alert_h, partial(self.alert, duty))

    def note(self, plan: CommitmentPlan, start_h: float, end_h: float) -> None:
        """Note what a commitment asks for, from when to when."""
        hours = max(start_h, self.world.plan.start_h), min(end_h, self.world.plan.horizon_h)
        self.asked.append((*plan.key, " | ".join(plan.capabilities), plan.pool, plan.number, *hours))

    def pass_stage(self, duty: Duty, step: StageStep) -> Steps:
        """Have an element pass a stage of activation, once; one that does not need it passes at once.

        Called away, it leaves a stage that breaks off, and has not passed it.
        """
        stage = step.stage
        if stage.name in duty.passed:
            return
        if self.world.value[step.whether] < step.share:
            away = duty.listen() if isinstance(stage, HoursPlan) and stage.breaks_off else None
            yield from STAGES[type(stage)](self.world, self.staff, stage, duty.who, away)
            duty.listen_no_more()
            if away is not None and duty.called_away:
                return
        duty.passed.add(stage.name)

    def blame_task(self, duty: Duty, commitment: CommitmentDuties) -> None:
        """Say in the spans of an element why its activation does not go on: it waits for the political decision, or for
        a task that has it."""
        waits_for, cause = Activity.COMMITMENT, (CauseKind.TASK, commitment.plan.task.name)
        if self.world.now < self.ordered_h:
            waits_for, cause = Activity.DECISION, Rule.DECISION
        duty.log.to(self.world.now, waits_for, Kind.WAIT, duty.element.home, cause)

    def _hold_present(self) -> None:
        """Put the elements where they are at hour 0."""
        by_key = {commitment.plan.key: commitment for commitment in self.commitments}
        for duty in self.duties.values():
            if duty.element.commitment is not None:
                commitment = by_key[duty.element.commitment]
                duty.goal = duty.commitment = commitment
                duty.state = DutyState.SERVE
                commitment.assigned[duty] = None
                commitment.sets += 1

    def open(self, commitment: CommitmentDuties) -> None:
        """A commitment begins to ask."""
        if not commitment.plan.offers:
            commitment.asked = commitment.plan.number
            self.note(commitment.plan, self.world.now, commitment.plan.until_h)
            self.dispatch()

    def call_to_mend(self, disruption: str) -> None:
        """Something has happened: the commitments that wait for it begin to ask."""
        for commitment in self.commitments:
            if commitment.plan.mends == disruption and commitment.plan.from_h == math.inf:
                self.open(commitment)

    def mended(self, disruption: str) -> None:
        """It is over, and so are the commitments that waited for it."""
        for commitment in self.commitments:
            if commitment.plan.mends == disruption and commitment.plan.from_h == math.inf:
                now, key = self.world.now, commitment.plan.key
                self.asked = [(*row[:6], min(row[6], now)) if row[:2] == key else row for row in self.asked]
                self.end(commitment)

    def end(self, commitment: CommitmentDuties) -> None:
        """A commitment asks no more."""
        commitment.asked = 0.0
        commitment.overdue.clear()
        for duty in list(commitment.assigned):
            self.release(duty)
        self.dispatch()

    def order(self) -> None:
        """The activation order: all that is offered is asked for, the most urgent first."""
        for commitment in self._offers.values():
            commitment.asked = commitment.plan.number
            self.note(commitment.plan, self.world.now, commitment.plan.until_h)
        for duty in sorted(self.duties.values(), key=lambda duty: duty.element.rank):
            if duty.available and duty.element.offered:
                self.assign(duty, self._offers[duty.element.capability])
        self.dispatch()
        for duty in self.duties.values():
            if duty.element.offered and duty.commitment is not None and not duty.commitment.plan.offers:
                self.blame_task(duty, duty.commitment)

    def alert(self, duty: Duty) -> None:
        """An element that is pre-alerted begins, unless it is on another task."""
        if duty.available:
            self.assign(duty, self._offers[duty.element.capability])

    def dispatch(self) -> None:
        """Fill the commitments that miss elements, in the order of their ranks, until nothing more can be done."""
        short = [commitment for commitment in self.commitments if commitment.missing > 0]
        while short:
            commitment = min(short, key=self._next_rank)  # anew each time: under weights a rank rises as it is filled
            duty = self._find_element(commitment)
            if duty is None:
                short.remove(commitment)
                continue
            loser = duty.goal
            self.assign(duty, commitment)
            if commitment.missing <= 0:
                short.remove(commitment)
            if loser is not None and loser not in short and loser.missing > 0:
                short.append(loser)  # it may take one from another in its turn

    def _next_rank(self, commitment: CommitmentDuties) -> Rank:
        return self.policy(commitment.plan, len(commitment.assigned))

    def _find_element(self, commitment: CommitmentDuties) -> Duty | None:
        """Find the element that is to go to a commitment: a free one, one at rest, or one of another commitment."""
        for capability in commitment.plan.capabilities:
            for offered in (True,) if commitment.plan.offers else (False, True):
                free = self._free.get((capability, offered), [])
                while free:
                    duty = heappop(free)[1]
                    if duty.available:
                        return duty
            if commitment.plan.task.breaks_rest:
                resting = [duty for duty in self._resting.get(capability, ()) if self._suits(duty, commitment)]
                if resting:
                    return min(resting, key=lambda duty: duty.element.order)
        return self._take_from_another(commitment)

    def _take_from_another(self, commitment: CommitmentDuties) -> Duty | None:
        """Find one of the commitment whose last element ranks last, if it ranks behind the next of this one."""
        first = self._next_rank(commitment)
        givers = [
            (self.policy(holder.plan, len(holder.assigned) - 1), number, holder)
            for number, holder in enumerate(commitment.rivals)
            if holder.assigned and holder.plan.task.may_withdraw.at(self.world.now)
        ]
        for rank, _, holder in sorted(givers, key=lambda giver: giver[:2], reverse=True):
            if rank <= first:
                break  # of one rank too: two tasks would rob each other for ever
            wanted = [duty for duty in holder.assigned if not duty.called_away and self._suits(duty, commitment)]
            if wanted:
                return min(wanted, key=lambda d: d.element.rank if commitment.plan.offers else d.element.order)
        return None

    def _suits(self, duty: Duty, commitment: CommitmentDuties) -> bool:
        return duty.element.capability in commitment.plan.capabilities and (
            duty.element.offered or not commitment.plan.offers
        )

    def assign(self, duty: Duty, commitment: CommitmentDuties) -> None:
        """Send an element to a commitment; it goes as soon as it can."""
        self._let_go(duty)
        commitment.assigned[duty] = None
        duty.goal = commitment
        duty.wake()

    def release(self, duty: Duty) -> None:
        """Let an element go: its tour is over, or its commitment is."""
        self._let_go(duty)
        duty.goal = None
        duty.wake()

    def _let_go(self, duty: Duty) -> None:
        duty.available = False
        if duty in (resting := self._resting.get(duty.element.capability, ())):
            resting.remove(duty)  # type: ignore[union-attr]
        if duty.goal is not None:
            del duty.goal.assigned[duty]
            if duty in duty.goal.overdue:
                duty.goal.overdue.remove(duty)

    def now_free(self, duty: Duty) -> None:
        """An element can be called on."""
        duty.available = True
        element = duty.element
        # no two elements have one order, so that duties are never compared
        heappush(self._free.setdefault((element.capability, element.offered), []), (element.order, duty))
        self.dispatch()

    def now_resting(self, duty: Duty) -> None:
        """An element rests, and only a task that breaks rest can call on it."""
        self._resting.setdefault(duty.element.capability, []).append(duty)

    def tour_over(self, duty: Duty) -> None:
        """Ask for relief."""
        if duty.goal is not None:
            duty.goal.overdue.append(duty)
            self.dispatch()

    def relieve(self, commitment: CommitmentDuties) -> None:
        """Relief has come: the element that is longest beyond its tour hands over, and goes."""
        if commitment.overdue:
            leaving, overlap_h = commitment.overdue.pop(0), commitment.plan.overlap_h
            if overlap_h:
                self.world.at(self.world.now + overlap_h, partial(self._handed_over, leaving, commitment))
            else:
                self.release(leaving)

    def _handed_over(self, leaving: Duty, commitment: CommitmentDuties) -> None:
        if leaving.goal is commitment:  # it may have left before
            self.release(leaving)
