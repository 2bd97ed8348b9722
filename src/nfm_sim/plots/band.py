"""A curve with its bands of confidence."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from matplotlib.axes import Axes

from nfm_sim.plots.colours import colour_of
from nfm_sim.plots.frame import figure, say_empty, titled
from nfm_sim.plots.style import DAYS, axes_or_new, fill_band, named, quiet_frame
from nfm_sim.record import Record


@figure
def band(
    table: pl.DataFrame,
    label: str = "",
    *,
    due: Mapping[str, float | None] | None = None,
    of: Record | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw what `nfm.band` returned over the hours: for each group the mean, in the dark band each of its points,
    in the light band the whole curve, with the confidence that was asked for. `label` names the vertical axis.
    Dotted: the hour by which each group is `due`. With the study that it is `of`, days have their dates.

    >>> curve = nfm.study.band(nfm.measures.readiness_curve(study), "share", by=["tier", "milestone"], share=True)
    >>> nfm.plots.band(curve, "share").get_ylabel()
    'share'
    """
    ax = axes_or_new(ax)
    if table.is_empty():
        return say_empty(ax, "no curve to draw")
    names = table.columns[: table.columns.index("hour")]
    groups = table.group_by(names, maintain_order=True) if names else [((), table)]
    curves = {
        ", ".join(
            f"{name} {value}" if name != "flow" else str(value) for name, value in zip(names, key, strict=True)
        ): g
        for key, g in groups
    }
    colours, asked = colour_of(curves), due or {}
    for name, rows in curves.items():
        days = (rows["hour"] / 24).to_list()
        ax.plot(days, rows["estimate"].to_list(), color=colours[name], label=named(name))
        if (hour := asked.get(name)) is not None:
            ax.axvline(hour / 24, color=colours[name], linestyle=":")
        for ends, alpha in (("", 0.35), ("all_", 0.15)):
            if rows[f"{ends}low"].null_count() == 0:
                fill_band(ax, rows, colours[name], alpha=alpha, ends=ends, step=None)
    still = table.filter(pl.any_horizontal(pl.col("estimate", "low", "high").diff().over(names or pl.lit(0)) != 0))
    last = max([0.0, *still["hour"], *filter(None, asked.values())])
    ax.set(xlim=(0, last / 24 + 2), xlabel=DAYS, ylabel=label)
    quiet_frame(ax)
    return titled(
        ax,
        label.capitalize() or "A curve and its bands",
        "line: mean; dark band: each point, light band: the whole curve, with 95 % confidence",
        "dotted: the day that is asked for" if due else "",
    )
