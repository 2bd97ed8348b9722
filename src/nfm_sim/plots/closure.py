"""Closure curves: pieces across the border against time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from nfm_sim import measures
from nfm_sim.plots.frame import DAYS, figure, say_empty, titled
from nfm_sim.plots.style import Spread, axes_or_new, colour_of, fill_band, named, quiet_frame
from nfm_sim.record import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@figure
def closure(run: Record, step_h: float = 6, *, ax: Axes | None = None) -> Axes:
    """Draw the share of each flow's pieces that has crossed the border: median, and a band of
    replications, as it says below: 10-90 %, or from the least to the most where they are few. The horizontal axis is
    in days after hour 0.

    >>> nfm.plots.closure(run).get_ylabel()
    'pieces across the border (%)'
    """
    ax = axes_or_new(ax)
    curve = measures.closure_curve(run, step_h)
    if curve.is_empty():
        return say_empty(ax, "no allied flows in this scenario")
    pieces = dict(measures.closure(run).select("flow", "pieces").unique().iter_rows())
    spread = Spread(run.about["replications"])
    share = (
        curve.with_columns(pl.col("pieces") / pl.col("flow").replace_strict(pieces) * 100)
        .group_by("flow", "hour")
        .agg(
            pl.col("pieces").median().alias("middle"),
            *spread.of("pieces"),
        )
        .sort("hour")
    )
    last_day = 0.0
    for flow, colour in colour_of(sorted(pieces)).items():
        line = share.filter(pl.col("flow") == flow)
        days = (line["hour"] / 24).to_list()
        ax.step(
            days,
            line["middle"].to_list(),
            where="post",
            color=colour,
            label=named(f"{flow} ({pieces[flow]:,} pieces)"),
        )
        if spread.name:
            fill_band(ax, line["hour"], line["low"], line["high"], colour)
        still = line.filter(pl.any_horizontal(pl.col("middle", "low", "high").diff() != 0))
        last_day = max(last_day, float(still["hour"].max() or 0) / 24)  # type: ignore[arg-type]
    ax.set_xlim(0, min(run.horizon_h / 24, last_day + 2))
    ax.set_ylim(0, 102)
    ax.set_xlabel(DAYS)
    ax.set_ylabel("pieces across the border (%)")
    ax.legend(loc="lower right", fontsize="small")
    titled(ax, "Pieces across the border", f"line: median; band: {spread.name}" if spread.name else "")
    quiet_frame(ax)
    return ax
