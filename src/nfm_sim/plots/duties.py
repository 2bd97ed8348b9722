"""Which element is on which task: a Gantt chart."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl
from matplotlib.axes import Axes

from nfm_sim.plots.colours import colour_of, task_colours
from nfm_sim.plots.frame import figure, say_empty, titled
from nfm_sim.plots.style import DAYS, MOST_ROWS, axes_or_new, gantt_bar, one_of, rows_down, swatches
from nfm_sim.record import Record
from nfm_sim.record.words import DutyState, What
from nfm_sim.sentences.names import names_of

STATES = {DutyState.PREPARE: 0.45, DutyState.SERVE: 1.0, DutyState.SHORT: 0.7, DutyState.REDEPLOY: 0.45}
"""How opaque: an element that serves, one that does not for want of supply, and one that prepares or comes back."""


@figure
def duties(
    run: Record, capabilities: Collection[str] = (), *, replication: int | None = None, ax: Axes | None = None
) -> Axes:
    """Draw a row for each element that is on a task: pale while it prepares, comes back or is short
    of supply, full while it serves.

    Of one replication: the one in the middle, if none is given; of many elements the first. With `capabilities`, only
    the elements that have one of these. Rows are sorted by capability. The horizontal axis is in days after hour 0.

    >>> nfm.plots.duties(run).get_xlabel()
    'days after hour 0 (Monday 04 January 2027, 00:00)'
    """
    number, whole, which = one_of(run, replication)
    rows = whole.duties.filter((pl.col("task") != "") & (pl.col("replication") == number))
    elements = whole.subjects.filter(pl.col("what") == What.ELEMENT).select(
        "replication", "tier", "capability", element="subject"
    )
    rows = rows.join(elements, on=["replication", "element"])
    if capabilities:
        rows = rows.filter(pl.col("capability").is_in(list(capabilities)))
    if rows.is_empty():
        return say_empty(axes_or_new(ax), "no force element is on a task in this run")
    order = rows.select("capability", "tier", "element").unique().sort("capability", "tier", "element", nulls_last=True)
    shown = f"{which}; pale: prepares or comes back, full: serves"
    if len(order) > MOST_ROWS:
        shown += f"; the first {MOST_ROWS} of {len(order)} elements, by capability"
        order = order.head(MOST_ROWS)
    names = order["element"].to_list()
    rows = rows.filter(pl.col("element").is_in(names))
    colours = colour_of(sorted(rows["task"].unique()), task_colours(run))
    ax = axes_or_new(ax, width=9.5, height=1.5 + 0.17 * len(names))
    for element, task, state, start_h, end_h in rows.select("element", "task", "state", "start_h", "end_h").iter_rows():
        gantt_bar(ax, names.index(element), start_h, end_h, colours[task], STATES[state])
    called = names_of(run, "elements", names)
    rows_down(ax, [f"{called[name]} ({capability})" for capability, _, name in order.iter_rows()])
    swatches(ax, {task.replace("_", " "): colour for task, colour in colours.items()})
    ax.set_xlabel(DAYS)
    ax.set_xlim(min(0.0, float(rows["start_h"].min() or 0) / 24), run.horizon_h / 24)  # type: ignore[arg-type]
    return titled(ax, "Which element is on which task", shown, of=whole, replication=number)
