"""The answer in sentences: what a reader who decides needs, with how sure it is."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from nfm_sim import measures
from nfm_sim.compile import not_limited
from nfm_sim.measures.losses import lost
from nfm_sim.measures.programmes import windows_together
from nfm_sim.measures.summary import likely, needed_for
from nfm_sim.measures.supply import supply_in_short
from nfm_sim.plan import Plan
from nfm_sim.problems import counted
from nfm_sim.record import Record
from nfm_sim.record.words import Activity, Kind
from nfm_sim.scenario import Scenario
from nfm_sim.sentences import answers
from nfm_sim.sentences.answers import NINE_IN_TEN, Bounds
from nfm_sim.sentences.losses import lost_told, supply_told
from nfm_sim.sentences.names import cause_name, cause_of_slip, names_of, programme_name, with_titles
from nfm_sim.study import estimate, prices_told

MOST_NAMED = 3
"""Of what held up most."""


def to_do(record: Record, prices: pl.DataFrame | None = None) -> list[str]:
    """Return what is lost and when, what to do first (by `prices`, where there are), and what holds up."""
    return [
        *(lost_told(row, record.about["replications"]) for row in lost(record)),
        *(prices_told(prices) if prices is not None else ()),
        *_late(record),
        *_windows(record),
        *_tasks(record),
        *_delay(record),
        *supply_told(supply_in_short(record), record.about["replications"]),
        *_stuck(record),
    ]


def in_full(record: Record) -> list[str]:
    """Return what there is by when, flow by flow and tier by tier, in sentences."""
    one = record.about["replications"] == 1
    warning = "One replication is one way in which chance may go. How sure an answer is, a study says."
    return [*_closure(record), *_readiness(record), *([warning] if one else [])]


def _windows(record: Record) -> Iterator[str]:
    """Whether the planned windows hold."""
    table = measures.windows(record)
    for row in windows_together(record):
        mine = table.filter(pl.col("programme") == row["programme"])
        held = _bounds(estimate(mine, "held", share=True, sampling=record.about["sampling"]))
        yield answers.window(
            programme_name(record, row["programme"]),
            row["ends_h"],
            len(mine),
            held,
            row["slip_h"],
            cause_of_slip(record, row["binds"]),
        )


def _closure(record: Record) -> Iterator[str]:
    table, names = measures.closure(record), names_of(record, "flows", record.titles.get("flows", {}))
    number, sampling = record.about["replications"], record.about["sampling"]
    for (key,), rows in table.group_by("flow", maintain_order=True):
        flow = names.get(str(key), str(key))
        hours = rows["last_h"].drop_nulls()
        low, high = likely(rows["last_h"], NINE_IN_TEN)
        range_h = None if low is None or high is None else (low, high)
        median = _bounds(estimate(rows, "last_h.median", sampling=sampling))
        yield answers.last_piece(flow, number, hours.to_list(), range_h, median)
        if not rows["on_time_share"].has_nulls() and number >= needed_for(NINE_IN_TEN):
            whole = rows.select("replication", on_time=pl.col("on_time_share") >= 1)
            yield answers.chance_on_time(flow, _bounds(estimate(whole, "on_time", sampling=sampling)))
            yield answers.pieces_on_time(flow, _bounds(estimate(rows, "on_time_share", share=True, sampling=sampling)))


def _bounds(found: pl.DataFrame) -> Bounds:
    """The first row of an estimate."""
    return Bounds(*found.select("estimate", "low", "high").row(0))


def _readiness(record: Record) -> Iterator[str]:
    table = measures.readiness(record)
    if table.is_empty():
        return
    deadlines = dict(measures.readiness_by_tier(record).select("tier", "deadline_h").unique().iter_rows())
    for row in estimate(record, "readiness.on_time", by="tier").sort("tier").rows(named=True):
        share = Bounds(row["estimate"], row["low"], row["high"])
        if share != Bounds(None):
            yield answers.ready(row["tier"], share, deadlines[row["tier"]])


def _late(record: Record) -> Iterator[str]:
    """Which elements of each tier are least likely to be ready by its deadline, and what they wait for before that."""
    table = measures.readiness_by_element(record) if not measures.readiness(record).is_empty() else pl.DataFrame()
    late = (
        table if table.is_empty() else table.filter(pl.col("ready_by_deadline") < 1).sort("tier", "ready_by_deadline")
    )
    if late.is_empty():
        return
    middle = measures.typical(record)
    one, names = record.one(middle), names_of(record, "elements", late["element"])
    for (tier,), rows in late.group_by("tier", maintain_order=True):
        some = {
            names[element]: (chance, _awaited(one, element, middle))
            for element, chance in rows.head(MOST_NAMED).select("element", "ready_by_deadline").iter_rows()
        }
        yield answers.late(int(str(tier)), some, len(rows), record.about["replications"])


def _awaited(one: Record, element: str, replication: int) -> str:
    """What an element waited for most in a replication, from its order until it was ready; "" if for nothing."""
    mine = pl.col("replication") == replication
    ready_h = measures.readiness(one).filter(mine, pl.col("element") == element)["ready_h"][0]
    waits = pl.col("kind").is_in([Kind.WAIT, Kind.BLOCKED]) & (pl.col("activity") != Activity.DECISION)
    until = pl.col("start_h") < (one.horizon_h if ready_h is None else ready_h)
    path = measures.critical_path(one, element).filter(mine, waits, until)
    hours = path.group_by("cause_kind", "cause", maintain_order=True).agg(pl.col("hours").sum())
    return "" if hours.is_empty() else cause_name(one, *hours.sort("hours", descending=True).row(0)[:2])


def _tasks(record: Record) -> Iterator[str]:
    table = measures.double_booking(record)
    if not table.is_empty():
        days = float(table["element_days"].sum())
        worst = with_titles(record, table.sort("element_days", descending=True)).row(0, named=True)
        number = record.about["replications"]
        yield answers.double_booked(days, worst["wanted_by"], worst["task"], number)


def _delay(record: Record) -> Iterator[str]:
    shares = measures.delay_shares(record).group_by("source").agg(pl.col("piece_hours").sum())
    share = pl.col("piece_hours") / pl.col("piece_hours").sum()
    yield from answers.delay(dict(shares.select("source", share).fill_nan(0.0).iter_rows()))
    number = record.about["replications"]
    worst = (
        measures.bottlenecks(record)
        .group_by("kind", "name")
        .agg(pl.col("piece_hours").sum() / number)
        .sort("piece_hours", "name", descending=[True, False])
        .head(MOST_NAMED)
    )
    yield from answers.held_up(dict(with_titles(record, worst).select("name", "piece_hours").iter_rows()), number)


def _stuck(record: Record) -> Iterator[str]:
    found = record.whole.stuck
    if not found.is_empty():
        yield f"{len(found):,} wait at the horizon for what can never come; the table of those stands below."


def rests_on(scenario: Scenario, plan: Plan) -> str:
    """Say in words which of the means are assumed, and what is not limited."""
    assumed = [name for name, pool in scenario.pools.items() if "assumed" in pool.source]
    unlimited = [name.replace("_", " ") for name in not_limited(plan)]
    told = f"{len(assumed)} of {counted(len(scenario.pools), 'pool')} of means are assumed in whole or in part."
    drawn = counted(len(scenario.uncertain), "number") if scenario.uncertain else ""
    told += f" {drawn} that nobody knows are drawn once a replication." if drawn else ""
    return told + (f" Not limited, as nothing gives it: {', '.join(unlimited)}." if unlimited else "")
