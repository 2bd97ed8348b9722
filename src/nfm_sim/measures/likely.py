"""Between which values the next replication likely lies: the one way in which ranges of replications are told."""

from __future__ import annotations

import math

import polars as pl

BAND = 0.8
"""The chance of the bands of figures and of what is called 10-90 %."""
FEWEST = 40
"""Replications below which no range of the next is told. Of fewer it would be right for all studies together, and
for a single one, whose values lie as they happen to lie, too often far off. Assumed."""


def needed_for(chance: float = BAND) -> int:
    """How many replications it takes to say between which values the next lies with a chance.

    >>> nfm.measures.needed_for(0.9), nfm.measures.needed_for(0.99)
    (40, 199)
    """
    return max(FEWEST, math.ceil(2 / (1 - chance) - 1e-9) - 1)


def likely(values: pl.Series, chance: float = BAND) -> tuple[float | None, float | None]:
    """Return the values between which the next replication lies with this chance, as likely below as above.

    The next of n + 1 is as likely to have any rank among them; so the ends are values by their rank, with what lies
    between two in proportion (Beran and Hall 1993, J. R. Stat. Soc. B 55:643), and somewhat further apart than the
    quantiles of the values that there are. Null is not reached, and later than all: an end among such is None. Both
    are None with fewer values than `needed_for` says.

    >>> nfm.measures.likely(pl.Series(range(1, 60)), 0.9)
    (3.0, 57.0)
    >>> nfm.measures.likely(pl.Series(range(1, 40)), 0.9)
    (None, None)
    """
    number = len(values)
    if number < needed_for(chance):
        return None, None
    ordered = values.cast(pl.Float64).fill_null(math.inf).sort()
    first = _first_place(number, chance)
    return _value_at(ordered, first), _value_at(ordered, number - 1 - first)


def likely_ends(column: str, number: int, chance: float = BAND) -> list[pl.Expr]:
    """The ends that `likely` gives, as `low` and `high`, for groups of so many known values each; of too few their
    least and their most."""
    value = pl.col(column)
    share = _first_place(number, chance) / (number - 1) if number >= needed_for(chance) else 0.0
    return [value.quantile(end, "linear").alias(name) for end, name in ((share, "low"), (1 - share, "high"))]


def _first_place(number: int, chance: float) -> float:
    """The place, from 0, of the lower end among so many values in their order."""
    return round((number + 1) * (1 - chance) / 2 - 1, 9)


def _value_at(ordered: pl.Series, place: float) -> float | None:
    below, part = int(place), place % 1
    value = ordered[below] * (1 - part) + ordered[below + 1] * part if part else ordered[below]
    return float(value) if math.isfinite(value) else None
