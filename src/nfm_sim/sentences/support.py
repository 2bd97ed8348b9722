"""What Host Nation Support buys and costs, as far as one run says it."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from nfm_sim.measures import commitments, double_booked, waits
from nfm_sim.record import Run

SUPPORT = "host_nation_support"


def support_told(run: Run, staffed: Collection[str], file: str) -> list[str]:
    """Say in two sentences how long movements waited for the people whom the task brings to pools, and what elements it
    had and others asked for; none where it brings nobody. `file` is the scenario, for the command that weighs it.
    """
    if not staffed:
        return []
    waited = waits(run).filter(pl.col("cause").is_in(list(staffed)))
    hours = dict(waited.group_by("cause").agg(pl.col("piece_hours").sum()).sort("piece_hours", descending=True).rows())
    short = [f"{value:,.0f} piece-hours for {name.replace('_', ' ')}" for name, value in hours.items() if value]
    enough = [name.replace("_", " ") for name in staffed if not hours.get(name)]
    had = commitments(run).filter((pl.col("task") == SUPPORT) & (pl.col("pool") == ""))
    days = had.group_by("capability", maintain_order=True).agg((pl.col("asked_days") - pl.col("short_days")).sum())
    twice = double_booked(run).filter(pl.col("task") == SUPPORT)["days"].sum()
    each = ", ".join(f"{name} {value:,.0f}" for name, value in days.rows())
    buys = [f"movements waited {' and '.join(short)}"] if short else []
    buys += [f"nobody waited for {', '.join(enough)}"] if enough else []
    return [
        f"With the Host Nation Support that there is, {'; '.join(buys)}.",
        f"It costs {days['asked_days'].sum():,.0f} element-days ({each}), of which others asked for {twice:,.0f} too; "
        f"what one more and one fewer of each buys and costs, says `nfm-sim exchange {file}`.",
    ]
