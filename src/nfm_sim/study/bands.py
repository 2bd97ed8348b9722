"""Bands: what replications say of a curve, and how surely."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from nfm_sim.kinds.families import Floats
from nfm_sim.study.estimates import check_confidence, each_confidence, groups_of, is_share
from nfm_sim.study.intervals import hidden_spread, normal_quantile, null, t_quantile

BOOTSTRAPS = 2_000
"""Multiplier bootstraps of a simultaneous band."""


def band(
    table: pl.DataFrame,
    column: str,
    *,
    by: str | Sequence[str] = (),
    x: str = "hour",
    confidence: float = 0.95,
    share: bool | None = None,
) -> pl.DataFrame:
    """Estimate a curve: its mean over replications with a pointwise and a simultaneous band.

    Each point of the curve lies in the pointwise band with this confidence; the whole of it lies in the simultaneous
    one, which is made of the greatest standardised deviation along the curve (multiplier bootstrap, Montiel Olea and
    Plagborg-Moller 2019, J. Appl. Econometrics 34:1). Both allow everywhere for what so many replications may hide:
    one that is a step further, the least by which two of their values differ. The bands of a `share` stay between 0
    and 1; it must be said of numbers that may be one (as in `nfm.estimate`). Stratified replications are taken as if
    each were drawn alone, which is never too sure: their blocks agree too well along a curve to tell how much they
    hide. Columns: those of `by`, x, estimate, low, high, all_low, all_high. Every replication must have every x.

    >>> nfm.study.band(nfm.measures.closure_curve(study, 6), "pieces", by="flow").select("hour", "estimate").row(1)
    (6.0, 2.0)
    """
    check_confidence(confidence)
    share = is_share(table, column, share=share)
    names = [by] if isinstance(by, str) else list(by)
    rows = []
    for key, points in groups_of(table, names) if len(table) else ():
        wide = points.pivot(on=x, index="replication", values=column, sort_columns=False)
        values = wide.drop("replication").to_numpy().astype(np.float64)
        n, mean = len(values), values.mean(axis=0)
        limits = (0.0, 1.0) if share else (-np.inf, np.inf)
        half = whole = np.full(len(mean), np.nan)
        if n > 1:
            t, step = t_quantile(n - 1, confidence), min(np.diff(np.unique(values)), default=0.0)
            spread = values.std(axis=0, ddof=1)
            each = each_confidence(confidence, len(mean))
            half = t * _error(spread, n, step, confidence)
            whole = _greatest(values, confidence) * _error(spread, n, step, each)
        bounds = np.clip([mean - half, mean + half, mean - whole, mean + whole], *limits)
        numbers_of = zip(points[x].unique(maintain_order=True), mean, *bounds, strict=True)
        rows += [(*key, at, *map(null, numbers)) for at, *numbers in numbers_of]
    numbers = dict.fromkeys(("estimate", "low", "high", "all_low", "all_high"), pl.Float64)
    schema = {name: table.schema[name] for name in (*names, x)} | numbers
    return pl.DataFrame(rows, schema=schema, orient="row")


def _error(spread: Floats, n: int, step: float, confidence: float) -> Floats:
    """The standard error at each point, with what so many may hide."""
    return np.asarray(np.hypot(spread, hidden_spread(n, step, confidence)) / np.sqrt(n), dtype=np.float64)


def _greatest(values: Floats, confidence: float) -> float:
    """Return the width, in standard errors, of a band that holds the whole curve. It is the same for the same data."""
    n, spread = len(values), values.std(axis=0, ddof=1)
    moves = spread > 0
    if not moves.any():
        return t_quantile(n - 1, confidence)
    scaled = (values[:, moves] - values[:, moves].mean(axis=0)) / (spread[moves] * np.sqrt(n))
    weights = np.random.default_rng(n).standard_normal((BOOTSTRAPS, n))
    normal = float(np.quantile(np.abs(weights @ scaled).max(axis=1), confidence))
    # as t widens z in small samples
    return normal * t_quantile(n - 1, confidence) / normal_quantile(confidence)
