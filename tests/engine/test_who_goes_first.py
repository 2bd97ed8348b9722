"""Who goes first, and who gives way: tasks and donors of one rank, and movements that are bumped."""

from typing import Any

import pytest

from nfm_sim.engine import simulate
from nfm_sim.scenario import build_scenario
from tests.conftest import coast_data, one_ship, story, wide_coast
from tests.engine.test_activation_depth import element as unit
from tests.engine.test_activation_depth import manning, people
from tests.engine.test_task_stories import data, duties, element, held, share, task
from tests.engine.test_transit_depth import with_links

# tasks of one priority


@pytest.mark.parametrize("policy", ["strict", "weights", "reserved"])
def test_tasks_of_one_priority_do_not_rob_each_other(play: Any, policy: str) -> None:
    tasks = {"first": task(1, {"from_day": 1}), "second": task(1, {"from_day": 2})}
    run = play(data(tasks, {"a": element()}, policy=policy))
    assert duties(run, "a") == [("free", "", 0, 24), ("serve", "first", 24, 240)]


def test_shares_of_one_priority_do_not_rob_each_other(play: Any) -> None:
    tasks = {"first": share(1, 2), "second": share(1, 2, from_day=1)}
    run = play(data(tasks, {}, pools={"guards": {"capacity": 3}}))
    assert held(run, "first/share") == [(1.0, 0, 240), (1.0, 0, 240)]
    assert held(run, "second/share") == [(1.0, 24, 240)]


# donors of one rank


def test_of_equally_urgent_donors_the_first_in_the_table_gives_first(play: Any) -> None:
    elements = {
        "urgent": unit(personnel=100, filled_share=0.3),
        "b": unit(personnel=100, tier=3, hours={"recall": 100}),
        "a": unit(personnel=100, tier=3, hours={"recall": 100}),
        "sooner": unit(personnel=100, tier=2, hours={"recall": 100}),
    }
    filling = manning(elements=elements)
    filling["activation"]["stages"] = {"recall": {"hours": 0}, **filling["activation"]["stages"]}
    assert people(play(filling)) == [("urgent", "a", 20.0), ("urgent", "b", 50.0)], "b gives all that it may"


# movements that are bumped


def bumped(**changes: Any) -> dict[str, Any]:
    """Two columns before a road that opens at 2: the lower is formed up at 1.5, and the higher, whose pieces are
    heavy, at 1.7. A slot is 1.01 h with its gap."""
    low, high = {**one_ship("column", 5), "priority": 2}, one_ship("column", 5, "heavy")
    high["ships"]["ship"]["calls"][0]["day"] = 0.2 / 24
    possession = {"start_h": 0, "duration_h": 2, "links": ["road1"], "announced": True}
    moving = coast_data(flows={"low": low, "high": high}, bumping=True, **changes)
    moving["classes"] = {"wheeled": {}, "heavy": {"weight_t": 50}}
    moving["places"] = {"harbour": {"berths": 2, "ramps": 2, "gangs": 2}}
    moving["movement"]["column"]["column_gap_h"] = 1
    moving["disruptions"] = {"x": possession}
    return moving


LOW = "low/ship/harbour/column-001"


def test_a_wait_is_due_to_who_bumped_a_movement_only_beyond_its_own_turn(play: Any) -> None:
    moving = bumped()
    moving["disruptions"]["y"] = {"start_h": 0, "duration_h": 9, "links": ["road2"], "announced": True}
    assert story(play(moving), LOW)[2:7] == [
        ("march", "wait", "harbour", "x", 1.5, 2.0),
        ("march", "wait", "harbour", "bumped by high", 2.0, 3.01),
        ("march", "move", "halt", "", 3.01, 5.01),
        ("march", "wait", "halt", "y", 5.01, 10.01),  # bumped once, and not here, where it is second from the start
        ("march", "move", "border", "", 10.01, 11.02),
    ]


@pytest.mark.parametrize("bumping", [True, False])
def test_who_has_lost_its_turn_to_a_closure_gives_way_once(play: Any, bumping: bool) -> None:
    """At 1.6 the road turns out to be closed until 5: the lower column asks again, and the higher goes before it."""
    moving = bumped() | {"bumping": bumping}
    moving["disruptions"]["y"] = {"start_h": 1.6, "duration_h": 3.4, "links": ["road1"]}
    run = play(moving)
    assert story(run, LOW)[2:5] == [
        ("march", "wait", "harbour", "x", 1.5, 2.0),
        ("march", "wait", "harbour", "y", 2.0, 6.01),
        ("march", "move", "halt", "", 6.01, 8.01),
    ]
    assert story(run, LOW.replace("low", "high"))[4] == ("march", "move", "halt", "", 5.0, 7.0)


def test_who_need_not_give_way_keeps_its_turn(play: Any) -> None:
    """Road and rail open at 20. A train that goes before the first column needs no road; the second column comes
    last, an hour behind the first."""
    flows = {"low": {**one_ship("column", 5), "priority": 2}, "high": one_ship("train", 5)}
    flows["last"] = {**one_ship("column", 5), "priority": 2}
    for hour, flow in enumerate(flows.values()):
        flow["ships"]["ship"]["calls"][0]["day"] = 3 * hour / 24
    moving = coast_data(flows=flows, bumping=True)
    moving["movement"]["column"]["column_gap_h"] = 1
    shut = {"start_h": 0, "duration_h": 20, "links": ["road1", "rail1"], "announced": True}
    run = play({**moving, "disruptions": {"x": shut}})
    names = [f"{flow}/ship/harbour/{mode}-001" for flow, mode in zip(flows, ["column", "train", "column"], strict=True)]
    starts = [next(span[4] for span in story(run, name) if span[1] == "move") for name in names]
    assert starts == [20.0, 20.0, 21.01]


def test_who_is_bumped_goes_before_its_own_turn_where_another_way_lets_it() -> None:
    """By the short way it would be over the border at 5; bumped to 6; and over the bypass, which is too weak for the
    other, at 5.3."""
    network = with_links(wide_coast(), road5={"max_weight_t": 40.0})
    run = simulate(build_scenario(bumped(routing="earliest"), network))
    assert story(run, LOW)[2:4] == [
        ("march", "wait", "harbour", "x", 1.5, 1.7),
        ("march", "move", "border", "", 1.7, 5.31),
    ]
