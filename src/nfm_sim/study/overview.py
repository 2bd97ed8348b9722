"""The first answers of a study: readiness by tier, closure by flow and what is on time, with intervals."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from nfm_sim.in_words import day, percent
from nfm_sim.measures import closure, readiness
from nfm_sim.measures.columns import HOUR, PART, SHARE, Column
from nfm_sim.plan.draws import Sampling
from nfm_sim.study.estimates import estimate
from nfm_sim.study.study import Study

BOUNDS = ("estimate", "low", "high")
ESTIMATES: Mapping[str, Column] = {
    **dict.fromkeys(("ready_by_deadline", "in_place", "effective", "pieces_on_time", "all_on_time"), SHARE),
    **dict.fromkeys(("median", "p90"), HOUR),
    "reached_share": PART,
}
"""What the columns of these tables hold."""


def study_estimates(study: Study, *, confidence: float = 0.95) -> dict[str, pl.DataFrame]:
    """Return three tables of estimates with their intervals.

    `readiness`, a row a tier: ready_by_deadline, the share of its elements ready by the deadline; in_place and
    effective, the share that was so within the horizon. `closure`, a row a flow: reached_share, the share of
    replications in which the last piece crossed the border; median and p90 of its hour. `on_time`, a row a flow that is
    asked for by a day: pieces_on_time, the share of its pieces that are there by then, and all_on_time, the chance that
    all of them are. Each estimate has columns _low and _high beside it; null is not known.

    >>> nfm.study.study_estimates(study)["closure"].select("flow", "median").rows()
    [('division', 10.600000381469727)]
    """
    ready = readiness(study).select(
        "replication",
        "tier",
        pl.col("on_time").alias("ready_by_deadline"),
        pl.col("in_place_h").is_not_null().alias("in_place"),
        pl.col("effective_h").is_not_null().alias("effective"),
    )
    required = [name for name, flow in study.scenario.flows.items() if flow.required_day is not None]
    due = (
        closure(study)
        .filter(pl.col("flow").is_in(required))
        .select(
            "replication",
            "flow",
            pl.col("on_time_share").alias("pieces_on_time"),
            (pl.col("on_time_share") >= 1).alias("all_on_time"),
        )
    )
    closed = estimate(study, "closure", sampling=Sampling.INDEPENDENT).select("flow", "reached_share")
    for name in ("median", "p90"):
        closed = _beside(closed, estimate(study, f"closure.{name}", confidence=confidence), "flow", name)
    return {
        "readiness": _shares(ready, "tier", study.sampling, confidence),
        "closure": closed,
        "on_time": _shares(due, "flow", study.sampling, confidence),
    }


def _shares(table: pl.DataFrame, key: str, sampling: str, confidence: float) -> pl.DataFrame:
    """A row for each key, with the estimates of all other columns, which hold shares."""
    answer = table.select(key).unique().sort(key)
    for name in table.drop("replication", key).columns:
        found = estimate(table, name, by=key, share=True, confidence=confidence, sampling=sampling)
        answer = _beside(answer, found, key, name)
    return answer


def _beside(table: pl.DataFrame, found: pl.DataFrame, key: str, name: str) -> pl.DataFrame:
    names = {"estimate": name, "low": f"{name}_low", "high": f"{name}_high"}
    return table.join(found.select(key, *BOUNDS).rename(names), on=key, how="left", maintain_order="left")


def glance(study: Study, most: int = 2) -> list[str]:
    """Return the first estimates in a few words, for a line of progress.

    >>> nfm.study.glance(study)
    ['tier 1 100 % on time (34 % to 100 %)']
    """
    found = study_estimates(study)
    words = []
    for row in found["readiness"].head(most).rows(named=True):
        share, low, high = (row[f"ready_by_deadline{end}"] for end in ("", "_low", "_high"))
        if None not in (share, low, high):
            words.append(f"tier {row['tier']} {percent(share)} on time ({percent(low)} to {percent(high)})")
    for row in found["closure"].head(most).rows(named=True):
        median, low, high = (row[f"median{end}"] for end in ("", "_low", "_high"))
        if None not in (median, low, high):
            words.append(f"{row['flow']} {day(median)} ({low / 24:.1f} to {high / 24:.1f})")
    return words
