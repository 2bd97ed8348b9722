"""Breakdowns on the march: who recovers a vehicle, when its column goes on without, and what is lost."""

from typing import Any

import pytest

from nfm_sim.compile.modes import ColumnMode
from nfm_sim.kinds import ModeKind, extend
from nfm_sim.measures import closed_lots, closure, lost_pieces
from nfm_sim.problems import InputError
from nfm_sim.scenario.rules import ColumnRules
from tests.conftest import coast_data, one_ship, story
from tests.engine.test_outbound_stories import outbound

COLUMN = "flow/ship/harbour/column-001"


def broken(pieces: int = 5, teams: float | None = None, **rules: Any) -> dict[str, Any]:
    """A column that surely breaks down on its first leg or second: it takes six hours to recover a vehicle."""
    data = coast_data(flows={"flow": one_ship("column", pieces)})
    data["movement"]["column"] |= {"breakdown_per_vehicle_km": 99, "recovery_h": 6, **rules}
    if teams is not None:
        data["movement"]["column"]["recovery_vehicles"] = "tugs"
        data["pools"] = {"tugs": {"capacity": teams}}
    return data


def recovery(run: Any, subject: str = COLUMN) -> list[Any]:
    return [step[1:] for step in story(run, subject) if step[0] == "recovery"]


def test_a_breakdown_needs_a_recovery_vehicle_and_columns_wait_in_turn(play: Any) -> None:
    data = broken(10, 1, vehicles=5)
    run = play(data)
    first, second = recovery(run), recovery(run, "flow/ship/harbour/column-002")
    assert first[0][1:3] == (first[0][1], "breakdown")
    assert [step[2] for step in second] == ["tugs", "breakdown"]
    assert second[0][4] == first[0][4], "until the first vehicle has been recovered"


def test_a_vehicle_of_a_mode_of_ones_own_is_recovered_and_follows_without_being_loaded_again(play: Any) -> None:
    """Four are loaded over a ramp in two hours, and one of them breaks down in the first leg or the second."""
    convoy = ModeKind(
        name="convoy",
        meaning="",
        noun="convoys",
        colour="#000000",
        network="road",
        loaded_at="truck_ramps",
        rules=ColumnRules,
        compiled=ColumnMode,
    )
    rules = {"breakdown_per_vehicle_km": 99, "recovery_h": 6, "leaves_behind_h": 1}
    origins = {"site": {"place": "harbour", "day": 0, "pieces": {"wheeled": 4}}}
    flow = {"destination": "east", "shares": {"wheeled": {"convoy": 1.0}}, "origins": origins}
    with extend(convoy):
        data = coast_data(flows={"flow": flow}, destinations={"east": {"exits": {"convoy": "border"}}})
        data["movement"]["convoy"] = {"speed_kmh": {"motorway": 50}, **rules}
        run = play(data)
    steps = story(run, "flow/site/harbour/convoy-001.2")
    assert [step for step in steps if step[0] == "load"] == [("load", "work", "harbour", "", 0, 2)]
    (waits, works) = (step for step in steps if step[0] == "recovery")
    assert (waits[5] - waits[4], works[1], works[5] - works[4]) == (1, "work", 6)


def test_a_column_goes_on_without_a_vehicle_that_takes_too_long(play: Any) -> None:
    """It waits two hours; the vehicle needs six from then on, and drives after it."""
    run = play(broken(leaves_behind_h=2))
    (wait,) = recovery(run)
    assert wait[4] - wait[3] == 2
    (mended,) = [step for step in recovery(run, COLUMN + ".2") if step[0] == "work"]
    assert (mended[3], mended[4] - mended[3]) == (wait[4], 6)
    closed = story(run, COLUMN + ".2")[-1]
    assert (mended[1], closed[0], closed[4] - mended[4]) == ("halt", "closed", pytest.approx(1, abs=0.01))
    answer = closure(run).row(0, named=True)
    assert (answer["pieces"], answer["closed_pieces"]) == (5, 5)
    assert story(play(broken(leaves_behind_h=6)), COLUMN)[-1] == story(play(broken()), COLUMN)[-1], "recovered in time"


def test_a_column_waits_no_longer_for_a_recovery_vehicle_than_for_its_own(play: Any) -> None:
    """A task has the only one for good."""
    share = {"commitments": {"share": {"pool": "tugs", "number": 1}}}
    (wait,) = recovery(
        play({**broken(teams=1, leaves_behind_h=2), "tasks": {"regional_plans": {}, "host_nation_support": share}})
    )
    assert (wait[2], wait[4] - wait[3]) == ("tugs", 2)


def test_a_lost_vehicle_is_counted_and_never_closes(play: Any) -> None:
    run = play(broken(lost_share=1))
    answer = closure(run).row(0, named=True)
    assert (answer["pieces"], answer["closed_pieces"], answer["last_h"]) == (5, 4, None)
    assert story(run, COLUMN + ".2")[-1][:4] == ("lost", "milestone", "halt", "breakdown")
    assert lost_pieces(run)["pieces"].to_list() == [1]
    assert recovery(run) == [], "the column goes on at once"


def test_a_vehicle_alone_waits_for_itself(play: Any) -> None:
    assert closure(play(broken(1, leaves_behind_h=2)))["closed_pieces"].to_list() == [1]
    assert closure(play(broken(1, lost_share=1)))["closed_pieces"].to_list() == [0]


def test_without_any_recovery_vehicle_a_breakdown_would_be_waited_for_for_ever(play: Any) -> None:
    with pytest.raises(InputError, match=r"tugs.*would wait for ever"):
        play(broken(teams=0))


def test_a_pool_of_recovery_vehicles_that_is_not_listed_is_not_scarce(play: Any) -> None:
    data = broken()
    data["movement"]["column"]["recovery_vehicles"] = "tugs"
    assert story(play(data), COLUMN) == story(play(broken()), COLUMN)


def to_a_ship(**rules: Any) -> dict[str, Any]:
    """Five vehicles that break down half an hour away from the ship that waits for them, which takes ten an hour."""
    data = outbound("column", 5, {"ro": {"calls": [{"port": "harbour", "day": 0, "takes": 5}]}})
    data["movement"]["column"] |= {"breakdown_per_vehicle_km": 99, "recovery_h": 6, **rules}
    return data


def test_no_ship_waits_for_a_vehicle_that_is_lost(play: Any) -> None:
    """In port at 1.51; nobody handles the one that is not there."""
    run = play(to_a_ship(lost_share=1))
    assert story(run, "out/ro")[-1][::4] == ("discharged", 1.91)


def test_a_vehicle_that_was_left_behind_goes_aboard_after_its_column(play: Any) -> None:
    """The column goes on at 2.5, and the ship takes its four; the fifth is recovered at 8.5. The yard has room for one
    column at a time."""
    data = to_a_ship(leaves_behind_h=1)
    data["places"] = {"harbour": {"yard_m2": {"capacity": 5 * 45}}}
    assert closed_lots(play(data))["closed_h"].round(3).to_list() == [2.91, 8.6]


def test_an_element_arrives_without_a_vehicle_alone_that_is_lost(play: Any) -> None:
    """Two columns of one vehicle: one of them is lost, and their one escort serves both."""
    element = {"home": "barracks", "capability": "inf", "tier": 1, "pieces": {"wheeled": 2}, "destination": "out"}
    base = outbound("column", 1)
    data = coast_data(
        elements={"one": element},
        destinations=base["destinations"],
        shares={"wheeled": {"column": 1.0}},
        pools={"escort_teams": {"capacity": 1}},
    )
    data["movement"]["column"] |= {"vehicles": 1, "escort_above": 0, "breakdown_per_vehicle_km": 0.02, "lost_share": 1}
    run = next(run for seed in range(9) if lost_pieces(run := play(data, seed))["pieces"].to_list() == [1])
    assert {story(run, f"one/column-00{number}")[-1][0] for number in (1, 2)} == {"lost", "closed"}
    assert story(run, "one")[-1][0] == "effective"
