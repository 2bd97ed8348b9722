"""What the holders of pools did while they held them."""

from __future__ import annotations

import polars as pl

from nfm_sim.measures.columns import KEY, USED, Column
from nfm_sim.measures.common import answers
from nfm_sim.record import Record
from nfm_sim.record.words import Kind

UNIT_HOURS = Column("unit-hours")
COME_BACK = "come back"
"""What a holder does that has closed and still holds: its wagons, trucks or escorts are on their way back."""
SERVE = "serve"
"""What a task does with the amounts that it holds."""


@answers(pool=KEY, place=KEY, activity=KEY, kind=KEY, cause=KEY, unit_hours=UNIT_HOURS, share=USED)
def pool_use(run: Record) -> pl.DataFrame:
    """Return what the holders of each pool did while they held it.

    Columns: replication, pool, place, activity and kind (work, move, wait, blocked) of the holder, cause (of a wait,
    else empty), unit_hours (the amount held times hours), and share of all unit_hours of the pool. "come back" is the
    time after the holder closed, "serve" that of tasks. Sorted by unit_hours within a pool, the most first.

    >>> nfm.measures.pool_use(run).filter(pl.col("pool") == "trucks").select("activity", "kind", "unit_hours").row(0)
    ('come back', 'move', 12.0)
    """
    pool = ["replication", "pool", "place"]
    held = run.holdings.with_row_index("number").with_columns(
        (pl.col("amount") * (pl.col("end_h") - pl.col("start_h"))).alias("all")
    )
    spans = run.spans.filter(pl.col("kind") != Kind.MILESTONE).select(
        "replication", "subject", "activity", "kind", "cause", from_h="start_h", until_h="end_h"
    )
    both = pl.min_horizontal("end_h", "until_h") - pl.max_horizontal("start_h", "from_h")
    is_wait = pl.col("kind").is_in([Kind.WAIT, Kind.BLOCKED])
    doing = (
        held.join(spans, on=["replication", "subject"])
        .with_columns(
            (pl.col("amount") * both).alias("unit_hours"), pl.when(is_wait).then("cause").otherwise(pl.lit(""))
        )
        .filter(both > 0)
    )
    seen = doing.group_by("number").agg(pl.col("unit_hours").sum().alias("seen"))
    known = spans.select("replication", "subject").unique().with_columns(known=True)
    rest = (
        held.join(seen, on="number", how="left")
        .join(known, on=["replication", "subject"], how="left")
        .with_columns(
            (pl.col("all") - pl.col("seen").fill_null(0.0)).alias("unit_hours"),
            pl.when(pl.col("known").is_null()).then(pl.lit(SERVE)).otherwise(pl.lit(COME_BACK)).alias("activity"),
            pl.when(pl.col("known").is_null()).then(pl.lit(Kind.WORK)).otherwise(pl.lit(Kind.MOVE)).alias("kind"),
            pl.lit("").alias("cause"),
        )
        .filter(pl.col("unit_hours") > LEAST)
    )
    columns = [*pool, "activity", "kind", "cause", "unit_hours"]
    return (
        pl.concat([doing.select(columns), rest.select(columns)])
        .group_by(columns[:-1])
        .agg(pl.col("unit_hours").sum())
        .filter(pl.col("unit_hours") > 0)  # nothing of a pool may be held too
        .with_columns((pl.col("unit_hours") / pl.col("unit_hours").sum().over(pool)).alias("share"))
        .sort(*pool, "unit_hours", "activity", descending=[False, False, False, True, False])
    )


LEAST = 1e-6
"""Unit-hours below which a rest is but rounding."""
