"""The delay ledger: where the time of every subject went. It adds up to the last bit."""

from __future__ import annotations

import polars as pl

from nfm_sim.measures.columns import HOUR, HOURS, KEY, PART, TEXT
from nfm_sim.measures.common import KEYS, LENGTH_H, answers
from nfm_sim.measures.readiness import readiness
from nfm_sim.problems import did_you_mean
from nfm_sim.record import Record
from nfm_sim.record.words import Activity, Kind, Milestone, What


@answers(subject=KEY, activity=KEY, kind=KEY, place=KEY, cause_kind=KEY, cause=KEY, hours=HOURS)
def ledger(run: Record) -> pl.DataFrame:
    """Return the hours of each subject by what it did or waited for.

    Columns: replication, subject, activity, kind, place, cause_kind, cause, hours. The hours of a subject add up
    exactly to its `total` time, because hours are whole ticks.

    >>> nfm.measures.ledger(run).select("subject", "activity", "kind", "hours").row(0)
    ('division/ship', 'discharge', 'work', 0.40000152587890625)
    """
    return (
        run.spans.filter(pl.col("kind") != Kind.MILESTONE)
        .group_by(*KEYS, "activity", "kind", "place", "cause_kind", "cause", maintain_order=True)
        .agg(LENGTH_H.sum().alias("hours"))
    )


@answers(subject=KEY, order_h=HOUR, end_h=HOUR, total_h=HOURS)
def total(run: Record) -> pl.DataFrame:
    """Return replication, subject, order_h, end_h and total_h: from its order to its close or the horizon.

    >>> nfm.measures.total(run).select("subject", "total_h").row(0)
    ('division/ship', 0.40000152587890625)
    """
    return (
        run.spans.group_by(KEYS, maintain_order=True)
        .agg(pl.col("start_h").min().alias("order_h"), pl.col("end_h").max())
        .with_columns((pl.col("end_h") - pl.col("order_h")).alias("total_h"))
    )


@answers(element=KEY, until=KEY, kind=KEY, hours=HOURS, begin_h=HOURS)
def element_hours(run: Record) -> pl.DataFrame:
    """Return what the time of the offered elements went to, from the order until each was ready, and until it was
    effective.

    Columns: replication, element, until ("ready", or "effective": from then on), kind (work, move, wait, blocked),
    hours, and begin_h: hours from the order at which the element began, 0, or below 0 of one that was pre-alerted. The
    hours up to "ready" add up exactly to the hours from there; those of an element that is never ready, to the horizon.
    What waits for the order has not begun.

    >>> nfm.measures.element_hours(run).select("element", "until", "kind", "hours").rows()
    [('11_infbat', 'ready', 'work', 12.0)]
    """
    ready = readiness(run).select("replication", "ready_h", "order_h", subject="element")
    spans = run.spans.filter(pl.col("kind") != Kind.MILESTONE).join(ready, on=KEYS, maintain_order="left")
    begun = pl.when(pl.col("activity") != Activity.DECISION).then("start_h").min().over(KEYS)
    ready_h = pl.col("ready_h").fill_null(run.horizon_h)
    mine = spans.with_columns(begun.alias("begun_h")).filter(pl.col("start_h") >= pl.col("begun_h"))
    parts = [
        mine.with_columns(end_h=pl.min_horizontal("end_h", ready_h), until=pl.lit(Milestone.READY)),
        mine.with_columns(start_h=pl.max_horizontal("start_h", ready_h), until=pl.lit(Milestone.EFFECTIVE)),
    ]
    begin = (pl.col("begun_h") - pl.col("order_h") + 0.0).first().alias("begin_h")  # no -0.0
    return (
        pl.concat(parts)
        .filter(LENGTH_H > 0)
        .group_by("replication", pl.col("subject").alias("element"), "until", "kind", maintain_order=True)
        .agg(LENGTH_H.sum().alias("hours"), begin)
    )


@answers(activity=TEXT, kind=TEXT, place=TEXT, cause_kind=TEXT, cause=TEXT, start_h=HOUR, end_h=HOUR, hours=HOURS)
def critical_path(run: Record, element: str) -> pl.DataFrame:
    """Return what an element did and waited for, in order, from its order until it was effective.

    An element is as far as the last of its movements, so this is its critical path: the hours add up exactly to its
    total time. Columns: replication, activity, kind, place, cause, cause_kind, start_h, end_h, hours. Raises
    ValueError when the run has no such element.

    >>> nfm.measures.critical_path(run, "11_infbat").select("activity", "kind", "hours").rows()
    [('recall', 'work', 12.0)]
    """
    mine = run.subjects.filter((pl.col("what") == What.ELEMENT) & (pl.col("subject") == element))
    if mine.is_empty():
        known = run.subjects.filter(pl.col("what") == What.ELEMENT)["subject"].unique()
        raise ValueError(f'"{element}" is no force element of this run{did_you_mean(element, known)}')
    return (
        run.spans.filter((pl.col("subject") == element) & (pl.col("kind") != Kind.MILESTONE))
        .with_columns(LENGTH_H.alias("hours"))
        .drop("subject")
        .sort("replication", "start_h")
    )


@answers(tier=KEY, activity=KEY, kind=KEY, cause_kind=KEY, cause=KEY, hours=HOURS, share=PART)
def critical_share(run: Record) -> pl.DataFrame:
    """Return the share of the critical time of each tier's elements by activity, kind of span, and cause.

    Columns: tier, activity, kind, cause_kind, cause, hours (mean an element and replication), share (of the tier's
    time, 0 to 1). Sorted by tier and share, largest first. No elements: no rows.

    >>> nfm.measures.critical_share(run).select("tier", "activity", "share").rows()
    [(1, 'recall', 1.0)]
    """
    elements = run.subjects.filter(pl.col("what") == What.ELEMENT).select(*KEYS, "tier")
    keys = ["tier", "activity", "kind", "cause_kind", "cause"]
    hours = ledger(run).join(elements, on=KEYS).group_by(keys).agg(pl.col("hours").sum())
    share = pl.col("hours") / pl.col("hours").sum().over("tier")
    return (
        hours.join(elements.group_by("tier").agg(pl.len().alias("elements")), on="tier")
        .select(*keys, pl.col("hours") / pl.col("elements"), share.alias("share"))
        .sort("tier", "share", "activity", "cause", descending=[False, True, False, False])
    )
