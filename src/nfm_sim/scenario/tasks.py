"""Tasks and regional plans: the calls on the one force, and what each asks of it over time."""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from math import floor
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from nfm_sim.limits import LEAST_AMOUNT, MOST_DEMANDED, MOST_FACTOR
from nfm_sim.scenario import values
from nfm_sim.scenario.distributions import Hours
from nfm_sim.scenario.values import NUMBER, Model, Name, Text, bounds, split


def _split_alternatives(value: object) -> Any:
    return split(value, "|") if isinstance(value, str) else value


Alternatives = Annotated[
    tuple[str, ...], BeforeValidator(_split_alternatives, json_schema_input_type=tuple[str, ...] | str)
]
"""Capabilities of which one will do, the first by preference: "national reserve | light infantry"."""


class Commitment(Model):
    """A demand of a task over a time: force elements of a capability, or an amount of a pool."""

    title: Text = ""
    """What it is called in tables and figures."""
    capability: Alternatives = ()
    """The capability that is asked for, or several of which one will do: "national reserve | light infantry". Either
    this or `pool`."""
    pool: values.PoolName | None = None
    """The pool of which an amount is asked for."""
    number: Annotated[float, bounds(LEAST_AMOUNT, MOST_DEMANDED), NUMBER] = 1
    """Elements, or units of the pool."""
    from_day: values.Days | None = None
    """Without one, it runs already at hour 0."""
    until_day: values.SomeDays | None = None
    """When it ends, days after hour 0; without one, at the horizon."""
    travel_h: Hours = Field(default=0, validate_default=True)
    """From the order until an element serves there; with a destination, the way of its people by air or bus."""
    destination: values.DestinationName | None = None
    """Where it is, if the pieces of its elements go there and back over the network, by the shares of the scenario."""
    takes_over: bool = False
    """Relief takes over the pieces of who it relieves, so that only people travel."""
    overlap_days: values.Days = 0
    """After its relief has come, an element hands over for so long before it goes."""
    tour_days: values.SomeDays | None = None
    """After which an element is to be relieved; without one it serves to the end."""
    longest_tour_days: values.SomeDays | None = None
    """An element goes after so long though no relief has come; without one it goes when its tour is over."""
    rest_days: values.Days = 0
    """Recovery after a tour, in which an element serves no task."""
    staffs: dict[Name, values.SomeAmount] = {}
    """Amounts that each element that serves here adds to pools, such as escort teams or guards on post, or to a
    facility, as "place.facility"."""
    mends: Text = ""
    """A disruption that its elements mend. Without `from_day` it asks for them while that lasts."""
    source: Text = "notional"
    """Where the numbers come from."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if bool(self.capability) == (self.pool is not None):
            raise ValueError("must ask for either a capability or a pool")
        if self.capability and self.number != int(self.number):
            raise ValueError("must ask for a whole number of elements")
        if self.until_day is not None and self.until_day <= (self.from_day or 0):
            raise ValueError("must end after it begins")
        if self.longest_tour_days is not None and self.longest_tour_days < (self.tour_days or 0):
            raise ValueError("must have a longest tour no shorter than the tour")
        if self.pool is not None and self.destination is not None:
            raise ValueError("must ask for elements, if it has a destination where their pieces go")
        if self.takes_over and self.destination is None:
            raise ValueError("must have the destination of the pieces that relief takes over")
        if self.overlap_days and self.tour_days is None:
            raise ValueError("must have tour_days, as who is not relieved hands nothing over")
        return self


class Task(Model):
    """A call on the force. What goes first is for the scenario's policy to say."""

    title: Text = ""
    """What it is called in tables and figures."""
    priority: values.Priority = 1
    """A lower number goes first: for elements under strict order, and for pools under every policy."""
    weight: values.Factor = 1
    """Its part of the elements under the policy of weights."""
    reserved_share: dict[Name, values.Share] = {}
    """By capability, or "other": the share of the elements that is kept for it, under reserved shares."""
    may_withdraw: bool = True
    """Its elements may be withdrawn for another task."""
    breaks_rest: bool = False
    """The task may call on elements that rest after a tour."""
    redeploy_h: Hours = Field(default=0, validate_default=True)
    """For an element to come back from it."""
    stages: tuple[values.StageName, ...] = ()
    """Stages of activation that an element passes before it serves, if it has not passed them yet."""
    commitments: dict[Name, Commitment] = {}
    """What it asks for over time."""


class Demand(Model):
    """A number of force elements of a capability, in place in a region by a day."""

    capability: Name
    """What the elements that meet it must be able to do."""
    number: Annotated[int, bounds(1, MOST_DEMANDED), NUMBER] = 1
    """Force elements, before the target scales it."""
    day: values.Days
    """Days after hour 0 by which they are to be in place."""
    region: Text = ""
    """Where, in words: it stands in tables, and elements are not chosen by it."""


class PlanVersion(Model):
    """A plan as it stood at a time, such as before and after the accession of Finland and Sweden."""

    title: Text = ""
    """What it is called in tables and figures."""
    demands: tuple[Demand, ...] = ()
    """What it asks for."""


class RegionalPlan(Model):
    """A regional plan with its versions, the newest last."""

    title: Text = ""
    """What it is called in tables and figures."""
    versions: dict[Name, PlanVersion] = Field(min_length=1)
    """By name, in the order of their time."""


class Targets(Model):
    """Capability targets of a year: how many times today's demand a plan asks for, by capability or "other"."""

    title: Text = ""
    """What it is called in tables and figures."""
    factors: dict[Name, Annotated[float, bounds(0, MOST_FACTOR), NUMBER]] = {}
    """Multiples of today's demand, by capability or "other". A capability is scaled as a whole: three times 1.25 asks
    for 3.75 elements, the last of them for three quarters of one."""

    def factor(self, capability: str) -> float:
        """How many times today's demand is asked for of a capability."""
        return self.factors.get(capability, self.factors.get("other", 1.0))


def scaled(numbers: Sequence[int], factor: float) -> list[float]:
    """Return numbers of elements, in the order of their days, scaled as a whole: all are whole but the last, which has
    the fraction that is left, so that nothing is rounded.

    >>> scaled([1, 2], 1.25)
    [1, 2.75]
    """
    sums = [round(number * factor, DECIMALS) for number in accumulate(numbers)]
    steps = [0, *map(floor, sums[:-1]), *sums[-1:]]
    return [round(after - before, DECIMALS) for before, after in pairwise(steps)]


DECIMALS = 9
"""To which a demand is exact: 3 x 1.1 is 3.3, and not 3.3000000000000003."""
