"""What several measures need: milestones by subject, and grids of hours."""

from __future__ import annotations

import polars as pl

from nfm_sim.engine import Run

KEYS = ["replication", "subject"]


def milestones(run: Run) -> pl.DataFrame:
    """Return replication, subject and a column of hours for each milestone; null where it was not reached."""
    marks = run.spans.filter(pl.col("kind") == "milestone").select(*KEYS, "activity", "start_h")
    wide = marks.pivot(on="activity", index=KEYS, values="start_h", aggregate_function="min")
    missing = [name for name in ("ready", "in place", "effective", "closed") if name not in wide.columns]
    return wide.with_columns(pl.lit(None, pl.Float64).alias(name) for name in missing)


def hour_grid(run: Run, step_h: float) -> pl.DataFrame:
    """Return the hours 0, step, 2 step, ... up to the horizon."""
    steps = int(run.horizon_h / step_h) + 1
    return pl.DataFrame({"hour": pl.int_range(steps, eager=True).cast(pl.Float64) * step_h})


def stacked(rows: pl.DataFrame, keys: list[str], *amounts: str) -> pl.DataFrame:
    """Return the sum of amounts that hold from `start_h` to `end_h`: a row at each hour at which it changes.

    Columns: the keys, hour, and each amount as it is from then on.
    """
    ends = rows.select(*keys, *(-pl.col(amount) for amount in amounts), hour="end_h")
    steps = pl.concat([rows.select(*keys, *amounts, hour="start_h"), ends])
    return (
        steps.group_by(*keys, "hour")
        .agg(pl.col(amounts).sum())
        .sort(*keys, "hour")
        .with_columns(pl.col(amounts).cum_sum().over(keys))
    )


def own_spans(run: Run) -> pl.DataFrame:
    """Return the spans of elements and movements with each stretch of time once.

    A force element that deploys takes over the spans of its last movement, and a lot waits together with the
    ship that carries it. Here the movement keeps its spans, the element loses what it took over, and ships and
    formations, which only wait for what they are made of, are left out.
    """
    movements = run.subjects.filter(pl.col("what") == "movement").select(
        "replication", "part_of", movement="subject"
    )
    shared = run.spans.join(movements, left_on=KEYS, right_on=["replication", "movement"]).select(
        "replication", "part_of", "activity", "kind", "place", "cause", "start_h", "end_h"
    )
    elements = run.spans.join(
        run.subjects.filter(pl.col("what") == "element").select(KEYS), on=KEYS, how="semi"
    ).join(
        shared,
        left_on=["replication", "subject", "activity", "kind", "place", "cause", "start_h", "end_h"],
        right_on=["replication", "part_of", "activity", "kind", "place", "cause", "start_h", "end_h"],
        how="anti",
    )
    moving = run.spans.join(movements, left_on=KEYS, right_on=["replication", "movement"], how="semi")
    return pl.concat([elements, moving])
