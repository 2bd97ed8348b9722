"""Attrition: how much fell out of elements in place, what became of it, and how much of each was fit."""

from __future__ import annotations

import polars as pl

from nfm_sim.measures.common import at_hours, kept
from nfm_sim.record import Record

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
