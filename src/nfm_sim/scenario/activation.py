"""How force elements activate: the decision, the chain of stages, the people, and the regimes that change them."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from nfm_sim.limits import MOST_FACTOR
from nfm_sim.scenario import values
from nfm_sim.scenario.values import NUMBER, Hours, Model, Name, Text, bounds

Tier = Annotated[int, bounds(1, 3), NUMBER]


class StageBase(Model):
    """The keys of all stages."""

    share: values.Share = 1
    """Probability that an element needs this stage."""
    share_by_tier: dict[Tier, values.Share] = {}
    """Instead of it, by tier."""
    source: Text = "assumed"
    """Where the numbers come from, or "assumed"."""


class TimedStage(StageBase):
    """A stage with hours that may differ by tier."""

    hours: Hours = Field(default=0, validate_default=True)
    """How long it takes."""
    hours_by_tier: dict[Tier, Hours] = {}
    """Instead of it, by tier."""


class HoursStage(TimedStage):
    """A stage that takes time, and holds of a pool while it does."""

    kind: Literal["hours"] = "hours"
    """What the stage does: it takes time, and may hold of a pool. A stage without a kind is one of these."""
    pool: values.PoolName | None = None
    """The pool of which one element holds an amount while it is in this stage, such as a training area."""
    amount: values.SomeAmount = 1
    """How much of the pool one element holds."""
    breaks_off: bool = True
    """An element that is called away leaves it at once, and later begins it anew; else it finishes it first."""


class RecallStage(TimedStage):
    """Calling people back from leave: slower when the order comes by night, or it runs into a weekend."""

    kind: Literal["recall"]
    """What the stage does: it calls people back."""
    night_adds_h: values.FixedHours = 0
    """When it begins between 22:00 and 06:00."""
    weekend_adds_h: values.FixedHours = 0
    """When it runs into a Saturday or Sunday."""


class FillUpStage(TimedStage):
    """Filling the empty places of a unit, by trade: from the unassigned, from less urgent units that have not
    filled up themselves, and from reservists as they come. `hours` is for joining, once the people are found."""

    kind: Literal["fill_up"]
    """What the stage does: it finds people."""
    full_share: values.Share = 0.95
    """Share of its establishment with which a unit goes on. Assumed."""
    donor_share: values.Share = 0.7
    """A unit that gives people keeps at least this share of its establishment. Assumed."""


class RepairStage(StageBase):
    """Repairing the pieces that are not mission capable, in bays by class, with spare parts that may run out."""

    kind: Literal["repair"]
    """What the stage does: it repairs pieces."""
    repair_h: Hours = Field(default=8, validate_default=True)
    """For one piece; drawn once for each element."""
    bays: dict[values.ClassName, values.PoolName] = {}
    """The pool of bays for a class; a class without one is not repaired here."""
    spares: dict[values.ClassName, values.PoolName] = {}
    """The stock that each repair takes one set from."""
    at_once: Annotated[int, bounds(1, 1000), NUMBER] = 2
    """Pieces of one element in the bays at the same time, at most."""


class IssueStage(StageBase):
    """Drawing ammunition and supplies at the element's depot, over its docks and in its opening hours."""

    kind: Literal["issue"]
    """What the stage does: it draws supplies."""
    docks: Name = "docks"
    """The facility of the depot; its rate is pieces loaded in an hour at one dock."""


def _kind_or_hours(value: object) -> Any:
    return {"kind": "hours", **value} if isinstance(value, dict) and "kind" not in value else value


AnyStage = HoursStage | RecallStage | FillUpStage | RepairStage | IssueStage
Stage = Annotated[
    Annotated[AnyStage, Field(discriminator="kind")], BeforeValidator(_kind_or_hours, json_schema_input_type=AnyStage)
]
"""A stage of activation; `kind` says what it asks for, and a stage without one takes hours."""


class Activation(Model):
    """The chain from the political decision to ready to move, and reception and integration at the end."""

    task: Name = "regional_plans"
    """The task that the elements with a tier are activated for."""
    decision_h: Hours = Field(default=0, validate_default=True)
    """From hour 0 to the activation order; one draw for all elements."""
    stages: dict[Name, Stage] = {}
    """In the order in which an element passes them."""
    pre_alert_days: dict[Tier, values.DaysBefore] = {}
    """By tier: how long before hour 0 its elements may begin with those stages, unless they say otherwise."""
    pre_alert_stages: tuple[values.StageName, ...] = ()
    """Stages that a pre-alerted element may pass before hour 0."""
    trades: dict[Name, dict[values.PoolName, values.Share]] = {}
    """By capability, or "other": the trades that its people have, each the name of a pool of people."""
    integration_h: Hours = Field(default=0, validate_default=True)
    """Reception, staging and integration after the last piece has arrived."""


class Regime(Model):
    """The changes that a regime (peace, crisis, conflict) makes; a value that it does not give stays as it is."""

    decision_h: Hours | None = None
    """Hours of the political decision that begins in it."""
    recall_factor: values.Factor = 1
    """Hours of a recall that begins in it, as a multiple."""
    driving: tuple[values.Opening, ...] | None = None
    """Hours in which columns may drive."""
    running: tuple[values.Opening, ...] | None = None
    """Hours in which military trains may run: all day when they go before civil trains."""
    running_dangerous: tuple[values.Opening, ...] | None = None
    """Hours in which trains with dangerous goods may run."""
    call_up: bool = False
    """Reservists may be called up."""
    permit_h: Hours | None = None
    """From the order, or from asking, until a force element or a flow may cross the border."""
    permit_h_by_nation: dict[Name, Hours] = {}
    """Instead of it, for flows of these nations."""
    may_withdraw: dict[values.TaskName, bool] = {}
    """Whether elements may be withdrawn from a task."""
    supply_factor: dict[values.SupplyName, Annotated[float, bounds(0, MOST_FACTOR), NUMBER]] = {}
    """By class of supply: what is used, as a multiple; 0 for no firing in peace."""
    attrition_factor: dict[Name, Annotated[float, bounds(0, MOST_FACTOR), NUMBER]] = {}
    """By attrition: the share that falls out in a day, likewise."""
    present_share: dict[values.PoolName, values.Share] = {}
    """By pool: the share of its own capacity that is there, such as of civilians who work on; what elements bring comes
    on top."""
    needs_factor: dict[values.PoolName, values.Factor] = {}
    """By pool: as a multiple, how many of it all need that it works at, such as guards at what stands in a yard."""


class RegimeStart(Model):
    """From when a regime holds."""

    regime: values.RegimeName
    """Its name in [regimes]."""
    day: values.Days
    """Days after hour 0."""
