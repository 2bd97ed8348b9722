"""The exchange rate of support: one more and one fewer of each capability, on the same draws."""

from pathlib import Path
from typing import Any

import pytest

from nfm_sim.decide import exchange, exchange_told, exchanged, one_more_and_one_fewer
from nfm_sim.network import Network
from nfm_sim.problems import InputError
from nfm_sim.scenario import Scenario, build_scenario
from tests.conftest import coast_data, one_ship

TASK = "tasks.host_nation_support.commitments"


def supported(network: Network, **commitment: Any) -> Scenario:
    """Four lorries leave by a gate of an hour at which two controllers work; an element brings one, from hour 0 on."""
    post = {"capability": "control", "staffs": {"controllers": 1}, **commitment}
    data = coast_data(
        flows={"flow": one_ship("truck", 4)},
        places={"harbour": {"truck_ramps": 4, "gates": {"capacity": 1, "rate_per_h": 1}}},
        pools={"controllers": {"capacity": 0}},
        needs={"gates": {"controllers": 2}},
        tasks={"regional_plans": {"priority": 2}, "host_nation_support": {"commitments": {"post": post}}},
        elements={name: {"home": "barracks", "capability": "control", "tier": 1} for name in ("a", "b")},
    )
    return build_scenario(data, network)


def test_one_more_is_worth_an_hour_a_lorry_and_without_any_nothing_closes(
    coast_network: Network, tmp_path: Path
) -> None:
    """With one controller a lorry takes two hours at the gate, with two one: the last is there four hours sooner."""
    found = exchange(supported(coast_network), 8, out=tmp_path / "hns", jobs=1)
    table = {row["change"]: row for row in exchanged(found).rows(named=True)}
    assert list(table) == ["post +1", "post -1", "without any"]
    assert table["post +1"]["closure"] == pytest.approx(-4)
    assert table["post +1"]["closure.mean_h"] == pytest.approx(-2.5)
    assert table["post +1"]["tier 1"] == -0.5, "who supports does not make ready"
    assert table["without any"]["closure"] is None
    assert any(line.startswith("without any: the last piece") for line in exchange_told(found))


def test_who_serves_already_is_not_taken_away(coast_network: Network) -> None:
    scenario = supported(coast_network).with_changes({"elements.a.commitment": "host_nation_support/post"})
    changes = one_more_and_one_fewer(scenario)
    assert changes == {"post +1": {f"{TASK}.post.number": 2}, "without any": {f"{TASK}.post.number": 1}}


def test_one_more_and_one_fewer_of_a_number_that_is_drawn_are_drawn(coast_network: Network) -> None:
    scenario = supported(coast_network, number={"uniform": [2, 4]})
    assert one_more_and_one_fewer(scenario) == {
        "post +1": {f"{TASK}.post.number": {"uniform": [3, 5]}},
        "post -1": {f"{TASK}.post.number": {"uniform": [1, 3]}},
        "without any": {f"{TASK}.post": False},
    }


@pytest.mark.parametrize(("number", "least"), [({"uniform": [1, 3]}, 1), ({"exponential": {"mean": 4}}, 0)])
def test_one_fewer_of_a_number_that_may_be_none_is_refused(
    coast_network: Network, number: dict[str, Any], least: int
) -> None:
    with pytest.raises(InputError, match=rf"post.number .* may be {least}, of which one fewer cannot be had"):
        one_more_and_one_fewer(supported(coast_network, number=number))


def test_a_task_that_asks_for_no_elements_trades_nothing(coast_network: Network) -> None:
    scenario = supported(coast_network)
    with pytest.raises(InputError, match="asks for no elements"):
        one_more_and_one_fewer(scenario, "regional_plans")
    with pytest.raises(InputError, match='did you mean "host_nation_support"'):
        one_more_and_one_fewer(scenario, "host_nation_suport")
