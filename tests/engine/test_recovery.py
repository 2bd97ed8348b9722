"""Breakdowns on the march: who recovers a vehicle, when its column goes on without, and what is lost."""

from typing import Any

import pytest

from nfm_sim.measures import closure
from nfm_sim.problems import InputError
from tests.conftest import coast_data, one_ship, story

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
    assert recovery(run, COLUMN + ".2")[-1][2] == "lost"
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
