"""Flows of allies: what has crossed the border, what stands ashore, what leaves by day, and which way it went."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes

from nfm_sim import measures
from nfm_sim.kinds import MODES
from nfm_sim.measures.closure import is_counted_by_piece
from nfm_sim.plots import style
from nfm_sim.record import Record
from nfm_sim.sentences.names import names_of, place_name


@style.figure
def closure(run: Record, step_h: float = 6, *, ax: Axes | None = None) -> Axes:
    """Draw the share of each flow's pieces that has crossed the border: median, and a band of replications, as it says
    below: 10-90 %, or from the least to the most where they are few; dotted: the day that is asked for. Of more than a
    dozen flows those that close latest have a line each, and all others one together. The horizontal axis is in days
    after hour 0.

    >>> nfm.plots.closure(run).get_ylabel()
    'pieces across the border (%)'
    """
    curve = style.some(measures.closure_curve(run, step_h), "no allied flows in this scenario")
    ax = style.axes_or_new(ax)
    colours = style.flow_colours(run)
    others = [flow for flow, colour in colours.items() if colour == style.OTHER]
    line_of = names_of(run, "flows", colours)
    if len(others) > 1:
        line_of |= dict.fromkeys(others, f"{len(others)} others")
    all_of = measures.closure(run).select("flow", "pieces").unique()
    pieces = all_of.group_by(pl.col("flow").replace(line_of)).agg(pl.col("pieces").sum())
    number = dict(pieces.iter_rows())
    spread = style.Spread(run.about["replications"])
    share = curve.group_by("replication", pl.col("flow").replace(line_of), "hour").agg(pl.col("pieces").sum())
    share = share.with_columns(pl.col("pieces") / pl.col("flow").replace_strict(number) * 100)
    asked = measures.closure(run).drop_nulls("required_h").select("flow", "required_h")
    due = dict(asked.unique(maintain_order=True).iter_rows())
    for flow, hour in due.items():
        ax.axvline(hour / 24, color=colours[flow], linestyle=":")
    last_day = max(due.values(), default=0.0) / 24
    for name, colour in {line_of[flow]: colour for flow, colour in sorted(colours.items())}.items():
        label = style.named(f"{name} ({number[name]:,}\u00a0pieces)")
        line = spread.draw(ax, share.filter(pl.col("flow") == name), "pieces", colour, label=label)
        still = line.filter(pl.any_horizontal(pl.col("middle", "low", "high").diff() != 0))
        last_day = max(last_day, float(still["hour"].max() or 0) / 24)  # type: ignore[arg-type]
    ax.set(xlim=(0, min(run.horizon_h / 24, last_day + 2)), ylim=(0, 102), xlabel=style.DAYS)
    ax.set_ylabel("pieces across the border (%)")
    latest = "the flows that close latest, and all others together" if len(others) > 1 else ""
    dotted = "dotted: the day that is asked for" if due else ""
    return style.titled(ax, "How much of each flow has crossed the border, by day", spread.told, dotted, latest)


@style.figure
def ashore(run: Record, most: int = 6, *, replication: int | None = None, ax: Axes | None = None) -> Axes:
    """Draw the pieces of flows that stand at each port over time; `most` cuts off the ports with fewest.

    Of one replication: the one in the middle, if none is given.

    >>> nfm.plots.ashore(run).get_ylabel()
    'pieces at the port'
    """
    number, whole, which = style.one_of(run, replication)
    table = measures.ashore(whole).filter(pl.col("replication") == number)
    style.some(table, "no piece stands at a port in this run")
    ax = style.axes_or_new(ax)
    shown = style.draw_levels(ax, run, table, "pieces", most)
    ax.set_ylabel("pieces at the port")
    about = (which, f"{shown} ports, the fullest")
    return style.titled(ax, "How many pieces stand at ports, by day", *about, of=whole, replication=number)


@style.figure
def departures(
    run: Record, on_record: Mapping[str, tuple[float, float]] | None = None, *, ax: Axes | None = None
) -> Axes:
    """Draw how many lorries, trains, columns and barges leave on each day, a strip for each mode with a scale of its
    own: mean, and a band of replications.

    A lorry is a piece that goes by truck. Dotted: what the programmes have booked on the day, in the replications whose
    tables are at hand. `on_record` has by mode from how many to how many a day are on record, which are drawn as a grey
    band.

    >>> nfm.plots.departures(run).get_ylabel()
    'departures a day'
    """
    table = style.some(measures.departures_by_day(run), "nothing leaves in this run")
    number_of = pl.when(is_counted_by_piece()).then("pieces").otherwise("movements")
    by_day = table.group_by("replication", "mode", "day").agg(number_of.sum().alias("number"))
    replications = pl.DataFrame({"replication": run.replications}, schema={"replication": pl.Int32})
    days = pl.DataFrame({"day": range(max(by_day["day"].to_list()) + 1)}, schema={"day": pl.Int32})
    spread = style.Spread(run.about["replications"])
    known, seen = _booked(run), on_record or {}
    every = by_day.select("mode").unique().join(replications, how="cross").join(days, how="cross")
    every = every.join(by_day, on=["mode", "replication", "day"], how="left").with_columns(
        pl.col("number").fill_null(0)
    )
    answer = every.group_by("mode", "day").agg(pl.col("number").mean().alias("mean"), *spread.of("number"))
    answer = answer.join(known, on=["mode", "day"], how="left").sort("day")
    lines = {mode: answer.filter(pl.col("mode") == mode) for mode in MODES if mode in by_day["mode"]}
    ends = {mode: [*line["high"], *line["booked"].drop_nulls(), *seen.get(mode, ())] for mode, line in lines.items()}
    ax = style.axes_or_new(ax, height=1.4 + 1.15 * len(lines))
    parts = style.strips(ax, {MODES[mode].noun: max(values) for mode, values in ends.items()})
    for (mode, line), part in zip(lines.items(), parts.values(), strict=True):
        at, colour = (line["day"] + 0.5).to_list(), MODES[mode].colour
        ax.plot(at, part.at(line["mean"]), marker="o", markersize=2.5, color=colour)
        if spread.name:
            ax.fill_between(at, part.at(line["low"]), part.at(line["high"]), alpha=0.2, linewidth=0, color=colour)
        if line["booked"].count():
            ax.plot(at, part.at(line["booked"].fill_null(0)), ":", linewidth=1.2, color=colour)
        if mode in seen:
            least, most_seen = part.at(seen[mode])
            ax.fill_between([0, len(days)], least, most_seen, color="0.85", zorder=0)
    ax.set(xlim=(0, len(days)), xlabel=style.DAYS, ylabel="departures a day")
    band = f"mean; band: {spread.name}" if spread.name else ""
    told = (band, "dotted: booked" if known.height else "", "grey: on record" if seen else "")
    return style.titled(ax, "What leaves on each day, by mode", *told)


def _booked(run: Record) -> pl.DataFrame:
    """Slots by mode and day, mean over the replications whose tables are at hand."""
    try:
        whole = run.whole
    except ValueError:  # a study that keeps no tables
        return pl.DataFrame(schema={"mode": pl.String, "day": pl.Int32, "booked": pl.Float64})
    day = (pl.col("hour") / 24).floor().cast(pl.Int32).alias("day")
    return whole.slots.group_by("mode", day).agg(booked=pl.len() / whole.about["replications"])


GAP = 0.03
"""Between the blocks of a column, as a share of all pieces."""
LEAST = 0.02
"""The least height of a slot."""
BLOCK = 0.05
"""Width of a block."""
SIDES = (("right", "center", -1), ("center", "bottom", 0), ("left", "center", 1))
"""By column: how the name of a block stands to it, and on which side."""
COLUMNS = ("origin", "mode", "destination")


@style.figure
def ways(run: Record, ax: Axes | None = None) -> Axes:
    """Draw the pieces of all flows as bands from port to mode to border crossing, mean over replications.

    The height of a band is its pieces, and each block says how many pass it.

    >>> [text.get_text() for text in nfm.plots.ways(run).texts]
    ['Harbour: 4', 'lorries: 4', 'Border: 4']
    """
    pieces = pl.col("pieces").sum() / run.about["replications"]
    table = measures.ways_taken(run).group_by(COLUMNS).agg(pieces).sort(COLUMNS)
    style.some(table, "no allied flow in this scenario")
    ax = style.axes_or_new(ax, width=9, height=5.5)
    total = float(table["pieces"].sum())
    bottoms = [_blocks(ax, run, table, x, total) for x in range(len(COLUMNS))]
    for x in (0, 1):
        left, right = COLUMNS[x : x + 2]
        leaves, enters = dict(bottoms[x]), dict(bottoms[x + 1])
        bands = table.group_by(left, right, maintain_order=True).agg(pl.col("pieces").sum())
        for start, end, amount in bands.iter_rows():
            mode = end if x == 0 else start
            _band(ax, x, leaves[start], enters[end], amount / total, MODES[mode].colour)
            leaves[start] += amount / total
            enters[end] += amount / total
    ax.set_xlim(-BLOCK, 2 + BLOCK)
    ax.set_axis_off()
    return style.titled(ax, "Pieces from where they came, by mode, to where they went", style.over(run))


def _blocks(ax: Axes, run: Record, table: pl.DataFrame, x: int, total: float) -> dict[str, float]:
    """Draw a column of blocks, each in a slot that is high enough for its name, and return where each begins."""
    bottoms = {}
    at = 0.0
    sums = table.group_by(COLUMNS[x], maintain_order=True).agg(pl.col("pieces").sum()).sort(COLUMNS[x])
    for block, amount in sums.iter_rows():
        height = amount / total
        slot = max(height, LEAST)
        bottoms[block] = at + (slot - height) / 2
        ax.bar(x, height, width=BLOCK, bottom=bottoms[block], color="0.25", linewidth=0)
        name = MODES[block].noun if x == 1 else place_name(run, block)
        side, down, shift = SIDES[x]
        lift = bottoms[block] + height if x == 1 else at + slot / 2
        look: Any = {"textcoords": "offset points", "ha": side, "va": down, "fontsize": "small"}
        ax.annotate(f"{name}: {amount:,.0f}", (x + shift * BLOCK / 2, lift), (4 * shift, 2 if x == 1 else 0), **look)
        at += slot + GAP * (2 if x == 1 else 1)
    return bottoms


def _band(ax: Axes, x: int, start: float, end: float, height: float, colour: str) -> None:
    """Draw a band from one column of blocks to the next."""
    across = np.linspace(0, 1, 40)
    rise = across**2 * (3 - 2 * across)
    low = start + (end - start) * rise
    at = x + BLOCK / 2 + across * (1 - BLOCK)
    ax.fill_between(at, low, low + height, color=colour, alpha=0.5, linewidth=0)
