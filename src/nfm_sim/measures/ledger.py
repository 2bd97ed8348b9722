"""The delay ledger: where the time of every subject went. It adds up to the last bit."""

from __future__ import annotations

import polars as pl

from nfm_sim.engine import Run
from nfm_sim.measures.common import KEYS


def ledger(run: Run) -> pl.DataFrame:
    """Return the hours of each subject by what it did or waited for.

    Columns: replication, subject, activity, kind, place, cause, hours. The hours of a subject add up exactly to
    its `total` time, because hours are whole ticks.
    """
    return (
        run.spans.filter(pl.col("kind") != "milestone")
        .group_by(*KEYS, "activity", "kind", "place", "cause", maintain_order=True)
        .agg((pl.col("end_h") - pl.col("start_h")).sum().alias("hours"))
    )


def total(run: Run) -> pl.DataFrame:
    """Return replication, subject, order_h, end_h and total_h: from its order to its close or the horizon."""
    return (
        run.spans.group_by(KEYS, maintain_order=True)
        .agg(pl.col("start_h").min().alias("order_h"), pl.col("end_h").max())
        .with_columns((pl.col("end_h") - pl.col("order_h")).alias("total_h"))
    )
