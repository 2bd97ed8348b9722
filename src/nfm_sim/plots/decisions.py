"""What searches propose: what money gives, what changes do, and which paths to reserve."""

from collections.abc import Mapping
from textwrap import fill

import polars as pl
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from nfm_sim.kinds.modes import TRAIN
from nfm_sim.plots import style


@style.figure
def frontier(table: pl.DataFrame, label: str = "gain", *, ax: Axes | None = None) -> Axes:
    """Draw the frontier of a purchase (`nfm.decide.buy(...).frontier`): what the best package for each budget gains,
    with its interval. `label` names the vertical axis.

    >>> rows = {"budget": [1e7, 2e7], "package": ["a", "a + b"], "eur": [8e6, 2e7], "gain": [1.0, 3.0]}
    >>> nfm.plots.frontier(pl.DataFrame({**rows, "low": [0.5, 2.0], "high": [1.5, 4.0]})).get_xlabel()
    'million EUR'
    """
    style.some(table, "no package to draw")
    ax = style.axes_or_new(ax)
    rows = table.unique("package", maintain_order=True).sort("eur").drop_nulls("gain")
    million, gain = (rows["eur"] / 1e6).to_list(), rows["gain"].to_list()
    ax.errorbar(million, gain, yerr=style.reach(rows, "gain"), marker="o", capsize=3)
    for x, y, name in zip(million, gain, rows["package"], strict=True):
        ax.annotate(name, (x, y), xytext=(-6, 4), textcoords="offset points", ha="right", fontsize="small")
    ax.margins(x=0.2)
    ax.set(xlabel="million EUR", ylabel=label, ylim=(0, None))
    ax.set_xticks([tick for tick in ax.get_xticks() if 0 <= tick <= ax.get_xlim()[1]])
    told = "the best package for each budget, with 95 % intervals on fresh replications"
    return style.titled(ax, "What more money gives", told)


@style.figure
def amounts(table: pl.DataFrame, label: str, *, title: str, least: float | None = None, ax: Axes | None = None) -> Axes:
    """Draw what came of each amount: of its column, the estimate with low and high, which stand behind it; a line for
    each value of a column before it. Dashed: the `least` that is asked for. `label` names the vertical axis.

    >>> tried = pl.DataFrame({"teams": [1, 2], "estimate": [0.1, 0.8], "low": [0.0, 0.7], "high": [0.2, 0.9]})
    >>> nfm.plots.amounts(tried, "chance", title="How many teams", least=0.6).get_xlabel()
    'teams'
    """
    *by, along = table.columns[: table.columns.index("estimate")]
    known = style.some(table.drop_nulls("estimate").sort(along), "nothing is known of any amount")
    ax = style.axes_or_new(ax)
    for key, rows in known.group_by(by or pl.lit(""), maintain_order=True):
        x, y, name = rows[along].to_list(), rows["estimate"].to_list(), " ".join(map(str, (*by, *key)))
        ax.errorbar(x, y, yerr=style.reach(rows, "estimate"), fmt="o-", capsize=3, label=name if by else None)
    if least is not None:
        ax.axhline(least, color="black", linestyle="--", linewidth=0.8)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel=along, ylabel=label)
    asked = "dashed: what is asked for" if least is not None else ""
    return style.titled(ax, title, "with 95 % intervals, each for itself", asked)


LABEL_LETTERS = 46
"""In a line of the label of an axis."""


@style.figure
def weighed(table: pl.DataFrame, sides: Mapping[str, str], *, title: str, ax: Axes | None = None) -> Axes:
    """Draw a row for each change, named by the first column: a point with its interval for each of `sides`, a column
    (with _low and _high) and its label; of two, the second has an axis of its own on top. What is null is not known.

    >>> rows = pl.DataFrame({"change": ["Guards +1"], "h": [-2.0], "h_low": [-3.0], "h_high": [-1.0]})
    >>> nfm.plots.weighed(rows, {"h": "hours"}, title="What guards buy").get_xlabel()
    'hours'
    """
    names = table.to_series(0).to_list()
    if not any(table[column].count() for column in sides):
        raise style.Nothing("nothing is known of any change")
    ax = style.axes_of_rows(ax, names, width=8, head=1.8, each=0.32)
    for number, (column, label) in enumerate(sides.items()):
        own, colour = ax if not number else ax.twiny(), style.COLOURS[number]
        known = table.with_row_index("row").drop_nulls(column)
        sides_of = style.reach(known, column, f"{column}_low", f"{column}_high")
        rows = (known["row"].cast(pl.Int64) + (number - (len(sides) - 1) / 2) * 0.3).to_list()
        own.errorbar(known[column].to_list(), rows, xerr=sides_of, fmt="os"[number], color=colour, capsize=3)
        own.set_xlabel(fill(label, LABEL_LETTERS), color=colour)
        widest = max(abs(edge) for edge in (*own.get_xlim(), 1e-9))
        own.set_xlim(-1.05 * widest, 1.05 * widest)
        if not number:
            for row in range(len(names)):
                if table[column][row] is None:
                    own.annotate("not known", (0, row), (6, 0), textcoords="offset points", va="center", color=colour)
    ax.axvline(0, color="black", linewidth=0.8)
    return style.titled(ax, title, "with 95 % intervals")


MOST_LINES = 8
"""Lines that are drawn: those with most trains."""


@style.figure
def orders(table: pl.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how many train paths a programme needs by week on each line and in each direction (`orders` of
    `nfm.study.propose_programme`): what is enough in nine of ten replications, and as a mark what is in half of them.

    >>> rows = {"week": [0, 1], "mode": ["train"] * 2, "line": ["one"] * 2, "direction": ["east"] * 2}
    >>> nfm.plots.orders(pl.DataFrame(rows | {"need_50": [4, 8], "need_90": [6, 9]})).get_ylabel()
    'train paths a week'
    """
    way = pl.concat_str("line", "direction", separator=", ")
    trains = table.filter(pl.col("mode") == TRAIN.name).with_columns(line=way)
    style.some(trains, "no train to order a path for")
    ax = style.axes_or_new(ax)
    most = trains.group_by("line").agg(pl.col("need_90").sum()).sort("need_90", "line", descending=[True, False])
    lines = most["line"].to_list()[:MOST_LINES]
    colours, width = style.colour_of(lines), 0.8 / len(lines)
    for place, line in enumerate(lines):
        rows = trains.filter(pl.col("line") == line).sort("week")
        at = (rows["week"] + 1 + (place + 0.5) * width - 0.4).to_list()
        ax.bar(at, rows["need_90"].to_list(), width, color=colours[line], label=style.named(line))
        ax.plot(at, rows["need_50"].to_list(), "_", color="black", markersize=100 * width)
    ax.set_xticks(sorted({week + 1 for week in trains["week"]}))
    ax.set(xlabel="week", ylabel="train paths a week")
    told = "bar: enough in 90 % of replications, mark: in 50 %; loaded and empty together"
    return style.titled(ax, "How many train paths to reserve, by week", told)
