"""Which capacity was full, from which day on and for how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from nfm_sim import measures
from nfm_sim.plots.frame import DAYS, figure, over, say_empty, titled
from nfm_sim.plots.style import axes_or_new, colour_of, gantt_bar, gantt_frame
from nfm_sim.record import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@figure
def saturation(run: Record, most: int = 20, *, ax: Axes | None = None) -> Axes:
    """Draw for each capacity that was full for a day the days on which it was: from the first such day on a bar of as
    many days, full where it was so in every replication, pale where in few. The first to be full stands on top.

    Of the replications whose tables are at hand; means over those in which it was full. A day is full at 95 %.

    >>> nfm.plots.saturation(run).texts[0].get_text()
    'no capacity was full for a day'
    """
    whole = run.whole
    number = whole.about["replications"]
    full = measures.saturation(whole)
    if full.is_empty():
        return say_empty(axes_or_new(ax), "no capacity was full for a day")
    rows = (
        full.group_by("kind", "name")
        .agg(pl.col("first_day").mean(), pl.col("days").mean(), (pl.len() / number).alias("chance"))
        .sort("first_day", "name")
    )
    shown = rows.head(most)
    ax = axes_or_new(ax, width=9, height=1.8 + 0.26 * len(shown))
    colours = colour_of(sorted(shown["kind"].unique()))
    for place, row in enumerate(shown.rows(named=True)):
        begin, end = row["first_day"] * 24, (row["first_day"] + row["days"]) * 24
        gantt_bar(ax, place, begin, end, colours[row["kind"]], 0.3 + 0.7 * row["chance"])
    gantt_frame(ax, shown["name"].to_list(), colours, ncols=4)
    ax.set_xlim(left=0)
    ax.set_xlabel(DAYS)
    of = f"the first {len(shown)} of {len(rows)}; as many days as it was full, from the first; {over(whole)}"
    titled(ax, "What is full first", of.removesuffix("; "))
    return ax
