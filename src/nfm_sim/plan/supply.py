"""Supply as all replications share it: classes, stocks with the ways of their loads, and what each element uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nfm_sim.plan.movement import Lot, Rank
from nfm_sim.plan.timeline import Timeline

Amounts = tuple[float, ...]
"""Tonnes, or tonnes an hour, by class of supply in the order of the plan."""


@dataclass(frozen=True, slots=True)
class Carriage:
    """Classes of supply that share their loads: the class of pieces in which they move."""

    piece: str
    load_t: float
    classes: tuple[int, ...]
    """By their numbers."""


@dataclass(frozen=True, slots=True)
class SupplyWay:
    """A mode by which loads come to a stock."""

    mode: str
    share: float
    lot: Lot
    """The largest; one of fewer pieces is made of it."""
    beyond: tuple[int, ...]
    """Draws, for one lot after another; empty where nothing leads beyond."""


@dataclass(frozen=True, slots=True)
class StockPlan:
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


@dataclass(frozen=True, slots=True)
class UsePlan:
    """What an element uses in place."""

    stock: str
    per_h: Amounts
    carries: Amounts


@dataclass(frozen=True, slots=True)
class SupplyPlan:
    """The supply of a plan."""

    classes: tuple[str, ...]
    stops_effect: tuple[bool, ...]
    carriages: tuple[Carriage, ...]
    stocks: tuple[StockPlan, ...]
    """Each after the one that it is drawn from."""
    uses: Mapping[str, UsePlan]
    """By element."""
    factors: Timeline[Amounts]
    """By which the regimes multiply what is used."""

    def lots(self) -> Iterator[tuple[str, Lot]]:
        """Yield the largest lots in which loads move, each with its stock."""
        for stock in self.stocks:
            yield from ((stock.name, way.lot) for ways in stock.ways.values() for way in ways)
