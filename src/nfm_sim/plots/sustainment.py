"""Supply over time: for how many days there is enough, and who is effective."""

import polars as pl
from matplotlib.axes import Axes

from nfm_sim import measures
from nfm_sim.kinds import MODES
from nfm_sim.plots import style
from nfm_sim.record import Record
from nfm_sim.sentences.names import pool_name


@style.figure
def days_of_supply(run: Record, holder: str | None = None, *, step_h: float = 12, ax: Axes | None = None) -> Axes:
    """Draw for how many days a stock has enough for all who draw on it, or an element carries, by class of supply.

    Of the first stock that is limited, if none is named, in the replications whose tables are at hand: median, and a
    band of replications. The horizontal axis is in days after hour 0.

    >>> nfm.plots.days_of_supply(run).get_xlabel()
    ''
    """
    whole = run.whole
    stocks = whole.deliveries["stock"].unique(maintain_order=True).to_list()
    name = holder or next(iter(stocks), "")
    table = measures.days_of_supply(whole, step_h).filter(pl.col("holder") == name).drop_nulls("days")
    style.some(table, f"no levels of {name}" if name else "no stocks are filled in this scenario")
    ax, spread = style.axes_or_new(ax), style.Spread(whole.about["replications"])
    alike: dict[tuple[float, ...], list[str]] = {}
    for (supply,), rows in table.sort("supply", "replication", "hour").group_by("supply", maintain_order=True):
        alike.setdefault(tuple(rows["days"].round(6)), []).append(str(supply))
    for supplies, colour in zip(alike.values(), style.colour_of(map(str, alike.values())).values(), strict=True):
        mine = table.filter(pl.col("supply") == supplies[0])
        spread.draw(ax, mine, "days", colour, alpha=0.1, label=style.named(", ".join(supplies)))
    ax.set(xlim=(0, run.horizon_h / 24), ylim=(0, None), xlabel=style.DAYS, ylabel="days of supply")
    title = f"For how many days there is enough: {run.called('stocks', name)}"
    return style.titled(ax, title, spread.told, style.over(run, whole, "of"), of=whole)


@style.figure
def effective(run: Record, *, step_h: float = 12, ax: Axes | None = None) -> Axes:
    """Draw how many elements that are offered are in place and how many of them are effective over time; between the
    two stand those that wait for an enabler, and those that are short of supply or strength.

    Median and a band of the replications whose tables are at hand. The horizontal axis is in days after hour 0.

    >>> nfm.plots.effective(run).get_ylabel()
    'force elements'
    """
    whole = run.whole
    table = measures.effective_strength(whole, step_h)
    if not table["in_place"].sum():
        raise style.Nothing("no element that is offered is in place within the horizon")
    ax, spread = style.axes_or_new(ax), style.Spread(whole.about["replications"])
    broken = measures.broken_by_day(whole, step_h).group_by("supply").agg(pl.col("elements").sum())
    most = broken.sort("elements", "supply", descending=[True, False])["supply"].head(MOST_BROKEN)
    lacking = "short of supply or strength"
    for column, label, colour in (
        ("in_place", "in place", style.COLOURS[0]),
        ("effective", "effective", style.COLOURS[2]),
        ("short", "\n".join([f"{lacking}:", *most]) if len(most) else lacking, style.COLOURS[1]),
    ):
        spread.draw(ax, table, column, colour, label=label)
    ax.set(xlim=(0, run.horizon_h / 24), ylim=(0, None), xlabel=style.DAYS, ylabel="force elements")
    title = f"How many elements are in place, effective, and {lacking}"
    return style.titled(ax, title, spread.told, style.over(run, whole, "of"), of=whole)


MOST_BROKEN = 3
"""What broke most elements is named, as far as so many."""
MOST_DAYS = 60
"""With more days than this bars are of weeks."""


@style.figure
def supply_by_day(run: Record, stock: str | None = None, *, ax: Axes | None = None) -> Axes:
    """Draw how many tonnes a day came to stocks, day by day or of a long time week by week, a strip for each class of
    supply, by mode: bars; and what was asked for: line.

    Of one stock, or of all together; mean over the replications whose tables are at hand.

    >>> nfm.plots.supply_by_day(run).texts[0].get_text()
    'no supply came to a stock in this run'
    """
    whole = run.whole
    days = 1 if run.horizon_h <= MOST_DAYS * 24 else 7
    mine = pl.col("stock") == (pl.col("stock") if stock is None else stock)
    table = measures.supply_by_day(whole, 24 * days).filter(mine)
    style.some(table, f"no supply came to {stock or 'a stock'} in this run")
    number, day = whole.about["replications"], pl.col("hour") / 24
    once = table.unique(["replication", "stock", "supply", "hour"])
    asked = once.group_by("supply", day=day).agg(pl.col("asked_t").sum() / number / days).sort("day")
    came = table.group_by("supply", "mode", day=day).agg(pl.col("tonnes").sum() / number / days)
    came = came.sort("day", "supply", "mode")
    by_class = came.group_by("supply", "day").agg(pl.col("tonnes").sum())
    most = {
        supply: float(max([*rows["tonnes"], *asked.filter(pl.col("supply") == supply)["asked_t"]]))
        for (supply,), rows in by_class.sort("supply").group_by("supply", maintain_order=True)
    }
    ax = style.axes_or_new(ax, width=9, height=1.4 + 0.95 * len(most))
    modes = [mode for mode in ("", *MODES) if mode in came["mode"]]
    for supply, part in style.strips(ax, most).items():
        of = pl.col("supply") == supply
        foot = dict.fromkeys(came.filter(of)["day"], 0.0)
        for mode in modes:
            for at, tonnes in came.filter(of, pl.col("mode") == mode).select("day", "tonnes").iter_rows():
                ax.bar(at + days / 2, tonnes / part.most, 0.9 * days, part.at([foot[at]])[0], color=_colour(mode))
                foot[at] += tonnes
        line = asked.filter(of)
        ax.step(line["day"].to_list(), part.at(line["asked_t"]), where="post", color="black", linewidth=1.2)
    for mode in modes:
        style.swatch(ax, MODES[mode].noun if mode else "by means of its own", _colour(mode))
    ax.plot([], [], color="black", label="asked for")
    ax.set(xlim=(0, run.horizon_h / 24), xlabel=style.DAYS, ylabel="tonnes a day")
    title = f"Supply that came on each day, and what was asked for{': ' + run.called('stocks', stock) if stock else ''}"
    return style.titled(ax, title, "means of weeks" if days > 1 else "", style.over(run, whole), of=whole)


def _colour(mode: str) -> str:
    return MODES[mode].colour if mode else style.OTHER


@style.figure
def supply_of_means(run: Record, most: int = 20, *, ax: Axes | None = None) -> Axes:
    """Draw which share of the use of each pool and facility served supply: mean over the replications whose tables are
    at hand. Those with the largest share stand on top; `most` cuts the rest off.

    >>> nfm.plots.supply_of_means(run).texts[0].get_text()
    'no supply used a pool or facility in this run'
    """
    whole = run.whole
    share = pl.col("supply_share").sum() / whole.about["replications"] * 100
    shares = measures.supply_of_means(whole).group_by("place", "pool").agg(share)
    style.some(shares, "no supply used a pool or facility in this run")
    rows = shares.sort("supply_share", "place", "pool", descending=[True, False, False]).head(most)
    ax = style.axes_of_rows(ax, [pool_name(run, *row) for row in rows.select("place", "pool").iter_rows()], each=0.26)
    ax.barh(range(len(rows)), rows["supply_share"].to_list(), color=style.COLOURS[0], height=0.7)
    ax.set(xlim=(0, 100), xlabel="share of its use that served supply (%)")
    of = f"{len(rows)} of {len(shares)}, the largest shares"
    return style.titled(ax, "How much of the means supply takes", of, style.over(run, whole))
