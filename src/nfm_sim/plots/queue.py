"""The number of waiting movements over time, by place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from nfm_sim import measures
from nfm_sim.plots.frame import DAYS, figure, over, say_empty, titled
from nfm_sim.plots.style import axes_or_new, colour_of, named, quiet_frame
from nfm_sim.record import Record
from nfm_sim.record.words import CauseKind, Rule

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NOT_A_QUEUE = tuple(name for _, name in (Rule.LATENESS, Rule.GANGS_OF_SHIP, Rule.DECISION))
"""Waits that have no queue, of the kind of rules."""


@figure
def queue(run: Record, most: int = 6, *, step_h: float = 3, ax: Axes | None = None) -> Axes:
    """Draw the waiting movements over time at the places with the most waiting, one line a place.

    Mean over the replications whose tables are at hand. Waiting for a ship, in it, or for a decision is no queue and is
    left out.

    >>> nfm.plots.queue(run).get_ylabel()
    'movements that wait'
    """
    ax = axes_or_new(ax, height=4.8)
    whole = run.whole
    number = whole.about["replications"]
    table = (
        measures.queue(whole, step_h)
        .filter(pl.col("place") != "", ~((pl.col("cause_kind") == CauseKind.RULE) & pl.col("cause").is_in(NOT_A_QUEUE)))
        .group_by("place", "hour")
        .agg(pl.col("waiting").sum() / number)
        .sort("place", "hour")
    )
    worst = table.group_by("place").agg(pl.col("waiting").sum()).sort("waiting", "place", descending=[True, False])
    places = worst.filter(pl.col("waiting") > 0).head(most)["place"].to_list()
    if not places:
        return say_empty(ax, "nobody waited")
    for place, colour in colour_of(places).items():
        line = table.filter(pl.col("place") == place)
        days = (line["hour"] / 24).to_list()
        ax.plot(days, line["waiting"].to_list(), color=colour, linewidth=1.2, label=named(place))
    of = f"{len(places)} of {len(worst)} places; waits for ships and decisions are left out"
    titled(ax, "Movements that wait, at the worst places", f"{of}; {over(whole)}".removesuffix("; "))
    ax.set_xlabel(DAYS)
    ax.set_ylabel("movements that wait")
    last = table.filter(pl.col("place").is_in(places), pl.col("waiting") > 0)["hour"].to_list()
    ax.set_xlim(0, min(run.horizon_h / 24, max(last) / 24 + 1))
    ax.set_ylim(bottom=0)
    ax.legend(fontsize="small", frameon=False)
    quiet_frame(ax)
    return ax
