"""Tasks and plans: what is asked for, who is on which task, and who is asked for twice."""

from collections.abc import Collection
from textwrap import fill

import numpy as np
import polars as pl
from matplotlib.axes import Axes

from nfm_sim import measures
from nfm_sim.plots import style
from nfm_sim.plots.colours import COLOURS, colour_of, task_colours
from nfm_sim.plots.frame import figure, over, some, titled
from nfm_sim.record import Record
from nfm_sim.record.words import DutyState, What
from nfm_sim.sentences.names import names_of


@figure
def supply(run: Record, capability: str | None = None, *, step_h: float = 6, ax: Axes | None = None) -> Axes:
    """Draw what the plans ask for by a day against what is in place, and the gap between them.

    Of one capability, or of all that are asked for, in the replications whose tables are at hand. In place: median, and
    a band of replications, as it says below: 10-90 %, or from the least to the most where they are few; the gap: mean.
    The horizontal axis is in days after hour 0.

    >>> nfm.plots.supply(run, "infantry").get_ylabel()
    'force elements: infantry'
    """
    whole = run.whole
    table = measures.gap(whole, step_h)
    if capability is not None:
        table = table.filter(pl.col("capability") == capability)
    some(table, f"no plan asks for {capability or 'anything'}")
    ax = style.axes_or_new(ax)
    spread = style.Spread(whole.about["replications"])
    table = table.group_by("replication", "hour").agg(pl.col("demanded", "in_place", "gap").sum())
    curve = table.group_by("hour").agg(pl.col("demanded").first(), pl.col("gap").mean()).sort("hour")
    days = (curve["hour"] / 24).to_list()
    gap = "gap, added up over capabilities" if capability is None else "gap"
    ax.fill_between(days, 0, curve["gap"].to_list(), step="post", color=COLOURS[1], alpha=0.35, label=gap)
    style.draw_curve(ax, curve, "demanded", color="black", label="demanded by the plans")
    spread.draw(ax, table, "in_place", COLOURS[0], label="in place")
    ax.set(xlim=(0, max(days[-1], 1)), ylim=(0, None), xlabel=style.DAYS)
    ax.set_ylabel("force elements" + (f": {capability}" if capability else " of the capabilities asked for"))
    shown = f"in place: median, band: {spread.name}; gap: mean" if spread.name else ""
    about = (shown, "too much of one capability fills no gap of another", over(run, whole, "of"))
    return titled(ax, "What the plans ask for, and what is in place", *about, of=whole)


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
    number, whole, which = style.one_of(run, replication)
    rows = whole.duties.filter((pl.col("task") != "") & (pl.col("replication") == number))
    elements = whole.subjects.filter(pl.col("what") == What.ELEMENT)
    elements = elements.select("replication", "tier", "capability", element="subject")
    rows = rows.join(elements, on=["replication", "element"])
    if capabilities:
        rows = rows.filter(pl.col("capability").is_in(list(capabilities)))
    some(rows, "no force element is on a task in this run")
    order = rows.select("capability", "tier", "element").unique().sort("capability", "tier", "element", nulls_last=True)
    shown = f"{which}; pale: prepares, comes back or is short of supply; full: serves"
    if len(order) > style.MOST_ROWS:
        shown += f"; the first {style.MOST_ROWS} of {len(order)} elements, by capability"
        order = order.head(style.MOST_ROWS)
    names = order["element"].to_list()
    rows = rows.filter(pl.col("element").is_in(names))
    colours = colour_of(sorted(rows["task"].unique()), task_colours(run))
    called = names_of(run, "elements", names)
    rows_called = [f"{called[name]} ({capability})" for capability, _, name in order.iter_rows()]
    ax = style.axes_of_rows(ax, rows_called, width=9.5, head=1.5, each=0.17)
    for element, task, state, start_h, end_h in rows.select("element", "task", "state", "start_h", "end_h").iter_rows():
        style.gantt_bar(ax, names.index(element), start_h, end_h, colours[task], STATES[state])
    style.swatches(ax, colours, names_of(run, "tasks", colours))
    ax.set_xlabel(style.DAYS)
    ax.set_xlim(min(0.0, float(rows["start_h"].min() or 0) / 24), run.horizon_h / 24)  # type: ignore[arg-type]
    return titled(ax, "Which element is on which task", shown, of=whole, replication=number)


@figure
def double_booking(run: Record, ax: Axes | None = None) -> Axes:
    """Draw the element-days that a task (row) has and another (column) asks for, mean over replications.

    >>> nfm.plots.double_booking(run).texts[0].get_text()
    'no element is asked for twice in this scenario'
    """
    table = some(measures.double_booking(run), "no element is asked for twice in this scenario")
    tasks = sorted({*table["task"], *table["wanted_by"]})
    ax = style.axes_or_new(ax, width=3 + 1.2 * len(tasks), height=2 + 0.85 * len(tasks), quiet=False)
    days = np.zeros((len(tasks), len(tasks)))
    for task, wanted_by, element_days in table.iter_rows():
        days[tasks.index(task), tasks.index(wanted_by)] = element_days
    ax.imshow(np.where(days > 0, days, np.nan), cmap="OrRd", vmin=0, aspect="auto")
    for row, column in zip(*np.nonzero(days), strict=True):
        dark = days[row, column] > 0.6 * days.max()
        text = f"{days[row, column]:,.0f}" if days[row, column] >= 0.5 else "<1"
        ax.text(column, row, text, ha="center", va="center", color="white" if dark else "black", fontsize="small")
    names = [fill(name, 14) for name in names_of(run, "tasks", tasks).values()]
    ax.set_xticks(range(len(tasks)), names, fontsize="small")
    ax.set_yticks(range(len(tasks)), names, fontsize="small")
    ax.set(xlabel="wanted by", ylabel="on task")
    ax.spines[:].set_visible(False)
    return titled(ax, "Which tasks ask for the same elements, in element-days", over(run))
