"""Readiness: which force elements are ready, in place and effective, by when."""

from __future__ import annotations

import polars as pl

from nfm_sim.measures.columns import COUNT, EFFECTIVE, HOUR, HOURS, IN_PLACE, KEY, LATE_DAYS, SHARE, TEXT
from nfm_sim.measures.common import KEYS, answers, kept, median_of_all, milestones, reached
from nfm_sim.record import Record
from nfm_sim.record.ticks import late_h
from nfm_sim.record.words import OFFERED, Milestone, What

MILESTONES = {
    Milestone.READY: "ready_h",
    Milestone.IN_PLACE: "in_place_h",
    Milestone.EFFECTIVE: "effective_h",
}


@kept
@answers(
    element=KEY,
    tier=TEXT,
    order_h=HOUR.but(words="the day of the order"),
    ready_h=HOUR.but(words="the day it is ready to move"),
    in_place_h=IN_PLACE,
    effective_h=EFFECTIVE,
    deadline_h=HOURS,
    on_time=SHARE.but(words="the share ready by its deadline"),
    notice_h=HOURS,
    past_notice_h=HOURS.but(better="less"),
)
def readiness(run: Record) -> pl.DataFrame:
    """Return one row for each replication and element that is offered to the NATO Force Model.

    Columns: replication, element, tier, order_h (of the activation order: how long the decision took; null when none
    was given by the horizon), ready_h, in_place_h, effective_h (after hour 0, null when it was not reached by the
    horizon), deadline_h of its tier, from the order on; on_time: whether it was ready to move by then, null when the
    horizon ended before either; notice_h, its notice to move (null: none given), and past_notice_h: how long after its
    notice, which counts from the order, it was ready, negative when it was before. No elements: no rows.

    >>> nfm.readiness(run).select("element", "ready_h", "on_time").rows()
    [('11_infbat', 12.0, True)]
    """
    elements = run.subjects.filter((pl.col("what") == What.ELEMENT) & pl.col("tier").is_not_null())
    since_order = pl.col("ready") - pl.col("order_h")
    late = pl.when(pl.col("order_h") + pl.col("deadline_h") <= run.horizon_h).then(False)
    found = elements.join(milestones(run), on=KEYS, how="left", maintain_order="left")
    return found.join(orders(run), on="replication", how="left", maintain_order="left").select(
        "replication",
        pl.col("subject").alias("element"),
        "tier",
        "order_h",
        *(pl.col(mark).alias(column) for mark, column in MILESTONES.items()),
        "deadline_h",
        pl.coalesce(late_h(since_order, pl.col("deadline_h")) == 0, late).alias("on_time"),
        "notice_h",
        (since_order - pl.col("notice_h")).alias("past_notice_h"),
    )


def orders(run: Record) -> pl.DataFrame:
    """Return the hour of the activation order by replication, where it was given: replication, order_h."""
    asked = run.commitments.filter(pl.col("commitment") == OFFERED)
    return asked.group_by("replication").agg(pl.col("start_h").min().alias("order_h")).sort("replication")


@answers(
    tier=KEY,
    elements=COUNT,
    order_median_h=HOUR,
    deadline_h=HOURS,
    ready_by_deadline=SHARE,
    ready_by_deadline_low=SHARE,
    ready_by_deadline_high=SHARE,
    ready_median_h=HOUR,
    in_place_median_h=HOUR,
    effective_median_h=HOUR,
    ready_share=SHARE,
    in_place_share=SHARE,
    effective_share=SHARE,
)
def readiness_by_tier(run: Record) -> pl.DataFrame:
    """Return one row a tier, over all replications.

    Columns: tier, elements (their number), order_median_h, deadline_h (from the order), ready_by_deadline (null when
    the horizon leaves it open for an element), what it is at least and at most (_low, _high), and for each milestone
    the median hour and the share that reached it within the horizon.

    >>> nfm.measures.readiness_by_tier(run).select("tier", "elements", "ready_by_deadline").rows()
    [(1, 1, 1.0)]
    """
    table, on_time = readiness(run), pl.col("on_time")
    return (
        table.group_by("tier")
        .agg(
            pl.col("element").n_unique().alias("elements"),
            _median_of_all("order_h"),
            pl.col("deadline_h").first(),
            pl.when(on_time.is_not_null().all()).then(on_time.mean()).alias("ready_by_deadline"),
            on_time.fill_null(False).mean().alias("ready_by_deadline_low"),
            on_time.fill_null(True).mean().alias("ready_by_deadline_high"),
            *(_median_of_all(column) for column in MILESTONES.values()),
            *(
                pl.col(column).is_not_null().mean().alias(column.replace("_h", "_share"))
                for column in MILESTONES.values()
            ),
        )
        .sort("tier")
    )


@answers(
    element=KEY,
    tier=TEXT,
    deadline_h=HOURS,
    ready_by_deadline=SHARE,
    ready_median_h=HOUR,
    ready_late_days=LATE_DAYS,
    in_place_by_deadline=SHARE,
    in_place_median_h=HOUR,
    in_place_late_days=LATE_DAYS,
    effective_by_deadline=SHARE,
    effective_median_h=HOUR,
    effective_late_days=LATE_DAYS,
)
def readiness_by_element(run: Record) -> pl.DataFrame:
    """Return one row an element, over all replications.

    Columns: element, tier, deadline_h; and for each milestone (ready, in place, effective) by_deadline: the share
    of replications that reached it by the deadline of the tier (null when the horizon ends before it), the median
    hour of it (null when half or more did not reach it), and late_days: by how many days the deadline was
    missed, the mean of the replications that missed it; what was not reached counts as missed until the horizon.
    Sorted by tier, and as in the table of elements.

    >>> nfm.measures.readiness_by_element(run).select("element", "ready_by_deadline").rows()
    [('11_infbat', 1.0)]
    """
    table = readiness(run).with_row_index("order")
    due_h = pl.col("order_h") + pl.col("deadline_h")
    known = (due_h <= run.horizon_h).all()
    answers = []
    for column in MILESTONES.values():
        name = column.removesuffix("_h")
        late_days = late_h(pl.col(column).fill_null(run.horizon_h), due_h) / 24
        by_deadline = (late_h(pl.col(column), due_h) == 0).fill_null(False).mean()
        answers += [
            pl.when(known).then(by_deadline).alias(f"{name}_by_deadline"),
            _median_of_all(column),
            pl.when(known).then(late_days.filter(late_days > 0).mean()).alias(f"{name}_late_days"),
        ]
    return (
        table.group_by("element", "tier")
        .agg(pl.col("deadline_h").first(), *answers, pl.col("order").min())
        .sort("tier", "order")
        .drop("order")
    )


def _median_of_all(column: str) -> pl.Expr:
    return median_of_all(column).alias(column.replace("_h", "_median_h"))


@answers(tier=KEY, milestone=KEY, hour=KEY, share=SHARE)
def readiness_curve(run: Record, step_h: float = 6) -> pl.DataFrame:
    """Return the share of a tier's elements that reached each milestone by an hour.

    Columns: replication, tier, milestone, hour, share (0 to 1).

    >>> nfm.measures.readiness_curve(run, 12).select("milestone", "hour", "share").row(1)
    ('effective', 12.0, 1.0)
    """
    keys, by_name = ["replication", "tier", "milestone"], {column: mark for mark, column in MILESTONES.items()}
    table = (
        readiness(run)
        .rename(by_name)
        .unpivot(list(MILESTONES), index=keys[:2], variable_name="milestone", value_name="at_h")
        .with_columns(amount=1)
    )
    number = table.group_by(keys).agg(pl.len().alias("elements"))
    return (
        reached(table, keys, "at_h", run, step_h)
        .join(number, on=keys)
        .select(*keys, "hour", (pl.col("amount") / pl.col("elements")).alias("share"))
        .sort(*keys, "hour")
    )
