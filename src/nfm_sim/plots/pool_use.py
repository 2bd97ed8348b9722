"""What those who hold a pool do with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from nfm_sim import measures
from nfm_sim.plots.frame import figure, say_empty, titled
from nfm_sim.plots.style import COLOURS, axes_or_new, quiet_frame
from nfm_sim.problems import counted
from nfm_sim.record import Record
from nfm_sim.record.words import Kind

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BACK = "on its way back"
DOINGS = {"work": COLOURS[0], "move": COLOURS[2], BACK: COLOURS[5], "wait": COLOURS[1]}


@figure
def pool_use(run: Record, most: int = 14, *, ax: Axes | None = None) -> Axes:
    """Draw for each pool and facility what its holders did while they held it: worked, moved, waited, or were on their
    way back. Those with the most waiting of their holders stand on top; `most` cuts the rest off.

    Of the replications whose tables are at hand.

    >>> nfm.plots.pool_use(run).get_xlabel()
    'share of the time that it was held (%)'
    """
    whole = run.whole
    table = measures.pool_use(whole)
    if table.is_empty():
        return say_empty(axes_or_new(ax), "nothing was held in this run")
    doing = (
        pl.when(pl.col("activity") == "come back")
        .then(pl.lit(BACK))
        .when(pl.col("kind").is_in([Kind.WAIT, Kind.BLOCKED]))
        .then(pl.lit("wait"))
        .when(pl.col("kind") == Kind.MOVE)
        .then(pl.lit("move"))
        .otherwise(pl.lit("work"))
    )
    named = table.with_columns(
        doing.alias("doing"), pl.concat_str("place", "pool", separator=" ").str.strip_chars().alias("name")
    )
    hours = (
        named.group_by("name", "doing")
        .agg(pl.col("unit_hours").sum())
        .pivot("doing", index="name", values="unit_hours")
    )
    for name in DOINGS:
        if name not in hours.columns:
            hours = hours.with_columns(pl.lit(0.0).alias(name))
    hours = hours.fill_null(0.0).with_columns(all=pl.sum_horizontal(*DOINGS)).filter(pl.col("all") > 0)
    rows = hours.sort(["wait", "name"], descending=[True, False]).head(most)
    ax = axes_or_new(ax, height=1.8 + 0.3 * len(rows))
    begin = np.zeros(len(rows))
    for name, colour in DOINGS.items():
        shares = (rows[name] / rows["all"] * 100).to_numpy()
        ax.barh(rows["name"].to_list(), shares, left=begin, color=colour, label=name, height=0.7)
        begin += shares
    ax.invert_yaxis()
    ax.set_xlim(0, 100)
    ax.set_xlabel("share of the time that it was held (%)")
    ax.tick_params(axis="y", labelsize="small")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4, fontsize="small", frameon=False)
    number = counted(whole.about["replications"], "replication")
    of = f"the {len(rows)} of {len(hours)} whose holders waited most; of {number}"
    titled(ax, "What those who held it did", of)
    quiet_frame(ax, along="x")
    return ax
