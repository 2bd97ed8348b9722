"""Means and facilities: how full they are, on which days, by whom they are held and what for."""

from collections import defaultdict

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba

from nfm_sim import measures
from nfm_sim.kinds import FACILITIES
from nfm_sim.kinds.modes import BERTHS, TRACKS, YARD
from nfm_sim.measures.bottlenecks import COME_BACK
from nfm_sim.measures.common import owned_holdings
from nfm_sim.plots import style
from nfm_sim.plots.style import figure, over, some, titled
from nfm_sim.record import Record
from nfm_sim.record.words import Kind
from nfm_sim.sentences.names import capacity_name, facility_name, place_name, pool_name

DOINGS = {
    Kind.WORK: style.DOING_COLOURS[Kind.WORK],
    Kind.MOVE: style.DOING_COLOURS[Kind.MOVE],
    style.BACK: style.BACK_COLOUR,
    Kind.WAIT: style.DOING_COLOURS[Kind.WAIT],
}


@figure
def pool_use(run: Record, most: int = 14, *, ax: Axes | None = None) -> Axes:
    """Draw for each pool and facility what its holders did while they held it: worked, moved, waited, or were on their
    way back. Those with the most waiting of their holders stand on top; `most` cuts the rest off.

    Of the replications whose tables are at hand.

    >>> nfm.plots.pool_use(run).get_xlabel()
    'share of the time that it was held (%)'
    """
    whole = run.whole
    table = some(measures.pool_use(whole), "nothing was held in this run")
    held_for = pl.col("kind").replace(Kind.BLOCKED, Kind.WAIT)
    doing = pl.when(pl.col("activity") == COME_BACK).then(pl.lit(style.BACK)).otherwise(held_for)
    pool = ["place", "pool"]
    unit_hours = pl.col("unit_hours")
    sums = [unit_hours.filter(doing == name).sum().alias(name) for name in DOINGS]
    hours = table.group_by(pool).agg(*sums, all=unit_hours.sum()).filter(pl.col("all") > 0)
    rows = hours.sort(["wait", *pool], descending=[True, False, False]).head(most)
    ax = style.axes_of_rows(ax, [pool_name(run, *row) for row in rows.select(pool).iter_rows()])
    begin = np.zeros(len(rows))
    for name, colour in DOINGS.items():
        shares = (rows[name] / rows["all"] * 100).to_numpy()
        ax.barh(range(len(rows)), shares, left=begin, color=colour, label=name, height=0.7)
        begin += shares
    ax.set(xlim=(0, 100), xlabel="share of the time that it was held (%)")
    of = f"the {len(rows)} of {len(hours)} whose holders waited most"
    title = "What means and facilities do while they are taken: work, move, wait, come back"
    return titled(ax, title, of, over(run, whole, "of"))


@figure
def holders(run: Record, pool: str | None = None, *, place: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw who holds a pool or facility on each day, as bars of flows, tiers and tasks, against what there is of it.

    Of the pool that is used most, if none is named; at one place or at all together. Mean over the replications whose
    tables are at hand.

    >>> nfm.plots.holders(run, "trucks").get_ylabel()
    'trucks held, mean of the day'
    """
    whole = run.whole
    used = measures.utilisation(whole).filter(pl.col("place") == "", pl.col("capacity") > 0, pl.col("peak_held") > 0)
    often = used.group_by("pool").agg(pl.col("used_share").mean()).sort("used_share", "pool", descending=[True, False])
    name = pool or next(iter(often["pool"]), "")
    table = measures.held_by_day(whole, name).filter(pl.col("place") == (pl.col("place") if place is None else place))
    some(table, f"no {facility_name(name) if name else 'pool'} was held in this run")
    ax, number = style.axes_or_new(ax, width=9), whole.about["replications"]
    own = style.group_colours(run) | style.task_colours(run)
    colour_by = style.colour_of(sorted(table["whose"].unique()), own)
    capacity = pl.col("capacity").sum() / pl.col("replication").n_unique()
    there = table.unique(["replication", "place", "day"]).group_by("day").agg(capacity).sort("day")
    held = table.group_by("whose", "day").agg(pl.col("held").sum() / number).sort("whose", "day")
    foot = dict.fromkeys(there["day"], 0.0)
    for whose, colour in colour_by.items():
        for day, amount in held.filter(pl.col("whose") == whose).select("day", "held").iter_rows():
            ax.bar(day + 0.5, amount, 1, foot[day], color=colour)
            foot[day] += amount
    style.draw_curve(ax, there.with_columns(hour=pl.col("day") * 24), "capacity", color="black", label="what there is")
    style.swatches(ax, colour_by, style.owners(run, colour_by))
    called = pool_name(run, place or "", name) if place else facility_name(name)
    ax.set(xlim=(0, max(foot) + 1), ylim=(0, 1.05 * ax.get_ylim()[1]), xlabel=style.DAYS)
    ax.set_ylabel(f"{facility_name(name)} held, mean of the day")
    return titled(ax, f"Who holds the {called}, against what there is", over(run, whole), of=whole)


@figure
def stock(
    run: Record, facility: str = YARD, *, most: int = 6, replication: int | None = None, ax: Axes | None = None
) -> Axes:
    """Draw how full a facility is over time, at the places where it is fullest: yards, if nothing else is asked for.

    Of one replication: the one in the middle, if none is given.

    >>> nfm.plots.stock(run, "trucks").get_ylabel()
    'held of the capacity (%)'
    """
    number, whole, which = style.one_of(run, replication)
    table = measures.stock(whole, facility).filter(pl.col("replication") == number, pl.col("capacity") > 0)
    some(table, f"no {facility_name(facility)} was used in this run")
    table = table.with_columns((pl.col("held") / pl.col("capacity") * 100).alias("full"))
    ax = style.axes_or_new(ax)
    ax.axhline(100, color="black", linewidth=0.8, label="all of it")
    shown = style.draw_levels(ax, run, table, "full", most, unnamed=facility)
    ax.set_ylabel("held of the capacity (%)")
    about = (which, f"{shown} places, the fullest")
    return titled(ax, f"How full, by place: {facility_name(facility)}", *about, of=whole, replication=number)


@figure
def saturation(run: Record, most: int = 20, *, ax: Axes | None = None) -> Axes:
    """Draw for each capacity that was full for a day the days on which it was: dark where it was so in every
    replication, pale where in few. The first to be full stands on top.

    Of the replications whose tables are at hand. A day is full at 95 %.

    >>> nfm.plots.saturation(run).texts[0].get_text()
    'no capacity was full for a day'
    """
    whole = run.whole
    number = whole.about["replications"]
    full = some(measures.full_days(whole), "no capacity was full for a day")
    names = ["kind", "name"]
    firsts = full.group_by("replication", *names).agg(pl.col("day").min()).group_by(names).agg(pl.col("day").mean())
    rows = firsts.sort("day", "name").select(names).head(most)
    ax = style.axes_of_rows(ax, [capacity_name(run, *row) for row in rows.iter_rows()], width=9.5, each=0.26)
    chances = full.group_by(*names, "day").agg(pl.len() / number).sort("day").partition_by(names, as_dict=True)
    for place, (kind, name) in enumerate(rows.iter_rows()):
        days = chances[kind, name]
        shades = [to_rgba(style.CAUSE_COLOURS[kind], 0.2 + 0.8 * chance) for chance in days["len"]]
        ax.broken_barh([(day, 1) for day in days["day"]], (place - 0.4, 0.8), facecolors=shades, linewidth=0)
    for kind in rows["kind"].unique().sort():
        style.swatch(ax, kind, style.CAUSE_COLOURS[kind])
    ax.set(xlim=(0, min(run.horizon_h / 24, max(full["day"].to_list()) + 2)), xlabel=style.DAYS)
    of = f"{len(rows)} of {len(firsts)} capacities, those that were full first"
    pale = "the paler, the fewer replications" if number > 1 else ""
    return titled(ax, "Days on which capacities were full", of, pale, over(run, whole, "of"), of=whole)


@figure
def occupation(run: Record, *, replication: int | None = None, ax: Axes | None = None) -> Axes:
    """Draw a row for each berth and loading track, with a bar for what stands there.

    Of one replication: the one in the middle, if none is given. Days across; colours are flows and tiers.
    The record says how many are held, not which one: a bar stands in the first row that is free.

    >>> nfm.plots.occupation(run).get_xlabel()
    'days after hour 0 (Monday 04 January 2027, 00:00)'
    """
    number, whole, which = style.one_of(run, replication)
    mine = (pl.col("replication") == number) & pl.col("pool").is_in([BERTHS, TRACKS])
    held = owned_holdings(whole).filter(mine).sort("pool", "place", "start_h", "subject")
    some(held, "no berth or loading track was used in this run")
    colour_by = style.colour_of(sorted(held["whose"].unique()), style.group_colours(run))
    held_until = defaultdict[tuple[str, str], list[float]](list)
    first_free = []
    for pool, place, start_h, end_h in held.select("pool", "place", "start_h", "end_h").iter_rows():
        ends = held_until[pool, place]
        row = next((i for i, end in enumerate(ends) if end <= start_h), len(ends))
        ends[row : row + 1] = [end_h]
        first_free.append(row)
    bars, key = held.with_columns(row=pl.Series(first_free)), ["pool", "place", "row"]
    rows = bars.group_by(key).agg(hours=(pl.col("end_h") - pl.col("start_h")).sum())
    rows = rows.sort("hours", *key, descending=[True, False, False, False])
    shown = f"{which}; which of several is held is not recorded: a bar stands in the first row that is free"
    if len(rows) > style.MOST_ROWS:
        shown += f"; the busiest {style.MOST_ROWS} of {len(rows)} rows"
    order = rows.head(style.MOST_ROWS).sort(key).select(key).rows()
    names = [f"{place_name(run, place)}, {_noun(pool)} {row + 1}" for pool, place, row in order]
    ax = style.axes_of_rows(ax, names, width=9.5, head=1.4, each=0.26)
    for *there, start_h, end_h, whose in bars.select(*key, "start_h", "end_h", "whose").iter_rows():
        if tuple(there) in order:
            style.gantt_bar(ax, order.index(tuple(there)), start_h, end_h, colour_by[whose])
    style.swatches(ax, colour_by, style.owners(run, colour_by))
    ax.set(xlim=(min(0.0, ax.get_xlim()[0]), None), xlabel=style.DAYS)
    return titled(ax, "What stands at which berth and loading track, and when", shown, of=whole, replication=number)


def _noun(facility: str) -> str:
    """What one of a facility is called."""
    return FACILITIES[facility].noun if facility in FACILITIES else facility.replace("_", " ")
