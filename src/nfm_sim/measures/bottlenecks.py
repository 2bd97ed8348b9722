"""Bottlenecks: what held movements up, how much, and which capacity was full first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from nfm_sim.kinds.facilities import YARD
from nfm_sim.measures.columns import COUNT, DAYS, FIRST_HOUR, KEY, LOST_HOURS, PART, PIECE_HOURS, RATIO
from nfm_sim.measures.common import answers, by_step, kept, named_cause, once, pool_kind_and_name, stacked
from nfm_sim.measures.congestion import waits
from nfm_sim.measures.pool_use import passed_on
from nfm_sim.record import Record
from nfm_sim.record.words import CauseKind


@kept
@answers(
    kind=KEY,
    name=KEY,
    hours=LOST_HOURS,
    piece_hours=PIECE_HOURS,
    share=PART,
    waited_piece_hours=PIECE_HOURS,
    first_h=FIRST_HOUR,
)
@once
def bottlenecks(run: Record) -> pl.DataFrame:
    """Return what held movements and elements up, ranked by the delay that it caused.

    A wait for a pool or facility is passed on to what its holders wait for meanwhile: when wagons stand under trains
    that wait for a locomotive, the locomotives caused it (`passed_on`). What holders work on or carry stays with it.
    Columns: replication, kind, name, hours (waited for it, summed over what waited), piece_hours (caused by it: each
    wait weighted by its pieces, one at least, with what was passed on to it and without what it passed on), share (of
    all piece_hours of the replication), waited_piece_hours (waited for it) and first_h (the hour at which the first
    waited; null where nothing did). The kind is "facility" (name "place.facility"), "pool", "link" (its name; `waits`
    says where they stood), "disruption", "task", "element", "partner", "movement" (one that bumped others), or "rule"
    (driving windows, closed hours, timetables, permits, lateness, breakdowns, the ship's own gangs).

    >>> nfm.bottlenecks(run).select("kind", "name").rows()
    [('pool', 'trucks'), ('rule', 'gangs of the ship'), ('facility', 'harbour.truck_ramps')]
    """
    named = waits(run).filter(pl.col("cause") != "").with_columns(named_cause().alias("name"))
    waited = (
        named.group_by("replication", pl.col("cause_kind").alias("kind"), "name", maintain_order=True)
        .agg(pl.col("hours").sum(), pl.col("piece_hours").sum().alias("waited_piece_hours"), pl.col("first_h").min())
        .sort("replication", "kind", "name")
    )
    to = passed_on(run)
    passed = to.partition_by("replication", as_dict=True)
    caused = [
        (replication[0], *row)
        for replication, rows in waited.partition_by("replication", as_dict=True, maintain_order=True).items()
        for row in _caused(rows, passed.get(replication, to.clear()))
    ]
    keys = ["replication", "kind", "name"]
    schema = waited.select(*keys, piece_hours=pl.lit(0.0)).schema
    return (
        pl.DataFrame(caused, schema=schema, orient="row")
        .join(waited, on=keys, how="left", maintain_order="left")
        .filter((pl.col("piece_hours") > LEAST) | pl.col("hours").is_not_null())
        .with_columns(
            pl.col("hours", "waited_piece_hours").fill_null(0.0),
            (pl.col("piece_hours") / pl.col("piece_hours").sum().over("replication")).alias("share"),
        )
        .select(*keys, "hours", "piece_hours", "share", "waited_piece_hours", "first_h")
        .sort("replication", "piece_hours", "name", "kind", descending=[False, True, False, False])
    )


LEAST = 1e-6
"""Piece-hours below which what was passed on is but rounding."""
OWN_SHARE = 0.02
"""What a pool keeps at least of the waits for it: those who wait for each other would pass them on without an end."""


def _caused(waited: pl.DataFrame, to: pl.DataFrame) -> Iterator[tuple[str, str, float]]:
    """Pass the waits of one replication on; yield kind, name and what comes to each, of what waited for it and of what
    others pass on to it, less what it passes on itself."""
    things = dict.fromkeys([*waited.select("kind", "name").iter_rows(), *to.select("to_kind", "to_name").iter_rows()])
    number = {thing: place for place, thing in enumerate(things)}
    came = np.zeros(len(number))
    for kind, name, amount in waited.select("kind", "name", "waited_piece_hours").iter_rows():
        came[number[kind, name]] = amount
    share = np.zeros((len(number), len(number)))
    for kind, name, to_kind, to_name, part in to.drop("replication").iter_rows():
        share[number[kind, name], number[to_kind, to_name]] += part
    all_passed = share.sum(axis=1)
    share *= np.minimum(1, (1 - OWN_SHARE) / np.maximum(all_passed, LEAST))[:, None]
    in_all = np.linalg.solve(np.eye(len(number)) - share.T, came)
    caused = in_all * (1 - share.sum(axis=1))
    yield from ((kind, name, hours) for (kind, name), hours in zip(number, caused.tolist(), strict=True))


@answers(kind=KEY, name=KEY, first_day=DAYS, days=DAYS, used_share=RATIO)
def saturation(run: Record, share: float = 0.95) -> pl.DataFrame:
    """Return when each capacity was first full for a day: the first to saturate stands first.

    A capacity is full on a day when at least this share of it was held, or of a link's calendar taken. Columns:
    replication, kind ("facility", "pool", "link"), name, first_day (0 is the day from hour 0), days (how many),
    used_share (mean over the days from first to last on which it was full). What never was full has no row. A
    link counts by its busier direction, and a single track, which both directions share, by both together.

    >>> nfm.measures.saturation(run, 0.2).select("kind", "name", "first_day").rows()
    [('pool', 'trucks', 0)]
    """
    return (
        full_days(run, share)
        .group_by("replication", "kind", "name")
        .agg(pl.col("day").min().alias("first_day"), pl.len().alias("days"), pl.col("used_share").mean())
        .sort("replication", "first_day", "days", "name", descending=[False, False, True, False])
    )


@answers(kind=KEY, name=KEY, day=KEY, used_share=RATIO)
def full_days(run: Record, share: float = 0.95) -> pl.DataFrame:
    """Return the days on which capacities were full, as `saturation` has it: a row for each.

    Columns: replication, kind ("facility", "pool", "link"), name, day (0 is the day from hour 0), used_share.

    >>> nfm.measures.full_days(run, 0.2).select("kind", "name", "day").rows()
    [('pool', 'trucks', 0)]
    """
    used = pl.concat([_held_by_day(run), _booked_by_day(run)]).rename({"used": "used_share"})
    return used.filter(pl.col("used_share") >= share).sort("replication", "kind", "name", "day")


def _held_by_day(run: Record) -> pl.DataFrame:
    """Share of each pool and facility that was held, by day."""
    keys = ["replication", "pool", "place"]
    held = run.pools.filter(pl.col("capacity") > 0).select(*keys, "capacity").join(run.holdings, on=keys)
    return by_step(held.with_columns(pl.col("amount") / pl.col("capacity")), keys, 24).select(
        "replication", *pool_kind_and_name(), pl.col("step").alias("day"), "used"
    )


def _booked_by_day(run: Record) -> pl.DataFrame:
    """Share of each link's calendar that was taken, by day: of the busier direction, or of a single track, which both
    directions share, in both. A train takes a single track for the headway when the next one follows it, and for as
    long as it is there when the next one comes against it, or none does."""
    network, used = run.network, pl.col("used")
    twins = {} if network is None else {name: min(name, twin) for name, twin in network.single_tracks.items()}
    single = [] if network is None else [name for name, link in network.links.items() if link.tracks == 1]
    track, way = pl.col("link").replace(twins), pl.struct("link", "forward")
    follows = (way == way.shift(-1)).over("replication", track, order_by="enter_h").fill_null(False)
    slots = run.passages.filter(pl.col("slot_h") > 0).select(
        "replication",
        track,
        "forward",
        start_h="enter_h",
        end_h=pl.when(pl.col("link").is_in(single) & ~follows)
        .then(pl.col("leave_h"))
        .otherwise(pl.col("enter_h") + pl.col("slot_h")),
        amount=pl.lit(1.0),
    )
    return (
        by_step(slots, ["replication", "link", "forward"], 24)
        .rename({"step": "day"})
        .group_by("replication", "link", "day")
        .agg(pl.when(pl.col("link").is_in(single).first()).then(used.sum()).otherwise(used.max()))
        .select("replication", pl.lit(CauseKind.LINK).alias("kind"), pl.col("link").alias("name"), "day", "used")
    )


@answers(place=KEY, hour=KEY, held=COUNT, capacity=COUNT)
def stock(run: Record, facility: str = YARD) -> pl.DataFrame:
    """Return how full a facility or pool is over time: a row at each hour at which that changes.

    Columns: replication, place, hour, held (as it is from then on), capacity. Use it for yards, beds and wagons.

    >>> nfm.measures.stock(run, "trucks").select("hour", "held", "capacity").row(0)
    (0.10000038146972656, 1.0, 2.0)
    """
    keys = ["replication", "place"]
    held = run.holdings.filter(pl.col("pool") == facility)
    capacity = run.pools.filter(pl.col("pool") == facility).select(*keys, "capacity")
    return stacked(held, keys, "amount").rename({"amount": "held"}).join(capacity, on=keys).sort(*keys, "hour")
