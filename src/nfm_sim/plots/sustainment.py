"""Supply over time: for how many days there is enough, and who is effective."""

from __future__ import annotations

import polars as pl
from matplotlib.axes import Axes

from nfm_sim import measures
from nfm_sim.plots.colours import COLOURS, colour_of
from nfm_sim.plots.frame import figure, over, say_empty, titled
from nfm_sim.plots.style import DAYS, Spread, axes_or_new, draw_curve, fill_band, named, quiet_frame
from nfm_sim.record import Record


@figure
def days_of_supply(run: Record, holder: str | None = None, *, step_h: float = 12, ax: Axes | None = None) -> Axes:
    """Draw for how many days a stock has enough for all who draw on it, or an element carries, by class of supply.

    Of the first stock that is limited, if none is named, in the replications whose tables are at hand: median, and a
    band of replications. The horizontal axis is in days after hour 0.

    >>> nfm.plots.days_of_supply(run).get_xlabel()
    ''
    """
    ax, whole = axes_or_new(ax), run.whole
    stocks = whole.deliveries["stock"].unique(maintain_order=True).to_list()
    name = holder or next(iter(stocks), "")
    table = measures.days_of_supply(whole, step_h).filter(pl.col("holder") == name).drop_nulls("days")
    if table.is_empty():
        return say_empty(ax, f"no levels of {name}" if name else "no stocks are filled in this scenario")
    spread = Spread(whole.about["replications"])
    curves = (
        table.group_by("supply", "hour", maintain_order=True)
        .agg(pl.col("days").median().alias("middle"), *spread.of("days"))
        .sort("hour")
    )
    alike: dict[tuple[float, ...], list[str]] = {}
    for (supply,), rows in curves.group_by("supply", maintain_order=True):
        alike.setdefault(tuple(rows["middle"].round(6)), []).append(str(supply))
    for supplies, colour in zip(alike.values(), colour_of(map(str, alike.values())).values(), strict=True):
        line = curves.filter(pl.col("supply") == supplies[0])
        draw_curve(ax, line, "middle", color=colour, label=named("\n".join(supplies)))
        if spread.name:
            fill_band(ax, line, colour, alpha=0.1)
    ax.set(xlim=(0, run.horizon_h / 24), ylim=(0, None), xlabel=DAYS, ylabel="days of supply")
    quiet_frame(ax)
    shown = f"line: median; band: {spread.name}" if spread.name else ""
    title = f"For how many days there is enough: {run.called('stocks', name)}"
    return titled(ax, title, shown, over(run, whole).replace("mean over", "of"), of=whole)


@figure
def effective(run: Record, *, step_h: float = 12, ax: Axes | None = None) -> Axes:
    """Draw how many elements that are offered are in place and how many of them are effective over time; between the
    two stand those that wait for an enabler, and those that are short of supply.

    Median and a band of the replications whose tables are at hand. The horizontal axis is in days after hour 0.

    >>> nfm.plots.effective(run).get_ylabel()
    'force elements'
    """
    ax, whole = axes_or_new(ax), run.whole
    table = measures.effective_strength(whole, step_h)
    if not table["in_place"].sum():
        return say_empty(ax, "no element that is offered is in place within the horizon")
    spread = Spread(whole.about["replications"])
    for column, label, colour in (
        ("in_place", "in place", COLOURS[0]),
        ("effective", "effective", COLOURS[2]),
        ("short", "short of supply", COLOURS[1]),
    ):
        line = table.group_by("hour").agg(pl.col(column).median().alias("middle"), *spread.of(column)).sort("hour")
        draw_curve(ax, line, "middle", color=colour, label=label)
        if spread.name:
            fill_band(ax, line, colour)
    ax.set(xlim=(0, run.horizon_h / 24), ylim=(0, None), xlabel=DAYS, ylabel="force elements")
    quiet_frame(ax)
    shown = f"line: median; band: {spread.name}" if spread.name else ""
    return titled(
        ax, "In place, effective, and short of supply", shown, over(run, whole).replace("mean over", "of"), of=whole
    )
