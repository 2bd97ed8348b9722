"""The slots of movement programmes: on which days, and at which hours."""

from typing import Any

import pytest

from nfm_sim.compile import compile_scenario
from nfm_sim.plan.movement import ALL_PORTS, ProgrammePlan
from nfm_sim.scenario import build_scenario
from tests.conftest import coast_data, one_ship, wide_coast


def booked(programme: dict[str, Any], **changes: Any) -> ProgrammePlan:
    flow = {**one_ship("truck", 1), "diverts_to": {"haven": 5}, "programme": programme}
    scenario = build_scenario(coast_data(flows={"flow": flow}, horizon_days=4, **changes), wide_coast())
    return compile_scenario(scenario).programmes["flow"]


def on_days(working: list[str], *days: tuple[float, int], **changes: Any) -> list[float]:
    slots = [{"day": day, "port": "harbour", "mode": "truck", "loads": loads} for day, loads in days]
    return list(booked({"slots": slots, "working": working}, **changes).slots["harbour", "truck"])


def test_slots_of_a_day_lie_evenly_over_its_working_hours() -> None:
    assert on_days(["06:00-18:00"], (0, 2)) == [9, 15]
    assert on_days(["06:00-08:00", "10:00-16:00"], (0, 4)) == [7, 11, 13, 15]
    assert on_days(["06:00-08:00", "10:00-16:00"], (0, 2)) == [8, 14], "the end of an opening is in it"
    assert on_days(["22:00-04:00"], (0, 3)) == [1, 3, 23], "the end of one night, and the beginning of the next"
    assert on_days(["06:00-18:00"], (1, 1), (0, 1), (0, 1)) == [12, 12, 36]
    assert on_days(["mon-tue 06:00-18:00"], (2, 2)) == [54, 66], "over all of a day without any"


def test_slots_by_day_lie_evenly_over_the_working_days() -> None:
    def each_day(number: float, working: list[str]) -> list[float]:
        return list(booked({"per_day": {"truck": number}, "working": working}).slots[ALL_PORTS, "truck"][:3])

    assert each_day(1, ["06:00-18:00"]) == [12, 36, 60]
    assert each_day(1, ["00:00-24:00"]) == [12, 36, 60], "the day before hour 0 is over"
    assert each_day(1.5, ["06:00-18:00"]) == [10, 30, 38]
    assert each_day(0.5, ["18:00-24:00"]) == [42, 90, 138], "the evening before hour 0 is over"
    assert each_day(1, ["20:00-01:00"]) == [-1.5, 22.5, 46.5], "that night is not"
    assert each_day(2, []) == [6, 18, 30]


def test_slots_go_on_for_a_month_after_the_horizon() -> None:
    for working in ([], ["06:00-18:00"]):
        assert booked({"per_day": {"train": 1}, "working": working}).slots[ALL_PORTS, "train"][-1] == 34 * 24 + 12


def test_all_ports_share_what_none_has_of_its_own() -> None:
    own = {"per_day_at": {"haven": {"truck": 3}}}
    plan = booked({"per_day": {"truck": 1, "train": 2}, **own, "first_day": 1.5, "missed": "made up"})
    assert {key: rate.booked for key, rate in plan.rates.items()} == {
        (ALL_PORTS, "truck"): 1,
        (ALL_PORTS, "train"): 2,
        ("haven", "truck"): 3,
    }
    assert plan.slots.keys() == plan.rates.keys()
    assert (plan.first_h, plan.made_up) == (36, True)
    assert not booked({"per_day": {"truck": 1}}).made_up


def test_what_flies_by_itself_is_not_booked() -> None:
    flow = {**one_ship("truck", 3), "programme": {"window_days": 3}}
    flow["shares"]["helicopter"] = {"flight": 1.0}
    flow["ships"]["ship"]["calls"][0]["pieces"]["helicopter"] = 2
    plan = compile_scenario(build_scenario(coast_data(flows={"flow": flow}), wide_coast())).programmes["flow"]
    assert plan.window is not None
    assert plan.window.loads == {(ALL_PORTS, "truck"): ((0, 3),)}


@pytest.mark.parametrize("day", [0, 2])
def test_the_first_opening_that_reaches_into_hour_0_counts(day: int) -> None:
    assert on_days(["00:00-24:00"], (day, 1)) == [24 * day + 12]
