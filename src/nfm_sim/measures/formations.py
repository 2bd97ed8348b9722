"""Formations: when they are in place and effective, and what was last."""

from __future__ import annotations

import polars as pl

from nfm_sim.measures.columns import EFFECTIVE, HOUR, HOURS, IN_PLACE, KEY, PART, TEXT
from nfm_sim.measures.common import KEYS, LENGTH_H, answers, kept, median_of_all, milestones
from nfm_sim.record import Record
from nfm_sim.record.words import Activity, Kind, What

NOT_YET = "not yet in place"
"""Name of the element that a formation waits for at the horizon, when it is not known which one will come."""


@kept
@answers(formation=KEY, in_place_h=IN_PLACE, effective_h=EFFECTIVE, last=TEXT)
def formations(run: Record) -> pl.DataFrame:
    """Return one row for each replication and formation.

    Columns: replication, formation, in_place_h, effective_h (null when not reached by the horizon), and last: the
    element it waited for last, be it to be in place or effective. No formations: no rows.

    >>> nfm.measures.formations(run).columns
    ['replication', 'formation', 'in_place_h', 'effective_h', 'last']
    """
    mine = run.subjects.filter(pl.col("what") == What.FORMATION)
    last = (
        run.spans.filter((pl.col("kind") == Kind.WAIT) & pl.col("subject").is_in(mine["subject"].unique().implode()))
        .sort("end_h", maintain_order=True)
        .group_by(KEYS)
        .agg(pl.col("cause").last().replace("", NOT_YET).alias("last"))
    )
    return (
        mine.join(milestones(run), on=KEYS, how="left", maintain_order="left")
        .join(last, on=KEYS, how="left", maintain_order="left")
        .select(
            "replication",
            pl.col("subject").alias("formation"),
            pl.col("in place").alias("in_place_h"),
            pl.col("effective").alias("effective_h"),
            "last",
        )
    )


@answers(subject=KEY, last=KEY, share=PART, effective_median_h=HOUR, day_buys_h=HOURS)
def last_enabler(run: Record) -> pl.DataFrame:
    """Return how surely each element is the one that a formation or an element waits for last to be effective.

    Columns: subject, last (null: it waited for none), share (of replications, 0 to 1), effective_median_h (of
    those replications; null where half or more did not become effective), and day_buys_h: by how many hours the
    subject would have been effective earlier, in the mean of all replications, had that element been there a day
    earlier. Formations, and elements that waited for an enabler in any replication; sorted by share.

    >>> nfm.measures.last_enabler(run).columns
    ['subject', 'last', 'share', 'effective_median_h', 'day_buys_h']
    """
    last = (
        run.spans.filter((pl.col("kind") == Kind.WAIT) & pl.col("activity").is_in([Activity.ASSEMBLE, Activity.EFFECT]))
        .sort("end_h", maintain_order=True)
        .group_by(KEYS)
        .agg(
            pl.col("cause").last().replace("", NOT_YET).alias("last"),
            LENGTH_H.last().clip(upper_bound=24).alias("day_buys_h"),
        )
    )
    return (
        run.subjects.join(last.select("subject").unique(), on="subject", how="semi")
        .join(last, on=KEYS, how="left", maintain_order="left")
        .join(milestones(run), on=KEYS, how="left", maintain_order="left")
        .group_by("subject", "last")
        .agg(
            pl.len().alias("times"),
            median_of_all("effective").alias("effective_median_h"),
            pl.col("day_buys_h").filter(pl.col("effective").is_not_null()).sum(),
        )
        .with_columns(pl.col("times", "day_buys_h") / pl.col("times").sum().over("subject"))
        .select("subject", "last", pl.col("times").alias("share"), "effective_median_h", "day_buys_h")
        .sort("subject", "share", "last", descending=[False, True, False])
    )
