"""Readiness by tier against time."""

from __future__ import annotations

import polars as pl
from matplotlib.axes import Axes

from nfm_sim import measures
from nfm_sim.plots.colours import tier_colours
from nfm_sim.plots.frame import figure, say_empty, titled
from nfm_sim.plots.style import DAYS, Spread, axes_or_new, draw_curve, fill_band, quiet_frame
from nfm_sim.record import Record
from nfm_sim.record.words import Milestone

DASHES = {Milestone.READY: "-", Milestone.IN_PLACE: "--", Milestone.EFFECTIVE: ":"}


@figure
def readiness(run: Record, step_h: float = 6, *, ax: Axes | None = None) -> Axes:
    """Draw the share of each tier's elements that is ready to move, in place and effective, with the deadlines.

    Lines are means over replications; for ready to move, a band shows how these differ, as it says below: 10-90 %, or
    from the least to the most where they are few. The horizontal axis is in days after hour 0; the deadlines count from
    the activation order.

    >>> nfm.plots.readiness(run).get_ylabel()
    "share of the tier's elements (%)"
    """
    ax = axes_or_new(ax)
    curve = measures.readiness_curve(run, step_h)
    if curve.is_empty():
        return say_empty(ax, "no force element of this scenario has a tier")
    spread = Spread(run.about["replications"])
    mean = (
        curve.group_by("tier", "milestone", "hour")
        .agg(pl.col("share").mean(), *spread.of("share"))
        .with_columns(pl.col("share", "low", "high") * 100)
        .sort("hour")
    )
    tiers = measures.readiness_by_tier(run)
    due_h = pl.col("deadline_h") + pl.col("order_median_h").fill_null(0.0)
    deadlines = dict(tiers.select("tier", due_h).iter_rows())
    within = dict(tiers.select("tier", "deadline_h").iter_rows())
    latest = 0.0
    colours = tier_colours(run)
    for tier, deadline_h in deadlines.items():
        colour = colours[f"tier {tier}"]
        for milestone, dash in DASHES.items():
            line = mean.filter((pl.col("tier") == tier) & (pl.col("milestone") == milestone))
            label = f"tier {tier}, within {within[tier] / 24:g} days" if milestone == Milestone.READY else None
            draw_curve(ax, line, "share", color=colour, linestyle=dash, label=label)
            if milestone == Milestone.READY and spread.name:
                fill_band(ax, line, colour, alpha=0.15)
            still = line.filter(pl.col("share") < pl.col("share").max())
            latest = max(latest, float(still["hour"].max() or 0.0) / 24)  # type: ignore[arg-type]
        if deadline_h <= run.horizon_h:
            ax.axvline(deadline_h / 24, color=colour, linewidth=0.8)
    for milestone, dash in DASHES.items():
        label = "ready to move" if milestone == Milestone.READY else milestone
        ax.plot([], [], color="0.3", linestyle=dash, label=label)
    shown = [deadline_h / 24 for deadline_h in deadlines.values() if deadline_h <= run.horizon_h]
    ax.set(xlim=(0, min(run.horizon_h / 24, max([latest * 1.08, *shown]) + 1)), ylim=(0, 102), xlabel=DAYS)
    ax.set_ylabel("share of the tier's elements (%)")
    band = f"lines: mean; band of ready to move: {spread.name}; " if spread.name else ""
    thin = "thin: the deadline of readiness, which counts from the order, at its median"
    quiet_frame(ax)
    return titled(ax, "Elements ready, in place and effective", f"{band}{thin}")
