"""How full yards are over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from nfm_sim import measures
from nfm_sim.plots.frame import DAYS, figure, say_empty, titled
from nfm_sim.plots.style import axes_or_new, colour_of, named, one_of, quiet_frame
from nfm_sim.record import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@figure
def stock(
    run: Record, facility: str = "yard_m2", *, most: int = 6, replication: int | None = None, ax: Axes | None = None
) -> Axes:
    """Draw how full a facility is over time, at the places where it is fullest: yards, if nothing else is asked for.

    Of one replication: the one in the middle, if none is given.

    >>> nfm.plots.stock(run, "trucks").get_ylabel()
    'held of the capacity (%)'
    """
    number, whole, which = one_of(run, replication)
    table = measures.stock(whole, facility).filter(pl.col("replication") == number, pl.col("capacity") > 0)
    if table.is_empty():
        return say_empty(axes_or_new(ax), f"no {facility.replace('_', ' ')} was used in this run")
    table = table.with_columns((pl.col("held") / pl.col("capacity") * 100).alias("full"))
    fullest = table.group_by("place").agg(pl.col("full").max()).sort("full", "place", descending=[True, False])
    ax = axes_or_new(ax)
    last = 0.0
    for place, colour in colour_of(fullest["place"].head(most)).items():
        line = table.filter(pl.col("place") == place)
        days = (line["hour"] / 24).to_list()
        ax.step(days, line["full"].to_list(), where="post", color=colour, linewidth=1.2, label=named(place or facility))
        last = max(last, days[-1])
    ax.axhline(100, color="black", linewidth=0.8)
    ax.set_xlim(0, min(run.horizon_h / 24, last + 1))
    ax.set_ylim(bottom=0)
    ax.set_xlabel(DAYS)
    ax.set_ylabel("held of the capacity (%)")
    ax.legend(fontsize="small", frameon=False)
    of = f"{min(most, len(fullest))} of {len(fullest)} places, the fullest"
    titled(ax, f"How full: {facility.replace('_', ' ')}", f"{which}; {of}")
    quiet_frame(ax)
    return ax
