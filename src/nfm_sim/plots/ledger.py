"""Where the time of elements went, from the order until they were in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from nfm_sim import measures
from nfm_sim.plots.frame import figure, over, say_empty, titled
from nfm_sim.plots.style import COLOURS, axes_or_new, quiet_frame
from nfm_sim.record import Record
from nfm_sim.record.words import Kind, What

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DOINGS = {Kind.WORK: COLOURS[0], Kind.MOVE: COLOURS[2], Kind.WAIT: COLOURS[1], Kind.BLOCKED: COLOURS[6]}


@figure
def ledger(run: Record, most: int = 25, *, ax: Axes | None = None) -> Axes:
    """Draw for each element a bar of its days from the order until it was effective, by what they went to: work, moves,
    waits for something, and what was closed; with a mark where it was to be ready. The longest stand on top.

    Of the replications whose tables are at hand; means.

    >>> nfm.plots.ledger(run).get_xlabel()
    'days from the order'
    """
    whole = run.whole
    elements = whole.subjects.filter(pl.col("what") == What.ELEMENT, pl.col("tier").is_not_null())
    names = elements["subject"].unique(maintain_order=True)
    hours = measures.ledger(whole).filter(pl.col("subject").is_in(names.implode()))
    if hours.is_empty():
        return say_empty(axes_or_new(ax), "no element has an order in this run")
    number = whole.about["replications"]
    days = (
        hours.group_by("subject", "kind")
        .agg(pl.col("hours").sum() / number / 24)
        .pivot("kind", index="subject", values="hours")
        .fill_null(0.0)
    )
    kinds = [kind for kind in DOINGS if kind in days.columns]
    days = days.with_columns(all=pl.sum_horizontal(*kinds)).sort("all", "subject", descending=[True, False])
    shown = days.head(most)
    due = dict(elements.select("subject", pl.col("deadline_h") / 24).unique(subset="subject").iter_rows())
    ax = axes_or_new(ax, width=9, height=1.8 + 0.24 * len(shown))
    begin = [0.0] * len(shown)
    for kind in kinds:
        lengths = shown[kind].to_list()
        ax.barh(range(len(shown)), lengths, left=begin, color=DOINGS[kind], height=0.75, label=kind)
        begin = [before + length for before, length in zip(begin, lengths, strict=True)]
    for place, name in enumerate(shown["subject"]):
        if due.get(name) is not None:
            ax.plot([due[name]] * 2, [place - 0.45, place + 0.45], color="black", linewidth=2)
    ax.set_yticks(range(len(shown)), shown["subject"].to_list(), fontsize="x-small")
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.set_xlim(left=0)
    ax.set_xlabel("days from the order")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4, fontsize="small", frameon=False)
    of = f"the {len(shown)} of {len(days)} that took longest; black: the deadline of readiness; {over(whole)}"
    titled(ax, "Where the time of elements went", of.removesuffix("; "))
    quiet_frame(ax, along="x")
    return ax
