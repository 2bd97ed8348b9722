"""Bottlenecks: what held movements up, how much, and which capacity was full first."""

from __future__ import annotations

import polars as pl

from nfm_sim.measures.columns import COUNT, DAYS, HOURS, KEY, PIECE_HOURS, RATIO, SHARE
from nfm_sim.measures.common import answers, stacked
from nfm_sim.measures.congestion import waits
from nfm_sim.record import Record
from nfm_sim.record.words import LINK_IN_CAUSE, CauseKind


@answers(kind=KEY, name=KEY, hours=HOURS, piece_hours=PIECE_HOURS, share=SHARE, first_h=HOURS)
def bottlenecks(run: Record) -> pl.DataFrame:
    """Return what held movements and elements up, ranked by the hours of delay that it caused.

    Columns: replication, kind, name, hours (summed over what waited), piece_hours (each weighted by its pieces, one
    at least), share (of all piece_hours of the replication) and first_h (the hour at which the first waited). The
    kind is "facility" (name "place.facility"), "pool", "link" (its name; `waits` says where they stood),
    "disruption", "task", "element", "partner", "movement" (one that bumped others), or "rule" (driving windows,
    closed hours, timetables, permits, lateness, breakdowns, a turn in the ship).

    >>> nfm.bottlenecks(run).select("kind", "name").rows()
    [('pool', 'trucks'), ('rule', 'turn in the ship'), ('facility', 'harbour.truck_ramps')]
    """
    name = (
        pl.when(pl.col("kind") == CauseKind.FACILITY)
        .then(pl.concat_str("place", pl.lit("."), "cause"))
        .when(pl.col("kind") == CauseKind.LINK)
        .then(pl.col("cause").str.extract(LINK_IN_CAUSE))
        .otherwise("cause")
    )
    named = waits(run).filter(pl.col("cause") != "").rename({"cause_kind": "kind"}).with_columns(name.alias("name"))
    return (
        named.group_by("replication", "kind", "name")
        .agg(pl.col("hours", "piece_hours").sum(), pl.col("first_h").min())
        .with_columns((pl.col("piece_hours") / pl.col("piece_hours").sum().over("replication")).alias("share"))
        .select("replication", "kind", "name", "hours", "piece_hours", "share", "first_h")
        .sort("replication", "piece_hours", "name", descending=[False, True, False])
    )


@answers(kind=KEY, name=KEY, first_day=DAYS, days=DAYS, used_share=RATIO)
def saturation(run: Record, share: float = 0.95) -> pl.DataFrame:
    """Return when each capacity was first full for a day: the first to saturate stands first.

    A capacity is full on a day when at least this share of it was held, or of a link's calendar taken. Columns:
    replication, kind ("facility", "pool", "link"), name, first_day (0 is the day from hour 0), days (how many),
    used_share (mean over the days from first to last on which it was full). What never was full has no row. Links
    count both directions of a single track together.

    >>> nfm.measures.saturation(run, 0.2).select("kind", "name", "first_day").rows()
    [('pool', 'trucks', 0)]
    """
    used = pl.concat([_held_by_day(run), _booked_by_day(run)])
    full = used.filter(pl.col("used") >= share)
    return (
        full.group_by("replication", "kind", "name")
        .agg(
            pl.col("day").min().alias("first_day"),
            pl.len().alias("days"),
            pl.col("used").mean().alias("used_share"),
        )
        .sort("replication", "first_day", "days", "name", descending=[False, False, True, False])
    )


def _held_by_day(run: Record) -> pl.DataFrame:
    """Share of each pool and facility that was held, by day."""
    keys = ["replication", "pool", "place"]
    held = run.pools.filter(pl.col("capacity") > 0).select(*keys, "capacity").join(run.holdings, on=keys)
    return (
        _by_day(held.with_columns(pl.col("amount") / pl.col("capacity")), [*keys])
        .with_columns(
            pl.when(pl.col("place") == "")
            .then(pl.lit(CauseKind.POOL))
            .otherwise(pl.lit(CauseKind.FACILITY))
            .alias("kind"),
            pl.when(pl.col("place") == "")
            .then("pool")
            .otherwise(pl.concat_str("place", pl.lit("."), "pool"))
            .alias("name"),
        )
        .select("replication", "kind", "name", "day", "used")
    )


def _booked_by_day(run: Record) -> pl.DataFrame:
    """Share of each link's calendar that was taken, by day; the busier direction counts."""
    slots = run.passages.filter(pl.col("slot_h") > 0).select(
        "replication",
        "link",
        "forward",
        start_h="enter_h",
        end_h=pl.col("enter_h") + pl.col("slot_h"),
        amount=pl.lit(1.0),
    )
    return (
        _by_day(slots, ["replication", "link", "forward"])
        .group_by("replication", "link", "day")
        .agg(pl.col("used").max())
        .select("replication", pl.lit(CauseKind.LINK).alias("kind"), pl.col("link").alias("name"), "day", "used")
    )


def _by_day(rows: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Mean of an amount that holds from start_h to end_h, by day."""
    first, last = (pl.col("start_h") / 24).floor(), (pl.col("end_h") / 24).floor()
    return (
        rows.filter(pl.col("end_h") > pl.col("start_h"))
        .with_columns(pl.int_ranges(first.cast(pl.Int32), last.cast(pl.Int32) + 1).alias("day"))
        .explode("day")
        .with_columns(
            (
                pl.min_horizontal("end_h", (pl.col("day") + 1) * 24.0)
                - pl.max_horizontal("start_h", pl.col("day") * 24.0)
            ).alias("hours")
        )
        .group_by(*keys, "day")
        .agg((pl.col("hours") * pl.col("amount")).sum().alias("used") / 24)
    )


@answers(place=KEY, hour=KEY, held=COUNT, capacity=COUNT)
def stock(run: Record, facility: str = "yard_m2") -> pl.DataFrame:
    """Return how full a facility or pool is over time: a row at each hour at which that changes.

    Columns: replication, place, hour, held (as it is from then on), capacity. Use it for yards, beds and wagons.

    >>> nfm.measures.stock(run, "trucks").select("hour", "held", "capacity").row(0)
    (0.10000038146972656, 1.0, 2.0)
    """
    keys = ["replication", "place"]
    held = run.holdings.filter(pl.col("pool") == facility)
    capacity = run.pools.filter(pl.col("pool") == facility).select(*keys, "capacity")
    return stacked(held, keys, "amount").rename({"amount": "held"}).join(capacity, on=keys).sort(*keys, "hour")
