"""The first answers of a study, and of comparisons and prices, with intervals and in words."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import polars as pl

from nfm_sim.in_words import between, day, percent
from nfm_sim.kinds.families import Floats
from nfm_sim.measures import closure, drawn_inputs, readiness
from nfm_sim.measures.columns import HOUR, PART, SHARE
from nfm_sim.measures.summary import likely, needed_for
from nfm_sim.plan.draws import Sampling
from nfm_sim.problems import InputError, counted
from nfm_sim.sentences.effects import Effect, buy_first, differences
from nfm_sim.sentences.names import with_titles
from nfm_sim.study.compare import Comparison, compare_quantity, effects_of
from nfm_sim.study.estimates import beside, estimate, groups_of
from nfm_sim.study.prices import FRESH, price_effects, priced
from nfm_sim.study.quantities import Quantity, main_quantities, of_each, read_quantity
from nfm_sim.study.study import Study

SHARES = ("ready_by_deadline", "in_place", "effective", "pieces_on_time", "all_on_time")
ESTIMATES = {**dict.fromkeys(SHARES, SHARE), "median": HOUR, "p90": HOUR, "reached_share": PART}
"""What the columns of these tables hold."""


def study_estimates(study: Study) -> dict[str, pl.DataFrame]:
    """Return three tables of estimates with their intervals.

    `readiness`, a row a tier: ready_by_deadline, the share of its elements ready by the deadline; in_place and
    effective, the share that was so within the horizon. `closure`, a row a flow: reached_share, the share of
    replications in which the last piece crossed the border; median and p90 of its hour. `on_time`, a row a flow that is
    asked for by a day: pieces_on_time, the share of its pieces that are there by then, and all_on_time, the chance that
    all of them are. Each estimate has columns _low and _high beside it; null is not known.

    >>> nfm.study.study_estimates(study)["closure"].select("flow", "median").rows()
    [('division', 10.600000381469727)]
    """
    there = {name: pl.col(f"{name}_h").is_not_null() for name in ("in_place", "effective")}
    ready = readiness(study).select("replication", "tier", ready_by_deadline="on_time", **there)
    required = [name for name, flow in study.scenario.flows.items() if flow.required_day is not None]
    share, due = pl.col("on_time_share"), closure(study).filter(pl.col("flow").is_in(required))
    due = due.select("replication", "flow", pieces_on_time=share, all_on_time=share >= 1)
    closed = estimate(study, "closure", sampling=Sampling.INDEPENDENT).select("flow", "reached_share")
    for name in ("median", "p90"):
        closed = beside(closed, estimate(study, f"closure.{name}"), "flow", name)
    return {"readiness": _shares(ready, "tier", study), "closure": closed, "on_time": _shares(due, "flow", study)}


def _shares(table: pl.DataFrame, key: str, study: Study) -> pl.DataFrame:
    """A row for each key, with the estimates of all other columns, which hold shares."""
    answer = table.select(key).unique().sort(key)
    for name in table.drop("replication", key).columns:
        answer = beside(answer, estimate(table, name, by=key, share=True, sampling=study.sampling), key, name)
    return answer


FIRST = 2
"""Tiers, and flows, of which a line of progress tells."""


def glance(study: Study) -> list[str]:
    """Return the first estimates in a few words, for a line of progress: "tier 1 100 % on time (34 % to 100 %)"."""
    found = study_estimates(study)
    words = []
    for row in found["readiness"].head(FIRST).rows(named=True):
        share, low, high = (row[f"ready_by_deadline{end}"] for end in ("", "_low", "_high"))
        if None not in (share, low, high):
            words.append(f"tier {row['tier']} {percent(share)} on time ({percent(low)} to {percent(high)})")
    for row in found["closure"].head(FIRST).rows(named=True):
        median, low, high = (row[f"median{end}"] for end in ("", "_low", "_high"))
        if None not in (median, low, high):
            words.append(f"{row['flow']} {day(median)} ({low / 24:.1f} to {high / 24:.1f})")
    return words


# How much of the spread of an answer is due to inputs that nobody knows, and how much to chance


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
    asked = of_each(read_quantity(quantity), "variance")
    inputs = drawn.pivot(on="path", index="replication", values="value").sort("replication")
    paths = [column for column in inputs.columns if column != "replication"]
    values = asked.values(study)
    names, answer = list(asked.by), pl.col(asked.column).cast(pl.Float64)
    rows: list[tuple[Any, ...]] = []
    for key, group in groups_of(values, names):
        table = inputs.join(group.select("replication", answer=answer), on="replication")
        shares = _explained_shares(table, paths)
        rows += ((*key, source, share, table.height) for source, share in zip([*paths, CHANCE], shares, strict=True))
    columns, kinds = [*names, "source", "share", "replications"], {"share": pl.Float64}
    table = pl.DataFrame(rows, schema=columns, schema_overrides=kinds, orient="row")
    return table.sort(*names, "share", descending=[*[False] * len(names), True], nulls_last=True, maintain_order=True)


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


def _explained_shares(table: pl.DataFrame, paths: Sequence[str]) -> Sequence[float | None]:
    """The share of each input alone, and of what all together leave; None where so few replications, or an answer that
    is not known or always the same, do not tell."""
    answer = table["answer"].to_numpy()
    if table["answer"].has_nulls() or table.height < FEWEST * len(paths) or not np.ptp(answer) > 0:
        return [None] * (len(paths) + 1)
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


# What comparisons and prices found, as the effects that sentences tell


def differences_told(comparison: Comparison, quantities: Iterable[str] = ()) -> list[str]:
    """Say what surely differs from the base: in the main quantities of its scenario, and in those that are asked for.

    By the names of flows, formations and tasks; intervals hold for all rows of a quantity together.

    >>> more = scenario.with_changes({"pools.trucks.capacity": 4})
    >>> nfm.study.differences_told(nfm.compare({"base": scenario, "more": more}, 1, jobs=1))[0]
    'Nothing is sure to differ from base.'
    """
    effects, pairs = differences_of(comparison, quantities)
    return differences(effects, comparison.base, pairs)


def differences_of(
    comparison: Comparison, quantities: Iterable[str] = (), *, titles: bool = False
) -> tuple[list[Effect], int]:
    """The effects that `differences_told` tells, by the names or by the titles of flows, formations and tasks; and of
    how many pairs of replications."""
    names = dict.fromkeys([*main_quantities(comparison[comparison.base].scenario), *quantities])
    return effects_in(comparison, map(read_quantity, names), titles=titles)


def effects_in(
    comparison: Comparison, quantities: Iterable[Quantity], *, titles: bool = False
) -> tuple[list[Effect], int]:
    """What differs from the base in some quantities, as effects; and of how many pairs of replications."""
    effects, pairs = list[Effect](), 0
    for asked in quantities:
        table = compare_quantity(comparison, asked, comparison.base, 0.95)
        effects += effects_of(with_titles(comparison[comparison.base], table) if titles else table, asked)
        pairs = max([pairs, *table["pairs"]])
    return effects, pairs


def prices_told(prices: pl.DataFrame) -> list[str]:
    """Say what to buy first, of what `nfm.shadow_prices` returned, in each of its quantities.

    >>> nfm.study.prices_told(nfm.shadow_prices(scenario, 1, quantities=["closure"], jobs=1))[0]
    'One more of any single capacity is not sure to gain anything in the last piece of all flows.'
    """
    told = []
    for quantity in priced(prices):
        number = f"{quantity}{FRESH}_replications"
        fresh = prices.drop_nulls(number) if number in prices.columns else prices.clear()
        again = price_effects(fresh, quantity, FRESH) if len(fresh) else [None]
        told += buy_first(price_effects(prices, quantity), again[0], fresh[number][0] if len(fresh) else 0)
    return told
