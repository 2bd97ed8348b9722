"""What studies differ by, in a quantity: paired, replication by replication."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from nfm_sim.plan.draws import Sampling
from nfm_sim.study.estimates import check_confidence, each_confidence, holm, is_share, per_replication
from nfm_sim.study.intervals import Floats, Sample, quantile_interval, wilson
from nfm_sim.study.paired import mean_difference, p_of_mean, quantile_difference
from nfm_sim.study.quantities import Quantity, statistic_of
from nfm_sim.study.study import Study

DIFFERENCE = {
    "pairs": pl.Int64,
    "reached_share": pl.Float64,
    "differing": pl.Int64,
    "differing_high": pl.Float64,
    "before": pl.Float64,
    "after": pl.Float64,
    "difference": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "unit": pl.String,
    "gain": pl.Float64,
    "p_value": pl.Float64,
}


def compare_quantity(
    studies: Mapping[str, Study], asked: Quantity, base: str, confidence: float, *, of_differences: bool = False
) -> pl.DataFrame:
    """Return the paired differences of a quantity from the base, as `Comparison.difference` does; with
    `of_differences`, the quantile of what each pair differs by."""
    check_confidence(confidence)
    samplings = {study.sampling for study in studies.values()}
    sampling = samplings.pop() if len(samplings) == 1 else Sampling.INDEPENDENT
    controls = studies[base].controls
    pairs = [
        (name, key, Sample.of(before, numbers, sampling, controls), Sample.of(after, numbers, sampling, controls))
        for name in studies
        if name != base
        for key, before, after, numbers in _pairs(asked, studies[base], studies[name])
    ]
    each = each_confidence(confidence, len(pairs))
    share = asked.statistic == "mean" and is_share(asked.values(studies[base]), asked.column, asked.measure)
    kind = DifferenceKind(asked, share, of_differences)
    rows = [(name, *key, *_compared(before, after, kind, each)) for name, key, before, after in pairs]
    adjusted = holm([row[-1] for row in rows])
    kinds = asked.values(studies[base]).schema
    schema = {"study": pl.String} | {name: kinds[name] for name in asked.by} | DIFFERENCE
    known = [(*map(_known, row[:-1]), _known(p)) for row, p in zip(rows, adjusted, strict=True)]
    return pl.DataFrame(known, schema=schema, orient="row")


def _pairs(asked: Quantity, one: Study, other: Study) -> Iterator[tuple[tuple[object, ...], Floats, Floats, list[int]]]:
    """The values of both studies in the replications that both have, and their numbers, by group of rows."""
    both = sorted(set(one.replications) & set(other.replications))
    found = []
    for study in (one, other):
        table = asked.values(study).filter(pl.col("replication").is_in(both))
        groups = {}
        for key, values, numbers in per_replication(table, asked.column, asked.by, asked.statistic):
            row = np.full(len(both), np.nan)
            row[np.searchsorted(both, numbers)] = values
            groups[key] = row
        found.append(groups)
    nothing = np.full(len(both), np.nan)
    for key in dict.fromkeys([*found[0], *found[1]]):
        yield key, found[0].get(key, nothing), found[1].get(key, nothing), both


@dataclass(frozen=True)
class DifferenceKind:
    """Which difference is asked for."""

    asked: Quantity
    share: bool
    of_differences: bool


def _compared(one: Sample, other: Sample, kind: DifferenceKind, confidence: float) -> tuple[Any, ...]:
    """The columns of `DIFFERENCE` of one row; numbers that are not known are nan or infinite."""
    known = ~np.isnan(other.values - one.values)
    before, after = (
        sample.transformed(np.where(np.isnan(sample.values), np.inf, sample.values)) for sample in (one, other)
    )
    differing = int((before.values != after.values).sum())
    with np.errstate(invalid="ignore"):
        change = one.transformed(after.values - before.values)  # of what neither reaches it is not known
    q, p, middle = statistic_of(kind.asked.statistic), np.nan, (np.nan, np.nan)
    if q is None:
        found = mean_difference(one.transformed(other.values - one.values), confidence, kind.share)
        middle, gain = (float(one.values.mean()), float(other.values.mean())), np.nan
        if known.all():
            used = change.decided  # for both alike, so that what they differ by is the difference
            middle = _mean(used, one.values), _mean(used, other.values)
            gain, p = _gain(one, other, used), p_of_mean(change)
    elif kind.of_differences:
        found, gain = quantile_interval(change, q, confidence), np.nan
    else:
        found = quantile_difference(before, after, q, confidence)
        middle, gain = (quantile_interval(before, q).estimate, quantile_interval(after, q).estimate), found.gain
    seen = (len(known), known.mean(), differing, wilson(differing, len(known), confidence).high)
    return (*seen, *middle, found.estimate, found.low, found.high, kind.asked.declared.unit, gain, p)


def _mean(used: Sample, values: Floats) -> float:
    """The mean of other values of the same replications, with what is used of their draws."""
    return float(used.transformed(values).means.mean())


def _gain(one: Sample, other: Sample, change: Sample) -> float:
    """How many times more independent runs would need for the same precision of a mean; nan where nothing varies."""
    if len(change.values) < 2:
        return np.nan
    spread = float(np.var(change.means, ddof=1)) * change.size
    apart = float(np.var(one.values, ddof=1) + np.var(other.values, ddof=1))
    return apart / spread if spread > 0 else np.nan


def _known(value: object) -> Any:
    return None if isinstance(value, float | np.floating) and not np.isfinite(value) else value
