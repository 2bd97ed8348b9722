"""Supply against demand by capability."""

from __future__ import annotations

import polars as pl
from matplotlib.axes import Axes

from nfm_sim import measures
from nfm_sim.plots.colours import COLOURS
from nfm_sim.plots.frame import figure, over, say_empty, titled
from nfm_sim.plots.style import DAYS, Spread, axes_or_new, draw_curve, fill_band, quiet_frame
from nfm_sim.record import Record


@figure
def supply(run: Record, capability: str | None = None, *, step_h: float = 6, ax: Axes | None = None) -> Axes:
    """Draw what the plans ask for by a day against what is in place, and the gap between them.

    Of one capability, or of all that are asked for, in the replications whose tables are at hand. In place: median, and
    a band of replications, as it says below: 10-90 %, or from the least to the most where they are few; the gap: mean.
    The horizontal axis is in days after hour 0.

    >>> nfm.plots.supply(run, "infantry").get_ylabel()
    'force elements: infantry'
    """
    ax = axes_or_new(ax)
    whole = run.whole
    table = measures.gap(whole, step_h)
    if capability is not None:
        table = table.filter(pl.col("capability") == capability)
    if table.is_empty():
        return say_empty(ax, f"no plan asks for {capability or 'anything'}")
    spread = Spread(whole.about["replications"])
    curve = (
        table.group_by("replication", "hour")
        .agg(pl.col("demanded", "in_place", "gap").sum())
        .group_by("hour")
        .agg(pl.col("demanded").first(), pl.col("gap").mean(), pl.col("in_place").median(), *spread.of("in_place"))
        .sort("hour")
    )
    days = (curve["hour"] / 24).to_list()
    gap = "gap, added up over capabilities" if capability is None else "gap"
    ax.fill_between(days, 0, curve["gap"].to_list(), step="post", color=COLOURS[1], alpha=0.35, label=gap)
    draw_curve(ax, curve, "demanded", color="black", label="demanded by the plans")
    draw_curve(ax, curve, "in_place", color=COLOURS[0], label="in place")
    if spread.name:
        fill_band(ax, curve, COLOURS[0])
    ax.set(xlim=(0, max(days[-1], 1)), ylim=(0, None), xlabel=DAYS)
    ax.set_ylabel("force elements" + (f": {capability}" if capability else " of the capabilities asked for"))
    shown = f"in place: median, band: {spread.name}; gap: mean" if spread.name else ""
    about = (shown, "too much of one capability fills no gap of another", over(run, whole).replace("mean over", "of"))
    quiet_frame(ax)
    return titled(ax, "What the plans ask for, and what is in place", *about, of=whole)
