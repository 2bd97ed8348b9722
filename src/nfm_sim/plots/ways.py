"""Where the pieces went: from port over mode to border, as bands."""

from __future__ import annotations

import numpy as np
import polars as pl
from matplotlib.axes import Axes

from nfm_sim import measures
from nfm_sim.kinds import MODES
from nfm_sim.plots.frame import figure, over, say_empty, titled
from nfm_sim.plots.style import axes_or_new
from nfm_sim.record import Record
from nfm_sim.sentences.names import place_name

GAP = 0.03
"""Between the blocks of a column, as a share of all pieces."""
LEAST = 0.02
"""The least height of a slot."""
BLOCK = 0.05
"""Width of a block."""
SIDES = (("right", "center", -1), ("center", "bottom", 0), ("left", "center", 1))
"""By column: how the name of a block stands to it, and on which side."""
COLUMNS = ("origin", "mode", "destination")


@figure
def ways(run: Record, ax: Axes | None = None) -> Axes:
    """Draw the pieces of all flows as bands from port to mode to border crossing, mean over replications.

    The height of a band is its pieces, and each block says how many pass it.

    >>> [text.get_text() for text in nfm.plots.ways(run).texts]
    ['Harbour: 4', 'lorries: 4', 'Border: 4']
    """
    ax = axes_or_new(ax, width=9, height=5.5)
    pieces = pl.col("pieces").sum() / run.about["replications"]
    table = measures.ways_taken(run).group_by(COLUMNS).agg(pieces).sort(COLUMNS)
    if table.is_empty():
        return say_empty(ax, "no allied flow in this scenario")
    total = float(table["pieces"].sum())
    bottoms = [_blocks(ax, run, table, x, total) for x in range(len(COLUMNS))]
    for x in (0, 1):
        left, right = COLUMNS[x : x + 2]
        leaves, enters = dict(bottoms[x]), dict(bottoms[x + 1])
        bands = table.group_by(left, right, maintain_order=True).agg(pl.col("pieces").sum())
        for start, end, amount in bands.iter_rows():
            mode = end if x == 0 else start
            _band(ax, x, leaves[start], enters[end], amount / total, MODES[mode].colour)
            leaves[start] += amount / total
            enters[end] += amount / total
    ax.set_xlim(-BLOCK, 2 + BLOCK)
    ax.set_axis_off()
    return titled(ax, "Pieces from where they came, by mode, to where they went", over(run))


def _blocks(ax: Axes, run: Record, table: pl.DataFrame, x: int, total: float) -> dict[str, float]:
    """Draw a column of blocks, each in a slot that is high enough for its name, and return where each begins."""
    bottoms = {}
    at = 0.0
    sums = table.group_by(COLUMNS[x], maintain_order=True).agg(pl.col("pieces").sum()).sort(COLUMNS[x])
    for block, amount in sums.iter_rows():
        height = amount / total
        slot = max(height, LEAST)
        bottoms[block] = at + (slot - height) / 2
        ax.bar(x, height, width=BLOCK, bottom=bottoms[block], color="0.25", linewidth=0)
        name = MODES[block].noun if x == 1 else place_name(run, block)
        side, down, shift = SIDES[x]
        lift = bottoms[block] + height if x == 1 else at + slot / 2
        ax.annotate(
            f"{name}: {amount:,.0f}",
            (x + shift * BLOCK / 2, lift),
            xytext=(4 * shift, 2 if x == 1 else 0),
            textcoords="offset points",
            ha=side,
            va=down,
            fontsize="small",
        )
        at += slot + GAP * (2 if x == 1 else 1)
    return bottoms


def _band(ax: Axes, x: int, start: float, end: float, height: float, colour: str) -> None:
    """Draw a band from one column of blocks to the next."""
    across = np.linspace(0, 1, 40)
    rise = across**2 * (3 - 2 * across)
    low = start + (end - start) * rise
    at = x + BLOCK / 2 + across * (1 - BLOCK)
    ax.fill_between(at, low, low + height, color=colour, alpha=0.5, linewidth=0)
