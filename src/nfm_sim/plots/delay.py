"""Whose delay it is: ships, ports, network, means, the far end, rules."""

from __future__ import annotations

import polars as pl
from matplotlib.axes import Axes

from nfm_sim import measures
from nfm_sim.plots.colours import COLOURS
from nfm_sim.plots.frame import figure, say_empty, titled
from nfm_sim.plots.style import Spread, axes_or_new, quiet_frame
from nfm_sim.record import Record


@figure
def delay(run: Record, *, ax: Axes | None = None) -> Axes:
    """Draw which share of the delay comes from where, the largest on top, as `nfm.measures.delay_shares` has it.

    >>> nfm.plots.delay(run).get_xlabel()
    'share of the delay in piece-hours (%)'
    """
    table = measures.delay_shares(run)
    if table.is_empty():
        return say_empty(axes_or_new(ax), "nothing waited in this run, so there is no delay")
    spread = Spread(run.about["replications"])
    shares = (
        table.with_columns(pl.col("share").fill_nan(None) * 100)
        .group_by("source")
        .agg(pl.col("share").mean().alias("mean"), *spread.of("share"))
        .sort("mean", descending=True, nulls_last=True)
    )
    ax = axes_or_new(ax, height=1.6 + 0.35 * len(shares))
    ax.barh(shares["source"].to_list(), shares["mean"].to_list(), color=COLOURS[0], height=0.6)
    if spread.name:
        for place, row in enumerate(shares.rows(named=True)):
            ax.plot([row["low"], row["high"]], [place, place], color="black", linewidth=1)
    ax.invert_yaxis()
    ax.set(xlim=(0, 100), xlabel="share of the delay in piece-hours (%)")
    quiet_frame(ax, along="x")
    return titled(ax, "Whose delay it is", f"mean; line: {spread.name}" if spread.name else "")
