"""Where the pieces went: from port over mode to border, as bands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from nfm_sim import measures
from nfm_sim.kinds import MODES
from nfm_sim.plots.frame import figure, over, say_empty, titled
from nfm_sim.plots.style import axes_or_new
from nfm_sim.record import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GAP = 0.03
"""Between the blocks of a column, as a share of all pieces."""
BLOCK = 0.05
"""Width of a block."""
COLUMNS = ("origin", "mode", "destination")


@figure
def ways(run: Record, ax: Axes | None = None) -> Axes:
    """Draw the pieces of all flows as bands from port to mode to border crossing, mean over replications.

    The height of a band is its pieces, and each block says how many pass it.

    >>> [text.get_text() for text in nfm.plots.ways(run).texts]
    ['harbour: 4', 'truck: 4', 'border: 4']
    """
    ax = axes_or_new(ax, width=9, height=5.5)
    pieces = pl.col("pieces").sum() / run.about["replications"]
    table = measures.ways_taken(run).group_by(COLUMNS).agg(pieces).sort(COLUMNS)
    if table.is_empty():
        return say_empty(ax, "no allied flow in this scenario")
    total = float(table["pieces"].sum())
    bottoms = [_blocks(ax, table, name, x, total) for x, name in enumerate(COLUMNS)]
    for x in (0, 1):
        left, right = COLUMNS[x : x + 2]
        leaves, enters = dict(bottoms[x]), dict(bottoms[x + 1])
        bands = table.group_by(left, right, maintain_order=True).agg(pl.col("pieces").sum())
        for start, end, amount in bands.iter_rows():
            mode = end if x == 0 else start
            _band(ax, x, leaves[start], enters[end], amount / total, MODES[mode].colour)
            leaves[start] += amount / total
            enters[end] += amount / total
    ax.set_xlim(-0.45, 2.45)
    ax.set_axis_off()
    titled(ax, "Pieces from where they came, by mode, to where they went", over(run))
    return ax


def _blocks(ax: Axes, table: pl.DataFrame, name: str, x: int, total: float) -> dict[str, float]:
    """Draw a column of blocks, and return where each begins."""
    bottoms = {}
    at = 0.0
    sums = table.group_by(name, maintain_order=True).agg(pl.col("pieces").sum()).sort(name)
    for block, amount in sums.iter_rows():
        height = amount / total
        bottoms[block] = at
        ax.bar(x, height, width=BLOCK, bottom=at, color="0.25", linewidth=0)
        side = {0: "right", 1: "center", 2: "left"}[x]
        offset = {0: -BLOCK, 1: 0.0, 2: BLOCK}[x]
        lift = height + 0.008 if x == 1 else height / 2
        label = f"{block.replace('_', ' ')}: {amount:,.0f}"
        ax.text(x + offset, at + lift, label, ha=side, va="bottom" if x == 1 else "center", fontsize="small")
        at += height + GAP * (2 if x == 1 else 1)
    return bottoms


def _band(ax: Axes, x: int, start: float, end: float, height: float, colour: str) -> None:
    """Draw a band from one column of blocks to the next."""
    across = np.linspace(0, 1, 40)
    rise = across**2 * (3 - 2 * across)
    low = start + (end - start) * rise
    at = x + BLOCK / 2 + across * (1 - BLOCK)
    ax.fill_between(at, low, low + height, color=colour, alpha=0.5, linewidth=0)
