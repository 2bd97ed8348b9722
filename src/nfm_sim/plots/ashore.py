"""How many pieces stand at ports over time."""

from __future__ import annotations

import polars as pl
from matplotlib.axes import Axes

from nfm_sim import measures
from nfm_sim.plots.frame import figure, say_empty, titled
from nfm_sim.plots.style import axes_or_new, draw_levels, one_of
from nfm_sim.record import Record


@figure
def ashore(run: Record, most: int = 6, *, replication: int | None = None, ax: Axes | None = None) -> Axes:
    """Draw the pieces of flows that stand at each port over time; `most` cuts off the ports with fewest.

    Of one replication: the one in the middle, if none is given.

    >>> nfm.plots.ashore(run).get_ylabel()
    'pieces at the port'
    """
    number, whole, which = one_of(run, replication)
    table = measures.ashore(whole).filter(pl.col("replication") == number)
    if table.is_empty():
        return say_empty(axes_or_new(ax), "no piece stands at a port in this run")
    ax = axes_or_new(ax)
    shown = draw_levels(ax, run, table, "pieces", most)
    ax.set_ylabel("pieces at the port")
    return titled(ax, "Pieces that stand at ports", which, f"{shown} ports, the fullest", of=whole, replication=number)
