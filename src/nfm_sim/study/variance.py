"""How much of the spread of an answer is due to inputs that nobody knows, and how much to chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import polars as pl

from nfm_sim.in_words import between, day, percent
from nfm_sim.measures import closure, drawn_inputs
from nfm_sim.measures.summary import likely, needed_for
from nfm_sim.problems import InputError, counted
from nfm_sim.study.asked import read_quantity
from nfm_sim.study.estimates import groups_of
from nfm_sim.study.intervals import Floats
from nfm_sim.study.study import Study

CHANCE = "chance"
"""All that differs between replications with the same inputs: ships, repairs, breakdowns."""
FEWEST = 20
"""Replications for each input, below which its share is not told."""


def variance_split(study: Study, quantity: str = "closure") -> pl.DataFrame:
    """Return the shares of the variance of an answer over replications that go with each uncertain input, and with
    chance.

    A parabola is fitted to the answer over each input alone (its share is the adjusted R², never below 0), and one over
    all of them together; what that leaves is chance, and what inputs do only with each other. Columns: what the rows of
    the quantity are about, source (a path, or "chance"), share, and replications. Shares are null where the answer is
    not known in every replication, or with fewer than 20 replications for each input. Sorted by share within a row.
    Raises `InputError` for a study of a scenario without uncertain numbers.

    >>> nfm.study.variance_split(study)
    Traceback (most recent call last):
    ...
    nfm_sim.problems.InputError: variance: inputs "a story" has no number that is a distribution and no [uncertainty]
    """
    drawn = drawn_inputs(study)
    if drawn.is_empty():
        remedy = "has no number that is a distribution and no [uncertainty]"
        raise InputError.of("variance", "inputs", study.about["title"], remedy)
    asked = read_quantity(quantity)
    inputs = drawn.pivot(on="path", index="replication", values="value").sort("replication")
    paths = [column for column in inputs.columns if column != "replication"]
    values = asked.values(study)
    names, answer = list(asked.by), pl.col(asked.column).cast(pl.Float64)
    rows: list[tuple[Any, ...]] = []
    for key, group in groups_of(values, names):
        table = inputs.join(group.select("replication", answer=answer), on="replication")
        shares = _shares(table, paths) if _is_enough(table, paths) else [None] * (len(paths) + 1)
        rows += ((*key, source, share, table.height) for source, share in zip([*paths, CHANCE], shares, strict=True))
    return pl.DataFrame(rows, schema=[*names, "source", "share", "replications"], orient="row").sort(
        *names, "share", descending=[*[False] * len(names), True], nulls_last=True, maintain_order=True
    )


SHOWN = 0.05
"""The least share of an input that is named in words."""


def spread_in_words(study: Study) -> list[str]:
    """Say of each flow between which days its last piece crosses, and what that spread goes with; nothing for a
    scenario without uncertain numbers.

    >>> nfm.study.spread_in_words(study)
    []
    """
    inputs = drawn_inputs(study)["path"].n_unique()
    number = len(study.replications)
    if not inputs:
        return []
    needed = max(needed_for(), FEWEST * inputs)
    if number < needed:
        uncertain = counted(inputs, "uncertain number")
        return [f"{number} replications cannot tell what is not known ({uncertain}) from chance: {needed} can"]
    return list(_in_words(closure(study), variance_split(study)))


def _in_words(closed: pl.DataFrame, split: pl.DataFrame) -> Iterator[str]:
    for (flow,), rows in split.drop_nulls("share").group_by("flow", maintain_order=True):
        last = closed.filter(pl.col("flow") == flow)["last_h"]
        named = [row for row in rows.rows(named=True) if row["source"] == CHANCE or row["share"] >= SHOWN]
        parts = ", ".join(f"{percent(row['share'])} with {row['source']}" for row in named)
        days = f"{day(last.quantile(0.5, 'linear'))}, 10-90 % {between(*likely(last), day)}"
        yield f"{flow}: last piece on {days}; this spread goes {parts}"


def _is_enough(table: pl.DataFrame, paths: Sequence[str]) -> bool:
    known = table["answer"].null_count() == 0
    return known and table.height >= FEWEST * len(paths) and float(np.ptp(table["answer"].to_numpy())) > 0


def _shares(table: pl.DataFrame, paths: Sequence[str]) -> list[float]:
    """The share of each input alone, and of what all together leave."""
    answer = table["answer"].to_numpy()
    alone = [table.select(path).to_numpy() for path in paths]
    return [*(_explained(answer, inputs) for inputs in alone), 1 - _explained(answer, np.hstack(alone))]


def _explained(answer: Floats, inputs: Floats) -> float:
    """The adjusted R² of parabolas in these inputs, never below 0."""
    spread = inputs.std(axis=0)
    scaled = (inputs - inputs.mean(axis=0)) / np.where(spread > 0, spread, 1)
    terms = np.hstack([np.ones((len(answer), 1)), scaled, scaled**2])
    left, rank = answer - terms @ np.linalg.lstsq(terms, answer, rcond=None)[0], np.linalg.matrix_rank(terms)
    explained = 1 - (left @ left / (len(answer) - rank)) / answer.var(ddof=1)
    return float(min(1.0, max(0.0, explained)))
