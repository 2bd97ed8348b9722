"""What the columns of an answer are, so that estimates, targets, prices, sentences and labels need not guess it from a
name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import polars as pl


@dataclass(frozen=True, slots=True)
class Column:
    """What a column of an answer holds, said once: whatever tells of a number reads it here.

    `unit` is for labels. A `share` lies between 0 and 1, and its interval stays there.
    """

    unit: str = ""
    key: bool = False
    """It says what the row is about."""
    share: bool = False
    better: Literal["", "more", "less"] = ""
    """Which way an answer is to go; "" when neither more nor less of it is better in itself."""
    moment: bool = False
    """An hour after hour 0, not a length of time: more of it is later."""
    together: Literal["mean", "sum", "first", "last"] = "mean"
    """What all rows of a replication make together: of the last pieces of flows the last, of their pieces the sum."""
    weight: str = ""
    """The column by which a mean over rows is weighted, such as the pieces of flows."""
    words: str = ""
    """What a sentence calls it, as the subject; "" for the name of the column."""

    def but(self, **changes: Any) -> Column:
        """The same with something changed, such as what a sentence calls it."""
        return replace(self, **changes)


KEY = Column(key=True)
"""What a row is about: a flow, a tier, a place."""
WHOLES = frozenset({"flow", "tier", "formation", "task", "plan"})
"""Keys of whole flows, tiers, formations, tasks and plans; what others name (an element, a link) is a part."""
TEXT = Column()
"""Words that say something of a row."""
HOUR = Column("h", moment=True, better="less")
"""The hour after hour 0 at which something is reached: the sooner the better."""
GIVEN_HOUR = Column("h", moment=True)
"""An hour after hour 0 that is neither better sooner nor later, such as one that is asked for."""
FIRST_HOUR = GIVEN_HOUR.but(together="first")
"""The hour at which something first shows."""
IN_PLACE = HOUR.but(words="the day it is in place")
EFFECTIVE = HOUR.but(words="the day it is effective")
HOURS = Column("h")
"""A length of time in hours."""
LOST_HOURS = Column("h", better="less", together="sum")
"""A length of time that is waited or lost."""
DAYS = Column("days")
LATE_DAYS = Column("days", better="less")
"""By how many days a deadline is missed."""
COUNT = Column(together="sum")
"""A number of things, or an amount in the unit that stands beside it."""
ELEMENTS = Column("elements", together="sum")
VEHICLE_HOURS = Column("vehicle-hours", better="less", together="sum")
PIECES = Column("pieces", together="sum")
PIECE_HOURS = Column("piece-hours", better="less", together="sum")
"""Hours of delay, each weighted by its pieces."""
SHARE = Column("share", share=True, better="more")
"""A fraction, 0 to 1, of what is to be: more is better. That of truth values is one too."""
PART = Column("share", share=True)
"""A fraction of a whole: neither more nor less of it is better in itself."""
USED = PART
"""The fraction of a capacity that was used."""
RATIO = Column("ratio")
"""A fraction that may exceed 1, such as the slots of both directions over the hours of one."""

COLUMNS: dict[str, Mapping[str, Column]] = {}
"""By measure: the columns of its answer, `replication` aside."""


def together(table: pl.DataFrame, column: str, declared: Column, by: Sequence[str] = ()) -> pl.DataFrame:
    """Return what the rows of each replication make together of a column: `by`, replication and the column.

    Null where a row is; of the first of several, where all are.
    """
    value = pl.col(column).cast(pl.Float64)
    known, weight = value.is_not_null(), pl.col(declared.weight)
    mean = (value * weight).sum() / weight.sum() if declared.weight else value.mean()
    whole = {"mean": mean, "sum": value.sum(), "first": value.min(), "last": value.max()}[declared.together]
    enough = known.any() if declared.together == "first" else known.all()
    return table.group_by(*by, "replication", maintain_order=True).agg(pl.when(enough).then(whole).alias(column))
