"""Waits by place and cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from nfm_sim import measures
from nfm_sim.plots.style import axes_or_new, colour_of, figure, quiet_frame, say_empty
from nfm_sim.record import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@figure
def waits(run: Record, most: int = 12, *, ax: Axes | None = None) -> Axes:
    """Draw the largest waits as bars: piece-hours by place and cause, mean over replications.

    >>> nfm.plots.waits(run).get_xlabel()
    'waiting (thousand piece-hours)'
    """
    ax = axes_or_new(ax, height=5)
    replications = run.about["replications"]
    table = (
        measures.waits(run)
        .group_by("place", "cause_kind", "cause")
        .agg(pl.col("piece_hours").sum() / replications)
        .sort("piece_hours", "place", "cause", "cause_kind", descending=[True, False, False, False])
        .head(most)
    )
    if table.is_empty():
        return say_empty(ax, "nobody waited")
    colours = colour_of(dict.fromkeys(table["cause"]))
    labels = [f"{place}: {cause}" for place, cause in table.select("place", "cause").iter_rows()]
    bars = ax.barh(labels, (table["piece_hours"] / 1000).to_list(), color=[colours[c] for c in table["cause"]])
    ax.bar_label(bars, fmt="%.1f", padding=3, fontsize="x-small")
    ax.invert_yaxis()
    ax.margins(x=0.1)
    ax.set_xlabel("waiting (thousand piece-hours)")
    quiet_frame(ax, along="x")
    return ax
