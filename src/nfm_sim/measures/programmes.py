"""Movement programmes: how their slots were used, and whether their windows held."""

from __future__ import annotations

from typing import Any

import polars as pl

from nfm_sim.kinds.modes import TRAIN
from nfm_sim.measures.closure import closed_lots, is_counted_by_piece
from nfm_sim.measures.common import LENGTH_H, kept, median_of_all, named_cause, own_waits
from nfm_sim.problems import InputError
from nfm_sim.record import Record
from nfm_sim.record.words import Activity, Kind, Rule, What, empty_of

_, PROGRAMME = Rule.PROGRAMME


@kept
def bookings(run: Record) -> pl.DataFrame:
    """Return how many slots of movement programmes were booked and used.

    Columns: replication, programme (a flow, or "operation" for that of all flows), origin (the port; empty: for all
    ports together), mode, booked (from when onward movement began until the last piece had left, or to the horizon),
    used, and wasted_share (of those booked; null when none was). Flows without a programme have no row.

    >>> nfm.measures.bookings(run).rows()
    []
    """
    by, used = ["replication", "programme", "origin", "mode"], pl.col("movement").is_not_null().sum()
    booked = run.slots.rename({"place": "origin"}).group_by(by).agg(booked=pl.len(), used=used)
    return booked.with_columns(wasted_share=(pl.col("booked") - pl.col("used")) / pl.col("booked")).sort(by)


@kept
def windows(run: Record) -> pl.DataFrame:
    """Return whether the planned windows of movement programmes held: a row for each replication and programme.

    Columns: replication, programme, ends_h (when the window ends), left_h (when the last piece set out; null when one
    did not by the horizon), slip_h (how much later that is; null likewise, 0 when it held), held, and binds: what those
    that left too late waited for the longest, weighted by pieces; the movement programme itself only where it books
    less than the window needs. Null when it held. Programmes without a window have no row.

    >>> nfm.measures.windows(run).rows()
    []
    """
    lots = closed_lots(run).join(run.programmes.drop_nulls("ends_h"), on=["replication", "flow"])
    moves = run.spans.filter((pl.col("kind") == Kind.MOVE) & pl.col("activity").is_in(SETS_OUT))
    left = moves.group_by("replication", movement="subject").agg(left_h=pl.col("start_h").min())
    lots = lots.join(left, on=["replication", "movement"], how="left")
    too_late = lots.filter((pl.col("left_h") > pl.col("ends_h")).fill_null(True))
    last = pl.when(pl.col("left_h").is_not_null().all()).then(pl.col("left_h").max())
    keys = ["replication", "programme"]
    found = lots.group_by(keys).agg(pl.col("ends_h").first(), last)
    found = found.with_columns(slip_h=(pl.col("left_h") - pl.col("ends_h")).clip(0))
    found = found.with_columns(held=(pl.col("slip_h") == 0).fill_null(False))
    return found.join(_binds(run, too_late), on=keys, how="left").sort(keys)


WEEK_H = 7 * 24


def orders(run: Record) -> pl.DataFrame:
    """Return what a movement staff orders by week: of trains the paths on each line, of all else that moves over the
    network the movements to each exit.

    Columns: replication, week (0: the seven days from hour 0 on), mode, line (of trains; "other" where the network
    names none; else the border crossing or port where the way ends), direction (in which trains pass the line: north,
    east, south or west, whichever is most of their way over it; else empty), loaded and empty (movements, lorries for
    lorries; those that come back count where they went), and most_an_hour (of both together, in one hour after hour 0).
    Raises `InputError` where the network is not at hand.

    >>> nfm.measures.orders(run).rows()
    [(0, 0, 'truck', 'border', '', 4, 0, 2)]
    """
    by = ["replication", "week", "mode", "line", "direction"]
    passed = _passed(run).with_columns(week=pl.col("hour") // WEEK_H)
    busiest = passed.group_by(*by, "hour").agg(pl.col("lorries").sum()).group_by(by).agg(pl.col("lorries").max())
    return passed.group_by(by).agg(*COUNTS).join(busiest.rename({"lorries": "most_an_hour"}), on=by).sort(by)


def orders_by_hour(run: Record) -> pl.DataFrame:
    """Return the same by day and hour.

    Columns: replication, day (0: the 24 hours from hour 0 on), hour (of that day, at which they come to the line or set
    out), mode, line, direction, loaded and empty as `orders` has them.

    >>> nfm.measures.orders_by_hour(run).select("day", "hour", "line", "loaded").rows()
    [(0, 0, 'border', 1), (0, 1, 'border', 1), (0, 7, 'border', 2)]
    """
    by = ["replication", "day", "hour", "mode", "line", "direction"]
    passed = _passed(run).with_columns(day=pl.col("hour") // 24, hour=pl.col("hour") % 24)
    return passed.group_by(by).agg(*COUNTS).sort(by)


def _passed(run: Record) -> pl.DataFrame:
    """A row for each movement and line or exit: replication, mode, empty, line, direction, hour, lorries."""
    if run.network is None:
        raise InputError.of(run.about["title"], "network", "", "is not at hand: read the study itself")
    nodes, links = run.network.nodes, run.network.links.values()
    ways = pl.DataFrame(
        {
            "link": [link.name for link in links],
            "of": [link.line or OTHER_LINE for link in links],
            "north": [nodes[link.end].lat - nodes[link.start].lat for link in links],
            "east": [(nodes[link.end].lon - nodes[link.start].lon) * EAST_OVER_NORTH for link in links],
        }
    )
    empty = pl.col("what") == What.EMPTY
    moved = run.subjects.filter(pl.col("what").is_in([*What.LOADED, What.EMPTY]))
    end = pl.when(empty).then("origin").otherwise("destination")
    moved = moved.select("replication", "mode", movement="subject", empty=empty, end=end)
    train, along = pl.col("mode") == TRAIN.name, pl.when("forward").then(1).otherwise(-1)
    north, east = pl.col("north"), pl.col("east")
    lengthwise = pl.when(north > east.abs()).then(pl.lit("north")).when(-north > east.abs()).then(pl.lit("south"))
    compass = lengthwise.when(east > 0).then(pl.lit("east")).otherwise(pl.lit("west"))
    line = pl.when(train).then("of").otherwise("end")
    passed = run.passages.join(moved, on=["replication", "movement"]).join(ways, on="link")
    by_line = passed.group_by("replication", "movement", "mode", "empty", line=line)
    passed = by_line.agg(pl.col("enter_h").min(), (north * along).sum(), (east * along).sum())
    passed = passed.join(_lorries(run), on=["replication", "movement"], how="left")
    hour = pl.col("enter_h").floor().cast(pl.Int32)
    direction = pl.when(train).then(compass).otherwise(pl.lit(""))
    return passed.with_columns(pl.col("lorries").fill_null(1), hour=hour, direction=direction)


OTHER_LINE = "other"
EAST_OVER_NORTH = 0.61
"""The length of a degree of longitude over one of latitude, at 52 degrees north."""
LORRIES, EMPTY = pl.col("lorries"), pl.col("empty")
COUNTS = [LORRIES.filter(~EMPTY).sum().alias("loaded"), LORRIES.filter(EMPTY).sum().alias("empty")]


def _lorries(run: Record) -> pl.DataFrame:
    """By packet of lorries, loaded or empty, how many they are: a piece each."""
    packets = run.subjects.filter(is_counted_by_piece() & pl.col("what").is_in(What.LOADED))
    packets = packets.select("replication", movement="subject", lorries="pieces")
    return pl.concat([packets, packets.with_columns(pl.col("movement") + empty_of(""))])


def windows_together(run: Record) -> list[dict[str, Any]]:
    """Return by programme whether its window held: when it ends and by how much it slips (medians over replications;
    None: beyond the horizon), the share that held, and what bound most often."""
    binds = pl.col("binds").drop_nulls().mode().sort().first()
    found = windows(run).group_by("programme", maintain_order=True)
    return found.agg(pl.col("ends_h").median(), pl.col("held").mean(), median_of_all("slip_h"), binds).to_dicts()


SETS_OUT = (Activity.MARCH, Activity.FROM_AFAR)


def _binds(run: Record, too_late: pl.DataFrame) -> pl.DataFrame:
    """By replication and programme: what those that left too late waited for the longest."""
    short = run.rates.filter(pl.col("needed_per_day") > pl.col("booked_per_day"))
    limited = short.select("replication", "programme", "mode").unique()
    by_booking = pl.col("cause") == PROGRAMME
    keys = ["replication", "programme"]
    waited = own_waits(run).rename({"subject": "movement"})
    waited = waited.join(too_late.select(*keys, "movement", "mode"), on=["replication", "movement"])
    booked = waited.filter(by_booking).join(limited, on=[*keys, "mode"], how="semi")
    due = pl.concat([waited.filter(~by_booking), booked])
    causes = due.group_by(*keys, binds=named_cause()).agg(piece_hours=(LENGTH_H * pl.col("pieces")).sum())
    causes = causes.sort("piece_hours", "binds", descending=[True, False])
    return causes.group_by(*keys, maintain_order=True).agg(pl.col("binds").first())
