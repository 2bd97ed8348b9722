"""Element-days that two tasks ask for at once: a heat map."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from nfm_sim import measures
from nfm_sim.plots.frame import figure, over, say_empty, titled
from nfm_sim.plots.style import axes_or_new
from nfm_sim.record import Record
from nfm_sim.sentences.names import names_of


@figure
def double_booking(run: Record, ax: Axes | None = None) -> Axes:
    """Draw the element-days that a task (row) has and another (column) asks for, mean over replications.

    >>> nfm.plots.double_booking(run).texts[0].get_text()
    'no element is asked for twice in this scenario'
    """
    ax = axes_or_new(ax, width=7.5, height=5.5)
    table = measures.double_booking(run)
    if table.is_empty():
        return say_empty(ax, "no element is asked for twice in this scenario")
    tasks = sorted({*table["task"], *table["wanted_by"]})
    days = np.zeros((len(tasks), len(tasks)))
    for task, wanted_by, element_days in table.iter_rows():
        days[tasks.index(task), tasks.index(wanted_by)] = element_days
    ax.imshow(np.where(days > 0, days, np.nan), cmap="OrRd", vmin=0)
    for row, column in zip(*np.nonzero(days), strict=True):
        dark = days[row, column] > 0.6 * days.max()
        text = f"{days[row, column]:,.0f}" if days[row, column] >= 0.5 else "<1"
        ax.text(column, row, text, ha="center", va="center", color="white" if dark else "black", fontsize="small")
    names = [*names_of(run, "tasks", tasks).values()]
    ax.set_xticks(range(len(tasks)), names, rotation=30, ha="right")
    ax.set_yticks(range(len(tasks)), names)
    ax.set(xlabel="wanted by", ylabel="on task")
    titled(ax, "Element-days that one task has and another asks for", over(run))
    for side in ax.spines.values():
        side.set_visible(False)
    return ax
