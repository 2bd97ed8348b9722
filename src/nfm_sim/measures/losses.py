"""What disruptions took and what went another way because of it, and what waits for nothing that can come."""

from __future__ import annotations

from typing import Any

import polars as pl

from nfm_sim.measures.closure import is_counted_by_piece
from nfm_sim.measures.common import KEYS, LENGTH_H, kept
from nfm_sim.measures.congestion import waits
from nfm_sim.record import Record
from nfm_sim.record.words import Activity, CauseKind, Kind, Milestone, Stuck, What

DISRUPTION = ["replication", "disruption"]


@kept
def outages(run: Record) -> pl.DataFrame:
    """Return what disruptions took from when to when, a row for each link, facility, pool and ship, each time.

    Columns: replication, disruption, what ("link", "facility", "pool" or "ship"), name, place (of a facility), start_h,
    end_h (the horizon at most) and left_share. No disruptions: no rows.

    >>> closed = scenario.with_changes({"disruptions.flood": {"links": ["road2"], "start_h": 1, "duration_h": 5}})
    >>> nfm.measures.outages(nfm.simulate(closed)).drop("replication", "left_share").rows()
    [('flood', 'link', 'road2', '', 1.0, 6.0)]
    """
    return run.outages


@kept
def lost_pieces(run: Record) -> pl.DataFrame:
    """Return the pieces that were lost to each disruption, and never close: where they stood, or on lorries and wagons.

    Columns: replication, disruption ("breakdown": of vehicles that could not be recovered) and pieces. None lost: no
    rows.

    >>> nfm.measures.lost_pieces(run).rows()
    []
    """
    gone = run.spans.filter((pl.col("activity") == Milestone.LOST) & (pl.col("kind") == Kind.MILESTONE))
    pieces = gone.rename({"cause": "disruption"}).join(run.subjects, on=KEYS)
    return pieces.group_by(DISRUPTION, maintain_order=True).agg(pl.col("pieces").sum())


@kept
def detours(run: Record) -> pl.DataFrame:
    """Return what went further because of what was lost: by another way or to another port, or in vain.

    Columns: replication, disruption, mode ("ship" for ships that went to another port), movements (their number),
    pieces, extra_h (summed over the movements: the hours of the way that they took beyond those of the way that they
    would have taken, when nothing else moves; the hours there and back of those that turned back before a closed link;
    the hours of ships to the other port) and piece_hours (the same, each weighted by its pieces). What waited until it
    could go on stands in `waits`. No detours: no rows.

    >>> closed = scenario.with_changes({"disruptions.flood": {"links": ["road2"], "start_h": 1, "duration_h": 5}})
    >>> nfm.measures.detours(nfm.simulate(closed)).rows()
    []
    """
    who = run.subjects.select(*KEYS, "what", "mode", pl.col("pieces").fill_null(0))
    turns = pl.col("activity").is_in([Activity.TURN_BACK, Activity.DIVERT])
    turned = run.spans.filter(turns & (pl.col("cause_kind") == CauseKind.DISRUPTION)).join(who, on=KEYS)
    is_movement, sailed = pl.col("what") == What.MOVEMENT, pl.col("activity") == Activity.DIVERT
    driven = [
        run.detours.rename({"movement": "subject"}).join(who, on=KEYS),
        turned.filter(is_movement & ~sailed).with_columns(disruption="cause", extra_h=2 * LENGTH_H),
    ]
    at_sea = turned.filter(sailed).with_columns(disruption="cause", mode=pl.lit(What.SHIP), extra_h=LENGTH_H)
    keys = [*DISRUPTION, "mode"]
    columns = [*keys, "subject", "pieces", "extra_h"]
    goes = is_movement | (pl.col("what") == What.SHIP)
    rows = [table.select(*columns, counts=pl.lit(True)) for table in driven]
    rows.append(at_sea.filter(goes).select(*columns, counts=~is_movement))  # a ship counts; what it carries has pieces
    hours, pieces, counts = pl.col("extra_h"), pl.col("pieces"), pl.col("counts")
    each = pl.concat(rows).group_by(*keys, "subject", "counts", "pieces").agg(hours.sum())
    sums = (counts.sum().alias("movements"), pieces.sum(), hours.filter(counts).sum())
    return each.group_by(keys).agg(*sums, piece_hours=(hours * pieces).sum()).sort(keys)


def happened(run: Record, replication: int | None = None) -> pl.DataFrame:
    """Return the disruptions that happened in a replication, or in any.

    Columns: disruption; share (of the replications, in which it happened); of these times (how often it happened,
    mean), and start_h and end_h, from its first start to its last end (medians; null when it lasts to the horizon).
    Sorted by start_h.

    >>> closed = scenario.with_changes({"disruptions.flood": {"links": ["road2"], "start_h": 1, "duration_h": 5}})
    >>> nfm.measures.happened(nfm.simulate(closed)).rows()
    [('flood', 1.0, 1.0, 1.0, 6.0)]
    """
    rows = outages(run)
    number = run.about["replications"]
    if replication is not None:
        rows, number = rows.filter(pl.col("replication") == replication), 1
    times = pl.col("start_h").n_unique().alias("times")
    each = rows.group_by(DISRUPTION).agg(times, pl.col("start_h").min(), pl.col("end_h").max()).group_by("disruption")
    found = each.agg((pl.len() / number).alias("share"), pl.col("times").mean(), pl.col("start_h", "end_h").median())
    until = pl.when(pl.col("end_h") < run.horizon_h).then("end_h")
    return found.with_columns(end_h=until).sort("start_h", "disruption")


def lost(run: Record) -> list[dict[str, Any]]:
    """Return what each disruption of the scenario did, in plain data.

    Keys: those of `happened` (null, and a share of 0, of one that happened in no replication), and title; and as means
    over all replications, in detours what went further (by mode, with movements and extra_h; lorries, which leave in
    packets, are counted one by one), the waits for it with their piece_hours, and the pieces that were lost with it.
    """
    number = run.about["replications"]
    by_piece = is_counted_by_piece()
    movements = pl.when(by_piece).then("pieces").otherwise("movements")
    extra_h = pl.when(by_piece).then("piece_hours").otherwise("extra_h")
    longer = detours(run).with_columns(movements=movements, extra_h=extra_h).group_by("disruption", "mode")
    further = longer.agg(pl.col("movements", "extra_h").sum() / number)
    by_name = further.sort("disruption", "mode").partition_by("disruption", as_dict=True, include_key=False)
    detoured = {name: rows.to_dicts() for (name,), rows in by_name.items()}
    waited = waits(run).filter(pl.col("cause_kind").is_in([CauseKind.DISRUPTION, CauseKind.NEVER]))
    held = waited.group_by(disruption="cause").agg(pl.col("waits", "piece_hours").sum() / number)
    never = lost_pieces(run).group_by("disruption").agg(pl.col("pieces").sum() / number)
    known = pl.DataFrame({"disruption": sorted(run.titles.get("disruptions", {}))}, schema={"disruption": pl.String})
    table = happened(run).join(known, on="disruption", how="full", coalesce=True, maintain_order="left_right")
    for others in (held, never):
        table = table.join(others, on="disruption", how="left", maintain_order="left")
    table = table.with_columns(pl.col("share", "waits", "piece_hours", "pieces").fill_null(0.0))
    titled = ((run.called("disruptions", row["disruption"]), row) for row in table.to_dicts())
    return [{"title": title, **row, "detours": detoured.get(row["disruption"], [])} for title, row in titled]


# Who waits for nothing that can come: what can never be served, and who waits for whom


@kept
def stuck(run: Record) -> pl.DataFrame:
    """Return what waits at the horizon for nothing that can come, by flow or element and by what it waits for.

    Columns: replication, name (the flow or element, or the ship, formation, ... itself), place, cause, why ("never":
    there can never be so much, or such an hour; "deadlock": in a ring of subjects of which each waits for what the next
    holds; "behind": for what such a subject holds; "held": for what is held for good or used up), subjects (their
    number), pieces, since_h (of the first), first (its name), held_by (who holds what it waits for), and ring: of a
    deadlock the subjects in turn, with " > " between. No rows: all that waits can still be served.

    >>> nfm.measures.stuck(run).height
    0
    """
    about = run.subjects.select(*KEYS, "what", "part_of", "pieces")
    rows = run.stuck.join(about, on=KEYS, how="left", maintain_order="left")
    in_ring = run.stuck.filter(pl.col("why") == Stuck.DEADLOCK).sort("replication", "in_ring")
    rings = in_ring.group_by("replication", "why").agg(ring=pl.col("subject").str.join(" > "))
    of_load = pl.when(pl.col("what").is_in(What.LOADED))
    name, pieces = of_load.then("part_of").otherwise("subject"), of_load.then("pieces").otherwise(0)
    rows = rows.with_columns(name=name, pieces=pieces).sort("replication", "since_h", "subject")
    found = rows.group_by("replication", "name", "place", "cause", "why", maintain_order=True).agg(
        pl.len().alias("subjects"),
        pl.col("pieces").sum(),
        pl.col("since_h").first(),
        pl.col("subject").first().alias("first"),
        pl.col("held_by").first(),
    )
    return found.join(rings, on=["replication", "why"], how="left", maintain_order="left")
