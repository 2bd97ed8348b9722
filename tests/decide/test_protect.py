"""What to protect first: the losses that together delay most, and what protection of them buys back."""

import math
from pathlib import Path
from typing import Any

import pytest

from nfm_sim.decide import Loss, protect, worst_together
from nfm_sim.decide.answers import of_protection
from nfm_sim.network import Network
from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario
from tests.conftest import coast, coast_data, one_ship, wide_coast


def test_of_two_ways_the_cut_that_arithmetic_shows_is_found(tmp_path: Path) -> None:
    """150 km over the halt, 180 over the bypass. Either lost alone costs 36 minutes at most; a link of each for 100
    hours from hour 0 on holds a column that would drive at 1.5, 98.5 hours; with one of them kept, it goes round."""
    scenario = build_scenario(coast_data(flows={"flow": one_ship("column", 5)}), wide_coast())
    found = protect(scenario, 2, losses=2, hours=[0], lasts_h=100, kinds=["link"], out=tmp_path / "cut", jobs=1)
    one, other = found.losses
    assert {one.name, other.name} & {"road1", "road2"}
    assert {one.name, other.name} & {"road5", "road6"}
    assert found.delay[0] == pytest.approx(98.5, abs=6), "in steps of six hours"
    guards = found.worth.filter(protection="guard")
    assert guards["hours"].to_list() == pytest.approx([found.delay[0]] * 2, abs=6), "either is as good as both"
    mended = found.worth.filter(protection="repair")["hours"].to_list()
    assert mended[0] == pytest.approx(76, abs=6), "the way that it waits for is open again after a day"
    again = protect(scenario, 2, losses=2, hours=[0], lasts_h=100, kinds=["link"], out=tmp_path / "cut", jobs=1)
    assert again.losses == found.losses, "goes on where it was"


def test_without_hours_losses_are_tried_from_thirds_of_the_time_to_closure_on() -> None:
    """One piece comes on day 0, and 15 on day 6, of which some are missing at hour 144 and none at 150: days 2 and 4
    are a third and two thirds of that. A loss of 60 hours from day 4 on meets the 15, and one from day 0 on the one."""
    flow = one_ship("column", 1)
    flow["ships"]["late"] = {"calls": [{"port": "harbour", "day": 6, "pieces": {"wheeled": 15}}]}
    scenario = build_scenario(coast_data(flows={"flow": flow}, horizon_days=20), coast())
    found = protect(scenario, 1, losses=1, lasts_h=60, kinds=["link"], jobs=1)
    assert found.losses == (Loss("link", "road1", 96),)


def test_what_never_closes_counts_to_the_horizon(coast_network: Network) -> None:
    """The only road is closed for all ten days: the column, which would close after an hour and a half, never does."""
    scenario = build_scenario(coast_data(flows={"flow": one_ship("column", 5)}, horizon_days=10), coast_network)
    found = protect(scenario, 2, losses=1, hours=[0], lasts_h=240, kinds=["link"], jobs=1)
    assert found.delay[0] == pytest.approx(238.5, abs=6)


def test_a_loss_that_was_chosen_too_early_is_exchanged() -> None:
    worth = {frozenset("b"): 2.0, frozenset("a"): 1.0, frozenset("c"): 1.0, frozenset("ac"): 9.0}

    def harm(sets: object) -> list[float]:
        return [worth.get(one, 3.0) for one in sets]  # type: ignore[attr-defined]

    assert set(worst_together(lambda chosen: "abc", 2, harm=harm)) == {"a", "c"}
    assert worst_together(lambda chosen: "abc", 1, harm=harm) == ("b",)
    assert worst_together(lambda chosen: (), 2, harm=harm) == ()


def test_without_flows_nothing_is_delayed(coast_network: Network) -> None:
    with pytest.raises(InputError, match="no loss delays anything"):
        protect(build_scenario(coast_data(), coast_network), 4)
    flows = {"flow": one_ship("truck", 1)}
    with pytest.raises(InputError, match=r'protect: kind "pol" must be one of link, place, pool.*did you mean "pool"'):
        protect(build_scenario(coast_data(flows=flows), coast_network), 4, kinds=["link", "pol"])


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ({"hours": [5, 240]}, 'at "240" must lie from hour 0 to before the horizon, hour 240'),
        ({"hours": [-1]}, 'at "-1" must lie from hour 0'),
        ({"hours": [math.nan]}, 'at "nan" must lie from hour 0'),
        ({"lasts_h": math.inf}, 'lasts "inf" must be above 0, and at most 100,000 hours'),
    ],
)
def test_hours_in_which_nothing_could_be_lost_are_said(when: Any, said: str, coast_network: Network) -> None:
    with pytest.raises(InputError, match=f"^protect: {said}"):
        protect(build_scenario(coast_data(flows={"flow": one_ship("truck", 1)}), coast_network), 4, **when)


@pytest.mark.parametrize(
    ("kind", "protection", "left"),
    [
        ("pool", "", {"pools": ["x"], "duration_h": 48, "left_share": 0.5}),
        ("pool", "spare", {"pools": ["x"], "duration_h": 48, "left_share": 0.75}),
        ("pool", "repair", {"pools": ["x"], "duration_h": 24, "left_share": 0.5}),
        ("link", "", {"links": ["x"], "duration_h": 48}),
        ("place", "spare", {"nodes": ["x"], "duration_h": 48, "left_share": 0.5}),
        ("link", "repair", {"links": ["x"], "duration_h": 24}),
    ],
)
def test_a_loss_is_a_disruption_of_its_kind_and_less_with_a_protection(kind: str, protection: str, left: Any) -> None:
    assert Loss(kind, "x", 24.0).disruption(48, protection) == {"start_h": 24.0, **left}
    assert Loss(kind, "x", 24.0).disruption(48, "guard") == {}


@pytest.mark.parametrize("kinds", [["pool"], []])
def test_where_allies_use_nothing_of_a_kind_there_is_nothing_to_lose(kinds: list[str]) -> None:
    scenario = build_scenario(coast_data(flows={"flow": one_ship("column", 1)}), coast())
    with pytest.raises(InputError, match=r"protect: kind .* nothing to lose"):
        protect(scenario, 1, kinds=kinds, jobs=1)


def test_a_loss_that_delays_nothing_has_no_bounds_as_nothing_says_how_much_it_might(coast_network: Network) -> None:
    """All is over the border long before the road is lost."""
    scenario = build_scenario(coast_data(flows={"flow": one_ship("column", 5)}), coast_network)
    found = protect(scenario, 2, losses=1, hours=[200], lasts_h=24, kinds=["link"], jobs=1)
    assert found.delay == (0, None, None)
    assert found.worth.select("hours", "hours_low", "hours_high").rows() == [(0, None, None)] * 3
    told = of_protection(found, 24, coast_network).told
    assert told[1].endswith("they delay nothing.")


def test_a_spare_of_a_pool_leaves_three_quarters_of_it() -> None:
    """Of four lorries two are lost for a week, and with a spare one: that is between all of them and half."""
    data = coast_data(flows={"flow": one_ship("truck", 24)}, pools={"trucks": {"capacity": 4}})
    data["places"] = {"harbour": {"truck_ramps": {"capacity": 4, "rate_per_h": 2}}}
    found = protect(build_scenario(data, wide_coast()), 2, losses=1, hours=[0], lasts_h=168, kinds=["pool"], jobs=1)
    assert found.losses == (Loss("pool", "trucks", 0),)
    worth = dict(found.worth.select("protection", "hours").rows())
    assert 0 < worth["spare"] < worth["guard"]
