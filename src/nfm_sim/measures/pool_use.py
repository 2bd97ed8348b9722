"""What the holders of pools did while they held them."""

from __future__ import annotations

import polars as pl

from nfm_sim.measures.columns import KEY, PART, USED, Column
from nfm_sim.measures.common import (
    LENGTH_H,
    POOL,
    answers,
    by_step,
    held_by_pool,
    named_cause,
    own_waits,
    pool_kind_and_name,
)
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
    held = run.holdings.with_row_index("number").with_columns((pl.col("amount") * LENGTH_H).alias("all"))
    spans = run.spans.filter(pl.col("kind") != Kind.MILESTONE).select(
        "replication", "subject", "activity", "kind", "cause", from_h="start_h", until_h="end_h"
    )
    both = pl.min_horizontal("end_h", "until_h") - pl.max_horizontal("start_h", "from_h")
    is_wait = pl.col("kind").is_in([Kind.WAIT, Kind.BLOCKED])
    doing = (
        held.join(spans, on=["replication", "subject"], maintain_order="left_right")
        .with_columns(
            (pl.col("amount") * both).alias("unit_hours"), pl.when(is_wait).then("cause").otherwise(pl.lit(""))
        )
        .filter((both > 0) & (pl.col("amount") > 0))  # nothing of a pool may be held too
    )
    seen = doing.group_by("number").agg(pl.col("unit_hours").sum().alias("seen"))
    known = spans.select("replication", "subject").unique().with_columns(known=True)
    rest = (
        held.join(seen, on="number", how="left", maintain_order="left")
        .join(known, on=["replication", "subject"], how="left", maintain_order="left")
        .with_columns(
            unit_hours=pl.col("all") - pl.col("seen").fill_null(0.0),
            activity=pl.when(pl.col("known").is_null()).then(pl.lit(SERVE)).otherwise(pl.lit(COME_BACK)),
            kind=pl.when(pl.col("known").is_null()).then(pl.lit(Kind.WORK)).otherwise(pl.lit(Kind.MOVE)),
            cause=pl.lit(""),
        )
        .filter(pl.col("unit_hours") > LEAST)
    )
    columns = [*POOL, "activity", "kind", "cause", "unit_hours"]
    return (
        pl.concat([doing.select(columns), rest.select(columns)])
        .group_by(columns[:-1])
        .agg(pl.col("unit_hours").sum())
        .sort(*columns)  # so that the shares of many replications are to the last bit those of each alone
        .with_columns((pl.col("unit_hours") / pl.col("unit_hours").sum().over(POOL)).alias("share"))
        .sort(*POOL, "unit_hours", "activity", descending=[False, False, False, True, False])
    )


LEAST = 1e-6
"""Unit-hours below which a rest is but rounding."""


STEP_H = 24
"""Within such a step, what holders wait for counts as waited for by all who wait for the pool."""


@answers(kind=KEY, name=KEY, to_kind=KEY, to_name=KEY, share=PART)
def passed_on(run: Record) -> pl.DataFrame:
    """Return to what the waits for each pool and facility are passed on: to what its holders wait for meanwhile.

    Columns: replication, kind and name of the pool or facility, to_kind and to_name of what its holders wait for, and
    share: of what was held while something waited for it, weighted by the pieces that waited, by day. What is missing
    to 1 stays with it: its holders work, move, or come back.

    >>> nfm.measures.passed_on(run).select("name", "to_name", pl.col("share").round(2)).rows()
    [('trucks', 'harbour.truck_ramps', 0.02)]
    """
    to = [pl.col("cause_kind").alias("to_kind"), named_cause().alias("to_name")]
    names = run.pools.select(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("number"), "replication", *pool_kind_and_name()
    )
    waited_for = ["replication", "kind", "name"]
    wanted = own_waits(run).select("replication", "start_h", "end_h", *to, amount="pieces")
    wanted = wanted.join(names, left_on=["replication", "to_kind", "to_name"], right_on=waited_for)
    wanting = by_step(wanted, ["number"], STEP_H).rename({"used": "wanting"})
    while_wanted = wanting.group_by("number").agg(
        (pl.col("step").min() * STEP_H).cast(pl.Float64).alias("from_h"),
        ((pl.col("step").max() + 1) * STEP_H).cast(pl.Float64).alias("until_h"),
    )
    spans = run.spans.filter(pl.col("kind").is_in([Kind.WAIT, Kind.BLOCKED]) & (pl.col("cause") != ""))
    held = _cut_to_hours(held_by_pool(run).join(while_wanted, on="number"))
    waiting = _cut_to_hours(
        held.join(
            spans.select("replication", "subject", *to, from_h="start_h", until_h="end_h"),
            on=["replication", "subject"],
        )
    )
    share = pl.col("wanting") * pl.col("used") / pl.col("held")
    return (
        by_step(waiting, ["number", "to_kind", "to_name"], STEP_H)
        .join(by_step(held, ["number"], STEP_H).rename({"used": "held"}), on=["number", "step"])
        .filter(pl.col("held") > 0)  # nothing of a pool may be held too
        .join(wanting, on=["number", "step"])
        .sort("number", "to_kind", "to_name", "step")
        .group_by("number", "to_kind", "to_name", maintain_order=True)
        .agg(share.sum().alias("share"))
        .join(
            wanting.sort("number", "step").group_by("number", maintain_order=True).agg(pl.col("wanting").sum()),
            on="number",
        )
        .join(names, on="number")
        .filter((pl.col("to_kind") != pl.col("kind")) | (pl.col("to_name") != pl.col("name")))
        .with_columns(pl.col("share") / pl.col("wanting"))
        .select(*waited_for, "to_kind", "to_name", "share")
        .sort(*waited_for, "share", "to_kind", "to_name", descending=[False, False, False, True, False, False])
    )


def _cut_to_hours(rows: pl.DataFrame) -> pl.DataFrame:
    """Cut what holds from `start_h` to `end_h` to what lies between `from_h` and `until_h`."""
    return (
        rows.with_columns(pl.max_horizontal("start_h", "from_h"), pl.min_horizontal("end_h", "until_h"))
        .drop("from_h", "until_h")
        .filter(LENGTH_H > 0)
    )
