"""Waits by place and cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from matplotlib.patches import Patch

from nfm_sim import measures
from nfm_sim.plots.frame import figure, over, say_empty, titled
from nfm_sim.plots.style import axes_or_new, colour_of, quiet_frame
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
    kinds = table["cause_kind"].to_list()
    colours = colour_of(sorted(set(kinds)))
    labels = [f"{place}: {cause}" for place, cause in table.select("place", "cause").iter_rows()]
    bars = ax.barh(labels, (table["piece_hours"] / 1000).to_list(), color=[colours[kind] for kind in kinds])
    ax.bar_label(bars, fmt="%.1f", padding=3, fontsize="x-small")
    ax.invert_yaxis()
    ax.margins(x=0.1)
    ax.legend(
        handles=[Patch(color=colour, label=kind) for kind, colour in colours.items()],
        loc="lower right",
        fontsize="small",
    )
    titled(ax, "The largest waits, by place and cause", f"the largest {len(kinds)}; {over(run)}".removesuffix("; "))
    ax.set_xlabel("waiting (thousand piece-hours)")
    quiet_frame(ax, along="x")
    return ax
