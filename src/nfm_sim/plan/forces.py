"""Force elements, their stages, and the tasks that call on them, as all replications share them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from nfm_sim.plan.movement import Lot, Need, Rank
from nfm_sim.plan.timeline import Timeline, Windows

TaskKey = tuple[str, str]
"""Task and commitment."""
Requirement = tuple[tuple[str, ...], ...]
"""All of the parts, and of each part one."""


@dataclass(frozen=True, slots=True)
class StagePlan:
    """A stage as one element passes it."""

    name: str
    place: str
    """Where the element is meanwhile."""

    def needs(self) -> Iterable[Need]:
        """Return what it takes and gives back."""
        return ()

    def uses_up(self) -> Iterable[Need]:
        """Return what it takes for good."""
        return ()


@dataclass(frozen=True, slots=True)
class HoursPlan(StagePlan):
    """A stage that takes time, and holds of a pool while it does."""

    hours: int
    """Draw; 0 hours hold nothing."""
    need: Need | None
    breaks_off: bool
    """An element that is called away leaves it at once."""

    def needs(self) -> Iterable[Need]:
        return () if self.need is None else (self.need,)


@dataclass(frozen=True, slots=True)
class RecallPlan(StagePlan):
    """Recall from leave: slower by night and in the weekend, and as the regime has it."""

    hours: int
    """Draw."""
    at_night: tuple[Windows, float]
    """Hours that are added when the recall begins in these."""
    at_weekend: tuple[Windows, float]
    """Hours that are added when the recall runs into these."""
    factor: Timeline[float]
    """The factor by which the regime multiplies the hours."""


@dataclass(frozen=True, slots=True)
class FillUpPlan(StagePlan):
    """Filling up with people of each trade."""

    hours: int
    """Draw: for joining, once the people are found."""
    full_share: float
    donor_share: float


class Job(NamedTuple):
    """The repair of one piece."""

    bay: Need
    spares: Need | None
    """The parts that it uses up."""


@dataclass(frozen=True, slots=True)
class RepairPlan(StagePlan):
    """Repair of the pieces that are not mission capable."""

    hours: int
    """Draw: for one piece."""
    jobs: tuple[Job, ...]
    at_once: int

    def needs(self) -> Iterable[Need]:
        return (job.bay for job in self.jobs)

    def uses_up(self) -> Iterable[Need]:
        return (job.spares for job in self.jobs if job.spares is not None)


@dataclass(frozen=True, slots=True)
class IssuePlan(StagePlan):
    """Issue of ammunition and supplies at a depot, over its docks."""

    dock: Need | None
    """None for an element without a depot or pieces, which draws nothing."""
    hours: float
    windows: Windows | None

    def needs(self) -> Iterable[Need]:
        return () if self.dock is None else (self.dock,)


class StageStep(NamedTuple):
    """A stage of an element's chain, and whether it needs it."""

    stage: StagePlan
    whether: int
    """Draw: below the share, it is needed."""
    share: float
    early: bool
    """A pre-alerted element passes it before the order."""


class TaskPlan(NamedTuple):
    """A call on the force."""

    name: str
    priority: float
    weight: float
    stages: frozenset[str]
    breaks_rest: bool
    may_withdraw: Timeline[bool]
    """Whether its elements may be withdrawn for another task."""


class CommitmentPlan(NamedTuple):
    """A commitment of a task: elements of a capability, an amount of a pool, or all elements that are offered to it."""

    task: TaskPlan
    name: str
    offers: bool
    """All elements of the capability that are offered to the NATO Force Model, from the activation order on."""
    capabilities: tuple[str, ...]
    pool: str
    number: float
    reserve: int
    """Elements that are kept for it under reserved shares."""
    from_h: float
    until_h: float
    tour_h: float
    longest_tour_h: float
    rest_h: float
    staffs: tuple[Need, ...]
    overlap_h: float = 0.0
    """An element that is relieved hands over for so long."""
    takes_over: bool = False
    """Relief takes over the pieces that are there."""
    mends: str = ""
    """The disruption that its elements mend; it asks from then on when `from_h` is infinite."""

    @property
    def key(self) -> TaskKey:
        return self.task.name, self.name

    @property
    def subject(self) -> str:
        return f"{self.task.name}/{self.name}"

    @property
    def rank(self) -> Rank:
        return (self.task.priority,)


class ReliefPlan(NamedTuple):
    """The lots in which the pieces of an element go to a commitment over the network, and come back from it."""

    out: tuple[Lot, ...]
    back: tuple[Lot, ...]


class ElementPlan(NamedTuple):
    """A force element: its stages, its lots, and what it needs to be effective."""

    subject: str
    rank: Rank
    capability: str
    offered: bool
    """To the NATO Force Model: it has a tier."""
    order: Rank
    """The order in which tasks call on elements: the lower first."""
    commitment: TaskKey | None
    """Task and commitment that it serves at hour 0."""
    tour_left: int
    """Draw: the share of its tour that is left then."""
    travel: Mapping[TaskKey, int]
    """Draws: hours to where it serves, by task and commitment."""
    reliefs: Mapping[TaskKey, ReliefPlan]
    """By commitment to which its pieces move."""
    redeploy: Mapping[str, int]
    """Draws: hours to come back, by task."""
    permit: Timeline[int | None]
    """Draws: how long a border permit takes, by the hour of the order."""
    home: str
    stages: tuple[StageStep, ...]
    lots: tuple[Lot, ...]
    deploys: int | None
    """Draw: sailing or flying time of an element that moves itself."""
    area: str
    integration: int
    """Draw."""
    requires: Requirement
    pre_alert_h: float
    partner: str
    partner_at: int | None
    """Draw: hour at which the partner is in place."""

    def all_lots(self) -> Iterator[Lot]:
        """Yield all in which it moves: to the regional plans, and to tasks and back."""
        yield from self.lots
        for relief in self.reliefs.values():
            yield from (*relief.out, *relief.back)


class FormationPlan(NamedTuple):
    """Elements that close as a whole."""

    subject: str
    elements: tuple[str, ...]
    needed: int
    """Elements that must be in place."""
    headquarters: str | None
    requires: Requirement


class People(NamedTuple):
    """The people of one trade in one element: its establishment, and the number present at hour 0."""

    establishment: float
    present: float


# Supply and attrition: stocks with the ways of their loads, what each element uses, and what falls out of it.

Amounts = tuple[float, ...]
"""Tonnes, or tonnes an hour, by class of supply in the order of the plan."""


class Carriage(NamedTuple):
    """Classes of supply that share their loads: the class of pieces in which they move."""

    piece: str
    load_t: float
    classes: tuple[int, ...]
    """By their numbers."""


class SupplyWay(NamedTuple):
    """A mode by which loads come to a stock."""

    share: float
    lot: Lot
    """The largest; one of fewer pieces is made of it."""
    beyond: tuple[int, ...]
    """Draws of the hours beyond the border, for one lot after another; empty where nothing leads there."""
    goes_back: bool = False
    """From beyond the border, not to there."""


class StockPlan(NamedTuple):
    """A stock, and how it orders."""

    name: str
    rank: Rank
    place: str
    """Empty for one in an area of operations."""
    per_vehicle: Amounts
    """What each vehicle takes that rests there."""
    drawn_from: str
    """Empty for one that is where all begins."""
    there: Amounts
    """At hour 0; infinite where it is not limited."""
    up_to_h: float
    up_to: Amounts
    """It orders up to so many hours of use, and so much besides."""
    order_at_h: float | None
    order_at: Amounts
    """When so much is left; None: whenever a load is missing."""
    review_h: float
    """0: at any time."""
    push: Amounts
    """Tonnes a day, whatever is used; all 0 where it orders."""
    lead: tuple[int, ...]
    """Draws, for one order after another, where nothing moves over the network."""
    ways: Mapping[str, tuple[SupplyWay, ...]]
    """By class of pieces."""


class UsePlan(NamedTuple):
    """What an element uses in place."""

    stock: str
    per_h: Amounts
    carries: Amounts
    factors: Timeline[Amounts]
    """By which regimes and postures multiply what is used."""


class SupplyPlan(NamedTuple):
    """The supply of a plan."""

    classes: tuple[str, ...]
    stops_effect: tuple[bool, ...]
    carriages: tuple[Carriage, ...]
    stocks: tuple[StockPlan, ...]
    """Each after the one that it is drawn from."""
    uses: Mapping[str, UsePlan]
    """By element."""


@dataclass(frozen=True, slots=True, eq=False)
class AttritionPlan:
    """What falls out of elements, and what becomes of it."""

    name: str
    rank: Rank
    lost_share: float
    stays_share: float
    stays_h: int
    """Draw: how long it is mended or treated in the area."""
    mended_by: tuple[Need, ...]
    uses: Amounts
    """Tonnes that each takes of the stock of its element; empty where it takes none."""
    bed: Need | None
    """What each takes where it is evacuated to."""
    there_h: int
    """Draw."""
    every_h: float
    """So often what goes back or forward sets out."""
    comes_back: bool
    least_share: float
    back: Mapping[str, tuple[SupplyWay, ...]]
    """By destination of the elements: the ways from there; empty where nothing is evacuated."""
    forward: Mapping[str, tuple[SupplyWay, ...]]
    """Likewise the ways to there."""

    def needs(self) -> tuple[Need, ...]:
        """Return what each that falls out takes and gives back."""
        return self.mended_by if self.bed is None else (*self.mended_by, self.bed)


class ElementAttrition(NamedTuple):
    """What falls out of one element."""

    of: AttritionPlan
    number: int
    """Of its people or pieces."""
    share_a_day: Timeline[float]
    days: tuple[int, ...]
    """Draws, for one day in place after another: uniform."""


@dataclass(frozen=True)
class ForcePlans:
    """The force of a plan: its elements and formations, the people that they have, the calls on them, what they use,
    and what falls out of them."""

    decision: int
    """Draw: hours from hour 0 to the activation order."""
    elements: tuple[ElementPlan, ...]
    formations: tuple[FormationPlan, ...]
    people: Mapping[str, Mapping[str, People]]
    """By element and trade."""
    donors: Mapping[str, tuple[tuple[str, Rank], ...]]
    """By trade: the elements that have people of it with their ranks, the least urgent last."""
    commitments: tuple[CommitmentPlan, ...]
    """To elements."""
    pool_commitments: tuple[CommitmentPlan, ...]
    """To amounts of pools."""
    supply: SupplyPlan
    attrition: Mapping[str, tuple[ElementAttrition, ...]]
    """By element."""

    def attritions(self) -> list[AttritionPlan]:
        """All that may fall out, each once."""
        return list(dict.fromkeys(each.of for of in self.attrition.values() for each in of))

    def repeated_lots(self) -> Iterator[tuple[str, str, Lot]]:
        """Yield the largest lots of all that moves time and again: the table of the scenario that has it, what it is
        there, and the lot."""
        for stock in self.supply.stocks:
            yield from (("supply.stocks", stock.name, way.lot) for ways in stock.ways.values() for way in ways)
        for of in self.attritions():
            yield from (("attrition", of.name, way.lot) for way in chain(*of.back.values(), *of.forward.values()))
