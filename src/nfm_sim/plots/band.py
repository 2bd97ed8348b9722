"""A curve with its bands of confidence."""

from __future__ import annotations

import polars as pl
from matplotlib.axes import Axes

from nfm_sim.plots.colours import colour_of
from nfm_sim.plots.frame import figure, say_empty, titled
from nfm_sim.plots.style import DAYS, axes_or_new, fill_band, named, quiet_frame


@figure
def band(table: pl.DataFrame, label: str = "", *, ax: Axes | None = None) -> Axes:
    """Draw what `nfm.band` returned over the hours: for each group the mean, in the dark band each of its points,
    in the light band the whole curve, with the confidence that was asked for. `label` names the vertical axis.

    >>> curve = nfm.study.band(nfm.measures.readiness_curve(study), "share", by=["tier", "milestone"], share=True)
    >>> nfm.plots.band(curve, "share").get_ylabel()
    'share'
    """
    ax = axes_or_new(ax)
    if table.is_empty():
        return say_empty(ax, "no curve to draw")
    names = table.columns[: table.columns.index("hour")]
    groups = table.group_by(names, maintain_order=True) if names else [((), table)]
    curves = {", ".join(f"{name} {value}" for name, value in zip(names, key, strict=True)): g for key, g in groups}
    colours = colour_of(curves)
    for name, rows in curves.items():
        days = (rows["hour"] / 24).to_list()
        ax.plot(days, rows["estimate"].to_list(), color=colours[name], label=named(name))
        for ends, alpha in (("", 0.35), ("all_", 0.15)):
            if rows[f"{ends}low"].null_count() == 0:
                fill_band(ax, rows, colours[name], alpha=alpha, ends=ends, step=None)
    ax.set(xlabel=DAYS, ylabel=label)
    quiet_frame(ax)
    return titled(
        ax,
        label or "A curve and its bands",
        "line: mean; dark band: each point, light band: the whole curve, with 95 % confidence",
    )
