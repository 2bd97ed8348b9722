"""Years: what is bought in which year of a plan, and the gap that is left as targets grow."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Unpack

import polars as pl

from nfm_sim.decide.buy import SCREENED
from nfm_sim.decide.packages import NOTHING, Package, Shop, called
from nfm_sim.scenario import Scenario
from nfm_sim.scenario.options import Options, read_options
from nfm_sim.scenario.tasks import Targets
from nfm_sim.study.estimates import estimate_of
from nfm_sim.study.quantities import read_quantity
from nfm_sim.study.replicate import How, asked_alone
from nfm_sim.study.tried import Tried

DAYS_A_YEAR = 365.25


def buy_by_year(
    scenario: Scenario,
    options: Options | str | Path,
    *,
    budgets: Mapping[int, float],
    quantity: str = "demands_met.unmet",
    replications: int = 32,
    seed: int = 0,
    out: str | Path | None = None,
    **how: Unpack[How],
) -> pl.DataFrame:
    """Return what is bought in each year of some `budgets` by year, and a quantity of all its rows in that year.

    Options are bought in the order of what they gain alone, for their price, by the targets of the last year; what is
    not spent is kept for the next. What was bought is there as many days after the beginning of its year as it takes.
    The target of a year lies between those of the scenario before and after it, in proportion; that of the year of its
    hour 0 is what its plans ask for. Columns: year, budget, bought, left (of the money), there, estimate, low, high.

    >>> infantry = {"tier": 1, "home": "barracks", "capability": "infantry"}
    >>> growing = scenario.with_changes({"targets.2029": {"factors": {"infantry": 2}}})
    >>> more = {"second": {"changes": {"elements.12_infbat": infantry}, "eur": 5e6, "lead_days": 300}}
    >>> shop = nfm.decide.Options.model_validate({"options": more})
    >>> path = nfm.decide.buy_by_year(growing, shop, budgets={2027: 3e6, 2028: 3e6, 2029: 0}, jobs=1, replications=2)
    >>> path.select("year", "bought", "there", "estimate").rows()
    [(2027, 'nothing', 'nothing', 0.0), (2028, 'second', 'nothing', 0.5), (2029, 'nothing', 'second', 0.0)]
    """
    options = options if isinstance(options, Options) else read_options(options, scenario=scenario)
    asked = read_quantity(quantity).whole
    at_once = Options(options={n: o.model_copy(update={"lead_days": 0}) for n, o in options.options.items()})
    shop = Shop(scenario, at_once)

    def make(key: tuple[int, Package]) -> tuple[Scenario, tuple[()]]:
        return shop.made(key[1])[0].with_changes(_target(scenario, key[0])), ()

    tried = Tried(make, seed, asked_alone([asked], how, out), out, lambda key: f"{key[0]} {called(key[1])}")

    def answer(year: int, package: Package, number: int) -> dict[str, Any]:
        study = tried([(year, package)], range(number))[year, package]
        return estimate_of(study, asked).row(0, named=True)

    sign, last = -1.0 if asked.declared.better == "less" else 1.0, max(budgets)
    base = answer(last, NOTHING, SCREENED)["estimate"]
    gain = {n: sign * (answer(last, shop.alone(n), SCREENED)["estimate"] - base) for n in options.options}
    order = sorted(gain, key=lambda name: -gain[name] / max(1.0, shop.eur(shop.alone(name))))
    there_from: list[tuple[float, str]] = []
    left, rows = 0.0, []
    for year in sorted(budgets):
        left += budgets[year]
        had = shop.ordered(name for _, name in there_from)
        owned = had
        for name in (name for name in order if gain[name] > 0):
            while (more := next(shop.larger(owned, [name], shop.eur(owned) + left), None)) is not None:
                left -= shop.eur(more) - shop.eur(owned)
                owned = more
        bought = _without(owned, had)
        there_from += [(year + options[name].lead_days / DAYS_A_YEAR, name) for name in bought]
        there = shop.ordered(name for from_year, name in there_from if from_year <= year)
        found = answer(year, there, replications)
        numbers = (found[name] for name in ("estimate", "low", "high"))
        rows.append((year, budgets[year], called(bought), left, called(there), *numbers))
    columns = ["year", "budget", "bought", "left", "there", "estimate", "low", "high"]
    return pl.DataFrame(rows, schema=columns, orient="row", infer_schema_length=None)


def _without(package: Package, had: Package) -> Package:
    rest = list(package)
    for name in had:
        rest.remove(name)
    return tuple(rest)


def _target(scenario: Scenario, year: int) -> dict[str, Any]:
    """The changes that give a scenario the targets of a year."""
    known = {scenario.g_day.year: Targets()} | {int(y): t for y, t in scenario.targets.items() if y.isdigit()}
    before = max((y for y in known if y <= year), default=min(known))
    after = min((y for y in known if y >= year), default=max(known))
    part = (year - before) / (after - before) if after > before else 0.0
    capabilities = {"other", *known[before].factors, *known[after].factors}
    factors = {c: (1 - part) * known[before].factor(c) + part * known[after].factor(c) for c in sorted(capabilities)}
    return {f"targets.{year}": {"factors": factors}, "target": str(year)}
