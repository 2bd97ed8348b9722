"""How full yards are over time."""

from __future__ import annotations

import polars as pl
from matplotlib.axes import Axes

from nfm_sim import measures
from nfm_sim.kinds.facilities import YARD
from nfm_sim.plots.frame import figure, say_empty, titled
from nfm_sim.plots.style import axes_or_new, draw_levels, one_of
from nfm_sim.record import Record
from nfm_sim.sentences.names import facility_name


@figure
def stock(
    run: Record, facility: str = YARD, *, most: int = 6, replication: int | None = None, ax: Axes | None = None
) -> Axes:
    """Draw how full a facility is over time, at the places where it is fullest: yards, if nothing else is asked for.

    Of one replication: the one in the middle, if none is given.

    >>> nfm.plots.stock(run, "trucks").get_ylabel()
    'held of the capacity (%)'
    """
    number, whole, which = one_of(run, replication)
    table = measures.stock(whole, facility).filter(pl.col("replication") == number, pl.col("capacity") > 0)
    if table.is_empty():
        return say_empty(axes_or_new(ax), f"no {facility_name(facility)} was used in this run")
    table = table.with_columns((pl.col("held") / pl.col("capacity") * 100).alias("full"))
    ax = axes_or_new(ax)
    ax.axhline(100, color="black", linewidth=0.8, label="all of it")
    shown = draw_levels(ax, run, table, "full", most, unnamed=facility)
    ax.set_ylabel("held of the capacity (%)")
    about = (which, f"{shown} places, the fullest")
    return titled(ax, f"How full: {facility_name(facility)}", *about, of=whole, replication=number)
