"""What the columns of an answer are, so that estimates, targets, prices and labels need not guess it from a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class Column:
    """What a column of an answer holds.

    `unit` is for labels. A `share` lies between 0 and 1, and its interval stays there. `more_is_better` says which
    way an answer is to go.
    """

    unit: str = ""
    key: bool = False
    """It says what the row is about."""
    share: bool = False
    more_is_better: bool = False


KEY = Column(key=True)
"""What a row is about: a flow, a tier, a place."""
TEXT = Column()
"""Words that say something of a row."""
HOURS = Column("h")
"""Hours after hour 0, or a length of time in hours."""
DAYS = Column("days")
COUNT = Column()
"""A number of things, or an amount in the unit that stands beside it."""
ELEMENTS = Column("elements")
VEHICLE_HOURS = Column("vehicle-hours")
PIECES = Column("pieces")
PIECE_HOURS = Column("piece-hours")
SHARE = Column("share", share=True, more_is_better=True)
"""A fraction, 0 to 1. That of truth values is one too."""
USED = Column("share", share=True)
"""The fraction of a capacity that was used: neither more nor less of it is better in itself."""
RATIO = Column("ratio")
"""A fraction that may exceed 1, such as the slots of both directions over the hours of one."""

COLUMNS: dict[str, Mapping[str, Column]] = {}
"""By measure: the columns of its answer, `replication` aside."""


def columns_of(table: pl.DataFrame) -> Mapping[str, Column]:
    """Return what is known of the columns of a table: those of the measure whose answer it is, or was made of.

    It is the answer of a measure when all columns of that measure stand in it; of several the one with most columns.
    """
    there = set(table.columns)
    found = [columns for columns in COLUMNS.values() if there.issuperset(columns)]
    return max(found, key=len, default={})
