"""Which capacity was full on which days."""

from __future__ import annotations

import polars as pl
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba

from nfm_sim import measures
from nfm_sim.plots.colours import CAUSE_COLOURS
from nfm_sim.plots.frame import figure, over, say_empty, titled
from nfm_sim.plots.style import DAYS, axes_or_new, rows_down, swatch
from nfm_sim.record import Record
from nfm_sim.sentences.names import capacity_name


@figure
def saturation(run: Record, most: int = 20, *, ax: Axes | None = None) -> Axes:
    """Draw for each capacity that was full for a day the days on which it was: dark where it was so in every
    replication, pale where in few. The first to be full stands on top.

    Of the replications whose tables are at hand. A day is full at 95 %.

    >>> nfm.plots.saturation(run).texts[0].get_text()
    'no capacity was full for a day'
    """
    whole = run.whole
    number = whole.about["replications"]
    full = measures.full_days(whole)
    if full.is_empty():
        return say_empty(axes_or_new(ax), "no capacity was full for a day")
    names = ["kind", "name"]
    firsts = full.group_by("replication", *names).agg(pl.col("day").min()).group_by(names).agg(pl.col("day").mean())
    rows = firsts.sort("day", "name").select(names).head(most)
    ax = axes_or_new(ax, width=9.5, height=1.6 + 0.26 * len(rows))
    chances = full.group_by(*names, "day").agg(pl.len() / number).sort("day").partition_by(names, as_dict=True)
    for place, (kind, name) in enumerate(rows.iter_rows()):
        days = chances[kind, name]
        colours = [to_rgba(CAUSE_COLOURS[kind], 0.2 + 0.8 * chance) for chance in days["len"]]
        ax.broken_barh([(day, 1) for day in days["day"]], (place - 0.4, 0.8), facecolors=colours, linewidth=0)
    for kind in rows["kind"].unique().sort():
        swatch(ax, kind, CAUSE_COLOURS[kind])
    rows_down(ax, [capacity_name(run, *row) for row in rows.iter_rows()])
    ax.set(xlim=(0, min(run.horizon_h / 24, max(full["day"].to_list()) + 2)), xlabel=DAYS)
    of = f"{len(rows)} of {len(firsts)} capacities, those that were full first"
    pale = "the paler, the fewer replications" if number > 1 else ""
    return titled(
        ax, "Days on which capacities were full", of, pale, over(run, whole).replace("mean over", "of"), of=whole
    )
