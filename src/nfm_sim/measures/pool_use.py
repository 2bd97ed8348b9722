"""What the holders of pools did while they held them."""

from __future__ import annotations

import polars as pl

from nfm_sim.measures.columns import KEY, SHARE, USED, Column
from nfm_sim.measures.common import answers, by_step, named_cause, own_waits, pool_kind_and_name
from nfm_sim.record import Record
from nfm_sim.record.words import CauseKind, Kind

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
        held.join(spans, on=["replication", "subject"], maintain_order="left_right")
        .with_columns(
            (pl.col("amount") * both).alias("unit_hours"), pl.when(is_wait).then("cause").otherwise(pl.lit(""))
        )
        .filter(both > 0)
    )
    seen = doing.group_by("number").agg(pl.col("unit_hours").sum().alias("seen"))
    known = spans.select("replication", "subject").unique().with_columns(known=True)
    rest = (
        held.join(seen, on="number", how="left", maintain_order="left")
        .join(known, on=["replication", "subject"], how="left", maintain_order="left")
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
        .sort(*columns)  # so that the shares of many replications are to the last bit those of each alone
        .with_columns((pl.col("unit_hours") / pl.col("unit_hours").sum().over(pool)).alias("share"))
        .sort(*pool, "unit_hours", "activity", descending=[False, False, False, True, False])
    )


LEAST = 1e-6
"""Unit-hours below which a rest is but rounding."""


STEP_H = 24
"""Within such a step, what holders wait for counts as waited for by all who wait for the pool."""


@answers(kind=KEY, name=KEY, to_kind=KEY, to_name=KEY, share=SHARE)
def passed_on(run: Record) -> pl.DataFrame:
    """Return to what the waits for each pool and facility are passed on: to what its holders wait for meanwhile.

    Columns: replication, kind and name of the pool or facility, to_kind and to_name of what its holders wait for, and
    share: of what was held while something waited for it, weighted by the pieces that waited, by day. What is missing
    to 1 stays with it: its holders work, move, or come back.

    >>> nfm.measures.passed_on(run).select("name", "to_name", pl.col("share").round(2)).rows()
    [('trucks', 'harbour.truck_ramps', 0.02)]
    """
    keys = ["replication", "kind", "name"]
    to = [pl.col("cause_kind").alias("to_kind"), named_cause().alias("to_name")]
    scarce = pl.col("cause_kind").is_in([CauseKind.POOL, CauseKind.FACILITY])
    wanted = own_waits(run).filter(scarce).with_columns(named_cause().alias("name"), kind="cause_kind", amount="pieces")
    wanting = by_step(wanted, keys, STEP_H).rename({"used": "wanting"})
    held = run.holdings.with_columns(*pool_kind_and_name()).join(wanting.select(keys).unique(), on=keys, how="semi")
    spans = run.spans.filter(pl.col("kind").is_in([Kind.WAIT, Kind.BLOCKED]) & (pl.col("cause") != ""))
    waiting = held.join(
        spans.select("replication", "subject", *to, from_h="start_h", until_h="end_h"), on=["replication", "subject"]
    ).with_columns(pl.max_horizontal("start_h", "from_h"), pl.min_horizontal("end_h", "until_h"))
    parts = waiting.select(*keys, "to_kind", "to_name", "amount", start_h="start_h", end_h="end_h")
    return (
        by_step(parts, [*keys, "to_kind", "to_name"], STEP_H)
        .filter((pl.col("to_kind") != pl.col("kind")) | (pl.col("to_name") != pl.col("name")))
        .join(by_step(held, keys, STEP_H).rename({"used": "held"}), on=[*keys, "step"])
        .filter(pl.col("held") > 0)  # nothing of a pool may be held too
        .join(wanting, on=[*keys, "step"])
        .sort(*keys, "to_kind", "to_name", "step")
        .group_by(*keys, "to_kind", "to_name", maintain_order=True)
        .agg((pl.col("wanting") * pl.col("used") / pl.col("held")).sum().alias("share"))
        .join(wanting.sort(*keys, "step").group_by(keys, maintain_order=True).agg(pl.col("wanting").sum()), on=keys)
        .with_columns(pl.col("share") / pl.col("wanting"))
        .select(*keys, "to_kind", "to_name", "share")
        .sort(*keys, "share", "to_kind", "to_name", descending=[False, False, False, True, False, False])
    )
