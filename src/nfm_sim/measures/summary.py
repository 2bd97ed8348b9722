"""A run at one look: what is asked for by a day, what was drawn, which replication is in the middle and between which
values the next one lies, and a summary."""

from __future__ import annotations

import math
from typing import Any

import polars as pl

from nfm_sim.measures.bottlenecks import delay_shares
from nfm_sim.measures.closure import closure
from nfm_sim.measures.common import kept, median_of_all
from nfm_sim.measures.congestion import waits
from nfm_sim.measures.losses import lost, stuck
from nfm_sim.measures.programmes import windows_together
from nfm_sim.measures.readiness import readiness, readiness_by_tier
from nfm_sim.measures.supply import supply_in_short
from nfm_sim.measures.tasks import commitments
from nfm_sim.record import Record

BAND = 0.8
"""The chance of the bands of figures and of what is called 10-90 %."""
FEWEST = 40
"""Replications below which no range of the next is told. Of fewer it would be right for all studies together, and
for a single one, whose values lie as they happen to lie, too often far off. Assumed."""


def needed_for(chance: float = BAND) -> int:
    """How many replications it takes to say between which values the next lies with a chance.

    >>> nfm.measures.needed_for(0.9), nfm.measures.needed_for(0.99)
    (40, 199)
    """
    return max(FEWEST, math.ceil(2 / (1 - chance) - 1e-9) - 1)


def likely(values: pl.Series, chance: float = BAND) -> tuple[float | None, float | None]:
    """Return the values between which the next replication lies with this chance, as likely below as above.

    The next of n + 1 is as likely to have any rank among them; so the ends are values by their rank, with what lies
    between two in proportion (Beran and Hall 1993, J. R. Stat. Soc. B 55:643), and somewhat further apart than the
    quantiles of the values that there are. Null is not reached, and later than all: an end among such is None. Both
    are None with fewer values than `needed_for` says.

    >>> nfm.measures.likely(pl.Series(range(1, 60)), 0.9)
    (3.0, 57.0)
    >>> nfm.measures.likely(pl.Series(range(1, 40)), 0.9)
    (None, None)
    """
    number = len(values)
    if number < needed_for(chance):
        return None, None
    ordered = values.cast(pl.Float64).fill_null(math.inf).sort()
    first = _first_place(number, chance)
    return _value_at(ordered, first), _value_at(ordered, number - 1 - first)


def likely_ends(column: str, number: int, chance: float = BAND) -> list[pl.Expr]:
    """The ends that `likely` gives, as `low` and `high`, for groups of so many known values each; of too few their
    least and their most."""
    value = pl.col(column)
    share = _first_place(number, chance) / (number - 1) if number >= needed_for(chance) else 0.0
    return [value.quantile(end, "linear").alias(name) for end, name in ((share, "low"), (1 - share, "high"))]


def _first_place(number: int, chance: float) -> float:
    """The place, from 0, of the lower end among so many values in their order."""
    return round((number + 1) * (1 - chance) / 2 - 1, 9)


def _value_at(ordered: pl.Series, place: float) -> float | None:
    below, part = int(place), place % 1
    value = ordered[below] * (1 - part) + ordered[below + 1] * part if part else ordered[below]
    return float(value) if math.isfinite(value) else None


# What is asked for by a day, and whether it is there by then: flows and tiers in one table


def deadlines(run: Record) -> pl.DataFrame:
    """Return one row for each replication and flow, and for each replication and tier.

    Columns: replication, flow (null: a tier), tier (null: a flow), number (of pieces, or elements), required_h (the day
    that is asked for, and of a tier its deadline, which counts from the order; null: none), done_h (the last piece is
    over the border, the last element ready to move; null: not by the horizon), on_time_share (of the pieces or
    elements), and on_time: all of them are (null where no day is asked for, or the horizon leaves it open).

    >>> nfm.measures.deadlines(run).select("flow", "tier", "number", "done_h", "on_time").rows()
    [('division', None, 4, 10.600000381469727, None), (None, 1, 1, 12.0, True)]
    """
    share, done = pl.col("on_time_share"), pl.col("ready_h")
    flows = closure(run).select(
        "replication", "flow", "required_h", share, number="pieces", done_h="last_h", on_time=share >= 1
    )
    by_tier = readiness(run).group_by("replication", "tier", maintain_order=True)
    tiers = by_tier.agg(
        number=pl.len(),
        required_h=(pl.col("order_h") + pl.col("deadline_h")).max(),
        done_h=pl.when(done.is_not_null().all()).then(done.max()),
        on_time_share=pl.when(pl.col("on_time").is_not_null().all()).then(pl.col("on_time").mean()),
        on_time=pl.col("on_time").all(ignore_nulls=False),
    )
    columns = ["replication", "flow", "tier", "number", "required_h", "done_h", "on_time_share", "on_time"]
    return pl.concat([flows, tiers.sort("replication", "tier")], how="diagonal_relaxed").select(columns)


# Which replication is in the middle: the one to look at when one is looked at


def typical(run: Record) -> int:
    """Return the number of the replication in the middle.

    Replications are ranked by the hours at which flows close and elements are in place, added up; what was not reached
    counts as reached at the horizon. Of two in the middle it is the earlier one.

    >>> nfm.measures.typical(run)
    0
    """
    closed, ready = closure(run).select("replication", hour="last_h"), readiness(run)
    hours = pl.concat([closed, ready.select("replication", hour="in_place_h")])
    sums = hours.group_by("replication").agg(pl.col("hour").fill_null(run.horizon_h).sum())
    ranked = sums.sort("hour", "replication")["replication"].to_list()
    return ranked[(len(ranked) - 1) // 2] if ranked else 0


# The uncertain numbers of a scenario as replications drew them


@kept
def drawn_inputs(run: Record) -> pl.DataFrame:
    """Return what was drawn for each uncertain number: replication, path, value; no rows when only hours are.

    >>> nfm.measures.drawn_inputs(run).rows()
    []
    """
    return run.inputs.sort("replication", "path")


# The short answer that a planner reads first, as plain data


WORST_WAITS = 3


def summary(run: Record) -> dict[str, Any]:
    """Return readiness by tier, fill by task, closure by flow, whether planned windows held, the worst waits, where the
    delay comes from, who lacked supply, what was lost and what that did, and what can never be served; a missing number
    is None.

    Over several replications the hours of closure are medians, and waits are means over replications.

    >>> nfm.summary(run)["closure"][0]["last_h"]
    10.600000381469727
    """
    replications = run.about["replications"]
    hours = [median_of_all(column) for column in ("first_h", "median_h", "last_h")]
    on_time = pl.when(pl.col("on_time_share").is_not_null().all()).then(pl.col("on_time_share").mean())
    flows = closure(run).group_by("flow").agg(pl.col("pieces", "closed_pieces").mean(), *hours, on_time).sort("flow")
    of_all, by = pl.col("waits", "piece_hours").sum() / replications, ["place", "cause", "cause_kind"]
    worst = waits(run).group_by("place", "cause_kind", "cause").agg(of_all, pl.col("longest_h").max())
    worst = worst.sort("piece_hours", *by, descending=[True, False, False, False]).head(WORST_WAITS)
    return {
        "title": run.about["title"],
        "seed": run.about["seed"],
        "replications": replications,
        "horizon_days": run.horizon_h / 24,
        "readiness": readiness_by_tier(run).to_dicts(),
        "tasks": _tasks(run),
        "closure": flows.to_dicts(),
        "windows": windows_together(run),
        "worst_waits": worst.to_dicts(),
        "delay": [{"source": source, "share": share} for source, share in delay_in_short(run).items()],
        "supply": supply_in_short(run),
        "lost": lost(run),
        "stuck": stuck(run).to_dicts(),
    }


def delay_in_short(run: Record) -> dict[str, float]:
    """Return which share of the delay comes from each source, over all replications together, the largest first."""
    rows = delay_shares(run).group_by("source", maintain_order=True).agg(pl.col("piece_hours").sum())
    share = pl.col("piece_hours") / pl.col("piece_hours").sum()
    return dict(rows.select("source", share=share).sort("share", "source", descending=[True, False]).iter_rows())


def _tasks(run: Record) -> list[dict[str, Any]]:
    """Element-days asked for and missing by task, means over replications; shares of pools have other units."""
    replications = run.about["replications"]
    tasks = commitments(run).filter(pl.col("pool") == "").group_by("task", maintain_order=True)
    days = tasks.agg(pl.col("asked_days", "short_days").sum() / replications)
    return days.with_columns(filled_share=1 - pl.col("short_days") / pl.col("asked_days")).to_dicts()
