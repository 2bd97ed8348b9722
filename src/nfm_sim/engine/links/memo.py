"""What replications find under way, remembered from one to the next: the plan that they share stays as it is.

A replication drives one leg for one way at one time, so that what it drives can be counted; which object that is, and
whether another replication made it, shows nowhere. So what is remembered may be forgotten between any two of them.
"""

from __future__ import annotations

from nfm_sim.memo import remembered
from nfm_sim.plan.legs import LegBook, Stretches
from nfm_sim.plan.movement import Leg, Legs, Way

MOST_DRIVEN, MOST_QUARTERS = 16_384, 32_768
"""Legs in classes of hours that are remembered, some 3 kB each (the corps in transit comes to some 6,000); and quarters
of an hour, for each of which it is known which of these is driven."""
MOST_FOUND = 48
"""Ways that are remembered: some 0.25 MB each on the Dutch network (tests/benchmarks/memory.py)."""


class DrivenLegs:
    """The legs of a plan as they were driven at different hours."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget all. A replication under way keeps the tables that it began with."""
        self.in_class: dict[tuple[Leg, int], Leg] = {}
        """Within one class of hours."""
        self.in_classes: dict[tuple[Leg, Stretches], Leg] = {}
        """Through several classes of hours."""
        self.of_quarter: dict[tuple[Leg, float], Leg] = {}
        """Legs of lorries, by the quarter of an hour in which they leave."""


@remembered(1)
def _driven_legs(book: LegBook) -> DrivenLegs:
    return DrivenLegs()


def driven_legs(book: LegBook) -> DrivenLegs:
    """Return what is remembered for a replication that begins: nothing, when that has become too much."""
    driven = _driven_legs(book)
    if len(driven.in_class) + len(driven.in_classes) > MOST_DRIVEN or len(driven.of_quarter) > MOST_QUARTERS:
        driven.clear()
    return driven


@remembered(MOST_FOUND)
def ways(book: LegBook, way: Way, start: str, end: str, closed: frozenset[str], count: int) -> list[Legs]:
    """As `LegBook.make`."""
    return book.make(way, start, end, closed, count)
