"""An operation as a whole, as reports of real transits give it: days, pieces and trains a day, pieces on the quay."""

from __future__ import annotations

import polars as pl

from nfm_sim.measures.closure import closed_lots
from nfm_sim.measures.columns import COLUMNS, COUNT, DAYS, HOURS, PIECES
from nfm_sim.measures.common import IN_DAYS, answers, kept, stacked
from nfm_sim.record import Record
from nfm_sim.record.words import Activity, Kind, Milestone

BUSY = (0.1, 0.9)
"""The busy period: from when a tenth of the lorries has left to when nine tenths have."""


@kept
@answers(
    begin_h=HOURS,
    closed_days=DAYS,
    pieces_a_day=PIECES,
    trucks_a_day=COUNT,
    trains_a_day=COUNT,
    trucks=COUNT,
    trains=COUNT,
    columns=COUNT,
    barges=COUNT,
    most_ashore=PIECES,
)
def operation(run: Record) -> pl.DataFrame:
    """Return one row for each replication: all flows as one operation, as records of real ones have it.

    Columns: replication, begin_h (the first ship begins to discharge, or the first piece stands ready), closed_days
    (from then to the last piece; null when one did not close), pieces_a_day (over these days), trucks_a_day (the median
    of days with departures, from when a tenth of the lorries has left to when nine tenths have), trains_a_day (the
    most that left on a day), trucks, trains, columns and barges (all that left), and most_ashore (pieces that stand at
    ports at a time). Pieces that go by lorry are counted as lorries. Flows that move nothing: no rows.

    >>> nfm.measures.operation(run).select("closed_days", "trucks", "trains").row(0)
    (0.4416666825612386, 4, 0)
    """
    lots = closed_lots(run)
    pieces, closed_h = pl.col("pieces").sum(), pl.col("closed_h")
    days = (closed_h.max() - pl.col("begin_h").min()) * IN_DAYS
    closed_days = pl.when(closed_h.is_not_null().all()).then(days)
    counts = [
        pl.col("pieces").filter(pl.col("mode") == "truck").sum().cast(pl.UInt32).alias("trucks"),
        *((pl.col("mode") == mode).sum().alias(f"{mode}s") for mode in ("train", "column", "barge")),
    ]
    whole = (
        lots.join(_begins(run), left_on=["replication", "movement"], right_on=["replication", "subject"])
        .group_by("replication", maintain_order=True)
        .agg(
            pl.col("begin_h").min(),
            closed_days.alias("closed_days"),
            (pieces / closed_days).alias("pieces_a_day"),
            *counts,
        )
    )
    by_day = _by_day(run, lots)
    return (
        whole.join(_busy(by_day), on="replication", how="left")
        .join(_most_trains(by_day), on="replication", how="left")
        .with_columns(pl.col("trains_a_day").fill_null(0))
        .join(_most_ashore(run, lots), on="replication", how="left")
        .select("replication", *COLUMNS[operation.__name__])
        .sort("replication")
    )


def _begins(run: Record) -> pl.DataFrame:
    """When each movement begins: discharge, or when it stands ready."""
    start = pl.col("start_h")
    discharged = (pl.col("activity") == Activity.DISCHARGE) & (pl.col("kind") == Kind.WORK)
    by_ship = pl.col("activity").is_in([Activity.ARRIVE, Activity.DISCHARGE]).any()
    return run.spans.group_by("replication", "subject").agg(
        pl.when(by_ship).then(start.filter(discharged).min()).otherwise(start.min()).alias("begin_h")
    )


def _by_day(run: Record, lots: pl.DataFrame) -> pl.DataFrame:
    """Movements and pieces that left on each day, by mode."""
    moves = (pl.col("kind") == Kind.MOVE) & pl.col("activity").is_in([Activity.MARCH, Activity.FROM_AFAR])
    left = run.spans.filter(moves).group_by("replication", pl.col("subject").alias("movement"))
    return (
        lots.join(left.agg(pl.col("start_h").min()), on=["replication", "movement"])
        .with_columns((pl.col("start_h") * IN_DAYS).floor().cast(pl.Int32).alias("day"))
        .group_by("replication", "mode", "day")
        .agg(pl.len().alias("movements"), pl.col("pieces").sum())
        .sort("replication", "mode", "day")
    )


def _busy(by_day: pl.DataFrame) -> pl.DataFrame:
    done = pl.col("pieces").cum_sum().over("replication") / pl.col("pieces").sum().over("replication")
    trucks = by_day.filter(pl.col("mode") == "truck")
    busy = trucks.filter(done.is_between(*BUSY))
    return busy.group_by("replication").agg(pl.col("pieces").median().alias("trucks_a_day"))


def _most_trains(by_day: pl.DataFrame) -> pl.DataFrame:
    trains = by_day.filter(pl.col("mode") == "train")
    return trains.group_by("replication").agg(pl.col("movements").max().alias("trains_a_day"))


def _most_ashore(run: Record, lots: pl.DataFrame) -> pl.DataFrame:
    """The most pieces that stand at ports at a time: from when they are ashore until they leave, or from when they are
    in port until they are aboard. Each part of a lot has the spans of the whole until it was left behind."""
    start, end, activity, kind = (pl.col(name) for name in ("start_h", "end_h", "activity", "kind"))
    ashore = end.filter((activity == Activity.DISCHARGE) & (kind == Kind.WORK)).max()
    in_port = start.filter(activity == Milestone.IN_PORT).min()
    left = start.filter((activity == Activity.MARCH) & (kind == Kind.MOVE)).min()
    aboard = end.filter((activity == Activity.EMBARK) & (kind == Kind.WORK)).max()
    stays = [
        run.spans.group_by("replication", pl.col("subject").alias("movement")).agg(
            comes.alias("start_h"), goes.fill_null(run.horizon_h).alias("end_h")
        )
        for comes, goes in ((ashore, left), (in_port, aboard))
    ]
    stood = pl.concat(stays).drop_nulls("start_h").join(lots, on=["replication", "movement"])
    return (
        stacked(stood.with_columns(pl.col("pieces").cast(pl.Int64)), ["replication"], "pieces")
        .group_by("replication")
        .agg(pl.col("pieces").max().alias("most_ashore"))
    )
