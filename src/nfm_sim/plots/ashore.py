"""How many pieces stand at ports over time."""

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
    largest = table.group_by("place").agg(pl.col("pieces").max()).sort("pieces", "place", descending=[True, False])
    ax = axes_or_new(ax)
    last = 0.0
    for place, colour in colour_of(largest["place"].head(most)).items():
        line = table.filter(pl.col("place") == place)
        days = (line["hour"] / 24).to_list()
        ax.step(days, line["pieces"].to_list(), where="post", color=colour, linewidth=1.2, label=named(place))
        last = max(last, days[-1])
    ax.set_xlim(0, min(run.horizon_h / 24, last + 1))
    ax.set_ylim(bottom=0)
    ax.set_xlabel(DAYS)
    ax.set_ylabel("pieces at the port")
    ax.legend(fontsize="small", frameon=False)
    titled(ax, "Pieces that stand at ports", f"{which}; {min(most, len(largest))} of {len(largest)} ports, the fullest")
    quiet_frame(ax)
    return ax
