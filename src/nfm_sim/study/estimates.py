"""Estimates: what replications say of a number, and how surely.

The unit is the replication. A value that was not reached within the horizon is censored: a mean of such values is
unknown, a quantile counts them as later than all others, and the share that was reached stands beside both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import stats

from nfm_sim.measures.columns import Column, columns_of

Floats = NDArray[np.float64]

BOOTSTRAPS = 2_000
"""Multiplier bootstraps of a simultaneous band."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its confidence interval; infinite where the data set no bound, nan where it is unknown."""

    estimate: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        """The larger of the distances from the estimate to its bounds."""
        return max(self.high - self.estimate, self.estimate - self.low)


def check_confidence(confidence: float) -> None:
    """Raise ValueError for what is no confidence, such as 95."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, as 0.95 does, not {confidence}")


UNKNOWN = Interval(np.nan, np.nan, np.nan)


def mean_interval(values: Floats, confidence: float = 0.95) -> Interval:
    """Student's t interval of a mean; unknown when a value is missing (nan) or censored (infinite)."""
    if not len(values) or not np.isfinite(values).all():
        return UNKNOWN
    mean = float(values.mean())
    if len(values) == 1:
        return Interval(mean, -np.inf, np.inf)
    half = _t(len(values) - 1, confidence) * float(values.std(ddof=1)) / np.sqrt(len(values))
    return Interval(mean, mean - half, mean + half)


def share_interval(values: Floats, confidence: float = 0.95) -> Interval:
    """Interval of a share, 0 to 1: Wilson's (1927) where the values are 0 or 1, Student's t where they are shares
    themselves. Where these all agree on 0 or 1 it is Wilson's too, because t would claim certainty."""
    if not len(values) or not np.isfinite(values).all():
        return UNKNOWN
    if ((values != 0) & (values != 1)).any():
        inner = mean_interval(values, confidence)
        return Interval(inner.estimate, max(0.0, inner.low), min(1.0, inner.high))
    test = stats.binomtest(round(float(values.sum())), len(values))
    bounds = test.proportion_ci(confidence, method="wilson")
    return Interval(float(test.statistic), float(bounds.low), float(bounds.high))


def quantile_interval(values: Floats, q: float, confidence: float = 0.95) -> Interval:
    """Interval of a quantile from order statistics, interpolated between them (Beran and Hall 1993, J. R. Stat.
    Soc. B 55:643); needs nothing of the distribution. Censored values are infinite; nan is not allowed."""
    if not len(values) or np.isnan(values).any():
        return UNKNOWN
    ordered = np.sort(values)
    low = _order_bound(ordered, q, (1 + confidence) / 2)
    high = -_order_bound(-ordered[::-1], 1 - q, (1 + confidence) / 2)
    # of an extreme quantile and few values the bound may lie beyond what is interpolated between these
    return Interval(min(max(_between(ordered, q * (len(ordered) - 1)), low), high), low, high)


def _order_bound(ordered: Floats, q: float, confidence: float) -> float:
    """The lower bound of a quantile with a one-sided confidence; minus infinity when there are too few values."""
    rank, weight = _order_rank(len(ordered), q, confidence)
    return _between(ordered, rank - 1 + weight) if rank >= 1 else -np.inf


@lru_cache(maxsize=4096)
def _order_rank(n: int, q: float, confidence: float) -> tuple[int, float]:
    """The rank r, from 1, and the weight of r + 1 beside it; r is 0 when there is no such bound."""
    reach = stats.binom.sf(np.arange(0, n + 2) - 1, n, q)  # P(at least r values lie below the quantile)
    rank = int(np.flatnonzero(reach >= confidence)[-1])
    weight = (reach[rank] - confidence) / (reach[rank] - reach[rank + 1])
    return rank, float(weight) if rank < n else 0.0


def _between(ordered: Floats, place: float) -> float:
    """The value at a place from 0, with what lies between two values in proportion."""
    below = int(np.floor(place))
    weight = place - below
    if weight < 1e-12 or below + 1 >= len(ordered) or ordered[below] == ordered[below + 1]:
        return float(ordered[below])
    if np.isinf(ordered[below + 1]):
        return float(ordered[below + 1])
    if np.isinf(ordered[below]):
        return float(ordered[below])
    return float(ordered[below] * (1 - weight) + ordered[below + 1] * weight)


@lru_cache(maxsize=4096)
def _t(freedom: int, confidence: float) -> float:
    return float(stats.t.ppf((1 + confidence) / 2, freedom))


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
) -> pl.DataFrame:
    """Estimate a statistic of a column over replications, for each group of rows.

    `table` is the answer of a measure, with a column `replication`; the statistic is a mean, a median or a
    percentile ("p90"). A mean over several rows a replication (readiness by tier: its elements) is first taken
    within each replication. The interval of a `share` stays between 0 and 1. Truth values are shares, and so are the
    columns of which their measure says so; say it of columns of your own. A share of which some values are not known
    (a deadline after the horizon) is null, and its bounds hold whatever these are. Columns: those of `by`;
    replications; reached_share: the share of values that are known; estimate, low, high and half_width (the larger
    side), with this `confidence`. Unknown numbers and bounds are null: a mean of which a value was not reached, a
    quantile that was not reached by enough, a bound that so few replications do not give.

    Raises ValueError when a quantile is asked for of several rows a replication, or for a confidence that is none.

    >>> nfm.estimate(nfm.closure(study), "last_h", by="flow").columns
    ['flow', 'replications', 'reached_share', 'estimate', 'low', 'high', 'half_width']
    """
    check_confidence(confidence)
    q = statistic_of(statistic)
    groups = per_replication(table, column, by, statistic)
    truth = table.schema[column] == pl.Boolean
    at_least, at_most = (
        [
            values
            for _, values, _ in per_replication(
                table.with_columns(pl.col(column).fill_null(known)), column, by, statistic
            )
        ]
        if truth and table[column].has_nulls()
        else []
        for known in (False, True)
    )
    if share is None:
        share = columns_of(table).get(column, Column()).share
    rows = []
    for number, (key, values, _) in enumerate(groups):
        known = ~np.isnan(values)
        if truth and not known.all():
            least, most = (share_interval(bound[number], confidence) for bound in (at_least, at_most))
            found = Interval(np.nan, least.low, most.high)
        elif q is None and (share or truth):
            found = share_interval(values, confidence)
        elif q is None:
            found = mean_interval(values, confidence)
        else:
            found = quantile_interval(np.where(known, values, np.inf), q, confidence)
        rows.append((*key, len(values), float(known.mean()), *map(_null, _numbers(found))))
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
    return found.estimate, found.low, found.high, found.half_width


def _null(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None


def band(
    table: pl.DataFrame, column: str, *, by: str | Sequence[str] = (), x: str = "hour", confidence: float = 0.95
) -> pl.DataFrame:
    """Estimate a curve: its mean over replications with a pointwise and a simultaneous band.

    Each point of the curve lies in the pointwise band with this confidence; the whole of it lies in the
    simultaneous one, which is made of the greatest standardised deviation along the curve (multiplier bootstrap,
    Montiel Olea and Plagborg-Moller 2019, J. Appl. Econometrics 34:1). Columns: those of `by`, x, estimate, low,
    high, all_low, all_high. Every replication must have every x.

    >>> nfm.study.band(nfm.measures.closure_curve(study, 6), "pieces", by="flow").select("hour", "estimate").row(1)
    (6.0, 2.0)
    """
    check_confidence(confidence)
    names = [by] if isinstance(by, str) else list(by)
    rows = []
    for key, points in _groups(table, names):
        wide = points.pivot(on=x, index="replication", values=column, sort_columns=False)
        values = wide.drop("replication").to_numpy().astype(np.float64)
        n = len(values)
        mean = values.mean(axis=0)
        error = values.std(axis=0, ddof=1) / np.sqrt(n) if n > 1 else np.full(len(mean), np.nan)
        point, whole = (_t(n - 1, confidence), _greatest(values, error, confidence)) if n > 1 else (np.nan, np.nan)
        for place, at in enumerate(points[x].unique(maintain_order=True)):
            m, e = mean[place], error[place]
            bounds = (m - point * e, m + point * e, m - whole * e, m + whole * e)
            rows.append((*key, at, float(m), *map(_null, bounds)))
    schema = {name: table.schema[name] for name in (*names, x)} | dict.fromkeys(
        ("estimate", "low", "high", "all_low", "all_high"), pl.Float64
    )
    return pl.DataFrame(rows, schema=schema, orient="row")


def _groups(table: pl.DataFrame, names: list[str]) -> Iterable[tuple[tuple[object, ...], pl.DataFrame]]:
    if table.is_empty():
        return []
    return table.group_by(names, maintain_order=True) if names else [((), table)]


def _greatest(values: Floats, error: Floats, confidence: float) -> float:
    """Return the width, in standard errors, of a band that holds the whole curve. It is the same for the same data."""
    n, moves = len(values), error > 0
    if not moves.any():
        return 0.0
    scaled = (values[:, moves] - values[:, moves].mean(axis=0)) / (error[moves] * n)
    weights = np.random.default_rng(n).standard_normal((BOOTSTRAPS, n))
    greatest = np.abs(weights @ scaled).max(axis=1)
    normal = float(np.quantile(greatest, confidence))
    return (
        normal * _t(n - 1, confidence) / float(stats.norm.ppf((1 + confidence) / 2))
    )  # as t widens z in small samples


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
