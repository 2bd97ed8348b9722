"""What is bought in which year, and the gap that is left."""

import json
from pathlib import Path
from typing import Any

import pytest

import nfm_sim as nfm
from nfm_sim.decide import Options, buy_by_year
from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario
from tests.conftest import called, coast, coast_data

BATTALION = {"tier": 1, "home": "barracks", "capability": "infantry"}


def growing() -> nfm.Scenario:
    """A plan that asks for one battalion in 2027 and for three in 2031, and one that there is."""
    versions = {"first": {"demands": [{"capability": "infantry", "day": 5}]}}
    data = coast_data(
        elements={"first": BATTALION},
        plans={"north": {"versions": versions}},
        targets={"2031": {"factors": {"infantry": 3}}},
        activation={"stages": {"recall": {"hours": 12}}},
    )
    return build_scenario(data, coast())


def battalions(lead_days: float) -> Options:
    names = ("second", "third")
    options: dict[str, Any] = {
        name: {"changes": {f"elements.{name}": BATTALION}, "eur": 10e6, "lead_days": lead_days} for name in names
    }
    return Options.model_validate({"options": options})


def test_money_is_kept_until_it_suffices_and_what_is_ordered_comes_later() -> None:
    budgets = {2027: 6e6, 2028: 6e6, 2029: 6e6, 2030: 6e6, 2031: 0.0}
    table = buy_by_year(growing(), battalions(lead_days=400), budgets=budgets, replications=2, jobs=1)
    assert table["bought"].to_list() == ["nothing", "second", "nothing", "third", "nothing"]
    assert table["left"].to_list() == pytest.approx([6e6, 2e6, 8e6, 4e6, 4e6])
    assert table["there"].to_list() == ["nothing", "nothing", "nothing", "second", "second"]
    assert table["estimate"].to_list() == pytest.approx([0, 0.5, 1, 0.5, 1]), "targets grow by half a battalion a year"


def test_what_is_not_known_in_each_replication_is_no_quantity_to_buy_by() -> None:
    short = growing().with_changes({"horizon_days": 0.3})
    with pytest.raises(InputError, match=r"readiness.ready_h.* is not known in each replication with nothing"):
        buy_by_year(short, battalions(lead_days=0), budgets={2027: 6e6}, quantity="ready", replications=2, jobs=1)


def test_what_gains_nothing_is_not_bought() -> None:
    crane = Options.model_validate({"options": {"crane": {"changes": {"places.harbour.cranes": 2}, "eur": 1e6}}})
    table = buy_by_year(growing(), crane, budgets={2027: 6e6}, replications=2, jobs=1)
    assert table.select("bought", "left").rows() == [("nothing", 6e6)]


def test_what_gains_most_for_its_price_is_bought_first() -> None:
    changes = {"one": ["second"], "pair": ["third", "fourth"], "dear": ["fifth", "sixth"]}
    more = {
        name: {"changes": {f"elements.{of}": BATTALION for of in who}, "eur": 10e6} for name, who in changes.items()
    }
    more["dear"]["eur"] = 30e6
    shop = Options.model_validate({"options": more})
    table = buy_by_year(growing(), shop, budgets={2030: 10e6, 2031: 10e6}, replications=2, jobs=1)
    assert table["bought"].to_list() == ["pair", "one"]


def test_at_once_there_is_less_of_a_gap() -> None:
    table = buy_by_year(growing(), battalions(0), budgets={2027: 20e6, 2031: 0.0}, replications=2, jobs=1)
    assert table["there"].to_list() == ["second + third"] * 2
    assert table["estimate"].to_list() == [0, 0]


def test_the_command_prints_years_as_json(tmp_path: Path) -> None:
    file = tmp_path / "options.toml"
    file.write_text('[options.wagons]\nchanges = { "pools.heavy_wagons.capacity" = "+60" }\neur = 4e6\n')
    made = ("--quantity", "closure.mean_h", "--replications", 2, "--jobs", 1, "--json")
    years = ("--year", "2027 = 3e6", "--year", "2028 = 3e6")
    done = called("buy", nfm.example("allied_brigade"), "--options", file, *years, *made)
    rows = json.loads(done.stdout)
    assert [(row["year"], row["bought"], row["left"]) for row in rows] == [
        (2027, "nothing", 3e6),
        (2028, "wagons", 2e6),
    ], done.stderr
