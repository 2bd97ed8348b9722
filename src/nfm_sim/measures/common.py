"""Tables that several measures need: milestones by subject, and grids of hours."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

import numpy as np
import polars as pl

from nfm_sim.measures.columns import COLUMNS, Column
from nfm_sim.record import Record
from nfm_sim.record.words import LINK_IN_CAUSE, SECOND_H, CauseKind, Kind, Milestone, Rule, What

KEYS = ["replication", "subject"]
POOL = ["replication", "pool", "place"]
LENGTH_H = pl.col("end_h") - pl.col("start_h")
IN_DAYS = 1 / 24
"""Days in an hour. Kept answers multiply by it: polars divides one row by a number, and several by way of its inverse,
which rounds differently; and the answer of a replication must not depend on those it was made with."""
Measure = Callable[[Record], pl.DataFrame]

MILESTONES = (Milestone.READY, Milestone.IN_PLACE, Milestone.EFFECTIVE, Milestone.CLOSED)

KEPT: dict[str, Measure] = {}
"""The measures whose answers a study keeps for every replication, by name."""

AnyMeasure = TypeVar("AnyMeasure", bound=Callable[..., pl.DataFrame])


def answers(**columns: Column) -> Callable[[AnyMeasure], AnyMeasure]:
    """Declare the columns of a measure's answer, `replication` aside.

    >>> @nfm.measures.answers(last_h=nfm.measures.Column("h"))
    ... def last(run):
    ...     return nfm.closure(run).group_by("replication").agg(last_h=pl.col("last_h").max())
    >>> last(run).rows()
    [(0, 10.600000381469727)]
    """

    def declare(measure: AnyMeasure) -> AnyMeasure:
        COLUMNS[measure.__name__] = columns
        return measure

    return declare


def once(measure: Measure) -> Measure:
    """Make the table of a measure only once for each run, because several measures need it."""
    name = measure.__name__

    @wraps(measure)
    def table(run: Record) -> pl.DataFrame:
        if name not in run.memo:
            run.memo[name] = measure(run)
        return run.memo[name]

    return table


def kept(measure: Measure) -> Measure:
    """Have studies keep the answer of a measure for every replication. Asked of a study, it is read from there; of a
    run, it is made once."""
    name = measure.__name__
    made = KEPT[name] = once(measure)

    @wraps(measure)
    def answer(run: Record) -> pl.DataFrame:
        known = run.answer(name)
        return made(run) if known is None else known

    return answer


OFF_QUEUE = [name for _, name in (Rule.LATENESS, Rule.GANGS_OF_SHIP, Rule.DECISION)]
IN_QUEUE = ~((pl.col("cause_kind") == CauseKind.RULE) & pl.col("cause").is_in(OFF_QUEUE))
"""Waits that are queues: for something that is to be had at a place. Who is late, in a ship whose gangs are at work, or
not yet asked for, stands in none."""


@once
def milestones(run: Record) -> pl.DataFrame:
    """Return replication, subject and a column of hours for each milestone; null where it was not reached."""
    marks = run.spans.filter(pl.col("kind") == Kind.MILESTONE)
    hours = [pl.when(pl.col("activity") == name).then(pl.col("start_h")).alias(name) for name in MILESTONES]
    return marks.select(*KEYS, *hours).group_by(KEYS).agg(pl.col(MILESTONES).min())


def about_subjects(run: Record, *columns: str) -> pl.DataFrame:
    """Return columns of the subjects that are the same in every replication.

    To be joined by `subject` alone, which takes a third of the time that it takes by replication and subject.
    What ships may divert to, and what lots leave behind, differ: `origin` and `pieces` are none of them, and movements
    are not the same.
    """
    first = pl.col("replication") == pl.col("replication").first()
    return run.subjects.filter(first).select("subject", *columns)


def numbered_by_pool(run: Record, table: pl.DataFrame) -> pl.DataFrame:
    """Put the number of the pool, its row in `run.pools`, before the columns of a table: to put rows together by it
    takes a fifth of the time that it takes by names."""
    numbers = run.pools.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("number"), *POOL)
    return table.join(numbers, on=POOL, how="left", maintain_order="left").select("number", *table.columns)


@once
def held_by_pool(run: Record) -> pl.DataFrame:
    """Return the holdings with the number of their pool."""
    return numbered_by_pool(run, run.holdings)


def hour_grid(run: Record, step_h: float) -> pl.DataFrame:
    """Return the hours 0, step, 2 step, ... up to the horizon."""
    steps = int(run.horizon_h / step_h) + 1
    return pl.DataFrame({"hour": pl.int_range(steps, eager=True).cast(pl.Float64) * step_h})


def at_hours(levels: pl.DataFrame, keys: list[str], run: Record, step_h: float) -> pl.DataFrame:
    """Return the rows of levels that hold at the hours of the grid, for all keys; nulls before the first. `levels` have
    the keys, and the `hour` from which on they hold."""
    grid = levels.select(keys).unique().join(hour_grid(run, step_h), how="cross").sort("hour")
    return grid.join_asof(levels.sort("hour"), on="hour", by=keys, check_sortedness=False)


def median_of_all(column: str) -> pl.Expr:
    """The median, with what was not reached as later than all; null when half or more was not."""
    median = pl.col(column).fill_null(float("inf")).median()
    return pl.when(median.is_finite()).then(median).alias(column)


def reached(rows: pl.DataFrame, keys: list[str], at_h: str, run: Record, step_h: float) -> pl.DataFrame:
    """Return how much had been reached by each hour of the grid, as by a deadline: the keys, hour, and the sum of
    `amount`.

    `rows` have the keys, `at_h` (null: never reached) and `amount`.
    """
    rows_reached = rows.drop_nulls(at_h)
    step = np.maximum(np.ceil((rows_reached[at_h].to_numpy() - SECOND_H) / step_h), 0).astype(np.int64)
    gained = rows_reached.with_columns(pl.Series("step", step)).group_by(*keys, "step").agg(pl.col("amount").sum())
    grid = hour_grid(run, step_h).with_row_index("step").cast({"step": pl.Int64})
    steps = rows.select(keys).unique().join(grid, how="cross").join(gained, on=[*keys, "step"], how="left")
    return steps.sort(*keys, "step").select(*keys, "hour", pl.col("amount").fill_null(0).cum_sum().over(keys))


def stacked(rows: pl.DataFrame, keys: list[str], *amounts: str) -> pl.DataFrame:
    """Return the sum of amounts that hold from `start_h` to `end_h`: a row at each hour at which it changes.

    Columns: the keys, hour, and each amount as it is from then on.
    """
    ends = rows.select(*keys, *(-pl.col(amount) for amount in amounts), hour="end_h")
    steps = pl.concat([rows.select(*keys, *amounts, hour="start_h"), ends])
    changes = steps.group_by(*keys, "hour").agg(pl.col(amounts).sum()).sort(*keys, "hour")
    return changes.with_columns(pl.col(amounts).cum_sum().over(keys))


def by_step(rows: pl.DataFrame, keys: list[str], step_h: float) -> pl.DataFrame:
    """Return the mean of an `amount` that holds from `start_h` to `end_h`, by step: the keys, step, and used."""
    first, last = ((pl.col(hour) / step_h).floor().cast(pl.Int32) for hour in ("start_h", "end_h"))
    step = pl.col("step")
    inside = pl.min_horizontal("end_h", (step + 1) * step_h) - pl.max_horizontal("start_h", step * step_h)
    steps = rows.filter(pl.col("end_h") > pl.col("start_h")).with_columns(step=pl.int_ranges(first, last + 1))
    used = (inside * pl.col("amount")).sum().alias("used") * (1 / step_h)
    return steps.explode("step").group_by(*keys, "step").agg(used)


def named_cause() -> pl.Expr:
    """The name of a cause: of a facility "place.facility", of a link its own."""
    kind, cause = pl.col("cause_kind"), pl.col("cause")
    of_facility, of_link = pl.concat_str("place", pl.lit("."), cause), cause.str.extract(LINK_IN_CAUSE)
    other = pl.when(kind == CauseKind.LINK).then(of_link).otherwise(cause)
    return pl.when(kind == CauseKind.FACILITY).then(of_facility).otherwise(other)


def pool_kind_and_name() -> tuple[pl.Expr, pl.Expr]:
    """The kind and the name, as causes have them, of what the columns pool and place say."""
    national = pl.col("place") == ""
    kind = pl.when(national).then(pl.lit(CauseKind.POOL)).otherwise(pl.lit(CauseKind.FACILITY)).alias("kind")
    return kind, pl.when(national).then("pool").otherwise(pl.concat_str("place", pl.lit("."), "pool")).alias("name")


@once
def own_waits(run: Record) -> pl.DataFrame:
    """Return the waits of elements and movements with each stretch of time once, with `pieces` (1 at least).

    A force element that deploys takes over the spans of its last movement, and a lot waits together with the
    ship that carries it. Here the movement keeps its spans, the element loses what it took over, and ships and
    formations, which only wait for what they are made of, are left out.
    """
    who = run.subjects.select(*KEYS, "what", "part_of", pl.col("pieces").clip(1))
    spans = run.spans.filter((pl.col("kind") == Kind.WAIT) | (pl.col("kind") == Kind.BLOCKED)).join(who, on=KEYS)
    moving = spans.filter(pl.col("what") == What.MOVEMENT)
    elements = spans.filter(pl.col("what") == What.ELEMENT)
    own = moving.filter(pl.col("part_of").is_in(elements["subject"].unique().implode()))
    taken_over = own.select("replication", "start_h", "end_h", subject="part_of")
    elements = elements.join(taken_over, on=[*KEYS, "start_h", "end_h"], how="anti")
    return pl.concat([elements, moving]).drop("what", "part_of")


WITHOUT_TIER = "without a tier"


def group_of(run: Record) -> pl.DataFrame:
    """Return the group by which a subject has its colour: its flow, or the tier of the element that it is or belongs
    to. Columns: replication, subject, group."""
    subjects = run.subjects.select("replication", "subject", "part_of", "tier", "what")
    is_element, tier = pl.col("what") == What.ELEMENT, pl.coalesce("tier", "of")
    elements = subjects.filter(is_element)
    tiers = elements.select("replication", of="tier", part_of="subject")
    untiered = is_element | pl.col("part_of").is_in(elements["subject"].unique().implode())
    other = pl.when(untiered).then(pl.lit(WITHOUT_TIER)).otherwise("part_of")
    name = pl.when(tier.is_not_null()).then(pl.format("tier {}", tier)).otherwise(other)
    joined = subjects.join(tiers, on=["replication", "part_of"], how="left", maintain_order="left")
    return joined.select("replication", "subject", name.alias("group"))


def owned_holdings(run: Record) -> pl.DataFrame:
    """Return the holdings with `whose` they are: the group of the subject as `group_of` has it, or the task."""
    groups = group_of(run).rename({"group": "whose"})
    held = run.holdings.join(groups, on=["replication", "subject"], how="left")
    return held.with_columns(pl.col("whose").fill_null(pl.col("subject").str.split("/").list.first()))
