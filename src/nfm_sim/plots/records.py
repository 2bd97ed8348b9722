"""Model beside record: what is on record of real operations, and what the model makes of each from the others."""

from __future__ import annotations

import polars as pl
from matplotlib.axes import Axes

from nfm_sim.plots.colours import COLOURS
from nfm_sim.plots.frame import figure, say_empty, titled
from nfm_sim.plots.style import axes_or_new, quiet_frame


@figure
def records(scores: pl.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the days to closure of each operation: on record (from least to most), predicted from the others (median and
    10-90 % band), and as the mean of the others in the same direction and the line of lorry loads would have it.
    `scores` is that of `nfm.calibrate`.

    >>> columns = ["case", "quantity", "on_record_low", "on_record_high", "low", "median", "high"]
    >>> columns += ["by_direction", "by_line"]
    >>> row = ("autumn", "closed_days", 21.0, 23.0, 14.0, 20.0, 30.0, 38.0, 50.0)
    >>> nfm.plots.records(pl.DataFrame([row], schema=columns, orient="row")).get_xlabel()
    'days from the first ship, or the first piece, to the last piece'
    """
    rows = scores.filter(pl.col("quantity") == "closed_days").rows(named=True)
    ax = axes_or_new(ax, width=9, height=1.5 + 0.6 * len(rows))
    if not rows:
        return say_empty(ax, "no record of days to closure")
    for place, row in enumerate(rows):
        ax.plot(
            [row["low"], row["high"]], [place, place], color=COLOURS[0], linewidth=7, alpha=0.3, solid_capstyle="butt"
        )
        ax.plot(row["median"], place, "o", color=COLOURS[0])
        ax.plot(row["by_direction"], place, "x", color="grey")
        ax.plot(row["by_line"], place, "+", color="grey", markersize=9)
        if row["on_record_low"] is not None:
            known = [row["on_record_low"], row["on_record_high"]]
            ax.plot(known, [place, place], color="black", linewidth=3, solid_capstyle="butt")
    ax.plot([], [], color="black", linewidth=3, label="on record")
    ax.plot([], [], "o-", color=COLOURS[0], label="model, from the other operations: median, 10-90 %")
    ax.plot([], [], "x", color="grey", label="mean of the others in the same direction")
    ax.plot([], [], "+", color="grey", label="line of lorry loads, fitted to the others")
    ax.set_yticks(range(len(rows)), [str(row["case"]) for row in rows])
    ax.set(ylim=(len(rows) - 0.5, -0.5), xlim=(0, None))
    ax.set_xlabel("days from the first ship, or the first piece, to the last piece")
    quiet_frame(ax, along="x")
    return titled(ax, "Days to closure: on record, and the model", "each operation is predicted from the others")
