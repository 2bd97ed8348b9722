"""Numbers that nobody knows are drawn once a replication."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import nfm_sim as nfm
from nfm_sim.compile.scenario import draw_inputs
from nfm_sim.engine import simulate
from nfm_sim.plan.draws import Stream
from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario, one_more
from nfm_sim.scenario.files import lay_over
from nfm_sim.scenario.options import Options
from tests.conftest import coast, coast_data, one_ship

NETWORK = coast()


def lorries(**changes: Any) -> dict[str, Any]:
    return coast_data(flows={"flow": one_ship("truck", 40)}, pools={"trucks": {"capacity": 10}}, **changes)


def inputs(data: dict[str, Any], replications: int = 200, seed: int = 3) -> dict[str, np.ndarray]:
    """What replications draw, by path, in the order of the replications."""
    scenario = build_scenario(data, NETWORK)
    drawn = [draw_inputs(scenario, Stream(seed, number)) for number in range(replications)]
    return {path: np.array([values[path] for values in drawn]) for path in drawn[0]}


def test_a_capacity_is_drawn_whole_and_is_what_the_replication_has() -> None:
    data = lorries()
    data["pools"]["trucks"]["capacity"] = {"pert": [4, 10, 14]}
    scenario = build_scenario(data, NETWORK)
    assert scenario.pools["trucks"].capacity == 10, "where one number is asked for, the most likely"
    for number in range(6):
        run = simulate(scenario, 1, number)
        ((path, drawn),) = run.inputs.select("path", "value").rows()
        assert path == "pools.trucks.capacity"
        assert run.pools.filter(pl.col("pool") == "trucks")["capacity"].item() == round(drawn)
        assert simulate(scenario, 1, number).spans.equals(run.spans), "the same seed draws the same"


def test_a_commitment_asks_for_whole_elements_when_its_number_is_drawn() -> None:
    guards = {"capability": "infantry", "number": {"uniform": [0.6, 3.4]}}
    data = lorries()
    data["tasks"] = {name: {"priority": 2} for name in ("regional_plans", "host_nation_support")}
    data["tasks"]["kingdom"] = {"priority": 1, "commitments": {"guards": guards}}
    data["elements"] = {name: {"capability": "infantry", "home": "barracks"} for name in ("one", "two", "three")}
    scenario = build_scenario(data, NETWORK)
    asked = [simulate(scenario, 1, number).commitments["number"].max() for number in range(8)]
    assert set(asked) == {1.0, 2.0, 3.0}


def test_what_is_drawn_follows_its_distribution_and_nothing_else() -> None:
    data = lorries()
    data["pools"]["trucks"]["capacity"] = {"uniform": [4, 14]}
    (alone,) = inputs(data).values()
    assert abs(alone.mean() - 9) < 0.6
    assert 4 <= alone.min() < alone.max() <= 14
    data["movement"]["truck"]["speed_kmh"] = {"motorway": {"triangular": [30, 50, 60]}}
    both = inputs(data)
    assert np.array_equal(both.pop("pools.trucks.capacity"), alone)
    (speeds,) = both.values()
    assert abs(np.corrcoef(alone, speeds)[0, 1]) < 0.2


def test_rates_speeds_and_pieces_are_uncertain_where_they_stand() -> None:
    data = lorries(places={"harbour": {"truck_ramps": {"capacity": 1, "rate_per_h": {"uniform": [1, 4]}}}})
    data["movement"]["truck"]["speed_kmh"] = {"motorway": {"uniform": [40, 60]}}
    data["flows"]["flow"]["ships"]["ship"]["calls"][0]["pieces"] = {"wheeled": {"pert": [20, 40, 60]}}
    runs = [simulate(build_scenario(data, NETWORK), 2, number) for number in range(8)]
    assert len({nfm.closure(run)["pieces"].item() for run in runs}) > 4
    assert len({nfm.closure(run)["last_h"].item() for run in runs}) == 8
    assert {row for run in runs for row in run.inputs["path"]} == {
        "places.harbour.truck_ramps.rate_per_h",
        "movement.truck.speed_kmh.motorway",
        "flows.flow.ships.ship.calls.0.pieces.wheeled",
    }


def test_shares_still_add_up() -> None:
    data = lorries()
    data["flows"]["flow"]["shares"] = {"wheeled": {"truck": {"uniform": [0.2, 0.9]}, "column": 0.3, "train": 0.2}}
    for number in range(8):
        run = simulate(build_scenario(data, NETWORK), 2, number)
        ways = dict(nfm.measures.ways_taken(run).group_by("mode").agg(pl.col("pieces").sum()).iter_rows())
        assert sum(ways.values()) == 40
        assert ways["truck"] == pytest.approx(run.inputs["value"].item() * 40, abs=1)
        assert ways["column"] == pytest.approx(1.5 * ways["train"], abs=1.5)


def test_a_factor_is_shared_by_what_it_names() -> None:
    """All ramps are slower together, in whole facilities of the network too; hours are scaled with all they hold."""
    data = lorries(
        uncertainty={
            "ramps": {"value": {"uniform": [0.5, 1.5]}, "paths": ["places.*.truck_ramps.rate_per_h"]},
            "forming": {"value": {"uniform": [2, 3]}, "paths": ["movement.column.form_up_h"], "source": "assumed"},
        }
    )
    data["movement"]["column"]["form_up_h"] = {"pert": [1, 2, 3]}
    scenario = build_scenario(data, NETWORK)
    drawn = scenario.drawn({"uncertainty.ramps.value": 0.5, "uncertainty.forming.value": 2})
    assert drawn.facility("harbour", "truck_ramps").rate_per_h == 1
    assert drawn.facility("barracks", "truck_ramps").rate_per_h == 1
    assert drawn.movement.column.form_up_h.as_written() == {"pert": [2, 4, 6]}
    assert not drawn.uncertain
    assert simulate(scenario).inputs["path"].to_list() == ["uncertainty.ramps.value", "uncertainty.forming.value"]


def test_a_factor_can_be_given_a_value() -> None:
    data = lorries(
        uncertainty={"ramps": {"value": {"uniform": [0.5, 1.5]}, "paths": ["places.*.truck_ramps.rate_per_h"]}}
    )
    scenario = build_scenario(data, NETWORK)
    slow, quick = (
        nfm.closure(simulate(scenario.with_changes({"uncertainty.ramps.value": value})))["last_h"].item()
        for value in (0.5, 1.5)
    )
    assert slow > quick + 10


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"shares": {"wheeled": {"truck": {"uniform": [0.5, 1.5]}}}}, 'shares.wheeled.truck "1.5" must be at most 1'),
        (
            {"pools": {"trucks": {"capacity": {"uniform": [-5, 10]}}}},
            "capacity is no distribution such as { pert = [1, 2, 4] }",
        ),
        ({"pools": {"trucks": {"capacity": {"pert": [5, 1, 10]}}}}, "must have the corners of pert in rising order"),
        (
            {"uncertainty": {"x": {"value": 1, "paths": ["pools.trains.capacity"]}}},
            'uncertainty.x.paths "pools.trains.capacity" names no number or hours of the scenario',
        ),
        ({"uncertainty": {"x": {"value": 1, "paths": []}}}, "uncertainty.x.paths must have 1 values or more"),
    ],
)
def test_what_cannot_be_drawn_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as error:
        build_scenario(lorries() | changes, NETWORK)
    assert said in str(error.value)


def test_a_study_keeps_what_was_drawn_and_can_be_forked(tmp_path: Path) -> None:
    data = lorries()
    data["pools"]["trucks"]["capacity"] = {"pert": [4, 10, 14]}
    study = nfm.replicate(build_scenario(data, NETWORK), 4, seed=5, jobs=1, keep="all", out=tmp_path / "s")
    assert study.inputs["replication"].to_list() == [0, 1, 2, 3]
    alone = simulate(build_scenario(data, NETWORK), 5, 2)
    assert study.spans.filter(pl.col("replication") == 2).equals(alone.spans)
    forked = nfm.fork(study, 0.2, changes={"pools.trucks.capacity": 20}, jobs=1, keep="all")
    assert forked.inputs.equals(study.inputs)
    early = pl.col("end_h") < 0.2 * 24
    assert forked.spans.filter(early).equals(study.spans.filter(early))


def test_shares_of_a_class_are_replaced_whole() -> None:
    under = {"shares": {"wheeled": {"truck": 0.5, "column": 0.5}, "tracked": {"train": 1.0}}}
    over = {"shares": {"wheeled": {"train": 1.0}}}
    assert lay_over(under, over) == {"shares": {"wheeled": {"train": 1.0}, "tracked": {"train": 1.0}}}


def test_sensitivity_varies_what_is_uncertain_without_being_told_ranges() -> None:
    data = lorries(
        uncertainty={"ramps": {"value": {"uniform": [0.5, 1.5]}, "paths": ["places.*.truck_ramps.rate_per_h"]}}
    )
    data["pools"]["trucks"]["capacity"] = {"uniform": [4, 14]}
    data["flows"]["flow"]["shares"] = {"wheeled": {"truck": {"uniform": [0.6, 1.0]}, "train": 0.2}}
    table = nfm.study.tornado(build_scenario(data, NETWORK), replications=3, jobs=1)
    values = {(path, end): value for path, end, value in table.select("path", "end", "value").rows()}
    assert values["pools.trucks.capacity", "low"] == 4, "lorries are counted"
    assert values["uncertainty.ramps.value", "high"] == pytest.approx(1.45)
    assert values["flows.flow.shares.wheeled.truck", "low"] == pytest.approx(0.62)
    assert table["difference"].null_count() == 0
    with pytest.raises(InputError, match="has no number that is a distribution"):
        nfm.study.tornado(build_scenario(lorries(), NETWORK), replications=2, jobs=1)


@pytest.mark.parametrize("ramps", [{"uniform": [1, 3]}, {"capacity": {"uniform": [1, 3]}}])
def test_one_more_of_what_is_drawn_is_one_more_in_each_replication(ramps: dict[str, Any]) -> None:
    data = lorries(places={"harbour": {"truck_ramps": ramps}})
    data["pools"]["trucks"]["capacity"] = {"pert": [4, 10, 14]}
    scenario = build_scenario(data, NETWORK)
    for kind, name in (("pool", "trucks"), ("facility", "harbour.truck_ramps")):
        one = one_more(scenario, kind, name)
        assert one is not None
        changed = scenario.with_changes(one.changes)
        (path,) = one.changes
        for number in range(3):
            before, after = (draw_inputs(of, Stream(3, number))[path] for of in (scenario, changed))
            assert after - before == pytest.approx(1)
    assert changed.facility("harbour", "truck_ramps").capacity == one.base + 1 == 3  # type: ignore[union-attr]


def test_what_an_option_adds_to_hours_or_a_drawn_number_moves_its_distribution() -> None:
    data = lorries(activation={"stages": {"recall": {"hours": {"pert": [4, 5, 20]}}, "march": {"hours": 6}}})
    data["pools"]["trucks"]["capacity"] = {"gamma": {"mean": 10, "sd": 5}}
    scenario = build_scenario(data, NETWORK)
    stages = "activation.stages"
    adds = {"pools.trucks.capacity": "+5", f"{stages}.recall.hours": "-2", f"{stages}.march.hours": "-0.5"}
    options = Options.model_validate({"options": {"one": {"changes": adds, "eur": 1, "at_most": 2}}})
    assert options.changes({"one": 2}, scenario) == {
        0.0: {
            "pools.trucks.capacity": {"gamma": {"mean": 20.0, "sd": 10.0}},
            f"{stages}.recall.hours": {"pert": [0.0, 1.0, 16.0]},
            f"{stages}.march.hours": 5.0,
        }
    }
