"""Bottlenecks: what held movements up, how much, and which capacity was full first."""

from __future__ import annotations

import polars as pl

from nfm_sim.engine import Run
from nfm_sim.measures.common import stacked
from nfm_sim.measures.congestion import link_load, utilisation, waits

LINK = r"\(([^()]+)\)$"
"""A wait for a link names its line, and the link behind it in brackets."""


def bottlenecks(run: Run) -> pl.DataFrame:
    """Return what held movements and elements up, ranked by the hours of delay that it caused.

    Columns: replication, kind, name, hours (summed over who waited), piece_hours (each weighted by its pieces, one
    at least), share (of all piece_hours of the replication) and first_h (the hour at which the first waited). The
    kind is "facility" (name "place.facility"), "pool", "link" (its name; `waits` says where they stood), or
    "rule" (driving windows, closed hours, timetables, permits, disruptions, lateness, a turn in the ship).
    """
    held = utilisation(run)
    at = held.select("replication", "place", cause="pool", kind=pl.lit("facility")).unique()
    pools = held.filter(pl.col("place") == "").select("replication", cause="pool", pool=pl.lit("pool")).unique()
    links = link_load(run).select("replication", "link").unique().with_columns(is_link=pl.lit("link"))
    named = (
        waits(run)
        .filter(pl.col("cause") != "")
        .join(at, on=["replication", "place", "cause"], how="left")
        .join(pools, on=["replication", "cause"], how="left")
        .with_columns(pl.col("cause").str.extract(LINK).alias("link"))
        .join(links, on=["replication", "link"], how="left")
        .with_columns(pl.coalesce("kind", "pool", "is_link", pl.lit("rule")).alias("kind"))
        .with_columns(
            pl.when(pl.col("kind") == "facility")
            .then(pl.concat_str("place", pl.lit("."), "cause"))
            .when(pl.col("kind") == "link")
            .then("link")
            .otherwise("cause")
            .alias("name")
        )
    )
    return (
        named.group_by("replication", "kind", "name")
        .agg(pl.col("hours", "piece_hours").sum(), pl.col("first_h").min())
        .with_columns((pl.col("piece_hours") / pl.col("piece_hours").sum().over("replication")).alias("share"))
        .select("replication", "kind", "name", "hours", "piece_hours", "share", "first_h")
        .sort("replication", "piece_hours", "name", descending=[False, True, False])
    )


def saturation(run: Run, share: float = 0.95) -> pl.DataFrame:
    """Return when each capacity was first full for a day: the first to saturate stands first.

    A capacity is full on a day when at least this share of it was held, or of a link's calendar taken. Columns:
    replication, kind ("facility", "pool", "link"), name, first_day (0 is the day from hour 0), days (how many),
    used_share (mean over the days from first to last on which it was full). What never was full has no row. Links
    count both directions of a single track together.
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


def _held_by_day(run: Run) -> pl.DataFrame:
    """Share of each pool and facility that was held, by day."""
    keys = ["replication", "pool", "place"]
    held = run.pools.filter(pl.col("capacity") > 0).select(*keys, "capacity").join(run.holdings, on=keys)
    return (
        _by_day(held.with_columns(pl.col("amount") / pl.col("capacity")), [*keys])
        .with_columns(
            pl.when(pl.col("place") == "").then(pl.lit("pool")).otherwise(pl.lit("facility")).alias("kind"),
            pl.when(pl.col("place") == "")
            .then("pool")
            .otherwise(pl.concat_str("place", pl.lit("."), "pool"))
            .alias("name"),
        )
        .select("replication", "kind", "name", "day", "used")
    )


def _booked_by_day(run: Run) -> pl.DataFrame:
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
        .select("replication", pl.lit("link").alias("kind"), pl.col("link").alias("name"), "day", "used")
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


def stock(run: Run, facility: str = "yard_m2") -> pl.DataFrame:
    """Return how full a facility or pool is over time: a row at each hour at which that changes.

    Columns: replication, place, hour, held (as it is from then on), capacity. Use it for yards, beds and wagons.
    """
    keys = ["replication", "place"]
    held = run.holdings.filter(pl.col("pool") == facility)
    capacity = run.pools.filter(pl.col("pool") == facility).select(*keys, "capacity")
    return stacked(held, keys, "amount").rename({"amount": "held"}).join(capacity, on=keys).sort(*keys, "hour")
