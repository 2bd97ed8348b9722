"""Stocks and attrition as they are compiled: who goes first, which stock comes first, and from when factors hold."""

from typing import Any

import polars as pl
import pytest

from nfm_sim.compile import compile_scenario
from nfm_sim.network import Network
from nfm_sim.plan.plan import Plan
from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario
from tests.conftest import coast, one_ship, wide_coast
from tests.engine.test_supply_stories import area, data
from tests.engine.test_transit_depth import with_links

FOOD = 4500 * 2.495 / 1000 / 24
"""Tonnes an hour that the brigade uses."""


def compiled(network: Network, stocks: dict[str, Any], **changes: Any) -> Plan:
    return compile_scenario(build_scenario(data(stocks, **changes), network))


def test_stocks_and_the_wounded_go_with_the_first_flow_of_their_task(coast_network: Network) -> None:
    """Of the task of the activation, where the stock names no other."""
    tasks = {"regional_plans": {"priority": 2}, "host_nation_support": {"priority": 3}}
    own, others = (one_ship("truck", 1) | {"task": task} for task in tasks)
    wounded = {"share_a_day": 0.1, "place": "harbour"}
    stocks = {**area(), "other": {"drawn_from": "depot", "destination": "east", "task": "host_nation_support"}}
    made = compiled(
        coast_network, stocks, tasks=tasks, flows={"own": own, "others": others}, attrition={"wounded": wounded}
    )
    ranks = {ship.flow: ship.rank for ship in made.ships}
    assert {stock.name: stock.rank for stock in made.supply.stocks} == {
        "depot": ranks["own"],
        "area": ranks["own"],
        "other": ranks["others"],
    }
    assert made.attrition["brigade"][0].of.rank == ranks["own"]
    moved = made.subjects.filter(pl.col("what").is_in(["supply", "evacuation"]))
    assert {*moved.select("part_of", "what", "task").rows()} == {
        ("area", "supply", "regional_plans"),
        ("other", "supply", "host_nation_support"),
        ("wounded", "evacuation", "regional_plans"),
    }


def test_a_stock_comes_after_the_one_that_it_is_drawn_from_however_they_are_named(coast_network: Network) -> None:
    chain = {"unit": {"drawn_from": "area", "lead_h": 1, "days": 1}, **area(days=3)}
    supply = compiled(coast_network, chain).supply
    assert [stock.name for stock in supply.stocks] == ["depot", "area", "unit"]


def test_until_the_first_regime_and_posture_things_are_as_usual(coast_network: Network) -> None:
    """A regime from day 2 on doubles both, and a posture from day 1 to day 3 halves both."""
    double, half = ({"supply_factor": {"food": times}, "attrition_factor": {"wounded": times}} for times in (2.0, 0.5))
    made = compiled(
        coast_network,
        area(),
        attrition={"wounded": {"share_a_day": 0.1}},
        regimes={"war": double},
        timeline=[{"regime": "war", "day": 2}],
        postures={"waiting": {"from_day": 1, "until_day": 3, **half}},
    )
    use = made.supply.uses["brigade"]
    shares = made.attrition["brigade"][0].share_a_day
    assert use.per_h == (FOOD,)
    hours = (0, 23, 24, 47, 48, 71, 72, 999)
    assert [use.factors.at(hour) for hour in hours] == [(of,) for of in (1, 1, 0.5, 0.5, 1, 1, 2, 2)]
    assert [shares.at(hour) for hour in hours] == [0.1, 0.1, 0.05, 0.05, 0.1, 0.1, 0.2, 0.2]


def test_what_is_said_in_kilograms_is_in_tonnes_and_what_is_not_said_nothing(coast_network: Network) -> None:
    stories = data({**area(), "centre": {"place": "halt", "each_vehicle_kg": {"fuel": 75}}}, elements={})
    stories["supply"]["uses"] = ["food", "fuel", "parts"]
    stories["elements"]["company"] = {
        "home": "barracks",
        "destination": "east",
        "personnel": 10,
        "supplied_from": "area",
    }
    stories["attrition"] = {"broken": {"share_a_day": 0.1, "stays_share": 1, "uses_kg": {"parts": 500}}}
    made = compile_scenario(build_scenario(stories, coast_network))
    place = {name: number for number, name in enumerate(made.supply.classes)}
    (centre,) = [stock for stock in made.supply.stocks if stock.name == "centre"]
    assert [centre.per_vehicle[place[name]] for name in ("food", "fuel", "parts")] == [0, 0.075, 0]
    assert [made.attrition["company"][0].of.uses[place[name]] for name in ("food", "fuel", "parts")] == [0, 0, 0.5]


def test_trains_are_loaded_at_a_railhead_and_what_never_comes_back_has_no_way_forward(coast_network: Network) -> None:
    depot = {"place": "barracks", "railhead": "railhead"}
    shares = {"container": {"train": 0.5, "truck": 0.5}}
    gone = {"share_a_day": 0.1, "place": "harbour", "comes_back": False}
    made = compiled(coast_network, {"depot": depot, **area(shares=shares)}, attrition={"wounded": gone})
    (ways,) = [stock.ways["container"] for stock in made.supply.stocks if stock.name == "area"]
    assert {way.lot.mode: way.lot.loads_at for way in ways} == {"train": "railhead", "truck": "barracks"}
    assert (made.attrition["brigade"][0].of.forward, made.attrition["brigade"][0].of.bed) == ({}, None)


def test_the_wounded_come_back_over_the_nodes_that_the_way_there_passes() -> None:
    """The last first, as elements that are relieved do."""
    destinations = {"east": {"exits": {"truck": "border"}, "via": {"truck": ["haven", "halt"]}}}
    wounded = {"share_a_day": 0.1, "place": "harbour"}
    made = compiled(wide_coast(), area(), attrition={"wounded": wounded}, destinations=destinations)
    (falls,) = made.attrition["brigade"]
    (there,), (back,) = falls.of.forward["east"], falls.of.back["east"]
    assert (there.lot.trip.via, back.lot.trip.via) == (("haven", "halt"), ("halt", "haven"))


def test_what_no_road_carries_is_named_by_its_stock_and_its_attrition() -> None:
    network = with_links(coast(), road2={"max_weight_t": 60.0})
    gone = {"broken": {"share_a_day": 0.1, "pieces": "tracked", "place": "harbour"}}
    stories = data(area(), attrition=gone, classes={"container": {"weight_t": 70}, "tracked": {"weight_t": 70}})
    stories["elements"]["brigade"] |= {"pieces": {"tracked": 2}, "destination": "east"}
    stories["shares"] = {"tracked": {"truck": 1.0}}
    with pytest.raises(InputError) as error:
        compile_scenario(build_scenario(stories, network))
    keys = {problem.key for problem in error.value.problems}
    assert keys == {"elements.brigade", "supply.stocks.area", "attrition.broken"}
