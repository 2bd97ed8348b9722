"""What leaves on each day, by mode, beside what was booked and what is on record."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from matplotlib.axes import Axes

from nfm_sim import measures
from nfm_sim.kinds import MODES
from nfm_sim.measures.closure import is_counted_by_piece
from nfm_sim.plots.frame import figure, say_empty, titled
from nfm_sim.plots.style import DAYS, Spread, axes_or_new, fill_band, quiet_frame
from nfm_sim.record import Record

MANY = 20
"""With so many times more of one mode than of another, the axis is logarithmic, or the few would not be seen."""
LINEAR = 10
"""Up to so many a day it is linear."""
TICKS = (0, 2, 4, 6, 8, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


@figure
def departures(
    run: Record, on_record: Mapping[str, tuple[float, float]] | None = None, *, ax: Axes | None = None
) -> Axes:
    """Draw how many lorries, trains, columns and barges leave on each day: mean, and a band of replications.

    A lorry is a piece that goes by truck. Dotted: what the programmes have booked on the day, in the replications whose
    tables are at hand. `on_record` has by mode from how many to how many a day are on record, which are drawn as a grey
    band.

    >>> nfm.plots.departures(run).get_ylabel()
    'departures a day'
    """
    ax = axes_or_new(ax)
    table = measures.departures_by_day(run)
    if table.is_empty():
        return say_empty(ax, "nothing leaves in this run")
    number = run.about["replications"]
    number_of = pl.when(is_counted_by_piece()).then("pieces").otherwise("movements")
    by_day = table.group_by("replication", "mode", "day").agg(number_of.sum().alias("number"))
    replications = by_day.select("replication").unique()
    last = max(by_day["day"].to_list())
    days = pl.DataFrame({"day": range(last + 1)}, schema={"day": pl.Int32})
    spread = Spread(number)
    booked = _booked(run)
    for mode, kind in ((name, kind) for name, kind in MODES.items() if name in by_day["mode"]):
        mine = by_day.filter(pl.col("mode") == mode)
        whole = replications.join(days, how="cross").join(mine, on=["replication", "day"], how="left")
        numbers = pl.col("number").fill_null(0)
        line = (
            whole.with_columns(numbers).group_by("day").agg(pl.col("number").mean().alias("mean"), *spread.of("number"))
        )
        line = line.sort("day")
        at = (line["day"] + 0.5).to_list()
        ax.plot(at, line["mean"].to_list(), color=kind.colour, label=kind.noun, marker="o", markersize=2.5)
        if spread.name:
            fill_band(ax, line.with_columns(hour=pl.col("day") * 24.0 + 12), kind.colour, step=None)
        if mode in booked["mode"]:
            slots = days.join(booked.filter(pl.col("mode") == mode), on="day", how="left").fill_null(0).sort("day")
            label = f"{kind.noun}, booked"
            ax.plot(at, slots["booked"].to_list(), ":", color=kind.colour, linewidth=1.2, label=label)
        if on_record and mode in on_record:
            ax.axhspan(*on_record[mode], color="0.85", zorder=0, label=f"{kind.noun} on record")
    ax.set_xlim(0, last + 1)
    most = by_day.group_by("mode").agg(pl.col("number").max())["number"].sort().to_list()
    uneven = most[-1] > MANY * most[0]
    if uneven:
        ax.set_yscale("symlog", linthresh=LINEAR)
        ax.set_yticks([tick for tick in TICKS if tick <= 1.5 * most[-1]])
        ax.yaxis.set_major_formatter("{x:,.0f}")
        ax.minorticks_off()
    ax.set(ylim=(0, None), xlabel=DAYS)
    ax.set_ylabel("departures a day" + (f" (logarithmic from {LINEAR} on)" if uneven else ""))
    quiet_frame(ax)
    return titled(ax, "What leaves on each day", f"mean; band: {spread.name}" if spread.name else "")


def _booked(run: Record) -> pl.DataFrame:
    """Slots by mode and day, mean over the replications whose tables are at hand."""
    try:
        whole = run.whole
    except ValueError:  # a study that keeps no tables
        return pl.DataFrame(schema={"mode": pl.String, "day": pl.Int32, "booked": pl.Float64})
    day = (pl.col("hour") / 24).floor().cast(pl.Int32).alias("day")
    return whole.slots.group_by("mode", day).agg(booked=pl.len() / whole.about["replications"])
