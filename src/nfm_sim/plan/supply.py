"""Supply and attrition as all replications share them: stocks with the ways of their loads, what each element uses, and
what falls out of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from nfm_sim.plan.movement import Lot, Need, Rank
from nfm_sim.plan.timeline import Timeline

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

    mode: str
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


Attritions = Mapping[str, tuple[ElementAttrition, ...]]
"""By element."""


def attritions_of(attrition: Attritions) -> list[AttritionPlan]:
    """All that may fall out, each once."""
    return list(dict.fromkeys(each.of for of in attrition.values() for each in of))


def repeated_lots(supply: SupplyPlan, attrition: Attritions) -> Iterator[tuple[str, str, Lot]]:
    """Yield the largest lots of all that moves time and again: the table of the scenario that has it, what it is there,
    and the lot."""
    for stock in supply.stocks:
        yield from (("supply.stocks", stock.name, way.lot) for ways in stock.ways.values() for way in ways)
    for of in attritions_of(attrition):
        yield from (("attrition", of.name, way.lot) for way in chain(*of.back.values(), *of.forward.values()))
