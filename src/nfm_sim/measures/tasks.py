"""Tasks: how far each call on the one force is met, what is missing, and what two tasks ask for at once."""

from __future__ import annotations

import polars as pl

from nfm_sim.measures.common import IN_DAYS, LENGTH_H, at_hours, kept, once, stacked
from nfm_sim.record import Record
from nfm_sim.record.words import OFFERED, DutyState, What

COMMITMENT = ["replication", "task", "commitment"]


@once
def levels(run: Record) -> pl.DataFrame:
    """Return what each commitment asks for and has, from each change to the next.

    Columns: replication, task, commitment, capability, pool, start_h, end_h, asked, assigned (elements on it or on
    their way; units of a pool) and serving. A commitment to the regional plans is all that is offered of a
    capability. Without commitments: no rows.
    """
    keys = [*COMMITMENT, "capability", "pool"]
    known = run.commitments.select(keys).unique().sort(keys).with_row_index("row")
    times = ("row", "start_h", "end_h")
    asked = run.commitments.join(known, on=keys).select(*times, asked="number")
    amounts = known.filter(pl.col("pool") != "").with_columns(subject=pl.col("task") + "/" + pl.col("commitment"))
    held = run.holdings.join(amounts, on=["replication", "pool", "subject"])
    held = held.select(*times, assigned="amount", serving="amount")
    on_duty = on_task(run).join(known.filter(pl.col("pool") == ""), on=[*COMMITMENT, "capability"])
    serves = (pl.col("state") == DutyState.SERVE).cast(pl.Float64)
    on_duty = on_duty.select(*times, assigned=pl.lit(1.0), serving=serves)
    numbers = ["asked", "assigned", "serving"]
    rows = pl.concat([asked, held, on_duty], how="diagonal")  # whose sums have 0 for what one does not tell
    steps = stacked(rows, ["row"], *numbers).rename({"hour": "start_h"})
    steps = steps.with_columns(end_h=pl.col("start_h").shift(-1).over("row").fill_null(run.horizon_h))
    steps = steps.filter(pl.col("end_h") > pl.col("start_h")).join(known, on="row", maintain_order="left")
    return steps.select(*keys, "start_h", "end_h", *numbers)


def on_task(run: Record) -> pl.DataFrame:
    """Return the duties on a task, with element, tier and own (the element's capability), and the capability that
    the commitment asks for."""
    elements = run.subjects.filter(pl.col("what") == What.ELEMENT)
    elements = elements.select("replication", "tier", "personnel", element="subject", own="capability")
    asked = run.commitments.filter(pl.col("pool") == "").select(*COMMITMENT, "capability").unique()
    accepts = asked.with_columns(own=pl.col("capability").str.split(" | ")).explode("own")
    duties = run.duties.filter(pl.col("task") != "").join(elements, on=["replication", "element"])
    return duties.join(accepts, on=[*COMMITMENT, "own"])


@kept
def commitments(run: Record) -> pl.DataFrame:
    """Return how far each commitment was met over its time.

    Columns: replication, task, commitment, capability, pool, asked_days and short_days (element-days, or unit-days
    of a pool: asked for, and not served), filled_share (of what was asked, 0 to 1), and held_days: how long it was
    held, from when it was first filled to when it was first short again; null when it never was filled, and
    reaching to its end when it never was short again.

    >>> nfm.measures.commitments(run).select("task", "capability", "asked_days", "filled_share").rows()
    [('regional_plans', 'infantry', 10.0, 0.95)]
    """
    keys = [*COMMITMENT, "capability", "pool"]
    table = levels(run).filter(pl.col("asked") > 0)
    short = (pl.col("asked") - pl.col("serving")).clip(lower_bound=0)
    full = pl.col("serving") >= pl.col("asked")
    first_full = pl.col("start_h").filter(full).min()
    table = table.with_columns(short=short, first_full_h=first_full.over(keys))
    after = (pl.col("short") > 0) & (pl.col("start_h") > pl.col("first_full_h"))
    held_h = pl.coalesce(pl.col("start_h").filter(after).min(), pl.col("end_h").max()) - pl.col("first_full_h").first()
    days = table.group_by(keys).agg(
        asked_days=(pl.col("asked") * LENGTH_H).sum() * IN_DAYS,
        short_days=(pl.col("short") * LENGTH_H).sum() * IN_DAYS,
        held_days=held_h * IN_DAYS,
    )
    days = days.with_columns(filled_share=1 - pl.col("short_days") / pl.col("asked_days"))
    return days.select(*keys, "asked_days", "short_days", "filled_share", "held_days").sort(keys)


def task_fill(run: Record, step_h: float = 24) -> pl.DataFrame:
    """Return how far each task is met over time.

    Columns: replication, task, hour, asked and serving (elements; shares of pools are not counted, because their
    units differ), and filled_share (null when nothing is asked for).

    >>> nfm.measures.task_fill(run).select("task", "hour", "asked", "serving").row(1)
    ('regional_plans', 24.0, 1.0, 1.0)
    """
    table = levels(run).filter(pl.col("pool") == "").rename({"start_h": "hour"})
    now, served = pl.col("hour") < pl.col("end_h"), pl.min_horizontal("serving", "asked")
    by = ["replication", "task", "hour"]
    filled = pl.when(pl.col("asked") > 0).then(pl.col("serving") / pl.col("asked"))
    hours = at_hours(table, [*COMMITMENT, "capability"], run, step_h).group_by(by)
    found = hours.agg(pl.col("asked").filter(now).sum(), serving=served.filter(now).sum())
    return found.with_columns(filled_share=filled).sort(by)


@kept
def double_booked(run: Record) -> pl.DataFrame:
    """Return which elements one task has while another asks for them.

    A commitment that misses n elements asks for those of its capabilities that other tasks have; where these are
    more than n, each counts for its part of n. Columns: replication, element, task (which has it), wanted_by, days
    and first_h, the hour at which it begins. Nobody asked for twice: no rows.

    >>> nfm.measures.double_booked(run).is_empty()
    True
    """
    asked_by = ["replication", "wanted_by", "commitment", "capability"]
    lacks, own = pl.col("asked") - pl.col("assigned"), pl.col("capability").str.split(" | ")
    short = levels(run).filter((pl.col("pool") == "") & (pl.col("asked") > pl.col("assigned")))
    short = short.with_columns(lacks=lacks, own=own, wanted_by="task").explode("own")
    lacking = short.select(*asked_by, "own", "lacks", "start_h", "end_h")
    duties = on_task(run).select("replication", "element", "tier", "own", "task", "start_h", "end_h")
    pairs = lacking.join(duties, on=["replication", "own"], suffix="_duty")
    may_be_had = (pl.col("commitment") != OFFERED) | pl.col("tier").is_not_null()
    pairs = pairs.filter(pl.col("task") != pl.col("wanted_by"), may_be_had)
    pairs = pairs.with_columns(pl.max_horizontal("start_h", "start_h_duty"), pl.min_horizontal("end_h", "end_h_duty"))
    pairs = pairs.filter(LENGTH_H > 0)
    # cut where any of them begins or ends, so that as many ask for as many in each part
    ends = [pairs.select(*asked_by, cut=end) for end in ("start_h", "end_h")]
    cuts = pl.concat(ends).unique().sort(*asked_by, "cut")
    cuts = cuts.with_columns(next=pl.col("cut").shift(-1).over(asked_by)).drop_nulls("next")
    within = (pl.col("start_h") <= pl.col("cut")) & (pl.col("next") <= pl.col("end_h"))
    part = (pl.col("lacks") / pl.len().over(*asked_by, "cut")).clip(upper_bound=1)
    by = ["replication", "element", "task", "wanted_by"]
    parts = pairs.join(cuts, on=asked_by).filter(within).with_columns(part=part).sort(*by, "cut", maintain_order=True)
    days = (pl.col("part") * (pl.col("next") - pl.col("cut"))).sum().alias("days") * IN_DAYS
    found = parts.group_by(by, maintain_order=True).agg(days, first_h=pl.col("cut").min())
    return found.sort("replication", "days", "element", descending=[False, True, False], maintain_order=True)


def double_booking(run: Record) -> pl.DataFrame:
    """Return the matrix of double-booking: task (which has the elements), wanted_by, and element_days, the mean
    over replications. Pairs of tasks that never ask for the same have no rows.

    >>> nfm.measures.double_booking(run).columns
    ['task', 'wanted_by', 'element_days']
    """
    pairs = double_booked(run).group_by("task", "wanted_by")
    days = pairs.agg(element_days=pl.col("days").sum() / run.about["replications"])
    return days.sort("element_days", "task", "wanted_by", descending=[True, False, False])


def task_people(run: Record, step_h: float = 24) -> pl.DataFrame:
    """Return the people that each task keeps busy over time.

    The personnel of the elements on it, and the people who man the units of pools that its movements and commitments
    hold. Columns: replication, task, hour, people.

    >>> nfm.measures.task_people(run).select("task", "hour", "people").row(1)
    ('regional_plans', 24.0, 600.0)
    """
    elements = on_task(run).select("replication", "task", "start_h", "end_h", people="personnel")
    manned = run.pools.filter((pl.col("people") > 0) & (pl.col("place") == "")).select("replication", "pool", "people")
    own = run.commitments.select("replication", "task", subject=pl.col("task") + "/" + pl.col("commitment")).unique()
    moving = run.subjects.filter(pl.col("task") != "").select("replication", "task", "subject")
    held = run.holdings.join(manned, on=["replication", "pool"])
    held = held.join(pl.concat([own, moving]), on=["replication", "subject"])
    held = held.select("replication", "task", "start_h", "end_h", people=pl.col("people") * pl.col("amount"))
    rows = pl.concat([elements.cast({"people": pl.Float64}), held])
    keys = ["replication", "task"]
    people = at_hours(stacked(rows, keys, "people"), keys, run, step_h)
    return people.with_columns(pl.col("people").fill_null(0.0)).sort(*keys, "hour")
