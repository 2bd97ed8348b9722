"""Waits: how long, for what and for whom; queues at places, the sources of delay, and what civil traffic loses."""

from datetime import datetime

import polars as pl
from matplotlib.axes import Axes

from nfm_sim import measures
from nfm_sim.kinds import MODES
from nfm_sim.measures.congestion import hour_of_week
from nfm_sim.measures.losses import lost
from nfm_sim.plots import style
from nfm_sim.record import Record
from nfm_sim.record.words import What
from nfm_sim.scenario import Scenario
from nfm_sim.sentences.names import cause_name, of_title, place_name


@style.figure
def waits(run: Record, most: int = 12, *, ax: Axes | None = None) -> Axes:
    """Draw the largest waits as bars: piece-hours by place and cause, mean over replications.

    All waits, as `nfm.measures.waits` has them, those for a late ship or a decision too; those for the links of a line
    together. (The queues on the map and in `queue` are a part of them.)

    >>> nfm.plots.waits(run).get_xlabel()
    'waiting (piece-hours)'
    """
    number = run.about["replications"]
    found = measures.waits(run).group_by("place", "cause_kind", "cause").agg(pl.col("piece_hours").sum() / number)
    causes = [cause_name(run, kind, cause) for kind, cause in found.select("cause_kind", "cause").iter_rows()]
    called = found.with_columns(cause=pl.Series(causes, dtype=pl.String)).group_by("place", "cause_kind", "cause")
    table = called.agg(pl.col("piece_hours").sum())
    table = table.sort("piece_hours", "place", "cause", "cause_kind", descending=[True, False, False, False])
    style.some(table, "nothing waited in this run")
    rows = table.head(most)
    names = [
        ": ".join(filter(None, (place_name(run, place) if place else "", cause)))
        for place, cause in rows.select("place", "cause").iter_rows()
    ]
    ax = style.axes_of_rows(ax, names)
    kinds = rows["cause_kind"].to_list()
    bars = ax.barh(range(len(rows)), rows["piece_hours"].to_list(), color=[style.CAUSE_COLOURS[kind] for kind in kinds])
    ax.bar_label(bars, [f"{hours:,.0f}" for hours in rows["piece_hours"]], padding=3, fontsize="x-small")
    ax.margins(x=0.1)
    for kind in sorted({*kinds}):
        style.swatch(ax, kind or "no cause", style.CAUSE_COLOURS[kind])
    ax.set_xlabel("waiting (piece-hours)")
    ax.xaxis.set_major_formatter("{x:,.0f}")
    of = f"the largest {len(rows)} of {len(table)}, of all kinds, those of late ships too"
    return style.titled(ax, "The largest waits, by place and cause", of, style.over(run))


QUEUES = "queues: all waits but those of late ships, in ships for their own gangs, and for the decision"
"""What a figure of queues says that these are, in the words of the glossary."""


@style.figure
def queue(run: Record, most: int = 6, *, step_h: float = 3, ax: Axes | None = None) -> Axes:
    """Draw the pieces that stand in queues over time, one line for each of the places with most, as
    `nfm.measures.queue` has it: the area below a line is the piece-hours of the circle on the map (`network_load`).

    Mean over the replications whose tables are at hand. An element without pieces counts as one.

    >>> nfm.plots.queue(run).get_ylabel()
    'pieces in queues'
    """
    whole = run.whole
    number = whole.about["replications"]
    queued = measures.queue(whole, step_h).filter(pl.col("place") != "").group_by("place", "hour")
    table = queued.agg(pl.col("pieces").sum() / number).sort("place", "hour")
    sums = table.group_by("place").agg(pl.col("pieces").sum()).filter(pl.col("pieces") > 0)
    worst = sums.sort("pieces", "place", descending=[True, False])["place"]
    style.some(worst, "nothing stood in a queue in this run")
    ax = style.axes_or_new(ax, height=4.8)
    for place, colour in style.colour_of(worst.head(most), style.place_colours(run)).items():
        line = table.filter(pl.col("place") == place)
        days = (line["hour"] / 24).to_list()
        ax.plot(days, line["pieces"].to_list(), color=colour, linewidth=1.2, label=style.named(place_name(run, place)))
    shown = table.filter(pl.col("place").is_in(worst.head(most).implode()), pl.col("pieces") > 0)
    ax.set(xlim=(0, min(run.horizon_h / 24, max(shown["hour"].to_list()) / 24 + 1)), ylim=(0, None), xlabel=style.DAYS)
    ax.set_ylabel("pieces in queues")
    of = f"the worst {min(most, len(worst))} of {len(worst)} places"
    title = "How many pieces stand in queues, by day, at the worst places"
    return style.titled(ax, title, of, QUEUES, style.over(run, whole), of=whole)


@style.figure
def delay(run: Record, *, ax: Axes | None = None) -> Axes:
    """Draw which share of the delay comes from where, the largest on top, as `nfm.measures.delay_shares` has it.

    >>> nfm.plots.delay(run).get_xlabel()
    'share of the delay in piece-hours (%)'
    """
    table = style.some(measures.delay_shares(run), "nothing waited in this run, so there is no delay")
    delayed, sources = (table.select(column).unique() for column in ("replication", "source"))
    spread, keys = style.Spread(len(delayed)), ["replication", "source"]
    every = delayed.join(sources, how="cross").join(table, on=keys, how="left")
    by_source = every.with_columns(pl.col("share").fill_null(0) * 100).group_by("source")
    shares = by_source.agg(pl.col("share").mean().alias("mean"), *spread.of("share")).sort("mean", descending=True)
    ax = style.axes_or_new(ax, height=1.6 + 0.35 * len(shares))
    ax.barh(shares["source"].to_list(), shares["mean"].to_list(), color=style.COLOURS[0], height=0.6)
    if spread.name:
        for place, row in enumerate(shares.rows(named=True)):
            ax.plot([row["low"], row["high"]], [place, place], color="black", linewidth=1)
    ax.invert_yaxis()
    ax.set(xlim=(0, 100), xlabel="share of the delay in piece-hours (%)")
    style.quiet_frame(ax, along="x")
    return style.titled(ax, "Where the delay comes from", f"mean; line: {spread.name}" if spread.name else "")


@style.figure
def civil_cost(run: Record, scenario: Scenario, *, ax: Axes | None = None) -> Axes:
    """Draw the vehicle-hours that civil traffic loses to columns and trucks, by hour of the day (local time).

    Of the replications whose tables are at hand; means. Raises ValueError when the scenario has no civil volumes.

    >>> busy = scenario.with_changes({"movement.civil.mean_per_h.motorway": 3000})
    >>> nfm.plots.civil_cost(run, busy).get_ylabel()
    'vehicle-hours lost'
    """
    whole = run.whole
    table = style.some(measures.civil_cost(whole, scenario), "no column or truck drives in this run")
    zero = datetime.fromisoformat(run.about["g_day"])
    of_day = {hour: hour_of_week(zero, hour) % 24 for hour in table["hour"].unique()}
    number = whole.about["replications"]
    by_hour = table.with_columns(pl.col("hour").replace_strict(of_day, return_dtype=pl.Int32)).group_by("hour")
    lost = by_hour.agg(pl.col("vehicle_hours").sum() / number).sort("hour")
    ax = style.axes_or_new(ax)
    ax.bar((lost["hour"] + 0.5).to_list(), lost["vehicle_hours"].to_list(), width=0.9, color=style.COLOURS[1])
    ax.set_xticks(range(0, 25, 3), [f"{hour:02d}:00" for hour in range(0, 25, 3)])
    ax.set(xlim=(0, 24), xlabel="hour of the day, local time", ylabel="vehicle-hours lost")
    all_of_it = float(lost["vehicle_hours"].sum())
    return style.titled(ax, f"What civil traffic loses: {all_of_it:,.0f} vehicle-hours", style.over(run, whole))


@style.figure
def detours(run: Record, *, ax: Axes | None = None) -> Axes:
    """Draw the hours that movements and ships went further because of what was lost, by disruption and mode, each with
    how many did: means over replications.

    >>> closed = scenario.with_changes({"disruptions.flood": {"links": ["road2"], "start_h": 1, "duration_h": 5}})
    >>> nfm.plots.detours(nfm.simulate(closed)).texts[0].get_text()
    'nothing went another way because of a disruption'
    """
    rows = [(told["title"], way) for told in lost(run) for way in told["detours"]]
    style.some(rows, "nothing went another way because of a disruption")
    nouns = {name: (kind.noun, kind.colour) for name, kind in MODES.items()} | {What.SHIP: ("ships", style.COLOURS[6])}
    ax = style.axes_of_rows(ax, [f"{of_title(title)}: {nouns[way['mode']][0]}" for title, way in rows], each=0.35)
    for place, (_, way) in enumerate(rows):
        noun, colour = nouns[way["mode"]]
        bar = ax.barh(place, way["extra_h"], color=colour, height=0.7)
        ax.bar_label(bar, [f"{way['movements']:,.3g} {noun}"], padding=3, fontsize="x-small")
    ax.margins(x=0.15)
    ax.set_xlabel("hours further, all together")
    ax.xaxis.set_major_formatter("{x:,.0f}")
    return style.titled(ax, "What went another way because of what was lost, and how much further", style.over(run))
