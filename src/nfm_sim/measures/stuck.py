"""Who waits for nothing that can come: what can never be served, and who waits for whom."""

from __future__ import annotations

import polars as pl

from nfm_sim.measures.columns import COUNT, GIVEN_HOUR, KEY, PIECES, TEXT
from nfm_sim.measures.common import KEYS, answers, kept
from nfm_sim.record import Record
from nfm_sim.record.words import Stuck, What


@kept
@answers(
    name=KEY,
    place=KEY,
    cause=KEY,
    why=KEY,
    subjects=COUNT,
    pieces=PIECES,
    since_h=GIVEN_HOUR,
    first=TEXT,
    held_by=TEXT,
    ring=TEXT,
)
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
    rings = (
        run.stuck.filter(pl.col("why") == Stuck.DEADLOCK)
        .sort("replication", "in_ring")
        .group_by("replication")
        .agg(pl.col("subject").str.join(" > ").alias("ring"))
        .with_columns(why=pl.lit(Stuck.DEADLOCK))
    )
    moves = pl.col("what").is_in(What.LOADED)
    return (
        rows.with_columns(
            pl.when(moves).then("part_of").otherwise("subject").alias("name"),
            pl.when(moves).then("pieces").otherwise(0).alias("pieces"),
        )
        .sort("replication", "since_h", "subject")
        .group_by("replication", "name", "place", "cause", "why", maintain_order=True)
        .agg(
            pl.len().alias("subjects"),
            pl.col("pieces").sum(),
            pl.col("since_h").first(),
            pl.col("subject").first().alias("first"),
            pl.col("held_by").first(),
        )
        .join(rings, on=["replication", "why"], how="left", maintain_order="left")
    )
