"""When force elements and formations are ready, in place and effective, and where their time went."""

from __future__ import annotations

import polars as pl

from nfm_sim.measures.common import KEYS, LENGTH_H, kept, median_of_all, milestones, reached
from nfm_sim.problems import did_you_mean
from nfm_sim.record import Record
from nfm_sim.record.words import OFFERED, Activity, Kind, Milestone, What, late_h

MILESTONES = {Milestone.READY: "ready_h", Milestone.IN_PLACE: "in_place_h", Milestone.EFFECTIVE: "effective_h"}


@kept
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
    on_time = pl.coalesce(late_h(since_order, pl.col("deadline_h")) == 0, late).alias("on_time")
    past_notice = (since_order - pl.col("notice_h")).alias("past_notice_h")
    marks = [pl.col(mark).alias(column) for mark, column in MILESTONES.items()]
    found = elements.join(milestones(run), on=KEYS, how="left", maintain_order="left")
    found = found.join(orders(run), on="replication", how="left", maintain_order="left")
    whose = ("replication", pl.col("subject").alias("element"), "tier", "order_h")
    return found.select(*whose, *marks, "deadline_h", on_time, "notice_h", past_notice)


def orders(run: Record) -> pl.DataFrame:
    """Return the hour of the activation order by replication, where it was given: replication, order_h."""
    asked = run.commitments.filter(pl.col("commitment") == OFFERED)
    return asked.group_by("replication").agg(order_h=pl.col("start_h").min()).sort("replication")


def readiness_by_tier(run: Record) -> pl.DataFrame:
    """Return one row a tier, over all replications.

    Columns: tier, elements (their number), order_median_h, deadline_h (from the order), ready_by_deadline (null when
    the horizon leaves it open for an element), what it is at least and at most (_low, _high), and for each milestone
    the median hour and the share that reached it within the horizon.

    >>> nfm.measures.readiness_by_tier(run).select("tier", "elements", "ready_by_deadline").rows()
    [(1, 1, 1.0)]
    """
    on_time, reached_h = pl.col("on_time"), MILESTONES.values()
    by_tier = readiness(run).group_by("tier")
    tiers = by_tier.agg(
        pl.col("element").n_unique().alias("elements"),
        _median_of_all("order_h"),
        pl.col("deadline_h").first(),
        pl.when(on_time.is_not_null().all()).then(on_time.mean()).alias("ready_by_deadline"),
        on_time.fill_null(False).mean().alias("ready_by_deadline_low"),
        on_time.fill_null(True).mean().alias("ready_by_deadline_high"),
        *map(_median_of_all, reached_h),
        *(pl.col(hour).is_not_null().mean().alias(hour.replace("_h", "_share")) for hour in reached_h),
    )
    return tiers.sort("tier")


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
    known = (due_h <= run.horizon_h).all(ignore_nulls=False)
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
    found = table.group_by("element", "tier").agg(pl.col("deadline_h").first(), *answers, pl.col("order").min())
    return found.sort("tier", "order").drop("order")


def _median_of_all(column: str) -> pl.Expr:
    return median_of_all(column).alias(column.replace("_h", "_median_h"))


def readiness_curve(run: Record, step_h: float = 6) -> pl.DataFrame:
    """Return the share of a tier's elements that reached each milestone by an hour.

    Columns: replication, tier, milestone, hour, share (0 to 1).

    >>> nfm.measures.readiness_curve(run, 12).select("milestone", "hour", "share").row(1)
    ('effective', 12.0, 1.0)
    """
    keys, ready = ["replication", "tier", "milestone"], readiness(run)
    marks = [ready.select(*keys[:2], milestone=pl.lit(mark), at_h=hour, amount=1) for mark, hour in MILESTONES.items()]
    table = pl.concat(marks)
    curve = reached(table, keys, "at_h", run, step_h).join(table.group_by(keys).agg(elements=pl.len()), on=keys)
    return curve.select(*keys, "hour", share=pl.col("amount") / pl.col("elements")).sort(*keys, "hour")


# Formations: when they are in place and effective, and what was last


NOT_YET = "not yet in place"
"""Name of the element that a formation waits for at the horizon, when it is not known which one will come."""


@kept
def formations(run: Record) -> pl.DataFrame:
    """Return one row for each replication and formation.

    Columns: replication, formation, in_place_h, effective_h (null when not reached by the horizon), and last: the
    element it waited for last, be it to be in place or effective. No formations: no rows.

    >>> nfm.measures.formations(run).columns
    ['replication', 'formation', 'in_place_h', 'effective_h', 'last']
    """
    mine = run.subjects.filter(pl.col("what") == What.FORMATION)
    last = _waited_for_last(run, pl.col("subject").is_in(mine["subject"].unique().implode()))
    for others in (milestones(run), last):
        mine = mine.join(others, on=KEYS, how="left", maintain_order="left")
    return mine.select("replication", formation="subject", in_place_h="in place", effective_h="effective", last="last")


def _waited_for_last(run: Record, waits: pl.Expr) -> pl.DataFrame:
    """What each subject waited for last in some of the waits, and how much earlier it had been there a day sooner."""
    waited = run.spans.filter((pl.col("kind") == Kind.WAIT) & waits).sort("end_h", maintain_order=True)
    last = pl.col("cause").last().replace("", NOT_YET)
    return waited.group_by(KEYS).agg(last=last, day_buys_h=LENGTH_H.last().clip(upper_bound=24))


def last_enabler(run: Record) -> pl.DataFrame:
    """Return how surely each element is the one that a formation or an element waits for last to be effective.

    Columns: subject, last (null: it waited for none), share (of replications, 0 to 1), effective_median_h (of
    those replications; null where half or more did not become effective), and day_buys_h: by how many hours the
    subject would have been effective earlier, in the mean of all replications, had that element been there a day
    earlier. Formations, and elements that waited for an enabler in any replication; sorted by share.

    >>> nfm.measures.last_enabler(run).columns
    ['subject', 'last', 'share', 'effective_median_h', 'day_buys_h']
    """
    last = _waited_for_last(run, pl.col("activity").is_in([Activity.ASSEMBLE, Activity.EFFECT]))
    waiting = run.subjects.join(last.select("subject").unique(), on="subject", how="semi")
    for others in (last, milestones(run)):
        waiting = waiting.join(others, on=KEYS, how="left", maintain_order="left")
    found = waiting.group_by("subject", "last").agg(
        pl.len().alias("share"),
        median_of_all("effective").alias("effective_median_h"),
        pl.col("day_buys_h").filter(pl.col("effective").is_not_null()).sum(),
    )
    found = found.with_columns(pl.col("share", "day_buys_h") / pl.col("share").sum().over("subject"))
    return found.sort("subject", "share", "last", descending=[False, True, False])


# The delay ledger: where the time of every subject went. It adds up to the last bit


def ledger(run: Record) -> pl.DataFrame:
    """Return the hours of each subject by what it did or waited for.

    Columns: replication, subject, activity, kind, place, cause_kind, cause, hours. The hours of a subject add up
    exactly to its `total` time, because hours are whole ticks.

    >>> nfm.measures.ledger(run).select("subject", "activity", "kind", "hours").row(0)
    ('division/ship', 'discharge', 'work', 0.40000152587890625)
    """
    spent = run.spans.filter(pl.col("kind") != Kind.MILESTONE)
    by = ["activity", "kind", "place", "cause_kind", "cause"]
    return spent.group_by(*KEYS, *by, maintain_order=True).agg(hours=LENGTH_H.sum())


def total(run: Record) -> pl.DataFrame:
    """Return replication, subject, order_h, end_h and total_h: from its order to its close or the horizon.

    >>> nfm.measures.total(run).select("subject", "total_h").row(0)
    ('division/ship', 0.40000152587890625)
    """
    spans = run.spans.group_by(KEYS, maintain_order=True)
    ends = spans.agg(pl.col("start_h").min().alias("order_h"), pl.col("end_h").max())
    return ends.with_columns(total_h=pl.col("end_h") - pl.col("order_h"))


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
    mine = spans.with_columns(begun_h=begun).filter(pl.col("start_h") >= pl.col("begun_h"))
    parts = [
        mine.with_columns(end_h=pl.min_horizontal("end_h", ready_h), until=pl.lit(Milestone.READY)),
        mine.with_columns(start_h=pl.max_horizontal("start_h", ready_h), until=pl.lit(Milestone.EFFECTIVE)),
    ]
    begin = (pl.col("begun_h") - pl.col("order_h") + 0.0).first().alias("begin_h")  # no -0.0
    spent = pl.concat(parts).filter(LENGTH_H > 0).rename({"subject": "element"})
    by = ["replication", "element", "until", "kind"]
    return spent.group_by(by, maintain_order=True).agg(LENGTH_H.sum().alias("hours"), begin)


def critical_path(run: Record, element: str) -> pl.DataFrame:
    """Return what an element did and waited for, in order, from its order until it was effective.

    An element is as far as the last of its movements, so this is its critical path: the hours add up exactly to its
    total time. Columns: replication, activity, kind, place, cause, cause_kind, start_h, end_h, hours. Raises
    ValueError when the run has no such element.

    >>> nfm.measures.critical_path(run, "11_infbat").select("activity", "kind", "hours").rows()
    [('recall', 'work', 12.0)]
    """
    known = run.subjects.filter(pl.col("what") == What.ELEMENT)["subject"].unique()
    if element not in known:
        raise ValueError(f'"{element}" is no force element of this run{did_you_mean(element, known)}')
    mine = run.spans.filter((pl.col("subject") == element) & (pl.col("kind") != Kind.MILESTONE)).drop("subject")
    return mine.with_columns(hours=LENGTH_H).sort("replication", "start_h")


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
    number = elements.group_by("tier").agg(elements=pl.len())
    found = hours.join(number, on="tier").select(*keys, pl.col("hours") / pl.col("elements"), share=share)
    return found.sort("tier", "share", "activity", "cause", descending=[False, True, False, False])
