"""Attrition and supply: how much fell out of elements in place and of each was fit, and who lacks what."""

from __future__ import annotations

from typing import Any

import polars as pl

from nfm_sim.measures.common import IN_DAYS, LENGTH_H, POOL, about_subjects, at_hours, hour_grid, kept, milestones
from nfm_sim.record import Record
from nfm_sim.record.words import OFFERED, DutyState, What

KEYS = ["replication", "element", "attrition"]
ALL = pl.sum_horizontal("fit", "near", "away", "lost")
"""The people or pieces of an element."""


@kept
def fallen(run: Record) -> pl.DataFrame:
    """Return how much fell out of all elements together, and how much of them was fit, from when each was in place.

    Columns: replication, attrition (its name in the scenario), fell (people or pieces, each as often as it did), lost
    (for good), and fit_share (mean over people or pieces, and over time until the horizon). Without attrition in the
    scenario, no rows.

    >>> nfm.measures.fallen(run).columns
    ['replication', 'attrition', 'fell', 'lost', 'fit_share']
    """
    keys, weight = ["replication", "attrition"], pl.col("number") * pl.col("hours")
    fit_share = (pl.col("fit_share") * weight).sum() / weight.sum()
    return _by_element(run).group_by(keys).agg(pl.col("fell", "lost").sum(), fit_share=fit_share).sort(keys)


@kept
def fallen_by_element(run: Record) -> pl.DataFrame:
    """Return the same of each element.

    Columns: replication, element, attrition, fell, lost and fit_share as `fallen` has them, and least_share: the least
    that was fit at any hour.

    >>> nfm.measures.fallen_by_element(run).columns
    ['replication', 'element', 'attrition', 'fell', 'lost', 'fit_share', 'least_share']
    """
    return _by_element(run).drop("number", "hours")


def _by_element(run: Record) -> pl.DataFrame:
    """What fell out of each element, with its number and the hours since it was in place."""
    hours = pl.col("hour").shift(-1).over(KEYS).fill_null(run.horizon_h) - pl.col("hour")
    rows = run.strengths.with_columns(number=ALL, share=pl.col("fit") / ALL, hours=hours)
    rows = rows.with_columns(fell=(-pl.col("fit").diff().over(KEYS)).clip(lower_bound=0))
    fit_share = (pl.col("share") * pl.col("hours")).sum() / pl.col("hours").sum()
    shares = [fit_share.alias("fit_share"), pl.col("share").min().alias("least_share")]
    gone, of_all = [pl.col("fell").sum(), pl.col("lost").max()], [pl.col("number").first(), pl.col("hours").sum()]
    return rows.group_by(KEYS).agg(*gone, *shares, *of_all).sort(KEYS)


def availability(run: Record, step_h: float = 24) -> pl.DataFrame:
    """Return how many people or pieces of each element are fit over time, and where the others are.

    Columns: replication, element, attrition, hour, fit, near (mended or treated in the area), away (evacuated, or on
    the way forward again), lost, and fit_share. Before an element is in place for the first time it has no rows.

    >>> nfm.measures.availability(run).columns
    ['replication', 'element', 'attrition', 'hour', 'fit', 'near', 'away', 'lost', 'fit_share']
    """
    there = at_hours(run.strengths, KEYS, run, step_h).drop_nulls("fit").with_columns(fit_share=pl.col("fit") / ALL)
    return there.select(*KEYS, "hour", "fit", "near", "away", "lost", "fit_share").sort(*KEYS, "hour")


# Supply: who lacks what, for how many days there is enough, what came, and how much of the means it took


@kept
def supplied(run: Record) -> pl.DataFrame:
    """Return how far each element in place had what it uses.

    Columns: replication, element, supply (class of supply), short_days (in place without any), first_short_h (null:
    it always had some) and least_days, the fewest days of use that it carried at any hour. Elements that use none of
    a class have no row of it; without supply in the scenario, no rows.

    >>> nfm.measures.supplied(run).columns
    ['replication', 'element', 'supply', 'short_days', 'first_short_h', 'least_days']
    """
    keys = ["replication", "element", "supply"]
    short = run.shortages.group_by(keys).agg(short_days=LENGTH_H.sum() * IN_DAYS, first_short_h=pl.col("start_h").min())
    least = _carried(run).group_by(keys).agg(least_days=pl.min_horizontal(pl.col("days").min(), pl.col("last").min()))
    found = least.join(short, on=keys, how="left").with_columns(pl.col("short_days").fill_null(0.0))
    return found.select(*keys, "short_days", "first_short_h", "least_days").sort(keys)


def _carried(run: Record) -> pl.DataFrame:
    """The levels of elements that use something: until which hour each holds, and the days of it at its end."""
    elements = run.subjects.filter(pl.col("what") == What.ELEMENT).select(element="subject").unique()
    levels = _days(run.levels.rename({"holder": "element"})).join(elements, on="element", how="semi")
    end = pl.col("hour").shift(-1).over("replication", "element", "supply").fill_null(run.horizon_h)
    at_end = pl.col("tonnes") - pl.col("falls_t_a_day") * (pl.col("end_h") - pl.col("hour")) * IN_DAYS
    levels = levels.with_columns(end_h=end).filter(pl.col("needs_t_a_day") > 0)
    return levels.with_columns(last=at_end.clip(lower_bound=0) / pl.col("needs_t_a_day"))


@kept
def least_supply(run: Record) -> pl.DataFrame:
    """Return the fewest days of a class of supply that any element in place has carried until an hour.

    Columns: replication, supply (class of supply), hour (by days), and least_days: of all elements, at the worst hour
    so far; null as long as nobody uses any.

    >>> nfm.measures.least_supply(run).columns
    ['replication', 'supply', 'hour', 'least_days']
    """
    keys = ["replication", "supply", "hour"]
    carried = _carried(run)
    grid = carried.select("replication", "supply").unique().join(hour_grid(run, 24), how="cross")
    within = carried.join(hour_grid(run, 24), how="cross").filter(pl.col("hour_right").is_between("hour", "end_h"))
    passed = (pl.col("hour_right") - pl.col("hour")) * IN_DAYS
    falling = pl.col("days") - pl.col("falls_t_a_day") / pl.col("needs_t_a_day") * passed
    points = (
        carried.select("replication", "supply", "hour", "days"),
        carried.select("replication", "supply", hour="end_h", days="last"),
        within.select("replication", "supply", hour="hour_right", days=falling.clip(lower_bound=0)),
    )
    by_day = pl.concat(points).with_columns((pl.col("hour") / 24).ceil() * 24).group_by(keys).agg(pl.col("days").min())
    least_days = pl.col("days").cum_min().forward_fill().over("replication", "supply")
    return grid.join(by_day, on=keys, how="left").sort(keys).select(*keys, least_days=least_days)


def enough(run: Record, days: float = 1.0) -> pl.DataFrame:
    """Return whether no element in place has carried fewer than so many days of a class of supply until an hour (1,
    else 0). Its mean over replications is the chance that all had enough until then.

    Columns: replication, supply (class of supply, and "all": of every class), hour (by days), enough.

    >>> nfm.measures.enough(run).columns
    ['replication', 'supply', 'hour', 'enough']
    """
    is_enough = (pl.col("least_days").fill_null(days) >= days - ROUNDED).cast(pl.Float64)
    had = least_supply(run).select("replication", "supply", "hour", enough=is_enough)
    every = had.group_by("replication", "hour").agg(pl.col("enough").min(), supply=pl.lit(EVERY)).select(had.columns)
    return pl.concat([every, had]).sort("replication", "supply", "hour")


EVERY = "all"
"""In place of a class of supply: of every class."""
ROUNDED = 1e-9
"""Days that differ by no more are the same."""


@kept
def effect(run: Record) -> pl.DataFrame:
    """Return for how many element-days the elements of each tier were in place, effective, and short.

    Columns: replication, tier, in_place_days, effective_days (of these, with enablers and what they cannot do without)
    and short_days (of these, short of supply or of strength). Tiers of which nothing was in place have no row.

    >>> nfm.measures.effect(run).select("tier", "in_place_days", "effective_days").rows()
    [(1, 9.5, 9.5)]
    """
    tiers = about_subjects(run, "tier").rename({"subject": "element"})
    keys, days = ["replication", "tier"], pl.col("in_place_days", "effective_days", "short_days").sum()
    return effect_by_element(run).join(tiers, on="element").group_by(keys).agg(days).sort(keys)


@kept
def effect_by_element(run: Record) -> pl.DataFrame:
    """Return for how long each element that is offered was in place, effective, and short.

    Columns: replication, element, in_place_days, effective_days and short_days as `effect` has them, first_short_h, and
    broken_by: the class of supply that it lacked longest, of those that stop effect; null where none stopped it. Who
    was never in place has no row.

    >>> nfm.measures.effect_by_element(run).select("element", "in_place_days", "effective_days").rows()
    [('11_infbat', 9.5, 9.5)]
    """
    keys = ["replication", "element"]
    since = milestones(run).select("replication", "effective", element="subject")
    stays = _in_place(run).join(since, on=keys, how="left")
    begun = pl.max_horizontal("start_h", "effective")
    works = pl.when(~IS_SHORT & pl.col("effective").is_not_null()).then(pl.col("end_h") - begun).clip(lower_bound=0)
    lacked = run.shortages.filter("stops_effect").group_by(*keys, "supply").agg(LENGTH_H.sum().alias("hours"))
    longest = lacked.sort("hours", "supply", descending=[True, False]).group_by(keys, maintain_order=True)
    days = stays.group_by(keys).agg(
        in_place_days=LENGTH_H.sum() * IN_DAYS,
        effective_days=works.sum() * IN_DAYS,
        short_days=LENGTH_H.filter(IS_SHORT).sum() * IN_DAYS,
        first_short_h=pl.col("start_h").filter(IS_SHORT).min(),
    )
    return days.join(longest.agg(pl.col("supply").first().alias("broken_by")), on=keys, how="left").sort(keys)


LACKING = (DutyState.SHORT, DutyState.WEAK)
IS_SHORT = pl.col("state").is_in(LACKING)


def _in_place(run: Record) -> pl.DataFrame:
    """The times in which elements are in place of all that is offered."""
    there = pl.col("state").is_in((DutyState.SERVE, *LACKING))
    return run.duties.filter((pl.col("commitment") == OFFERED) & there)


def _holding(times: pl.DataFrame, run: Record, step_h: float) -> pl.DataFrame:
    """The times (from `start_h` to `end_h`, or to the horizon with it) by the hours of the grid at which they hold."""
    end, hour = pl.col("end_h"), pl.col("hour")
    at = times.join(hour_grid(run, step_h), how="cross")
    return at.filter(pl.col("start_h") <= hour, (hour < end) | (end == run.horizon_h))


def _days(levels: pl.DataFrame) -> pl.DataFrame:
    """The levels with the days for which they are enough; null where nothing is used."""
    used = pl.col("needs_t_a_day")
    return levels.with_columns(days=pl.when(used > 0).then(pl.col("tonnes") / used))


def days_of_supply(run: Record, step_h: float = 24) -> pl.DataFrame:
    """Return what each stock has, and each element in place carries, over time.

    Columns: replication, holder (stock or element), supply (class of supply), hour, tonnes, and days: for how long that
    is enough for all who draw on it, as they are then; null where nobody does. What is not limited has no rows.

    >>> nfm.measures.days_of_supply(run).columns
    ['replication', 'holder', 'supply', 'hour', 'tonnes', 'days']
    """
    keys = ["replication", "holder", "supply"]
    levels = at_hours(run.levels.with_columns(since="hour"), keys, run, step_h).drop_nulls("tonnes")
    passed = (pl.col("hour") - pl.col("since")) * IN_DAYS
    left = (pl.col("tonnes") - pl.col("falls_t_a_day") * passed).clip(lower_bound=0)
    return _days(levels.with_columns(tonnes=left)).select(*keys, "hour", "tonnes", "days").sort(*keys, "hour")


def supply_by_day(run: Record, step_h: float = 24) -> pl.DataFrame:
    """Return what came to each stock in each day, or other step, by class of supply and mode.

    Columns: replication, stock, supply, mode (empty: by means of its own, not over the network), hour (the start of the
    step), tonnes, and asked_t: what those who draw on the stock would use in that step, as they are at its start. Where
    something is asked for and nothing came there is a row too, of no mode and no tonnes.

    >>> nfm.measures.supply_by_day(run).columns
    ['replication', 'stock', 'supply', 'mode', 'hour', 'tonnes', 'asked_t']
    """
    keys = ["replication", "stock", "supply"]
    modes = run.subjects.select("replication", "mode", movement="subject")
    step = (pl.col("hour") / step_h).floor() * step_h
    loads = run.deliveries.join(modes, on=["replication", "movement"], how="left")
    came = loads.group_by(*keys, pl.col("mode").fill_null(""), hour=step).agg(pl.col("tonnes").sum())
    levels = run.levels.rename({"holder": "stock"}).join(came.select(keys).unique(), on=keys, how="semi")
    asked = at_hours(levels, keys, run, step_h).select(*keys, "hour", "needs_t_a_day")
    both = came.join(asked, on=[*keys, "hour"], how="full", coalesce=True)
    both = both.filter(pl.col("tonnes").is_not_null() | (pl.col("needs_t_a_day") > 0))
    asked_t = pl.col("needs_t_a_day") * step_h * IN_DAYS
    both = both.with_columns(pl.col("mode").fill_null(""), pl.col("tonnes").fill_null(0.0), asked_t=asked_t)
    return both.select(*keys, "mode", "hour", "tonnes", "asked_t").sort(*keys, "hour", "mode")


def effective_strength(run: Record, step_h: float = 24) -> pl.DataFrame:
    """Return how many elements of those that are offered are in place and effective over time.

    Columns: replication, hour, in_place, effective (in place, with its enablers, and not short) and short: of
    supply or of strength.

    >>> nfm.measures.effective_strength(run).select("hour", "in_place", "effective", "short").rows()[:2]
    [(0.0, 0, 0, 0), (24.0, 1, 1, 0)]
    """
    since = milestones(run).select("replication", "effective", element="subject")
    stays = _holding(_in_place(run).join(since, on=["replication", "element"], how="left"), run, step_h)
    works = ((pl.col("effective") <= pl.col("hour")) & ~IS_SHORT).sum()
    counted = stays.group_by("replication", "hour").agg(in_place=pl.len(), effective=works, short=IS_SHORT.sum())
    numbers = pl.col("in_place", "effective", "short").fill_null(0).cast(pl.Int64)
    grid = run.subjects.select("replication").unique().join(hour_grid(run, step_h), how="cross")
    found = grid.join(counted, on=["replication", "hour"], how="left")
    return found.select("replication", "hour", numbers).sort("replication", "hour")


def broken_by_day(run: Record, step_h: float = 24) -> pl.DataFrame:
    """Return how many elements in place are not effective over time for want of a class of supply, or of those who are
    fit (an attrition). Who lacks two counts with both.

    Columns: replication, supply, hour, elements. What stopped nobody has no rows.

    >>> nfm.measures.broken_by_day(run).columns
    ['replication', 'supply', 'hour', 'elements']
    """
    keys, stopped = ["replication", "supply", "hour"], run.shortages.filter("stops_effect")
    grid = stopped.select("replication", "supply").unique().join(hour_grid(run, step_h), how="cross")
    number = _holding(stopped, run, step_h).group_by(keys).agg(elements=pl.len()).join(grid, on=keys, how="right")
    return number.select(*keys, pl.col("elements").fill_null(0).cast(pl.Int64)).sort(keys)


MOST_TOOK = 3
"""Means of which it is told how much supply took."""


def supply_in_short(run: Record) -> dict[str, Any]:
    """Return how many elements have supply, how many were not effective for want of it, or of those who are fit, and
    for how many element-days (means over replications), the hour at which the first was, its name, the pools of which
    supply took most, and by attrition how many fell out and which share was fit."""
    replications = run.about["replications"]
    short = effect_by_element(run).filter(pl.col("short_days") > 0)
    first = short.sort("first_short_h", "element").head(1).rows(named=True)
    pools = supply_of_means(run).filter(pl.col("place") == "").group_by("pool")
    took = pools.agg(pl.col("supply_share").sum() / replications)
    took = took.sort("supply_share", "pool", descending=[True, False]).head(MOST_TOOK)
    fell = fallen(run).group_by("attrition").agg(pl.col("fell").sum() / replications, pl.col("fit_share").mean())
    return {
        "elements": supplied(run).select("replication", "element").n_unique() / replications,
        "short_elements": short.height / replications,
        "short_days": short["short_days"].sum() / replications,
        "first_short_h": first[0]["first_short_h"] if first else None,
        "first": first[0]["element"] if first else None,
        "took": dict(took.iter_rows()),
        "fallen": fell.sort("attrition").rows(),
    }


@kept
def supply_of_means(run: Record) -> pl.DataFrame:
    """Return which share of the use of each pool and facility served supply.

    Columns: replication, pool, place, and supply_share, of all that was held of it. What supply did not use has no row.

    >>> nfm.measures.supply_of_means(run).columns
    ['replication', 'pool', 'place', 'supply_share']
    """
    loads = run.subjects.filter(pl.col("what") == What.SUPPLY)
    held = run.holdings.with_columns(use=pl.col("amount") * LENGTH_H)
    own = held.join(loads.select("replication", "subject"), on=["replication", "subject"], how="semi")
    used = own.group_by(POOL).agg(pl.col("use").sum().alias("supply_share"))
    both = used.join(held.group_by(POOL).agg(pl.col("use").sum()), on=POOL)
    return both.select(*POOL, pl.col("supply_share") / pl.col("use")).sort(POOL)
