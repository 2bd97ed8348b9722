"""Regional plans: which capabilities they ask for, where and by when, and the targets that scale them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from math import floor
from typing import Annotated

from pydantic import Field

from nfm_sim.limits import MOST_DEMANDED, MOST_FACTOR
from nfm_sim.scenario.values import NUMBER, Days, Model, Name, Text, bounds


class Demand(Model):
    """A number of force elements of a capability, in place in a region by a day."""

    capability: Name
    """What the elements that meet it must be able to do."""
    number: Annotated[int, bounds(1, MOST_DEMANDED), NUMBER] = 1
    """Force elements, before the target scales it."""
    day: Days
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
