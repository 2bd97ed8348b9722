"""Where the time of elements went, from the order until they were ready, and until they were effective."""

from __future__ import annotations

import polars as pl
from matplotlib.axes import Axes

from nfm_sim import measures
from nfm_sim.plots.colours import DOING_COLOURS
from nfm_sim.plots.frame import figure, over, say_empty, titled
from nfm_sim.plots.style import axes_or_new, rows_down, swatch
from nfm_sim.record import Record
from nfm_sim.record.words import Milestone
from nfm_sim.sentences.names import names_of

ALPHAS = {Milestone.READY: 1.0, Milestone.EFFECTIVE: 0.4}
"""Until it is ready, and from then until it is effective."""


@figure
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
    table = measures.element_hours(whole)
    if table.is_empty():
        return say_empty(axes_or_new(ax), "no force element has an order in this run")
    known = table.group_by("element").agg(number=pl.col("replication").n_unique())
    days = (
        table.group_by("element", "until", "kind")
        .agg(pl.col("hours").sum() / 24)
        .join(known, on="element")
        .with_columns(pl.col("hours") / pl.col("number"))
    )
    first = table.unique(["replication", "element"]).group_by("element").agg(pl.col("begin_h").mean() / 24)
    longest = days.group_by("element").agg(pl.col("hours").sum()).sort("hours", "element", descending=[True, False])
    shown = longest["element"].head(most).to_list()
    ax = axes_or_new(ax, width=9.5, height=1.6 + 0.24 * len(shown))
    ends = dict(first.iter_rows())
    length = {tuple(key): hours for *key, hours in days.select("element", "until", "kind", "hours").iter_rows()}
    for until, alpha in ALPHAS.items():
        for kind, colour in DOING_COLOURS.items():
            for place, element in enumerate(shown):
                day = length.get((element, until, kind), 0.0)
                ax.barh(place, day, left=ends[element], color=colour, alpha=alpha, height=0.75)
                ends[element] += day
    answers = measures.readiness(whole)
    due = dict(answers.select("element", pl.col("deadline_h") / 24).unique(subset="element").iter_rows())
    late = dict(answers.group_by("element").agg(pl.col("ready_h").is_null().mean()).iter_rows())
    for place, element in enumerate(shown):
        ax.plot([due[element]] * 2, [place - 0.45, place + 0.45], color="black", linewidth=2)
        if late[element]:
            often = f" in {late[element]:.0%} of replications".replace("%", " %") if late[element] < 1 else ""
            ax.text(ends[element], place, f"not ready{often} ", va="center", ha="right", fontsize="xx-small")
    there = set(table.select("until", "kind").unique().iter_rows())
    for until, alpha in ALPHAS.items():
        for kind, colour in DOING_COLOURS.items():
            if (until, kind) in there:
                swatch(ax, f"{kind}, until {until}", colour, alpha)
    ax.plot([], [], "|", color="black", markersize=10, markeredgewidth=2, label="deadline of readiness")
    rows_down(ax, [*names_of(run, "elements", shown).values()])
    ax.set(xlim=(min(0.0, *first["begin_h"].to_list()), None), xlabel="days from the order")
    of = f"the {len(shown)} of {len(longest)} elements that took longest"
    return titled(ax, "Where the time of elements went, from the order", of, over(run, whole))
