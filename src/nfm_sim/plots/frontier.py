"""What more money gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from nfm_sim.plots.frame import figure, say_empty, titled
from nfm_sim.plots.style import axes_or_new, quiet_frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@figure
def frontier(table: pl.DataFrame, label: str = "gain", *, ax: Axes | None = None) -> Axes:
    """Draw the frontier of a purchase (`nfm.decide.buy(...).frontier`): what the best package for each budget gains,
    with its interval. `label` names the vertical axis.

    >>> rows = {"budget": [1e7, 2e7], "package": ["a", "a + b"], "eur": [8e6, 2e7], "gain": [1.0, 3.0]}
    >>> nfm.plots.frontier(pl.DataFrame({**rows, "low": [0.5, 2.0], "high": [1.5, 4.0]})).get_xlabel()
    'million EUR'
    """
    ax = axes_or_new(ax)
    if table.is_empty():
        return say_empty(ax, "no package to draw")
    rows = table.unique("package", maintain_order=True).sort("eur").drop_nulls("gain")
    million, gain = (rows["eur"] / 1e6).to_list(), rows["gain"].to_list()
    reach = [(rows["gain"] - rows["low"]).fill_null(0).to_list(), (rows["high"] - rows["gain"]).fill_null(0).to_list()]
    ax.errorbar(million, gain, yerr=reach, marker="o", capsize=3)
    for x, y, name in zip(million, gain, rows["package"], strict=True):
        ax.annotate(name, (x, y), xytext=(-6, 4), textcoords="offset points", ha="right", fontsize="small")
    ax.set_xlabel("million EUR")
    ax.set_ylabel(label)
    ax.margins(x=0.2)
    ax.set_ylim(bottom=0)
    titled(ax, "What more money gives", "the best package for each budget, with 95 % intervals on fresh replications")
    quiet_frame(ax)
    return ax
