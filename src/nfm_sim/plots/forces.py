"""Force elements and tasks over time: who is ready, where their time went, who is on which task, who is lacking."""

from collections.abc import Collection
from itertools import product
from textwrap import fill

import numpy as np
import polars as pl
from matplotlib.axes import Axes

from nfm_sim import measures
from nfm_sim.plots import style
from nfm_sim.record import Record
from nfm_sim.record.words import DutyState, Milestone, What
from nfm_sim.sentences.names import cause_name, names_of

DASHES = {Milestone.READY: "-", Milestone.IN_PLACE: "--", Milestone.EFFECTIVE: ":"}


@style.figure
def readiness(run: Record, step_h: float = 6, *, ax: Axes | None = None) -> Axes:
    """Draw the share of each tier's elements that is ready to move, in place and effective, with the deadlines.

    Lines are means over replications; for ready to move, a band shows how these differ, as it says below: 10-90 %, or
    from the least to the most where they are few. The horizontal axis is in days after hour 0; the deadlines count from
    the activation order.

    >>> nfm.plots.readiness(run).get_ylabel()
    "share of the tier's elements (%)"
    """
    curve = style.some(measures.readiness_curve(run, step_h), "no force element of this scenario has a tier")
    ax = style.axes_or_new(ax)
    spread = style.Spread(run.about["replications"])
    mean = curve.group_by("tier", "milestone", "hour").agg(pl.col("share").mean(), *spread.of("share"))
    mean = mean.with_columns(pl.col("share", "low", "high") * 100).sort("hour")
    tiers = measures.readiness_by_tier(run)
    due_h = pl.col("deadline_h") + pl.col("order_median_h").fill_null(0.0)
    deadlines = dict(tiers.select("tier", due_h).iter_rows())
    within = dict(tiers.select("tier", "deadline_h").iter_rows())
    latest = 0.0
    colours = style.tier_colours(run)
    for tier, deadline_h in deadlines.items():
        colour = colours[f"tier {tier}"]
        for milestone, dash in DASHES.items():
            line = mean.filter((pl.col("tier") == tier) & (pl.col("milestone") == milestone))
            label = f"tier {tier}, within {within[tier] / 24:g} days" if milestone == Milestone.READY else None
            style.draw_curve(ax, line, "share", color=colour, linestyle=dash, label=label)
            if milestone == Milestone.READY and spread.name:
                style.fill_band(ax, line, colour, alpha=0.15)
            still = line.filter(pl.col("share") < pl.col("share").max())
            latest = max(latest, float(still["hour"].max() or 0.0) / 24)  # type: ignore[arg-type]
        if deadline_h <= run.horizon_h:
            ax.axvline(deadline_h / 24, color=colour, linewidth=0.8)
    for milestone, dash in DASHES.items():
        label = "ready to move" if milestone == Milestone.READY else milestone
        ax.plot([], [], color="0.3", linestyle=dash, label=label)
    shown = [deadline_h / 24 for deadline_h in deadlines.values() if deadline_h <= run.horizon_h]
    ax.set(xlim=(0, min(run.horizon_h / 24, max([latest * 1.08, *shown]) + 1)), ylim=(0, 102), xlabel=style.DAYS)
    ax.set_ylabel("share of the tier's elements (%)")
    band = f"lines: mean; band of ready to move: {spread.name}; " if spread.name else ""
    thin = "thin: the deadline of readiness, which counts from the order, at its median"
    return style.titled(ax, "How much of each tier is ready and effective, by day", f"{band}{thin}")


ALPHAS = {Milestone.READY: 1.0, Milestone.EFFECTIVE: 0.4}
"""Until it is ready, and from then until it is effective."""


@style.figure
def ledger(run: Record, most: int = 25, *, ax: Axes | None = None) -> Axes:
    """Draw for each element a bar of its days from the order: full until it was ready to move, and pale from then until
    it was effective, by what they went to: work, moves, waits for something, and what was closed; with a mark at the
    deadline, by which it was to be ready. A bar of one that was pre-alerted begins before the order. The longest stand
    on top.

    Of the replications whose tables are at hand; means.

    >>> nfm.plots.ledger(run).get_xlabel()
    'days from the order'
    """
    whole = run.whole
    table = style.some(measures.element_hours(whole), "no force element has an order in this run")
    known = table.group_by("element").agg(number=pl.col("replication").n_unique())
    days = table.group_by("element", "until", "kind").agg(pl.col("hours").sum() / 24).join(known, on="element")
    days = days.with_columns(pl.col("hours") / pl.col("number"))
    first = table.unique(["replication", "element"]).group_by("element").agg(pl.col("begin_h").mean() / 24)
    longest = days.group_by("element").agg(pl.col("hours").sum()).sort("hours", "element", descending=[True, False])
    shown = longest["element"].head(most).to_list()
    ax = style.axes_of_rows(ax, [*names_of(run, "elements", shown).values()], width=9.5, each=0.24)
    begins = dict(first.iter_rows())
    ends = np.array([begins[element] for element in shown])
    length = {tuple(key): hours for *key, hours in days.select("element", "until", "kind", "hours").iter_rows()}
    there = set(table.select("until", "kind").unique().iter_rows())
    for until, kind in (those for those in product(ALPHAS, style.DOING_COLOURS) if those in there):
        colour, alpha = style.DOING_COLOURS[kind], ALPHAS[until]
        style.swatch(ax, f"{kind}, until {until}", colour, alpha)
        took = np.array([length.get((element, until, kind), 0.0) for element in shown])
        ax.barh(range(len(shown)), took, left=ends, color=colour, alpha=alpha, height=0.75)
        ends += took
    answers = measures.readiness(whole)
    due = dict(answers.select("element", pl.col("deadline_h") / 24).unique(subset="element").iter_rows())
    late = dict(answers.group_by("element").agg(pl.col("ready_h").is_null().mean()).iter_rows())
    for place, element in enumerate(shown):
        ax.plot([due[element]] * 2, [place - 0.45, place + 0.45], color="black", linewidth=2)
        if late[element]:
            often = f" in {late[element]:.0%} of replications".replace("%", " %") if late[element] < 1 else ""
            ax.text(ends[place], place, f"not ready{often} ", va="center", ha="right", fontsize="xx-small")
    ax.plot([], [], "|", color="black", markersize=10, markeredgewidth=2, label="deadline of readiness")
    ax.set(xlim=(min(0.0, *first["begin_h"].to_list()), None), xlabel="days from the order")
    of = f"the {len(shown)} of {len(longest)} elements that took longest"
    return style.titled(ax, "Where the time of elements went, from the order", of, style.over(run, whole))


LEAST_HOURS = 1.0
"""Shorter stretches are drawn with the row of their activity, but make no row of their own."""


@style.figure
def critical_path(run: Record, element: str, *, replication: int | None = None, ax: Axes | None = None) -> Axes:
    """Draw what an element did and waited for, until it was effective, a row for each.

    Of one replication: the one in which this took the median time, if none is given. The horizontal axis is in days
    after hour 0: the wait for the decision stands before the order. Raises ValueError when the run has no such element.

    >>> nfm.plots.critical_path(run, "11_infbat").get_figure().get_suptitle()
    '11 infbat: 0.5 days in all'
    """
    whole = run.whole
    paths = measures.critical_path(whole, element)
    number = _middle(paths) if replication is None else replication
    path = paths.filter(pl.col("replication") == number)
    columns = path.select("activity", "cause_kind", "cause").iter_rows()
    doings = [": ".join(filter(None, (doing, cause_name(run, kind, cause)))) for doing, kind, cause in columns]
    path = path.with_columns(pl.Series("row", doings, dtype=pl.String))
    totals = path.group_by("row", maintain_order=True).agg(pl.col("hours").sum())
    rows = totals.filter(pl.col("hours") >= LEAST_HOURS)["row"].to_list()
    hours = dict(totals.iter_rows())
    ax = style.axes_of_rows(ax, [f"{row} ({hours[row]:,.0f} h)" for row in rows], width=8.5, head=1.5)
    for row, kind, start_h, length_h in path.select("row", "kind", "start_h", "hours").iter_rows():
        if row in rows:
            style.gantt_bar(ax, rows.index(row), start_h, start_h + length_h, style.DOING_COLOURS[kind])
    ax.set_xlabel(style.DAYS)
    several = paths["replication"].n_unique()
    which = f"replication {number}" + (f", the median of {several}" if several > 1 and replication is None else "")
    title = f"{run.called('elements', element)}: {path['hours'].sum() / 24:.1f} days in all"
    style.swatches(ax, {kind: colour for kind, colour in style.DOING_COLOURS.items() if kind in path["kind"].to_list()})
    return style.titled(ax, title, which, "rows of an hour and more", of=whole, replication=number)


def _middle(paths: pl.DataFrame) -> int:
    """The replication whose path is the median one, of two the shorter."""
    lengths = paths.group_by("replication").agg(pl.col("hours").sum()).sort("hours", "replication")["replication"]
    return int(lengths[(len(lengths) - 1) // 2])


# Tasks and plans: what is asked for, who is on which task, and who is asked for twice.


@style.figure
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
    style.some(table, f"no plan asks for {capability or 'anything'}")
    ax = style.axes_or_new(ax)
    spread = style.Spread(whole.about["replications"])
    table = table.group_by("replication", "hour").agg(pl.col("demanded", "in_place", "gap").sum())
    curve = table.group_by("hour").agg(pl.col("demanded").first(), pl.col("gap").mean()).sort("hour")
    days = (curve["hour"] / 24).to_list()
    gap = "gap, added up over capabilities" if capability is None else "gap"
    ax.fill_between(days, 0, curve["gap"].to_list(), step="post", color=style.COLOURS[1], alpha=0.35, label=gap)
    style.draw_curve(ax, curve, "demanded", color="black", label="demanded by the plans")
    spread.draw(ax, table, "in_place", style.COLOURS[0], label="in place")
    ax.set(xlim=(0, max(days[-1], 1)), ylim=(0, None), xlabel=style.DAYS)
    ax.set_ylabel("force elements" + (f": {capability}" if capability else " of the capabilities asked for"))
    shown = f"in place: median, band: {spread.name}; gap: mean" if spread.name else ""
    about = (shown, "too much of one capability fills no gap of another", style.over(run, whole, "of"))
    return style.titled(ax, "What the plans ask for, and what is in place", *about, of=whole)


STATES = {
    DutyState.PREPARE: 0.45,
    DutyState.SERVE: 1.0,
    DutyState.SHORT: 0.7,
    DutyState.WEAK: 0.7,
    DutyState.REDEPLOY: 0.45,
}
"""How opaque: an element that serves, one that lacks supply or strength to, and one that prepares or comes back."""


@style.figure
def duties(
    run: Record, capabilities: Collection[str] = (), *, replication: int | None = None, ax: Axes | None = None
) -> Axes:
    """Draw a row for each element that is on a task: pale while it prepares, comes back or is short of
    supply or strength, full while it serves.

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
    style.some(rows, "no force element is on a task in this run")
    order = rows.select("capability", "tier", "element").unique().sort("capability", "tier", "element", nulls_last=True)
    shown = f"{which}; pale: prepares, comes back or is short of supply or strength; full: serves"
    if len(order) > style.MOST_ROWS:
        shown += f"; the first {style.MOST_ROWS} of {len(order)} elements, by capability"
        order = order.head(style.MOST_ROWS)
    names = order["element"].to_list()
    rows = rows.filter(pl.col("element").is_in(names))
    colours = style.colour_of(sorted(rows["task"].unique()), style.task_colours(run))
    called = names_of(run, "elements", names)
    rows_called = [f"{called[name]} ({capability})" for capability, _, name in order.iter_rows()]
    ax = style.axes_of_rows(ax, rows_called, width=9.5, head=1.5, each=0.17)
    for element, task, state, start_h, end_h in rows.select("element", "task", "state", "start_h", "end_h").iter_rows():
        style.gantt_bar(ax, names.index(element), start_h, end_h, colours[task], STATES[state])
    style.swatches(ax, colours, names_of(run, "tasks", colours))
    ax.set(xlim=(min(0.0, *rows["start_h"]) / 24, run.horizon_h / 24), xlabel=style.DAYS)
    return style.titled(ax, "Which element is on which task", shown, of=whole, replication=number)


@style.figure
def double_booking(run: Record, ax: Axes | None = None) -> Axes:
    """Draw the element-days that a task (row) has and another (column) asks for, mean over replications.

    >>> nfm.plots.double_booking(run).texts[0].get_text()
    'no element is asked for twice in this scenario'
    """
    table = style.some(measures.double_booking(run), "no element is asked for twice in this scenario")
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
    return style.titled(ax, "Which tasks ask for the same elements, in element-days", style.over(run))
