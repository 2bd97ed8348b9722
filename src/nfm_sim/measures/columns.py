"""What the columns of an answer are, so that estimates, targets, prices, sentences and labels need not guess it from a
name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

import polars as pl

from nfm_sim.beside import rows_beside


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

    @property
    def is_zero_without_row(self) -> bool:
        """Whether a replication without a row has 0 of it: of what is added up, and of the longest of none."""
        return self.together == "sum" or (self.together == "last" and not self.moment)

    def but(self, **changes: Any) -> Column:
        """The same with something changed, such as what a sentence calls it."""
        return replace(self, **changes)


WHOLES = frozenset({"flow", "tier", "formation", "task", "plan"})
"""Keys of whole flows, tiers, formations, tasks and plans; what others name (an element, a link) is a part."""
HOUR = Column("h", moment=True, better="less")
"""The hour after hour 0 at which something is reached: the sooner the better."""
SHARE = Column("share", share=True, better="more")
"""A fraction, 0 to 1, of what is to be: more is better. That of truth values is one too."""
PART = Column("share", share=True)
"""A fraction of a whole: neither more nor less of it is better in itself."""

COLUMNS: dict[str, dict[str, Column]] = {}
"""By measure: the columns of its answer, `replication` aside. Those of ours stand in `columns.csv`."""


@cache
def _declared(
    unit: str = "", holds: str = "", better: Any = "", together: Any = "mean", weight: str = "", words: str = ""
) -> Column:
    """What a row of that table says of a column, which `holds` a key, a share, a moment, or none of these."""
    key, share, moment = (holds == kind for kind in ("key", "share", "moment"))
    return Column(unit, key, share, better, moment, together, weight, words)


for _row in rows_beside(__file__, "columns.csv"):
    _measure, _name = _row.pop("measure"), _row.pop("column")
    COLUMNS.setdefault(_measure, {})[_name] = _declared(**_row)


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
