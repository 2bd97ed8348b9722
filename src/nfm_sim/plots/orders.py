"""What a movement staff orders by week."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from nfm_sim.kinds.modes import TRAIN
from nfm_sim.plots.colours import colour_of
from nfm_sim.plots.frame import figure, say_empty, titled
from nfm_sim.plots.style import axes_or_new, named, quiet_frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_LINES = 8
"""Lines that are drawn: those with most trains."""


@figure
def orders(table: pl.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how many train paths a programme needs by week on each line and in each direction (`orders` of
    `nfm.study.propose_programme`): what is enough in nine of ten replications, and as a mark what is in half of them.

    >>> rows = {"week": [0, 1], "mode": ["train"] * 2, "line": ["one"] * 2, "direction": ["east"] * 2}
    >>> nfm.plots.orders(pl.DataFrame(rows | {"need_50": [4, 8], "need_90": [6, 9]})).get_ylabel()
    'train paths a week'
    """
    ax = axes_or_new(ax)
    way = pl.concat_str("line", "direction", separator=", ")
    trains = table.filter(pl.col("mode") == TRAIN.name).with_columns(line=way)
    if trains.is_empty():
        return say_empty(ax, "no train to order a path for")
    most = trains.group_by("line").agg(pl.col("need_90").sum()).sort("need_90", "line", descending=[True, False])
    lines = most["line"].to_list()[:MOST_LINES]
    colours, width = colour_of(lines), 0.8 / len(lines)
    for place, line in enumerate(lines):
        rows = trains.filter(pl.col("line") == line).sort("week")
        at = (rows["week"] + 1 + (place + 0.5) * width - 0.4).to_list()
        ax.bar(at, rows["need_90"].to_list(), width, color=colours[line], label=named(line))
        ax.plot(at, rows["need_50"].to_list(), "_", color="black", markersize=100 * width)
    ax.set_xticks(sorted({week + 1 for week in trains["week"]}))
    ax.set_xlabel("week")
    ax.set_ylabel("train paths a week")
    titled(ax, "Paths to reserve", "bar: enough in 90 % of replications, mark: in 50 %; loaded and empty together")
    quiet_frame(ax)
    return ax
