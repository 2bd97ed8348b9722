"""How many pieces stand in queues over time, by place."""

from __future__ import annotations

import polars as pl
from matplotlib.axes import Axes

from nfm_sim import measures
from nfm_sim.plots.colours import colour_of, place_colours
from nfm_sim.plots.frame import figure, over, say_empty, titled
from nfm_sim.plots.style import DAYS, axes_or_new, named, quiet_frame
from nfm_sim.record import Record
from nfm_sim.sentences.names import place_name

QUEUES = "queues: all waits but those of late ships, in ships for their own gangs, and for the decision"
"""What a figure of queues says that these are, in the words of the glossary."""


@figure
def queue(run: Record, most: int = 6, *, step_h: float = 3, ax: Axes | None = None) -> Axes:
    """Draw the pieces that stand in queues over time, one line for each of the places with most, as
    `nfm.measures.queue` has it: the area below a line is the piece-hours of the circle on the map (`network_load`).

    Mean over the replications whose tables are at hand. An element without pieces counts as one.

    >>> nfm.plots.queue(run).get_ylabel()
    'pieces in queues'
    """
    ax = axes_or_new(ax, height=4.8)
    whole = run.whole
    number = whole.about["replications"]
    table = (
        measures.queue(whole, step_h)
        .filter(pl.col("place") != "")
        .group_by("place", "hour")
        .agg(pl.col("pieces").sum() / number)
        .sort("place", "hour")
    )
    sums = table.group_by("place").agg(pl.col("pieces").sum()).filter(pl.col("pieces") > 0)
    worst = sums.sort("pieces", "place", descending=[True, False])["place"]
    if worst.is_empty():
        return say_empty(ax, "nothing stood in a queue in this run")
    for place, colour in colour_of(worst.head(most), place_colours(run)).items():
        line = table.filter(pl.col("place") == place)
        days = (line["hour"] / 24).to_list()
        ax.plot(days, line["pieces"].to_list(), color=colour, linewidth=1.2, label=named(place_name(run, place)))
    shown = table.filter(pl.col("place").is_in(worst.head(most).implode()), pl.col("pieces") > 0)
    ax.set(xlim=(0, min(run.horizon_h / 24, max(shown["hour"].to_list()) / 24 + 1)), ylim=(0, None), xlabel=DAYS)
    ax.set_ylabel("pieces in queues")
    of = f"the worst {min(most, len(worst))} of {len(worst)} places"
    quiet_frame(ax)
    return titled(ax, "Pieces in queues, at the worst places", of, QUEUES, over(run, whole), of=whole)
