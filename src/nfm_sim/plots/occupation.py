"""Ships and trains at each berth and loading track: a Gantt chart."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl
from matplotlib.axes import Axes

from nfm_sim.kinds import FACILITIES
from nfm_sim.kinds.facilities import BERTHS, TRACKS
from nfm_sim.plots.colours import colour_of, group_colours
from nfm_sim.plots.frame import figure, say_empty, titled
from nfm_sim.plots.style import DAYS, MOST_ROWS, axes_or_new, gantt_bar, group_of, one_of, rows_down, swatches
from nfm_sim.record import Record
from nfm_sim.sentences.names import names_of, place_name


@figure
def occupation(
    run: Record,
    facilities: Collection[str] = (BERTHS, TRACKS),
    *,
    replication: int | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a row for each berth and loading track, with a bar for what stands there.

    Of one replication: the one in the middle, if none is given. Days across; colours are flows and tiers.
    The record says how many are held, not which one: a bar stands in the first row that is free.

    >>> nfm.plots.occupation(run).get_xlabel()
    'days after hour 0 (Monday 04 January 2027, 00:00)'
    """
    number, whole, which = one_of(run, replication)
    held = (
        whole.holdings.filter((pl.col("replication") == number) & pl.col("pool").is_in(list(facilities)))
        .join(group_of(whole).rename({"group": "whose"}), on=["replication", "subject"], how="left")
        .with_columns(pl.col("whose").fill_null(pl.col("subject").str.split("/").list.first()))
        .sort("pool", "place", "start_h", "subject")
    )
    if held.is_empty():
        return say_empty(axes_or_new(ax), "no berth or loading track was used in this run")
    colours = colour_of(sorted(held["whose"].unique()), group_colours(run))
    rows: dict[tuple[str, str], list[float]] = {}
    bars: list[tuple[tuple[str, str, int], float, float, str]] = []
    for pool, place, start_h, end_h, whose in held.select("pool", "place", "start_h", "end_h", "whose").iter_rows():
        ends = rows.setdefault((pool, place), [])
        row = next((i for i, end in enumerate(ends) if end <= start_h), len(ends))
        ends[row : row + 1] = [end_h]
        bars.append(((pool, place, row), start_h, end_h, whose))
    order = [(*key, row) for key, ends in rows.items() for row in range(len(ends))]
    shown = f"{which}; which of several is held is not recorded: a bar stands in the first row that is free"
    if len(order) > MOST_ROWS:
        busy: dict[tuple[str, str, int], float] = dict.fromkeys(order, 0.0)
        for key, start_h, end_h, _ in bars:
            busy[key] += end_h - start_h
        kept = sorted(busy, key=lambda key: -busy[key])[:MOST_ROWS]
        shown += f"; the busiest {MOST_ROWS} of {len(order)} rows"
        order = [key for key in order if key in kept]
        bars = [bar for bar in bars if bar[0] in kept]
    ax = axes_or_new(ax, width=9.5, height=1.4 + 0.26 * len(order))
    for key, start_h, end_h, whose in bars:
        gantt_bar(ax, order.index(key), start_h, end_h, colours[whose])
    rows_down(ax, [f"{place_name(run, place)}, {_noun(pool)} {row + 1}" for pool, place, row in order])
    swatches(ax, colours, names_of(run, "flows", colours))
    ax.set(xlim=(min(0.0, ax.get_xlim()[0]), None), xlabel=DAYS)
    return titled(ax, "What stands at berths and loading tracks", shown, of=whole, replication=number)


def _noun(facility: str) -> str:
    """What one of a facility is called."""
    return FACILITIES[facility].noun if facility in FACILITIES else facility.replace("_", " ")
