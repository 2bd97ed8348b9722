"""An operation as a whole, as reports of real transits give it: days, pieces and trains a day, pieces on the quay."""

from __future__ import annotations

import polars as pl

from nfm_sim.kinds.modes import BARGE, COLUMN, FLIGHT, TRAIN, TRUCK
from nfm_sim.measures.closure import closed_lots, is_counted_by_piece
from nfm_sim.measures.columns import COLUMNS, COUNT, DAYS, GIVEN_HOUR, HOUR, KEY, PIECES
from nfm_sim.measures.common import IN_DAYS, answers, kept, stacked
from nfm_sim.record import Record
from nfm_sim.record.words import Activity, Kind, Milestone

BUSY = (0.1, 0.9)
"""The busy period: from when a tenth of the lorries has left to when nine tenths have."""


@kept
@answers(
    begin_h=HOUR,
    closed_days=DAYS.but(better="less", words="the whole operation"),
    pieces_a_day=PIECES.but(better="more"),
    trucks_a_day=COUNT,
    trains_a_day=COUNT,
    trucks=COUNT,
    trains=COUNT,
    columns=COUNT,
    barges=COUNT,
    flights=COUNT,
    others=COUNT,
    most_ashore=PIECES,
)
def operation(run: Record) -> pl.DataFrame:
    """Return one row for each replication: all flows as one operation, as records of real ones have it.

    Columns: replication, begin_h (the first ship begins to discharge, or the first piece stands ready), closed_days
    (from then to the last piece; null when one did not close), pieces_a_day (over these days), trucks_a_day (the median
    of days with departures, from when a tenth of the lorries has left to when nine tenths have), trains_a_day (the
    most that left on a day), trucks, trains, columns, barges and flights (all that left), others (movements of users'
    modes), and most_ashore (pieces that stand at ports at a time). Pieces that go by lorry are counted as lorries.
    Flows that move nothing: no rows.

    >>> nfm.measures.operation(run).select("closed_days", "trucks", "trains").row(0)
    (0.4416666825612386, 4, 0)
    """
    lots = closed_lots(run)
    pieces, closed_h = pl.col("pieces").sum(), pl.col("closed_h")
    days = (closed_h.max() - pl.col("begin_h").min()) * IN_DAYS
    closed_days = pl.when(closed_h.is_not_null().all()).then(days)
    number = pl.when(is_counted_by_piece()).then("pieces").otherwise(1)
    ours = [TRUCK, TRAIN, COLUMN, BARGE, FLIGHT]
    counts = [number.filter(pl.col("mode") == mode.name).sum().cast(pl.UInt32).alias(f"{mode.name}s") for mode in ours]
    others = number.filter(~pl.col("mode").is_in([mode.name for mode in ours])).sum().cast(pl.UInt32).alias("others")
    marked = lots.join(_marks(run), on=["replication", "movement"])
    whole = marked.group_by("replication", maintain_order=True).agg(
        pl.col("begin_h").min(),
        closed_days.alias("closed_days"),
        (pieces / closed_days).alias("pieces_a_day"),
        *counts,
        others,
    )
    by_day = _by_day(marked)
    return (
        whole.join(_busy(by_day), on="replication", how="left")
        .join(_most_trains(by_day), on="replication", how="left")
        .with_columns(pl.col("trains_a_day").fill_null(0))
        .join(_most_ashore(marked, run.horizon_h), on="replication", how="left")
        .select("replication", *COLUMNS[operation.__name__])
        .sort("replication")
    )


def _marks(run: Record) -> pl.DataFrame:
    """When each movement begins (discharge, or when it stands ready), sets out, comes ashore and leaves, is in port and
    aboard: in one pass over the spans, which are many."""
    start, end, activity, kind = (pl.col(name) for name in ("start_h", "end_h", "activity", "kind"))
    discharged = (activity == Activity.DISCHARGE) & (kind == Kind.WORK)
    by_ship = activity.is_in([Activity.ARRIVE, Activity.DISCHARGE]).any()
    moves = kind == Kind.MOVE
    marching = activity == Activity.MARCH
    return run.spans.group_by("replication", pl.col("subject").alias("movement")).agg(
        pl.when(by_ship).then(start.filter(discharged).min()).otherwise(start.min()).alias("begin_h"),
        start.filter(moves & (marching | (activity == Activity.FROM_AFAR))).min().alias("sets_out_h"),
        start.filter(moves & marching).min().alias("leaves_h"),
        end.filter(discharged).max().alias("ashore_h"),
        start.filter(activity == Milestone.IN_PORT).min().alias("in_port_h"),
        end.filter((activity == Activity.EMBARK) & (kind == Kind.WORK)).max().alias("aboard_h"),
    )


def _by_day(marked: pl.DataFrame) -> pl.DataFrame:
    """Movements and pieces that left on each day, by mode."""
    return (
        marked.drop_nulls("sets_out_h")
        .with_columns((pl.col("sets_out_h") * IN_DAYS).floor().cast(pl.Int32).alias("day"))
        .group_by("replication", "mode", "day")
        .agg(pl.len().alias("movements"), pl.col("pieces").sum())
        .sort("replication", "mode", "day")
    )


def _busy(by_day: pl.DataFrame) -> pl.DataFrame:
    done = pl.col("pieces").cum_sum().over("replication") / pl.col("pieces").sum().over("replication")
    trucks = by_day.filter(pl.col("mode") == TRUCK.name)
    busy = trucks.filter(done.is_between(*BUSY))
    return busy.group_by("replication").agg(pl.col("pieces").median().alias("trucks_a_day"))


def _most_trains(by_day: pl.DataFrame) -> pl.DataFrame:
    trains = by_day.filter(pl.col("mode") == TRAIN.name)
    return trains.group_by("replication").agg(pl.col("movements").max().alias("trains_a_day"))


def _most_ashore(marked: pl.DataFrame, horizon_h: float) -> pl.DataFrame:
    """The most pieces that stand at ports at a time."""
    return (
        stacked(_stays(marked, horizon_h), ["replication"], "pieces")
        .group_by("replication")
        .agg(pl.col("pieces").max().alias("most_ashore"))
    )


def _stays(marked: pl.DataFrame, horizon_h: float) -> pl.DataFrame:
    """The time in which each lot stands at a port: from when it is ashore until it leaves, or from when it is in port
    until it is aboard. Each part of a lot has the spans of the whole until it was left behind."""
    stays = [
        marked.select(
            "replication",
            pl.col("pieces").cast(pl.Int64),
            place=port,
            start_h=comes,
            end_h=pl.col(goes).fill_null(horizon_h),
        )
        for port, comes, goes in (("origin", "ashore_h", "leaves_h"), ("destination", "in_port_h", "aboard_h"))
    ]
    return pl.concat(stays).drop_nulls("start_h")


@answers(place=KEY, hour=GIVEN_HOUR, pieces=PIECES)
def ashore(run: Record) -> pl.DataFrame:
    """Return how many pieces of flows stand at each port over time: a row at each hour at which that changes.

    Columns: replication, place, hour, and pieces, as they are from then on: ashore and not yet on their way, or in port
    and not yet aboard.

    >>> nfm.measures.ashore(run).select("place", "hour", "pieces").row(0)
    ('harbour', 0.10000038146972656, 1)
    """
    marked = closed_lots(run).join(_marks(run), on=["replication", "movement"])
    return stacked(_stays(marked, run.horizon_h), ["replication", "place"], "pieces")
