"""What the tasks' measures say, on stories that can be counted by hand."""

from typing import Any

import polars as pl
import pytest

from nfm_sim import measures
from nfm_sim.study import join_runs
from tests.conftest import coast_data


def element(**fields: Any) -> dict[str, Any]:
    return {"home": "barracks", "capability": "infantry", "personnel": 100, **fields}


def post(**fields: Any) -> dict[str, Any]:
    return {"capability": "infantry", **fields}


def data(tasks: dict[str, Any], elements: dict[str, Any], **changes: Any) -> dict[str, Any]:
    tasks = {"regional_plans": {"priority": 2}, **tasks}
    return coast_data(**{"activation": {"decision_h": 24}, "tasks": tasks, "elements": elements, **changes})


@pytest.fixture
def contested(play: Any) -> Any:
    """Two offered elements; from day 2 to 5 a crisis of higher priority asks for three and takes both."""
    crisis = {"priority": 1, "commitments": {"post": post(number=3, from_day=2, until_day=5, travel_h=12)}}
    return play(data({"crisis": crisis}, {"a": element(tier=1), "b": element(tier=2)}))


def test_commitments_tell_what_was_asked_for_and_what_was_missing(contested: Any) -> None:
    crisis, plans = measures.commitments(contested).to_dicts()
    # three for three days; two served from day 2.5 to 5
    assert (crisis["asked_days"], crisis["short_days"]) == (9, 9 - 2 * 2.5)
    assert crisis["filled_share"] == pytest.approx(5 / 9)
    assert crisis["held_days"] is None, "it was never filled"
    # two from day 1 to 10, away from day 2 to 5
    assert (plans["asked_days"], plans["short_days"]) == (18, 6)
    assert plans["held_days"] == 1


def test_the_fill_follows_the_days(contested: Any) -> None:
    fill = measures.task_fill(contested).filter(pl.col("task") == "crisis")
    shares = dict(fill.select("hour", "filled_share").iter_rows())
    assert [shares[24 * day] for day in (1, 2, 3, 4, 5)] == [None, 0, pytest.approx(2 / 3), pytest.approx(2 / 3), None]


def test_what_is_asked_for_twice_is_counted_by_element_and_by_task(contested: Any) -> None:
    rows = measures.double_booked(contested).sort("element").select("element", "task", "wanted_by", "days", "first_h")
    assert rows.rows() == [("a", "crisis", "regional_plans", 3, 48), ("b", "crisis", "regional_plans", 3, 48)]
    assert measures.double_booking(contested).rows() == [("crisis", "regional_plans", 6)]


def test_of_more_than_are_missing_each_counts_for_its_part(play: Any) -> None:
    low = {"priority": 9, "commitments": {"post": post(from_day=4)}}
    run = play(data({"low": low}, {name: element(tier=1) for name in "abcd"}))
    # one is missing for six days, and four could be it
    assert measures.double_booked(run)["days"].to_list() == [1.5] * 4


def test_of_fewer_than_are_missing_each_counts_once(play: Any) -> None:
    low = {"priority": 9, "commitments": {"post": post(from_day=4, number=3)}}
    run = play(data({"low": low}, {name: element(tier=1) for name in "ab"}))
    assert measures.double_booked(run)["days"].to_list() == [6, 6]


def test_double_booking_is_a_mean_over_replications(play: Any) -> None:
    low = {"priority": 9, "commitments": {"post": post(from_day=4)}}
    runs = [play(data({"low": low}, {"a": element(tier=1)}), replication=n) for n in range(3)]
    assert measures.double_booking(join_runs(runs)).rows() == [("regional_plans", "low", 6)]


def test_a_held_commitment_is_held_until_its_relief_fails(play: Any) -> None:
    mission = {"priority": 1, "commitments": {"post": post(from_day=1, tour_days=2, rest_days=9)}}
    run = play(data({"mission": mission}, {"a": element(), "b": element()}))
    (row,) = measures.commitments(run).to_dicts()
    assert row["held_days"] == 4, "two tours of two days"
    assert row["short_days"] == 5


def test_shares_of_pools_count_in_units(play: Any) -> None:
    home = {"priority": 1, "commitments": {"share": {"pool": "guards", "number": 3, "until_day": 4}}}
    run = play(data({"home": home}, {}, pools={"guards": {"capacity": 2}}))
    (row,) = measures.commitments(run).to_dicts()
    assert (row["pool"], row["asked_days"], row["short_days"]) == ("guards", 12, 4)
    assert measures.task_fill(run).is_empty()


def test_people_of_a_task_are_those_of_its_elements_and_of_its_pools(play: Any) -> None:
    home = {
        "priority": 1,
        "commitments": {"post": post(until_day=2), "share": {"pool": "trucks", "number": 3, "from_day": 1}},
    }
    pools = {"trucks": {"capacity": 5, "people": 2}}
    people = measures.task_people(play(data({"home": home}, {"a": element()}, pools=pools)))
    by_hour = dict(people.filter(pl.col("task") == "home").select("hour", "people").iter_rows())
    assert [by_hour[24 * day] for day in (0, 1, 2, 3)] == [100, 106, 6, 6]


def test_readiness_by_element_says_how_surely_and_how_late(play: Any) -> None:
    stages = {"stages": {"recall": {"hours": 0}}}
    elements = {
        "soon": element(tier=1, hours={"recall": 48}),
        "late": element(tier=1, hours={"recall": 300}),
        "never": element(tier=1, hours={"recall": 9999}),
        "at home": element(),
    }
    run = play(coast_data(activation=stages, elements=elements, horizon_days=20))
    table = measures.readiness_by_element(run)
    assert table.select("element", "ready_by_deadline", "ready_median_h", "ready_late_days").rows() == [
        ("soon", 1, 48, None),
        ("late", 0, 300, 2.5),
        ("never", 0, None, 10),
    ]


def test_a_day_less_of_the_last_enabler_buys_at_most_a_day(play: Any) -> None:
    stages = {"stages": {"recall": {"hours": 0}}}
    elements = {
        "hq": element(tier=1, requires="signals; police"),
        "signals": element(tier=1, hours={"recall": 50}),
        "police": element(tier=1, hours={"recall": 60}),
    }
    run = play(coast_data(activation=stages, elements=elements))
    (row,) = measures.last_enabler(run).to_dicts()
    assert (row["last"], row["day_buys_h"]) == ("police", 10), "then the signals are last"
    earlier = {**elements, "police": element(tier=1, hours={"recall": 36})}
    sooner = play(coast_data(activation=stages, elements=earlier))
    hours = [measures.readiness(r).filter(pl.col("element") == "hq")["effective_h"].item() for r in (run, sooner)]
    assert hours[0] - hours[1] == row["day_buys_h"]


def test_without_tasks_there_is_nothing_to_say(play: Any) -> None:
    run = play(coast_data())
    for measure in (measures.commitments, measures.task_fill, measures.double_booked, measures.task_people):
        assert measure(run).is_empty()
