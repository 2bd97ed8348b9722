"""The critical path of one force element."""

from __future__ import annotations

import polars as pl
from matplotlib.axes import Axes

from nfm_sim import measures
from nfm_sim.plots.colours import DOING_COLOURS
from nfm_sim.plots.frame import figure, titled
from nfm_sim.plots.style import DAYS, axes_or_new, gantt_bar, rows_down, swatches
from nfm_sim.record import Record
from nfm_sim.sentences.names import cause_name

LEAST_HOURS = 1.0
"""Shorter stretches are drawn with the row of their activity, but make no row of their own."""


@figure
def critical_path(run: Record, element: str, *, replication: int | None = None, ax: Axes | None = None) -> Axes:
    """Draw what an element did and waited for, until it was effective, a row for each.

    Of one replication: the one in which this took the median time, if none is given. The horizontal axis is in days
    after hour 0: the wait for the decision stands before the order. Raises ValueError when the run has no such element.

    >>> nfm.plots.critical_path(run, "11_infbat").get_figure().get_suptitle()
    '11 infbat: 0.5 days in all'
    """
    whole = run.whole
    paths = measures.critical_path(whole, element)
    number = _middle(paths) if replication is None else replication
    path = paths.filter(pl.col("replication") == number)
    columns = path.select("activity", "cause_kind", "cause").iter_rows()
    doings = [": ".join(filter(None, (doing, cause_name(run, kind, cause)))) for doing, kind, cause in columns]
    path = path.with_columns(pl.Series("row", doings, dtype=pl.String))
    totals = path.group_by("row", maintain_order=True).agg(pl.col("hours").sum())
    rows = totals.filter(pl.col("hours") >= LEAST_HOURS)["row"].to_list()
    ax = axes_or_new(ax, width=8.5, height=1.5 + 0.3 * len(rows))
    hours = dict(totals.iter_rows())
    for row, kind, start_h, length_h in path.select("row", "kind", "start_h", "hours").iter_rows():
        if row in rows:
            gantt_bar(ax, rows.index(row), start_h, start_h + length_h, DOING_COLOURS[kind])
    rows_down(ax, [f"{row} ({hours[row]:,.0f} h)" for row in rows])
    ax.set_xlabel(DAYS)
    several = paths["replication"].n_unique()
    which = f"replication {number}" + (f", the median of {several}" if several > 1 and replication is None else "")
    title = f"{run.called('elements', element)}: {path['hours'].sum() / 24:.1f} days in all"
    titled(ax, title, which, "rows of an hour and more", of=whole, replication=number)
    swatches(ax, {kind: colour for kind, colour in DOING_COLOURS.items() if kind in path["kind"].to_list()})
    return ax


def _middle(paths: pl.DataFrame) -> int:
    """The replication whose path is the median one, of two the shorter."""
    lengths = paths.group_by("replication").agg(pl.col("hours").sum()).sort("hours", "replication")["replication"]
    return int(lengths[(len(lengths) - 1) // 2])
