"""What each of several changes does, with its interval."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from matplotlib.axes import Axes

from nfm_sim.plots.colours import COLOURS
from nfm_sim.plots.frame import figure, say_empty, titled
from nfm_sim.plots.style import axes_or_new, quiet_frame


@figure
def weighed(table: pl.DataFrame, sides: Mapping[str, str], *, title: str, ax: Axes | None = None) -> Axes:
    """Draw a row for each change, named by the first column: a point with its interval for each of `sides`, a column
    (with _low and _high) and its label; of two, the second has an axis of its own on top. What is null is not known.

    >>> rows = pl.DataFrame({"change": ["Guards +1"], "h": [-2.0], "h_low": [-3.0], "h_high": [-1.0]})
    >>> nfm.plots.weighed(rows, {"h": "hours"}, title="What guards buy").get_xlabel()
    'hours'
    """
    names = table.to_series(0).to_list()
    ax = axes_or_new(ax, height=1.8 + 0.32 * len(names))
    if not any(table[column].count() for column in sides):
        return say_empty(ax, "nothing is known of any change")
    for number, (column, label) in enumerate(sides.items()):
        own, colour = ax if not number else ax.twiny(), COLOURS[number]
        known = table.with_row_index("row").drop_nulls(column)
        low, high = (pl.col(f"{column}_{end}").fill_null(pl.col(column)) for end in ("low", "high"))
        reach = known.select(pl.col(column) - low, high - pl.col(column)).to_numpy().T
        rows = (known["row"].cast(pl.Int64) + (number - (len(sides) - 1) / 2) * 0.3).to_list()
        own.errorbar(known[column].to_list(), rows, xerr=reach, fmt="os"[number], color=colour, capsize=3)
        own.set_xlabel(label, color=colour)
        widest = max(abs(edge) for edge in (*own.get_xlim(), 1e-9))
        own.set_xlim(-1.05 * widest, 1.05 * widest)
        if not number:
            for row in range(len(names)):
                if table[column][row] is None:
                    own.annotate("not known", (0, row), (6, 0), textcoords="offset points", va="center", color=colour)
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set_yticks(range(len(names)), names, fontsize="small")
    ax.set_ylim(len(names) - 0.4, -0.6)
    quiet_frame(ax, along="x")
    return titled(ax, title, "with 95 % intervals; notional as its scenario is")
