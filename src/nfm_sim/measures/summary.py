"""The short answer that a planner reads first, as plain data."""

from __future__ import annotations

from typing import Any

import polars as pl

from nfm_sim.measures.closure import closure
from nfm_sim.measures.common import median_of_all
from nfm_sim.measures.congestion import waits
from nfm_sim.measures.delay import delay_shares
from nfm_sim.measures.detours import lost
from nfm_sim.measures.programmes import windows_together
from nfm_sim.measures.readiness import readiness_by_tier
from nfm_sim.measures.stuck import stuck
from nfm_sim.measures.supply import supply_in_short
from nfm_sim.measures.tasks import commitments
from nfm_sim.record import Record

WORST_WAITS = 3


def summary(run: Record) -> dict[str, Any]:
    """Return readiness by tier, fill by task, closure by flow, whether planned windows held, the worst waits, where the
    delay comes from, who lacked supply, what was lost and what that did, and what can never be served; a missing number
    is None.

    Over several replications the hours of closure are medians, and waits are means over replications.

    >>> nfm.summary(run)["closure"][0]["last_h"]
    10.600000381469727
    """
    replications = run.about["replications"]
    hours = [median_of_all(column) for column in ("first_h", "median_h", "last_h")]
    flows = (
        closure(run)
        .group_by("flow")
        .agg(
            pl.col("pieces", "closed_pieces").mean(),
            *hours,
            pl.when(pl.col("on_time_share").is_not_null().all()).then(pl.col("on_time_share").mean()),
        )
        .sort("flow")
    )
    worst = (
        waits(run)
        .group_by("place", "cause_kind", "cause")
        .agg(pl.col("waits", "piece_hours").sum() / replications, pl.col("longest_h").max())
        .sort("piece_hours", "place", "cause", "cause_kind", descending=[True, False, False, False])
        .head(WORST_WAITS)
    )
    return {
        "title": run.about["title"],
        "seed": run.about["seed"],
        "replications": replications,
        "horizon_days": run.horizon_h / 24,
        "readiness": readiness_by_tier(run).to_dicts(),
        "tasks": _tasks(run),
        "closure": flows.to_dicts(),
        "windows": windows_together(run),
        "worst_waits": worst.to_dicts(),
        "delay": _delay(run),
        "supply": supply_in_short(run),
        "lost": lost(run),
        "stuck": stuck(run).to_dicts(),
    }


def _delay(run: Record) -> list[dict[str, Any]]:
    """Where the delay comes from, over all replications together."""
    rows = delay_shares(run).group_by("source", maintain_order=True).agg(pl.col("piece_hours").sum())
    share = pl.col("piece_hours") / pl.col("piece_hours").sum()
    return rows.select("source", share.alias("share")).sort("share", "source", descending=[True, False]).to_dicts()


def _tasks(run: Record) -> list[dict[str, Any]]:
    """Element-days asked for and missing by task, means over replications; shares of pools have other units."""
    replications = run.about["replications"]
    table = commitments(run).filter(pl.col("pool") == "")
    days = pl.col("asked_days", "short_days").sum() / replications
    return (
        table.group_by("task", maintain_order=True)
        .agg(days)
        .with_columns((1 - pl.col("short_days") / pl.col("asked_days")).alias("filled_share"))
        .to_dicts()
    )
