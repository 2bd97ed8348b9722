"""A tornado: what each input alone does to an answer."""

from __future__ import annotations

import polars as pl
from matplotlib.axes import Axes

from nfm_sim.plots.colours import COLOURS
from nfm_sim.plots.frame import figure, say_empty, titled
from nfm_sim.plots.style import axes_or_new, in_unit, quiet_frame


@figure
def tornado(table: pl.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw what `nfm.study.tornado` returned, of one row of its quantity: a bar to each side for each path, the largest
    on top, with the value of the input at its end and the interval of the difference. The axis is in the unit that the
    table gives.

    >>> table = nfm.study.tornado(scenario, {"pools.trucks.capacity": (1, 4)}, replications=2, jobs=1)
    >>> nfm.plots.tornado(table).get_xlabel()
    'difference from the scenario as it is (h)'
    """
    ax = axes_or_new(ax, height=1.5 + 0.5 * table["path"].n_unique())
    if table.is_empty():
        return say_empty(ax, "no input was varied")
    paths = table["path"].unique(maintain_order=True).to_list()
    for number, end in enumerate(("low", "high")):
        rows = table.filter((pl.col("end") == end) & pl.col("difference").is_not_null())
        places = [paths.index(path) for path in rows["path"]]
        sizes = rows["difference"].to_list()
        ax.barh(places, sizes, height=0.6, color=COLOURS[number], label=f"{end} end of the range")
        errors = rows.select(pl.col("difference") - pl.col("low"), pl.col("high") - pl.col("difference")).to_numpy()
        ax.errorbar(sizes, places, xerr=errors.T, fmt="none", ecolor="black", elinewidth=0.8, capsize=2)
        for place, row in zip(places, rows.rows(named=True), strict=True):
            right = row["difference"] > 0 or (row["difference"] == 0 and end == "high")
            edge = row["high"] if right else row["low"]
            shift = (4, 0) if right else (-4, 0)
            ax.annotate(
                f"{row['value']:g}",
                (edge, place),
                xytext=shift,
                textcoords="offset points",
                ha="left" if right else "right",
                va="center",
                fontsize="x-small",
            )
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set_yticks(range(len(paths)), paths, fontsize="small")
    ax.set_ylim(len(paths) - 0.4, -0.6)
    ax.margins(x=0.15)
    ax.set_xlabel(f"difference from the scenario as it is{in_unit(table)}")
    quiet_frame(ax, along="x")
    return titled(ax, "What each input alone does to the answer", "at both ends of its range, with 95 % intervals")
