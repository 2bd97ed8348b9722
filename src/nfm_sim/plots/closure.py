"""Closure curves: pieces across the border against time."""

from __future__ import annotations

import polars as pl
from matplotlib.axes import Axes

from nfm_sim import measures
from nfm_sim.plots.colours import OTHER, flow_colours
from nfm_sim.plots.frame import figure, say_empty, titled
from nfm_sim.plots.style import DAYS, Spread, axes_or_new, draw_curve, fill_band, named, quiet_frame
from nfm_sim.record import Record
from nfm_sim.sentences.names import names_of


@figure
def closure(run: Record, step_h: float = 6, *, ax: Axes | None = None) -> Axes:
    """Draw the share of each flow's pieces that has crossed the border: median, and a band of replications, as it says
    below: 10-90 %, or from the least to the most where they are few; dotted: the day that is asked for. Of more than a
    dozen flows those that close latest have a line each, and all others one together. The horizontal axis is in days
    after hour 0.

    >>> nfm.plots.closure(run).get_ylabel()
    'pieces across the border (%)'
    """
    ax = axes_or_new(ax)
    curve = measures.closure_curve(run, step_h)
    if curve.is_empty():
        return say_empty(ax, "no allied flows in this scenario")
    colours = flow_colours(run)
    others = [flow for flow, colour in colours.items() if colour == OTHER]
    line_of = names_of(run, "flows", colours)
    if len(others) > 1:
        line_of |= dict.fromkeys(others, f"{len(others)} others")
    all_of = measures.closure(run).select("flow", "pieces").unique()
    pieces = all_of.group_by(pl.col("flow").replace(line_of)).agg(pl.col("pieces").sum())
    number = dict(pieces.iter_rows())
    spread = Spread(run.about["replications"])
    share = (
        curve.group_by("replication", pl.col("flow").replace(line_of), "hour")
        .agg(pl.col("pieces").sum())
        .with_columns(pl.col("pieces") / pl.col("flow").replace_strict(number) * 100)
        .group_by("flow", "hour")
        .agg(pl.col("pieces").median().alias("middle"), *spread.of("pieces"))
        .sort("hour")
    )
    due = dict(measures.closure(run).drop_nulls("required_h").select("flow", "required_h").unique().iter_rows())
    for flow, hour in due.items():
        ax.axvline(hour / 24, color=colours[flow], linestyle=":")
    last_day = max(due.values(), default=0.0) / 24
    for name, colour in {line_of[flow]: colour for flow, colour in sorted(colours.items())}.items():
        line = share.filter(pl.col("flow") == name)
        label = named(f"{name} ({number[name]:,}\u00a0pieces)")
        draw_curve(ax, line, "middle", color=colour, label=label)
        if spread.name:
            fill_band(ax, line, colour)
        still = line.filter(pl.any_horizontal(pl.col("middle", "low", "high").diff() != 0))
        last_day = max(last_day, float(still["hour"].max() or 0) / 24)  # type: ignore[arg-type]
    ax.set(xlim=(0, min(run.horizon_h / 24, last_day + 2)), ylim=(0, 102), xlabel=DAYS)
    ax.set_ylabel("pieces across the border (%)")
    latest = "the flows that close latest, and all others together" if len(others) > 1 else ""
    quiet_frame(ax)
    dotted = "dotted: the day that is asked for" if due else ""
    shown = f"line: median; band: {spread.name}" if spread.name else ""
    return titled(ax, "Pieces across the border", shown, dotted, latest)
