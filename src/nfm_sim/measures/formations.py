"""Formations: when they are in place and effective, and what was last."""

from __future__ import annotations

import polars as pl

from nfm_sim.engine import Run
from nfm_sim.measures.common import KEYS, milestones


def formations(run: Run) -> pl.DataFrame:
    """Return one row for each replication and formation.

    Columns: replication, formation, in_place_h, effective_h (null when not reached by the horizon), and last: the
    element it waited for last, be it to be in place or effective. No formations: no rows.
    """
    last = (
        run.spans.filter(pl.col("kind") == "wait")
        .sort("end_h")
        .group_by(KEYS)
        .agg(pl.col("cause").last().alias("last"))
    )
    return (
        run.subjects.filter(pl.col("what") == "formation")
        .join(milestones(run), on=KEYS, how="left")
        .join(last, on=KEYS, how="left")
        .select(
            "replication",
            pl.col("subject").alias("formation"),
            pl.col("in place").alias("in_place_h"),
            pl.col("effective").alias("effective_h"),
            "last",
        )
    )


def last_enabler(run: Run) -> pl.DataFrame:
    """Return how surely each element is the one that a formation or an element waits for last to be effective.

    Columns: subject, last (null: it waited for nobody), share (of replications, 0 to 1) and effective_median_h (of
    those replications; null where half or more did not become effective). Formations, and elements that waited for
    an enabler in any replication; sorted by share, largest first.
    """
    last = (
        run.spans.filter((pl.col("kind") == "wait") & pl.col("activity").is_in(["assemble", "effect"]))
        .sort("end_h")
        .group_by(KEYS)
        .agg(pl.col("cause").last().alias("last"))
    )
    effective = pl.col("effective").fill_null(float("inf")).median()
    return (
        run.subjects.join(last.select("subject").unique(), on="subject", how="semi")
        .join(last, on=KEYS, how="left")
        .join(milestones(run), on=KEYS, how="left")
        .group_by("subject", "last")
        .agg(pl.len().alias("times"), pl.when(effective.is_finite()).then(effective).alias("effective_median_h"))
        .with_columns((pl.col("times") / pl.col("times").sum().over("subject")).alias("share"))
        .select("subject", "last", "share", "effective_median_h")
        .sort("subject", "share", "last", descending=[False, True, False])
    )
