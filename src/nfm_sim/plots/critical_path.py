"""The critical path of one force element."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from matplotlib.patches import Patch

from nfm_sim import measures
from nfm_sim.plots.frame import figure, titled
from nfm_sim.plots.style import COLOURS, axes_or_new, gantt_bar, quiet_frame
from nfm_sim.record import Record
from nfm_sim.record.words import Kind

if TYPE_CHECKING:
    from matplotlib.axes import Axes

KIND_COLOURS = {Kind.WORK: COLOURS[0], Kind.MOVE: COLOURS[2], Kind.WAIT: COLOURS[1], Kind.BLOCKED: COLOURS[6]}
LEAST_HOURS = 1.0
"""Shorter stretches are drawn with the row of their activity, but make no row of their own."""


@figure
def critical_path(run: Record, element: str, *, replication: int | None = None, ax: Axes | None = None) -> Axes:
    """Draw what an element did and waited for, from its order until it was effective, a row for each.

    Of one replication: the one in which this took the median time, if none is given. The horizontal axis is in days
    after the activation order. Raises ValueError when the run has no such element.

    >>> nfm.plots.critical_path(run, "11_infbat").get_figure().get_suptitle()
    '11_infbat: 0.5 days in all'
    """
    paths = measures.critical_path(run.whole, element)
    number = _middle(paths) if replication is None else replication
    path = paths.filter(pl.col("replication") == number).with_columns(
        pl.when(pl.col("cause") == "")
        .then(pl.col("activity"))
        .otherwise(pl.col("activity") + ": " + pl.col("cause"))
        .alias("row")
    )
    totals = path.group_by("row", maintain_order=True).agg(pl.col("hours").sum())
    rows = totals.filter(pl.col("hours") >= LEAST_HOURS)["row"].to_list()
    ax = axes_or_new(ax, height=1.5 + 0.3 * len(rows))
    hours = dict(totals.iter_rows())
    for row, kind, start_h, length_h in path.select("row", "kind", "start_h", "hours").iter_rows():
        if row in rows:
            gantt_bar(ax, rows.index(row), start_h, start_h + length_h, KIND_COLOURS[kind])
    ax.set_yticks(range(len(rows)), [f"{row}  ({hours[row]:,.0f} h)" for row in rows], fontsize="small")
    ax.invert_yaxis()
    ax.set_xlabel("days after the activation order")
    several = paths["replication"].n_unique()
    which = f"replication {number}" + (f", the median of {several}" if several > 1 and replication is None else "")
    titled(ax, f"{element}: {path['hours'].sum() / 24:.1f} days in all", f"{which}; rows of an hour and more")
    shown = [kind for kind in KIND_COLOURS if kind in path["kind"].to_list()]
    ax.legend(handles=[Patch(color=KIND_COLOURS[kind], label=kind) for kind in shown], fontsize="small")
    quiet_frame(ax, along="x")
    return ax


def _middle(paths: pl.DataFrame) -> int:
    """The replication whose path is the median one, of two the shorter."""
    lengths = paths.group_by("replication").agg(pl.col("hours").sum()).sort("hours", "replication")["replication"]
    return int(lengths[(len(lengths) - 1) // 2])
