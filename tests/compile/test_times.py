"""Times as they are compiled: openings on the clock, regimes, and hours of the week."""

import math
from datetime import datetime
from typing import Any

import pytest

from nfm_sim.compile.kit import Times, joined, opening_windows, parse_opening, periods_of
from nfm_sim.compile.modes import class_of
from nfm_sim.compile.scenario import kit_of
from nfm_sim.kinds import ModeKind
from nfm_sim.kinds.modes import COLUMN, TRAIN
from nfm_sim.plan.timeline import Traffic, Windows
from nfm_sim.scenario import build_scenario
from nfm_sim.scenario.rules import CivilTraffic
from tests.conftest import coast, coast_data, one_ship, story

MONDAY = datetime(2027, 1, 4)


@pytest.mark.parametrize(
    ("text", "days", "opens", "hours"),
    [
        ("08:00-16:30", {0, 1, 2, 3, 4, 5, 6}, 8, 8.5),
        ("06:15-06:45", {0, 1, 2, 3, 4, 5, 6}, 6.25, 0.5),
        ("00:00-24:00", {0, 1, 2, 3, 4, 5, 6}, 0, 24),
        ("10:00-10:00", {0, 1, 2, 3, 4, 5, 6}, 10, 24),
        ("sun 21:00-05:00", {6}, 21, 8),
        ("tue 22:00-24:00", {1}, 22, 2),
        ("mon-fri 06:00-22:00", {0, 1, 2, 3, 4}, 6, 16),
        ("sat-mon 00:00-24:00", {5, 6, 0}, 0, 24),
        ("wed-thu 01:00-02:00", {2, 3}, 1, 1),
    ],
)
def test_an_opening_is_told_in_days_and_hours(text: str, days: set[int], opens: float, hours: float) -> None:
    assert parse_opening(text) == (days, opens, hours)


def test_openings_reach_from_the_first_hour_to_a_month_after_the_horizon() -> None:
    night = opening_windows(("21:00-05:00",), MONDAY, 30, start_h=-48)
    assert night is not None
    assert (night.opens[0], night.closes[0]) == (-51, -43), "since the evening before"
    assert night.opens[-1] == 32 * 24 + 21, "the second day, and thirty-one more"


def test_what_opens_in_the_hour_that_summer_time_leaves_out_is_closed_on_that_day() -> None:
    windows = opening_windows(("02:00-03:00",), datetime(2027, 3, 28), 30)
    assert windows is not None
    assert list(zip(windows.opens, windows.closes, strict=True))[:2] == [(-22, -21), (25, 26)]


def test_intervals_that_touch_or_lie_within_another_become_one() -> None:
    windows = joined([(8, 9), (0, 1), (4, 7), (4.5, 5), (9, 10), (7, 7.5)])
    assert (windows.opens, windows.closes) == ((0, 4, 8), (1, 7.5, 10))


def times(**changes: Any) -> Times:
    return kit_of(build_scenario(coast_data(**changes), coast())).times


def windows(mode: ModeKind, data: dict[str, Any], dangerous: bool = False) -> Windows | None:
    """When movements of a mode may be under way."""
    return class_of(mode)(mode, kit_of(build_scenario(data, coast()))).hours(dangerous).windows


REGIMES = {"crisis": {"decision_h": 7, "driving": []}, "calm": {"decision_h": 9}, "night": {"driving": ["20:00-24:00"]}}


def test_the_regime_of_hour_0_decides_how_long_the_decision_takes() -> None:
    def decision_h(*timeline: tuple[str, float]) -> float:
        starts = [{"regime": name, "day": day} for name, day in timeline]
        return times(activation={"decision_h": 5}, regimes=REGIMES, timeline=starts).decision_h.median_h

    assert decision_h() == 5
    assert decision_h(("calm", 0), ("crisis", 1)) == 9
    assert decision_h(("crisis", 1)) == 5, "that of a later day does not"
    assert decision_h(("night", 0)) == 5, "nor one that says nothing of it"


def test_a_regime_without_hours_of_its_own_has_the_usual_ones() -> None:
    starts = [{"regime": name, "day": day} for name, day in (("calm", 0), ("crisis", 0.5), ("calm", 1.5), ("night", 3))]
    data = coast_data(regimes=REGIMES, timeline=starts)
    data["movement"]["column"]["driving"] = ["22:00-06:00"]
    driving = windows(COLUMN, data)
    assert driving is not None
    # usual until noon, always until the next noon but one, usual until midnight of the third day, then in the evening
    spans = list(zip(driving.opens, driving.closes, strict=True))[:5]
    assert spans == [(0, 6), (12, 36), (46, 54), (70, 72), (92, 96)]


@pytest.mark.parametrize(
    ("rules", "regime", "opens", "dangerous"),
    [
        ({}, {"running": ["20:00-24:00"]}, 20, 20),
        ({}, {"running_dangerous": ["02:00-03:00"]}, 22, 2),
        ({"running_dangerous": ["01:00-02:00"]}, {"running": ["20:00-24:00"]}, 20, 1),
        ({"running_dangerous": ["01:00-02:00"]}, {"running_dangerous": ["02:00-03:00"]}, 22, 2),
    ],
)
def test_trains_with_dangerous_goods_run_as_others_where_nothing_is_said_of_them(
    rules: dict[str, Any], regime: dict[str, Any], opens: float, dangerous: float
) -> None:
    data = coast_data(regimes={"war": regime}, timeline=[{"regime": "war", "day": 0}])
    data["movement"]["train"] |= {"running": ["22:00-23:00"], **rules}
    others, those = windows(TRAIN, data), windows(TRAIN, data, dangerous=True)
    assert others is not None
    assert those is not None
    assert (others.opens_at(0), those.opens_at(0)) == (opens, dangerous)


def test_without_regimes_that_say_otherwise_the_usual_hours_hold() -> None:
    assert windows(COLUMN, coast_data(regimes=REGIMES, timeline=[{"regime": "calm", "day": 0}])) is None


def test_a_scenario_begins_with_the_first_pre_alert() -> None:
    elements = {name: {"tier": 1, "home": "barracks", "pre_alert_days": days} for name, days in (("a", 2), ("b", 3))}
    stages = {"stages": {"recall": {"hours": 1}}, "pre_alert_stages": ["recall"]}
    assert times(activation=stages, elements={**elements, "c": {"tier": 1, "home": "barracks"}}).start_h == -72
    assert times().start_h == 0


def test_a_regime_that_needs_no_permit_lets_pass_what_waits(play: Any) -> None:
    data = coast_data(
        flows={"flow": {**one_ship("truck", 1), "permit_applied_day": 0}},
        regimes={"peace": {"permit_h": 120}, "open": {}},
        timeline=[{"regime": "peace", "day": 0}, {"regime": "open", "day": 1}],
    )
    assert story(play(data), "flow/ship/harbour/truck-001")[1][-1] == 24


def test_only_the_regime_of_hour_0_held_before(play: Any) -> None:
    """The permit was asked for four days before."""
    for day, loads_at in ((0, 24.0), (1 / 48, pytest.approx(0.1))):
        data = coast_data(
            flows={"flow": {**one_ship("truck", 1), "permit_applied_day": -4}},
            regimes={"peace": {"permit_h": 120}, "open": {"permit_h": 6}},
            timeline=[{"regime": "peace", "day": day}, {"regime": "open", "day": 6}],
        )
        assert [span[4] for span in story(play(data), "flow/ship/harbour/truck-001") if span[0] == "load"] == [loads_at]


def test_hours_of_the_week_are_those_of_the_clock() -> None:
    """Hour 0 is half a minute past half past midnight; roads are full from noon on."""
    civil = CivilTraffic(mean_per_h={"motorway": 9}, road={"weekday": [0] * 12 + [1] * 12})
    (road,) = periods_of(Traffic(civil), datetime(2027, 1, 4, 0, 30, 36), -1.5, 20.2).values()
    assert road.begins[:4] == pytest.approx((-2.51, -0.51, 11.49, 23.49), abs=1e-6)
    assert road.ends[:3] == road.begins[1:4]
    assert road.ends[-1] == math.inf
    assert road.begins[-1] == pytest.approx(21 + 31 * 24 - 9.51, abs=1e-6), "the last change within a month"
    assert len(set(road.classes[::2])) == len(set(road.classes[1::2])) == 1
    assert road.classes[0] != road.classes[1]
    assert Traffic(civil).classes("road")[road.classes[1]].road_factor == 0
    assert periods_of(Traffic(CivilTraffic()), MONDAY, 0, 24) == {}
