"""Closure: when what flows bring has crossed the border, and the numbers of an operation as records have them."""

from __future__ import annotations

import polars as pl

from nfm_sim.kinds import MODES
from nfm_sim.kinds.modes import BARGE, COLUMN, FLIGHT, TRAIN, TRUCK
from nfm_sim.measures.columns import COLUMNS
from nfm_sim.measures.common import IN_DAYS, KEPT, KEYS, kept, milestones, once, reached, stacked
from nfm_sim.record import Record
from nfm_sim.record.words import Activity, Kind, Milestone, What, late_h


@once
def closed_lots(run: Record) -> pl.DataFrame:
    """Return one row for each replication and movement of a flow.

    Columns: replication, flow, movement, mode, pieces, origin (the port, or where it stood), destination (the border
    crossing, or the port),
    required_h of the flow (null: none), and closed_h (null: not closed by the horizon).

    >>> nfm.measures.closed_lots(run).select("movement", "closed_h").row(0)
    ('division/ship/harbour/truck-001', 3.6000003814697266)
    """
    elements = run.subjects.filter(pl.col("what") == What.ELEMENT).select(pl.col("subject").unique())
    moved = run.subjects.filter(pl.col("what") == What.MOVEMENT)
    lots = moved.join(elements, left_on="part_of", right_on="subject", how="anti", maintain_order="left")
    lots = lots.join(milestones(run), on=KEYS, how="left", maintain_order="left")
    lots = lots.rename({"part_of": "flow", "subject": "movement", "closed": "closed_h"})
    way = ("flow", "movement", "mode", "pieces", "origin", "destination")
    return lots.select("replication", *way, "required_h", "closed_h")


def is_counted_by_piece() -> pl.Expr:
    """Whether the vehicles of a movement are as many as its pieces, by the column `mode`: a packet of lorries is."""
    return pl.col("mode").is_in([name for name, mode in MODES.items() if mode.counts_pieces])


@kept
def closure(run: Record) -> pl.DataFrame:
    """Return one row for each replication and flow.

    Columns: replication, flow, pieces, closed_pieces, first_h, median_h and last_h: the hour by which the first piece,
    half of all pieces and the last piece had closed (null when that was not reached by the horizon), mean_h: the mean
    hour of all pieces (null when not all have closed; prices of it go with what `bottlenecks` counts, those of last_h
    with what holds up the last piece alone), on_time_share: pieces closed by the required hour (null without one, or
    when the horizon leaves it open), and required_h, that hour. No flows: no rows.

    >>> nfm.closure(run).select("flow", "pieces", "first_h", "last_h").rows()
    [('division', 4, 3.6000003814697266, 10.600000381469727)]
    """
    lots = closed_lots(run).sort("replication", "flow", "closed_h", nulls_last=True)
    pieces, closed_h = pl.col("pieces"), pl.col("closed_h")
    all_closed = closed_h.is_not_null().all()
    still_open = closed_h.is_null() & (pl.col("required_h") > run.horizon_h)
    half = pieces.cum_sum() * 2 >= pieces.sum()
    is_known = pl.col("required_h").is_not_null().any() & ~still_open.any()
    on_time = pieces.filter(late_h(closed_h, pl.col("required_h")) == 0).sum()
    flows = lots.group_by("replication", "flow", maintain_order=True).agg(
        pieces.sum(),
        pieces.filter(closed_h.is_not_null()).sum().alias("closed_pieces"),
        closed_h.min().alias("first_h"),
        closed_h.filter(half).first().alias("median_h"),
        pl.when(all_closed).then((closed_h * pieces).sum() / pieces.sum()).alias("mean_h"),
        pl.when(all_closed).then(closed_h.max()).alias("last_h"),
        pl.when(is_known).then(on_time / pieces.sum()).alias("on_time_share"),
        pl.col("required_h").first(),
    )
    return flows.sort("replication", "flow")


STEP_H = 6
"""Step of the curve that a study keeps."""


def closure_curve(run: Record, step_h: float = STEP_H) -> pl.DataFrame:
    """Return the pieces of a flow that had closed by an hour: replication, flow, hour, pieces.

    A study keeps the curve in steps of 6 h; of it, `step_h` must be a multiple (ValueError).

    >>> nfm.measures.closure_curve(run, 12).select("hour", "pieces").rows()[:3]
    [(0.0, 0), (12.0, 4), (24.0, 4)]
    """
    known = run.answer("closure_curve")
    if known is not None:
        if step_h % STEP_H:
            raise ValueError(f"a study keeps the closure curve by {STEP_H} h; step_h {step_h:g} is no multiple of it")
        return known.filter(pl.col("hour") % step_h == 0)
    lots = closed_lots(run).with_columns(amount=pl.col("pieces").cast(pl.Int64))
    return reached(lots, ["replication", "flow"], "closed_h", run, step_h).rename({"amount": "pieces"})


KEPT["closure_curve"] = closure_curve


def closed_by(run: Record, step_h: float = STEP_H) -> pl.DataFrame:
    """Return whether all of a flow had closed by an hour (1, else 0): replication, flow, hour, closed. Its mean over
    replications is the chance of closing by that hour.

    >>> nfm.measures.closed_by(run, 12).select("hour", "closed").rows()[:2]
    [(0.0, 0.0), (12.0, 1.0)]
    """
    whole = closure(run).select("replication", "flow", all_of="pieces")
    curve = closure_curve(run, step_h).join(whole, on=["replication", "flow"], maintain_order="left")
    closed = (pl.col("pieces") == pl.col("all_of")).cast(pl.Float64)
    return curve.select("replication", "flow", "hour", closed=closed)


@kept
def ways_taken(run: Record) -> pl.DataFrame:
    """Return the pieces of flows by way: replication, flow, origin (the port), mode, destination (the border
    crossing), movements, pieces, and closed_pieces.

    >>> nfm.measures.ways_taken(run).select("origin", "mode", "destination", "pieces").rows()
    [('harbour', 'truck', 'border', 4)]
    """
    by, pieces = ["replication", "flow", "origin", "mode", "destination"], pl.col("pieces")
    closed = pieces.filter(pl.col("closed_h").is_not_null()).sum()
    return closed_lots(run).group_by(by).agg(pl.len().alias("movements"), pieces.sum(), closed_pieces=closed).sort(by)


@kept
def departures_by_day(run: Record) -> pl.DataFrame:
    """Return what left its port or home on each day after hour 0.

    Columns: replication, origin, mode, day (0 is the first), movements, pieces. A movement leaves when it first
    moves on a link or flies off; days without departures have no row.

    >>> nfm.measures.departures_by_day(run).rows()
    [(0, 'harbour', 'truck', 0, 4, 4)]
    """
    movements = run.subjects.filter(pl.col("what") == What.MOVEMENT).select(*KEYS, "origin", "mode", "pieces")
    marches = run.spans.filter((pl.col("kind") == Kind.MOVE) & (pl.col("activity") == Activity.MARCH))
    left = movements.join(marches.group_by(KEYS).agg(pl.col("start_h").min()), on=KEYS)
    days = left.with_columns(day=(pl.col("start_h") / 24).floor().cast(pl.Int32))
    by = ["replication", "origin", "mode", "day"]
    return days.group_by(by).agg(pl.len().alias("movements"), pl.col("pieces").sum()).sort(by)


# An operation as a whole, as reports of real transits give it: days, pieces and trains a day, pieces on the quay


BUSY = (0.1, 0.9)
"""The busy period: from when a tenth of the lorries has left to when nine tenths have."""


@kept
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
        pl.col("begin_h").min(), *counts, others, closed_days=closed_days, pieces_a_day=pieces / closed_days
    )
    ashore = stacked(_stays(marked, run.horizon_h), ["replication"], "pieces").group_by("replication")
    for found in (_most_a_day(marked), ashore.agg(most_ashore=pl.col("pieces").max())):
        whole = whole.join(found, on="replication", how="left")
    whole = whole.with_columns(pl.col("trains_a_day").fill_null(0))
    return whole.select("replication", *COLUMNS[operation.__name__]).sort("replication")


def _marks(run: Record) -> pl.DataFrame:
    """When each movement begins (discharge, or when it stands ready), sets out, comes ashore and leaves, is in port and
    aboard: in one pass over the spans, which are many."""
    start, end, activity, kind = (pl.col(name) for name in ("start_h", "end_h", "activity", "kind"))
    discharged = (activity == Activity.DISCHARGE) & (kind == Kind.WORK)
    by_ship = activity.is_in([Activity.ARRIVE, Activity.DISCHARGE]).any()
    moves = kind == Kind.MOVE
    marching = activity == Activity.MARCH
    return run.spans.group_by("replication", movement="subject").agg(
        begin_h=pl.when(by_ship).then(start.filter(discharged).min()).otherwise(start.min()),
        sets_out_h=start.filter(moves & (marching | (activity == Activity.FROM_AFAR))).min(),
        leaves_h=start.filter(moves & marching).min(),
        ashore_h=end.filter(discharged).max(),
        in_port_h=start.filter(activity == Milestone.IN_PORT).min(),
        aboard_h=end.filter((activity == Activity.EMBARK) & (kind == Kind.WORK)).max(),
    )


def _most_a_day(marked: pl.DataFrame) -> pl.DataFrame:
    """Of the days on which something left: the median of lorries in the busy period, and the most trains."""
    pieces, mode, each = pl.col("pieces"), pl.col("mode"), ["replication", "mode"]
    busy = (pieces.cum_sum().over(each) / pieces.sum().over(each)).is_between(*BUSY)
    left = marked.drop_nulls("sets_out_h").with_columns(day=(pl.col("sets_out_h") * IN_DAYS).floor().cast(pl.Int32))
    days = left.group_by(*each, "day").agg(pl.len().alias("movements"), pieces.sum()).sort(*each, "day")
    trucks = pieces.filter((mode == TRUCK.name) & pl.col("busy")).median()
    trains = pl.col("movements").filter(mode == TRAIN.name).max()
    return days.with_columns(busy=busy).group_by("replication").agg(trucks_a_day=trucks, trains_a_day=trains)


def _stays(marked: pl.DataFrame, horizon_h: float) -> pl.DataFrame:
    """The time in which each lot stands at a port: from when it is ashore until it leaves, or from when it is in port
    until it is aboard. Each part of a lot has the spans of the whole until it was left behind."""
    pieces = pl.col("pieces").cast(pl.Int64)
    stays = [
        marked.select("replication", pieces, place=port, start_h=comes, end_h=pl.col(goes).fill_null(horizon_h))
        for port, comes, goes in (("origin", "ashore_h", "leaves_h"), ("destination", "in_port_h", "aboard_h"))
    ]
    return pl.concat(stays).drop_nulls("start_h")


def ashore(run: Record) -> pl.DataFrame:
    """Return how many pieces of flows stand at each port over time: a row at each hour at which that changes.

    Columns: replication, place, hour, and pieces, as they are from then on: ashore and not yet on their way, or in port
    and not yet aboard.

    >>> nfm.measures.ashore(run).select("place", "hour", "pieces").row(0)
    ('harbour', 0.10000038146972656, 1)
    """
    marked = closed_lots(run).join(_marks(run), on=["replication", "movement"])
    return stacked(_stays(marked, run.horizon_h), ["replication", "place"], "pieces")
