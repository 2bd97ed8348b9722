"""The first answers of a study: readiness by tier and closure by flow, with intervals."""

from __future__ import annotations

import polars as pl

from nfm_sim.measures import closure, readiness
from nfm_sim.plan.draws import Sampling
from nfm_sim.study.estimates import estimate
from nfm_sim.study.study import Study

BOUNDS = ("estimate", "low", "high")


def study_estimates(study: Study, *, confidence: float = 0.95) -> dict[str, pl.DataFrame]:
    """Return two tables of estimates with their intervals.

    `readiness`, a row a tier: replications; on_time, the share of its elements ready by the deadline; in_place and
    effective, the share that was so within the horizon. `closure`, a row a flow: replications; reached_share, in
    which the last piece crossed the border; median and p90 of its hour; on_time, the share of its pieces. Each
    estimate has columns _low and _high beside it; null is not known.

    >>> nfm.study.study_estimates(study)["closure"].select("flow", "median").rows()
    [('division', 10.600000381469727)]
    """
    ready = readiness(study).with_columns(
        pl.col("in_place_h").is_not_null().alias("in_place"),
        pl.col("effective_h").is_not_null().alias("effective"),
    )
    tiers = ready.select("tier").unique().sort("tier")
    for column in ("on_time", "in_place", "effective"):
        found = estimate(ready, column, by="tier", confidence=confidence, sampling=study.sampling)
        tiers = _beside(tiers, found, "tier", column)
    flows = closure(study).select("flow").unique().sort("flow")
    reached = estimate(study, "closure", sampling=Sampling.INDEPENDENT).select("flow", "reached_share")
    flows = flows.join(reached, on="flow", maintain_order="left")
    for name, quantity in (("median", "closure.median"), ("p90", "closure.p90"), ("on_time", "closure.on_time_share")):
        flows = _beside(flows, estimate(study, quantity, confidence=confidence), "flow", name)
    return {"readiness": tiers, "closure": flows}


def _beside(table: pl.DataFrame, found: pl.DataFrame, key: str, name: str) -> pl.DataFrame:
    names = {"estimate": name, "low": f"{name}_low", "high": f"{name}_high"}
    return table.join(found.select(key, *BOUNDS).rename(names), on=key, how="left", maintain_order="left")


def glance(study: Study, most: int = 2) -> list[str]:
    """Return the first estimates in a few words, for a line of progress.

    >>> nfm.study.glance(study)
    ['tier 1 on time 100% ±0%']
    """
    found = study_estimates(study)
    words = []
    for row in found["readiness"].head(most).rows(named=True):
        if row["on_time"] is not None:
            words.append(f"tier {row['tier']} on time {row['on_time']:.0%} ±{row['on_time_high'] - row['on_time']:.0%}")
    for row in found["closure"].head(most).rows(named=True):
        if None not in (row["median"], row["median_low"], row["median_high"]):
            low, high = row["median_low"] / 24, row["median_high"] / 24
            words.append(f"{row['flow']} day {row['median'] / 24:.1f} ({low:.1f}-{high:.1f})")
    return words
