"""Where the delay comes from: ships, ports, the network, means, the far end, rules, tasks."""

from __future__ import annotations

import polars as pl

from nfm_sim.measures.bottlenecks import bottlenecks
from nfm_sim.measures.columns import KEY, PART, PIECE_HOURS
from nfm_sim.measures.common import KEYS, LENGTH_H, answers, kept, milestones
from nfm_sim.record import Record
from nfm_sim.record.words import CauseKind, Milestone, Rule, What

SHIPS, PORTS, NETWORK, MEANS, FAR_END, RULES, TASKS = (
    "ships",
    "ports and terminals",
    "network",
    "means",
    "far end",
    "rules",
    "tasks and elements",
)
OF_SHIPS = [name for _, name in (Rule.LATENESS, Rule.AHEAD_OF_PLAN, Rule.GANGS_OF_SHIP, Rule.SHIP, Rule.CARGO)]
OF_NETWORK = [name for _, name in (Rule.CIVIL_TIMETABLE, Rule.CIVIL_BARGES, Rule.BREAKDOWN)]
OF_TASKS = [CauseKind.TASK, CauseKind.ELEMENT, CauseKind.PARTNER, CauseKind.MOVEMENT]


@kept
@answers(source=KEY, piece_hours=PIECE_HOURS, share=PART)
def delay_shares(run: Record) -> pl.DataFrame:
    """Return which share of the delay comes from where: what `bottlenecks` says, put together.

    Columns: replication, source, piece_hours, and share (of all piece_hours of the replication). The sources are
    "ships" (late, or their own gangs), "ports and terminals" (all facilities), "network" (links, disruptions, civil
    timetables and barges, breakdowns), "means" (pools), "far end" (of the waits for wagons, trucks and the like, the
    share of what is held of them by movements that have closed: on their way beyond the border, unloaded there, on
    their way back), "rules" (permits, hours, programmes, decisions), and "tasks and elements". Sorted by piece_hours,
    the most first.

    >>> nfm.measures.delay_shares(run).select("source", pl.col("share").round(2)).rows()
    [('means', 0.5), ('far end', 0.42), ('ships', 0.04), ('ports and terminals', 0.04)]
    """
    kind, name = pl.col("kind"), pl.col("name")
    source = (
        pl.when(kind == CauseKind.FACILITY)
        .then(pl.lit(PORTS))
        .when(kind == CauseKind.POOL)
        .then(pl.lit(MEANS))
        .when(kind.is_in([CauseKind.LINK, CauseKind.DISRUPTION]) | name.is_in(OF_NETWORK))
        .then(pl.lit(NETWORK))
        .when(kind.is_in(OF_TASKS))
        .then(pl.lit(TASKS))
        .when(name.is_in(OF_SHIPS))
        .then(pl.lit(SHIPS))
        .otherwise(pl.lit(RULES))
    )
    away = _away(run).with_columns(source=pl.lit(MEANS))
    rows = (
        bottlenecks(run)
        .with_columns(source.alias("source"))
        .join(away, on=["replication", "name", "source"], how="left", maintain_order="left")
        .with_columns((pl.col("piece_hours") * pl.col("away").fill_null(0.0)).alias("beyond"))
    )
    here = rows.select("replication", "source", piece_hours=pl.col("piece_hours") - pl.col("beyond"))
    there = rows.select("replication", source=pl.lit(FAR_END), piece_hours="beyond")
    return (
        pl.concat([here, there])
        .group_by("replication", "source", maintain_order=True)
        .agg(pl.col("piece_hours").sum())
        .filter(pl.col("piece_hours") > 0)
        .sort("replication", "source")
        .with_columns((pl.col("piece_hours") / pl.col("piece_hours").sum().over("replication")).alias("share"))
        .sort("replication", "piece_hours", "source", descending=[False, True, False])
    )


def _away(run: Record) -> pl.DataFrame:
    """By national pool that movements hold, as `name`: the share of what they hold of it after they have closed."""
    moved = run.subjects.filter(pl.col("what") == What.MOVEMENT).select(KEYS)
    closed = milestones(run).select(*KEYS, pl.col(Milestone.CLOSED).alias("closed_h"))
    held = (
        run.holdings.filter(pl.col("place") == "")
        .join(moved, on=KEYS, how="semi", maintain_order="left")
        .join(closed, on=KEYS, how="left", maintain_order="left")
    )
    amount = pl.col("amount")
    after = (pl.col("end_h") - pl.max_horizontal("start_h", "closed_h")).clip(lower_bound=0.0)
    unit_hours = [(amount * LENGTH_H).sum().alias("all"), (amount * after).fill_null(0.0).sum().alias("after")]
    return (
        held.with_columns(pl.col("closed_h").fill_null(run.horizon_h))
        .group_by("replication", pl.col("pool").alias("name"), maintain_order=True)
        .agg(unit_hours)
        .filter(pl.col("all") > 0)
        .select("replication", "name", (pl.col("after") / pl.col("all")).alias("away"))
    )
