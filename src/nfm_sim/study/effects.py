"""What comparisons and prices found, as the effects that sentences tell."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from nfm_sim.measures.columns import WHOLES
from nfm_sim.sentences.effects import Effect, buy_first, differences
from nfm_sim.sentences.names import with_titles
from nfm_sim.study.asked import main_quantities, read_quantity
from nfm_sim.study.compare import Comparison
from nfm_sim.study.prices import FRESH, price_effects, priced
from nfm_sim.study.quantities import Quantity


def differences_told(comparison: Comparison, quantities: Iterable[str] = (), *, titles: bool = False) -> list[str]:
    """Say what surely differs from the base: in the main quantities of its scenario, and in those that are asked for.

    By the titles of flows, formations and tasks, or by their names; intervals hold for all rows of a quantity together.

    >>> more = scenario.with_changes({"pools.trucks.capacity": 4})
    >>> nfm.study.differences_told(nfm.compare({"base": scenario, "more": more}, 1, jobs=1))[0]
    'Nothing is sure to differ from base.'
    """
    effects, pairs = differences_of(comparison, quantities, titles=titles)
    return differences(effects, comparison.base, pairs)


def differences_of(
    comparison: Comparison, quantities: Iterable[str] = (), *, titles: bool = False
) -> tuple[list[Effect], int]:
    """The effects that `differences_told` tells, and of how many pairs of replications."""
    base = comparison[comparison.base]
    tables = {name: comparison.difference(name) for name in [*main_quantities(base.scenario), *quantities]}
    if titles:
        tables = {name: with_titles(base, table) for name, table in tables.items()}
    effects = [effect for name, table in tables.items() for effect in effects_of(table, read_quantity(name))]
    return effects, max((number for table in tables.values() for number in table["pairs"]), default=0)


def effects_of(table: pl.DataFrame, asked: Quantity) -> list[Effect]:
    """The rows of `Comparison.difference` as effects."""
    return [
        Effect(
            change=row["study"],
            of=", ".join(_row(key, row[key]) for key in asked.by),
            words=asked.words,
            column=asked.declared,
            reached=row["reached_share"],
            differing=row.get("differing"),
            differing_high=row.get("differing_high"),
            whole=WHOLES.issuperset(asked.by),
            **{name: row[name] for name in ("difference", "low", "high", "before", "after")},
        )
        for row in table.rows(named=True)
    ]


def _row(key: str, value: object) -> str:
    return value if isinstance(value, str) else f"{key} {value}"


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
