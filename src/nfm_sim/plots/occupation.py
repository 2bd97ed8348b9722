"""Ships and trains at each berth and loading track: a Gantt chart."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import polars as pl

from nfm_sim.plots.style import axes_or_new, colour_of, figure, gantt_bar, gantt_frame, say_empty
from nfm_sim.record import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAMES = {"berths": "berth", "tracks": "loading track"}


@figure
def occupation(
    run: Record,
    facilities: Collection[str] = ("berths", "tracks"),
    *,
    replication: int | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a row for each berth and loading track, with a bar for what stands there.

    Of one replication: the first of the run, if none is given. Days across; colours are flows or elements.
    The record says how many are held, not which one: a bar stands in the first row that is free.

    >>> nfm.plots.occupation(run).get_xlabel()
    'days after hour 0'
    """
    number = pl.col("replication").min() if replication is None else pl.lit(replication)
    held = (
        run.holdings.filter((pl.col("replication") == number) & pl.col("pool").is_in(list(facilities)))
        .with_columns(pl.col("subject").str.split("/").list.first().alias("whose"))
        .sort("pool", "place", "start_h", "subject")
    )
    if held.is_empty():
        return say_empty(axes_or_new(ax), "no berth or loading track was used in this run")
    colours = colour_of(sorted(held["whose"].unique()))
    rows: dict[tuple[str, str], list[float]] = {}
    bars = []
    for pool, place, start_h, end_h, whose in held.select("pool", "place", "start_h", "end_h", "whose").iter_rows():
        ends = rows.setdefault((pool, place), [])
        row = next((i for i, end in enumerate(ends) if end <= start_h), len(ends))
        ends[row : row + 1] = [end_h]
        bars.append(((pool, place, row), start_h, end_h, whose))
    order = [(*key, row) for key, ends in rows.items() for row in range(len(ends))]
    ax = axes_or_new(ax, width=9, height=1.4 + 0.26 * len(order))
    for key, start_h, end_h, whose in bars:
        gantt_bar(ax, order.index(key), start_h, end_h, colours[whose])
    labels = [f"{place}, {NAMES.get(pool, pool)} {row + 1}" for pool, place, row in order]
    gantt_frame(ax, labels, dict(list(colours.items())[:8]), ncols=4)
    return ax
