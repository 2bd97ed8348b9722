"""Estimates: what replications say of a number, and how surely.

The unit is the replication, or where these are stratified the block of them. A value that was not reached within the
horizon is censored: a mean of such values is unknown, a quantile counts them as later than all others, and the share
that was reached stands beside both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import polars as pl

from nfm_sim.measures.columns import Column, columns_of
from nfm_sim.plan.draws import Sampling
from nfm_sim.study.intervals import Floats, Interval, Sample, mean_interval, quantile_interval, share_interval


def check_confidence(confidence: float) -> None:
    """Raise ValueError for what is no confidence, such as 95."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, as 0.95 does, not {confidence}")


STATISTICS = "mean, median, or a percentile such as p90"


def statistic_of(name: str) -> float | None:
    """The quantile that a statistic is, 0 to 1; None for the mean. Raises ValueError for what is none."""
    if name == "mean":
        return None
    if name == "median":
        return 0.5
    percentile = re.fullmatch(r"p(\d{1,2}(?:\.\d+)?)", name)
    if percentile is None or not 0 < float(percentile[1]) < 100:
        raise ValueError(f'"{name}" is no statistic; use {STATISTICS}')
    return float(percentile[1]) / 100


def estimate(
    table: pl.DataFrame,
    column: str,
    *,
    by: str | Sequence[str] = (),
    statistic: str = "mean",
    confidence: float = 0.95,
    share: bool | None = None,
    sampling: str = Sampling.STRATIFIED,
) -> pl.DataFrame:
    """Estimate a statistic of a column over replications, for each group of rows.

    `table` is the answer of a measure, with a column `replication`; the statistic is a mean, a median or a percentile
    ("p90"). A mean over several rows a replication (readiness by tier: its elements) is first taken within each
    replication. The interval of a `share` stays between 0 and 1. Truth values are shares, and so are the columns of
    which their measure says so; say it of columns of your own. A share of which some values are not known (a deadline
    after the horizon) is null, and its bounds hold whatever these are. From 96 replications on, whole blocks of
    stratified ones count together, and what is left over counts for nothing; that holds of independent ones too, but is
    wider than it need be: say `sampling="independent"` of these. Columns: those of `by`; replications (those that
    count); reached_share: the share of values that are known; estimate, low, high and half_width (the larger side),
    with this `confidence`; gain: how many times more independent replications would need for the same spread (null
    without blocks). Unknown numbers and bounds are null: a mean of which a value was not reached, a quantile
    that was not reached by enough, a bound that so few replications do not give.

    Raises ValueError when a quantile is asked for of several rows a replication, or for a confidence that is none.

    >>> nfm.estimate(nfm.closure(study), "last_h", by="flow").columns
    ['flow', 'replications', 'reached_share', 'estimate', 'low', 'high', 'half_width', 'gain']
    """
    check_confidence(confidence)
    q = statistic_of(statistic)
    groups = per_replication(table, column, by, statistic)
    truth = table.schema[column] == pl.Boolean
    at_least, at_most = (
        per_replication(table.with_columns(pl.col(column).fill_null(known)), column, by, statistic)
        if truth and table[column].has_nulls()
        else []
        for known in (False, True)
    )
    if share is None:
        share = columns_of(table).get(column, Column()).share
    rows = []
    for number, (key, values, numbers) in enumerate(groups):
        sample = Sample.of(values, numbers, sampling)
        known = ~np.isnan(sample.values)
        if truth and not known.all():
            bounds = (Sample.of(bound[number][1], numbers, sampling) for bound in (at_least, at_most))
            least, most = (share_interval(bound, confidence) for bound in bounds)
            found = Interval(np.nan, least.low, most.high)
        elif q is None and (share or truth):
            found = share_interval(sample, confidence)
        elif q is None:
            found = mean_interval(sample, confidence)
        else:
            found = quantile_interval(sample.transformed(np.where(known, sample.values, np.inf)), q, confidence)
        rows.append((*key, len(sample.values), float(known.mean()), *map(null, _numbers(found))))
    names = [by] if isinstance(by, str) else list(by)
    schema = {name: table.schema[name] for name in names} | RESULT
    return pl.DataFrame(rows, schema=schema, orient="row")


RESULT = {
    "replications": pl.Int64,
    "reached_share": pl.Float64,
    "estimate": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "half_width": pl.Float64,
    "gain": pl.Float64,
}


def per_replication(
    table: pl.DataFrame, column: str, by: str | Sequence[str] = (), statistic: str = "mean"
) -> list[tuple[tuple[object, ...], Floats, list[int]]]:
    """Return the value of each replication for each group of rows, missing ones nan, and their replications."""
    names = [by] if isinstance(by, str) else list(by)
    for name in (column, *names):
        if name not in table.columns:
            raise ValueError(f'"{name}" is no column of this answer; it has {", ".join(table.columns)}')
    if not (table.schema[column].is_numeric() or table.schema[column] == pl.Boolean):
        raise ValueError(f'column "{column}" holds no numbers; choose one that does')
    value = pl.col(column).cast(pl.Float64)
    rows = table.select(*names, "replication", value.alias("value"))
    if rows.select(*names, "replication").is_duplicated().any():
        if statistic != "mean":
            raise ValueError(
                f'column "{column}" has several rows a replication for each {" and ".join(names) or "study"}; '
                "name more columns in `by`, or take the mean"
            )
        known = pl.when(pl.col("value").is_not_null().all()).then(pl.col("value").mean())
        rows = rows.group_by(*names, "replication", maintain_order=True).agg(known.alias("value"))
    rows = rows.sort("replication", maintain_order=True)
    if not names:
        names, rows = [""], rows.with_columns(pl.lit("").alias(""))
    groups = rows.group_by(names, maintain_order=True).agg("value", "replication").sort(names, nulls_last=True)
    return [(row[:-2] if by else (), np.array(row[-2], dtype=np.float64), row[-1]) for row in groups.rows()]


def _numbers(found: Interval) -> tuple[float, ...]:
    return found.estimate, found.low, found.high, found.half_width, found.gain


def null(number: float) -> float | None:
    """The number; None for what is none, or infinite."""
    return float(number) if np.isfinite(number) else None


def each_confidence(confidence: float, comparisons: int) -> float:
    """The confidence of each of several intervals that hold together with this confidence (Bonferroni)."""
    return 1 - (1 - confidence) / max(1, comparisons)


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values for their number (Holm 1979); nan stays nan."""
    order = sorted((p, place) for place, p in enumerate(p_values) if not np.isnan(p))
    adjusted = [float("nan")] * len(p_values)
    worst = 0.0
    for rank, (p, place) in enumerate(order):
        worst = max(worst, min(1.0, p * (len(order) - rank)))
        adjusted[place] = worst
    return adjusted
