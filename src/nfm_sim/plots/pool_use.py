"""What those who hold a pool do with it."""

from __future__ import annotations

import numpy as np
import polars as pl
from matplotlib.axes import Axes

from nfm_sim import measures
from nfm_sim.plots.colours import BACK, BACK_COLOUR, DOING_COLOURS
from nfm_sim.plots.frame import figure, over, say_empty, titled
from nfm_sim.plots.style import axes_or_new, rows_down
from nfm_sim.record import Record
from nfm_sim.record.words import Kind
from nfm_sim.sentences.names import pool_name

DOINGS = {
    Kind.WORK: DOING_COLOURS[Kind.WORK],
    Kind.MOVE: DOING_COLOURS[Kind.MOVE],
    BACK: BACK_COLOUR,
    Kind.WAIT: DOING_COLOURS[Kind.WAIT],
}


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
    pool = ["place", "pool"]
    sums = table.group_by(*pool, doing.alias("doing")).agg(pl.col("unit_hours").sum())
    hours = sums.pivot("doing", index=pool, values="unit_hours")
    for name in DOINGS:
        if name not in hours.columns:
            hours = hours.with_columns(pl.lit(0.0).alias(name))
    hours = hours.fill_null(0.0).with_columns(all=pl.sum_horizontal(*DOINGS)).filter(pl.col("all") > 0)
    rows = hours.sort(["wait", *pool], descending=[True, False, False]).head(most)
    ax = axes_or_new(ax, width=9, height=1.6 + 0.3 * len(rows))
    begin = np.zeros(len(rows))
    for name, colour in DOINGS.items():
        shares = (rows[name] / rows["all"] * 100).to_numpy()
        ax.barh(range(len(rows)), shares, left=begin, color=colour, label=name, height=0.7)
        begin += shares
    rows_down(ax, [pool_name(run, *row) for row in rows.select(pool).iter_rows()])
    ax.set(xlim=(0, 100), xlabel="share of the time that it was held (%)")
    of = f"the {len(rows)} of {len(hours)} whose holders waited most"
    return titled(
        ax,
        "How the time of means and facilities is spent while they are taken",
        of,
        over(run, whole).replace("mean over", "of"),
    )
