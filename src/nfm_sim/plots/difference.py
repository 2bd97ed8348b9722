"""Differences with their intervals, side by side."""

from __future__ import annotations

import polars as pl
from matplotlib.axes import Axes

from nfm_sim.measures.columns import Column
from nfm_sim.plots.colours import COLOURS
from nfm_sim.plots.frame import figure, say_empty, titled
from nfm_sim.plots.style import axes_or_new, quiet_frame
from nfm_sim.sentences.cells import unit_of_differences


@figure
def difference(table: pl.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw what `Comparison.difference` returned: a point with its interval for each row; those that leave out 0
    are filled. What is not known has no point. The axis is in points, hours or days, as sentences are.

    >>> more = scenario.with_changes({"pools.trucks.capacity": 4})
    >>> pair = nfm.Comparison({"few": study, "more": nfm.replicate(more, 2, jobs=1)})
    >>> table = pair.difference().with_columns(low=-6.0, high=-5.0)  # two replications tell no interval
    >>> nfm.plots.difference(table).get_xlabel()
    'difference (h)'
    """
    ax = axes_or_new(ax, height=1.2 + 0.35 * table.height)
    known = table.with_row_index("place").drop_nulls(["difference", "low", "high"])
    if known.is_empty():
        return say_empty(ax, "no difference is known")
    about = table.columns[: table.columns.index("pairs")]
    words = [pl.col(c) if table[c].dtype == pl.String else pl.format(f"{c} {{}}", c) for c in about]
    labels = table.select(pl.concat_str(words, separator=", ")).to_series()
    measured = table["unit"][0] if "unit" in table.columns else ""
    bounds = [*known["low"], *known["high"]]
    unit = unit_of_differences(Column(measured, share=measured == "share"), bounds)
    known = known.with_columns(pl.col("difference", "low", "high") * unit.factor)
    for row in known.rows(named=True):
        sure = row["low"] > 0 or row["high"] < 0
        ax.plot([row["low"], row["high"]], [row["place"]] * 2, color=COLOURS[0], linewidth=1.5)
        face = COLOURS[0] if sure else "white"
        ax.plot(row["difference"], row["place"], "o", color=COLOURS[0], markerfacecolor=face)
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set_yticks(range(table.height), labels.to_list(), fontsize="small")
    ax.set(ylim=(table.height - 0.4, -0.6), xlabel=f"difference ({unit.name})" if unit.name else "difference")
    quiet_frame(ax, along="x")
    told = "lines: intervals that hold for all rows together; filled: it leaves out 0; with the same random draws"
    return titled(ax, "Differences from the base", told)
