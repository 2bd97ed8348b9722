"""Waits by place and cause."""

from __future__ import annotations

import polars as pl
from matplotlib.axes import Axes

from nfm_sim import measures
from nfm_sim.plots.colours import CAUSE_COLOURS
from nfm_sim.plots.frame import figure, over, say_empty, titled
from nfm_sim.plots.style import axes_or_new, rows_down, swatch
from nfm_sim.record import Record
from nfm_sim.sentences.names import cause_name, place_name


@figure
def waits(run: Record, most: int = 12, *, ax: Axes | None = None) -> Axes:
    """Draw the largest waits as bars: piece-hours by place and cause, mean over replications.

    All waits, as `nfm.measures.waits` has them, those for a late ship or a decision too; those for the links of a line
    together. (The queues on the map and in `queue` are a part of them.)

    >>> nfm.plots.waits(run).get_xlabel()
    'waiting (piece-hours)'
    """
    number = run.about["replications"]
    found = measures.waits(run).group_by("place", "cause_kind", "cause").agg(pl.col("piece_hours").sum() / number)
    causes = [cause_name(run, kind, cause) for kind, cause in found.select("cause_kind", "cause").iter_rows()]
    table = (
        found.with_columns(cause=pl.Series(causes, dtype=pl.String))
        .group_by("place", "cause_kind", "cause")
        .agg(pl.col("piece_hours").sum())
        .sort("piece_hours", "place", "cause", "cause_kind", descending=[True, False, False, False])
    )
    if table.is_empty():
        return say_empty(axes_or_new(ax), "nothing waited in this run")
    rows = table.head(most)
    ax = axes_or_new(ax, width=9, height=1.6 + 0.3 * len(rows))
    kinds = rows["cause_kind"].to_list()
    bars = ax.barh(range(len(rows)), rows["piece_hours"].to_list(), color=[CAUSE_COLOURS[kind] for kind in kinds])
    ax.bar_label(bars, [f"{hours:,.0f}" for hours in rows["piece_hours"]], padding=3, fontsize="x-small")
    ax.margins(x=0.1)
    for kind in sorted({*kinds}):
        swatch(ax, kind or "no cause", CAUSE_COLOURS[kind])
    names = [
        ": ".join(filter(None, (place_name(run, place) if place else "", cause)))
        for place, cause in rows.select("place", "cause").iter_rows()
    ]
    rows_down(ax, names)
    ax.set_xlabel("waiting (piece-hours)")
    ax.xaxis.set_major_formatter("{x:,.0f}")
    of = f"the largest {len(rows)} of {len(table)}, of all kinds, those of late ships too"
    return titled(ax, "The largest waits, by place and cause", of, over(run))
