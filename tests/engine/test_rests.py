"""Where columns and drivers rest on their way, and for how long."""

from typing import Any

import pytest

from nfm_sim.engine import simulate
from nfm_sim.network import Network
from nfm_sim.scenario import build_scenario
from nfm_sim.scenario.rules import TruckRules
from tests.conftest import coast, coast_data, link, node, one_ship, story

LOT = "flow/ship/harbour/"


def test_columns_stay_the_night_where_there_are_beds(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("column", 10)}, places={"halt": {"beds": 15}})
    data["movement"]["column"] |= {
        "vehicles": 5,
        "column_gap_h": 0,
        "rests": [
            {"activity": "rest", "after_h": 2.5, "hours": 1},
            {"activity": "overnight", "after_h": 2.7, "hours": 8, "facility": "beds", "per_vehicle": 2},
        ],
    }
    run = play(data)
    assert story(run, LOT + "column-001")[3:5] == [
        ("overnight", "work", "halt", "", 3.5, 11.5),
        ("march", "move", "border", "", 11.5, pytest.approx(12.51)),
    ]
    # ten beds of fifteen are taken when the second column comes at 4
    assert story(run, LOT + "column-002")[4:6] == [
        ("overnight", "wait", "halt", "beds", 4.0, 11.5),
        ("overnight", "work", "halt", "", 11.5, 19.5),
    ]


def test_a_column_rests_where_the_next_place_is_too_far(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("column", 5)})
    data["movement"]["column"]["rests"] = [{"activity": "rest", "after_h": 3, "hours": 2}]
    assert "rest" not in [row[0] for row in story(play(data), LOT + "column-001")], "three hours in all"
    data["movement"]["column"]["rests"][0]["after_h"] = 2.9
    assert story(play(data), LOT + "column-001")[3] == ("rest", "work", "halt", "", 3.5, 5.5)


def farther() -> Network:
    """The coast with a camp an hour beyond the border."""
    near = coast()
    road = link("road9", "border", "camp", 50, "road")
    nodes = {**near.nodes, "camp": node("camp", 7.0, "road")}
    return Network(near.path, nodes, {**near.links, road.name: road}, near.facilities)


@pytest.mark.parametrize(
    ("night_after_h", "stops"),
    [
        (2.7, [("overnight", "halt", 3.5, 11.5)]),  # due too at the halt, and then the rest is not
        (3.2, [("rest", "halt", 3.5, 4.5), ("overnight", "border", 5.5, 13.5)]),  # a rest is no night
    ],
)
def test_a_long_rest_serves_for_a_short_one_and_not_the_other_way(night_after_h: float, stops: list[Any]) -> None:
    """Two hours to the halt, one to the border, one to the camp; a rest is due after two and a half."""
    data = coast_data(flows={"flow": one_ship("column", 5)})
    data["destinations"]["east"]["exits"]["column"] = "camp"
    data["movement"]["column"]["rests"] = [
        {"activity": "rest", "after_h": 2.5, "hours": 1},
        {"activity": "overnight", "after_h": night_after_h, "hours": 8},
    ]
    told = story(simulate(build_scenario(data, farther())), LOT + "column-001")
    assert [(what, where, *hours) for what, _, where, _, *hours in told if what in ("rest", "overnight")] == stops


@pytest.mark.parametrize(
    ("wait", "rested"),
    [
        ({"movement": {"driving": ["00:00-02:00", "14:00-24:00"]}}, False),
        ({"disruptions": {"x": {"links": ["road1"], "start_h": 0, "duration_h": 9.5}}}, False),
        ({"disruptions": {"x": {"links": ["road1"], "start_h": 0, "duration_h": 9.4}}}, True),
    ],
    ids=["for a window", "for a road, as long as a rest", "a little shorter"],
)
def test_who_has_stood_as_long_as_a_rest_has_rested(play: Any, wait: dict[str, Any], rested: bool) -> None:
    """Half an hour to the harbour, where it stands from 1.5 on; two hours to the halt and one more to the border, of
    three that it may drive without a rest of 8 hours."""
    element = {"home": "barracks", "tier": 1, "pieces": {"wheeled": 5}, "destination": "east"}
    data = coast_data(elements={"bat": element}, shares={"wheeled": {"column": 1.0}})
    overnight = {"activity": "overnight", "after_h": 3, "hours": 8}
    data["movement"]["column"] |= {"rests": [overnight], **wait.get("movement", {})}
    run = play({**data, "disruptions": wait.get("disruptions", {})})
    done = [(row[0], row[2]) for row in story(run, "bat/column-001")]
    assert (("overnight", "halt") in done) is rested
    assert "overnight" not in [activity for activity, place in done if place != "halt"]


def test_who_has_rested_and_turns_back_need_not_rest_again(play_wide: Any) -> None:
    """Half an hour to the harbour, and 3.6 over the bypass, of 4.05 that it may drive. The second half closes when it
    is on the first for 0.2: back in the harbour it leaves again at once, and gets there when it is open."""
    element = {"home": "barracks", "tier": 1, "pieces": {"wheeled": 5}, "destination": "east"}
    data = coast_data(elements={"bat": element}, shares={"wheeled": {"column": 1.0}})
    data["movement"]["column"]["rests"] = [{"activity": "rest", "after_h": 4.05, "hours": 1}]
    data["disruptions"] = {
        "x": {"links": ["road1"], "start_h": 0, "duration_h": 200},
        "y": {"links": ["road6"], "start_h": 2.7, "duration_h": 2},
    }
    assert [row[:1] + row[4:] for row in story(play_wide(data), "bat/column-001")][2:6] == [
        ("rest", 1.5, 2.5),
        ("march", 2.5, 2.7),
        ("turn back", 2.7, 2.9),
        ("march", 2.9, 6.51),
    ]


@pytest.mark.parametrize(
    ("beds", "after_h", "rests_at"),
    [
        (("halt", "border"), 3.5, "border"),  # an hour from one to the other, and one more to the camp
        (("halt",), 3.5, "halt"),
        (("border",), 2.5, "border"),  # there are none at the halt, where it would be due
    ],
)
def test_a_column_rests_where_it_can_for_the_last_time(beds: tuple[str, ...], after_h: float, rests_at: str) -> None:
    data = coast_data(flows={"flow": one_ship("column", 5)}, places={place: {"beds": 99} for place in beds})
    data["destinations"]["east"]["exits"]["column"] = "camp"
    night = {"activity": "overnight", "after_h": after_h, "hours": 8, "facility": "beds", "per_vehicle": 2}
    data["movement"]["column"]["rests"] = [night]
    told = story(simulate(build_scenario(data, farther())), LOT + "column-001")
    assert [place for activity, _, place, *_ in told if activity == "overnight"] == [rests_at]


def test_who_has_stood_and_loses_its_credit_has_rested(play_wide: Any) -> None:
    """Half an hour to the harbour, where it waits for the short way from 1.5 on. At 2.9 that is closed for days; 3.6 h
    over the bypass, which is open by then, would be too far of 3.9 for who has not stood for an hour."""
    element = {"home": "barracks", "tier": 1, "pieces": {"wheeled": 5}, "destination": "east"}
    data = coast_data(elements={"bat": element}, shares={"wheeled": {"column": 1.0}})
    data["movement"]["column"]["rests"] = [{"activity": "rest", "after_h": 4.05, "hours": 1}]
    data["disruptions"] = {
        "x": {"links": ["road1"], "start_h": 0, "duration_h": 3},
        "y": {"links": ["road1"], "start_h": 2.9, "duration_h": 200},
        "z": {"links": ["road5"], "start_h": 0, "duration_h": 2.8},
    }
    assert [row[:2] + row[3:] for row in story(play_wide(data), "bat/column-001")][2:4] == [
        ("march", "wait", "x", 1.5, 2.9),
        ("march", "move", "", 2.9, 6.51),
    ]


def test_a_driver_is_relieved_before_his_duty_ends(play: Any) -> None:
    data = coast_data(flows={"flow": one_ship("train", 20)})
    data["movement"]["train"]["rests"] = [{"activity": "driver's relief", "after_h": 2.5, "hours": 0.5}]
    assert story(play(data), LOT + "train-001")[2:5] == [
        ("march", "move", "halt", "", 6.0, 8.0),
        ("driver's relief", "work", "halt", "", 8.0, 8.5),
        ("march", "move", "border", "", 8.5, 9.5),
    ]


def test_a_driver_keeps_the_hours_of_the_law() -> None:
    rules = TruckRules()
    assert [rules.rest_h(h) for h in (0, 4.5, 6, 9, 10, 18, 19)] == [0, 0, 0.75, 0.75, 11.75, 12.5, 23.5]
