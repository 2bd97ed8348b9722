"""What is asked for by a day, and whether it is there by then: flows and tiers in one table."""

from __future__ import annotations

import polars as pl

from nfm_sim.measures.closure import closure
from nfm_sim.measures.columns import COUNT, GIVEN_HOUR, HOUR, KEY, SHARE
from nfm_sim.measures.common import answers
from nfm_sim.measures.readiness import readiness
from nfm_sim.record import Record


@answers(flow=KEY, tier=KEY, number=COUNT, required_h=GIVEN_HOUR, done_h=HOUR, on_time_share=SHARE, on_time=SHARE)
def deadlines(run: Record) -> pl.DataFrame:
    """Return one row for each replication and flow, and for each replication and tier.

    Columns: replication, flow (null: a tier), tier (null: a flow), number (of pieces, or elements), required_h (the day
    that is asked for, and of a tier its deadline, which counts from the order; null: none), done_h (the last piece is
    over the border, the last element ready to move; null: not by the horizon), on_time_share (of the pieces or
    elements), and on_time: all of them are (null where no day is asked for, or the horizon leaves it open).

    >>> nfm.measures.deadlines(run).select("flow", "tier", "number", "done_h", "on_time").rows()
    [('division', None, 4, 10.600000381469727, None), (None, 1, 1, 12.0, True)]
    """
    share, done = pl.col("on_time_share"), pl.col("ready_h")
    flows = closure(run).select(
        "replication", "flow", "required_h", share, number="pieces", done_h="last_h", on_time=share >= 1
    )
    tiers = (
        readiness(run)
        .group_by("replication", "tier", maintain_order=True)
        .agg(
            number=pl.len(),
            required_h=(pl.col("order_h") + pl.col("deadline_h")).max(),
            done_h=pl.when(done.is_not_null().all()).then(done.max()),
            on_time_share=pl.when(pl.col("on_time").is_not_null().all()).then(pl.col("on_time").mean()),
            on_time=pl.col("on_time").all(ignore_nulls=False),
        )
        .sort("replication", "tier")
    )
    columns = ["replication", "flow", "tier", "number", "required_h", "done_h", "on_time_share", "on_time"]
    return pl.concat([flows, tiers], how="diagonal_relaxed").select(columns)
