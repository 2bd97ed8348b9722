"""Goals: claims that are counted within replications."""

from pathlib import Path
from typing import Any

import pytest

import nfm_sim as nfm
from nfm_sim.decide import Goal, chance
from nfm_sim.decide.goals import Chance
from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario
from nfm_sim.study import estimate, read_quantity, replicate
from nfm_sim.study.intervals import Interval
from tests.conftest import called, coast, coast_data, one_ship
from tests.measures.by_hand import reached, record, rows


def battalions(*hours: tuple[float | None, float | None], horizon_h: float = 240.0) -> nfm.Run:
    """A record of two battalions: when each is in place, in each replication."""
    names = ("a", "b")
    subjects = rows(
        "replication subject what tier",
        *((number, name, "element", 1) for number in range(len(hours)) for name in names),
    )
    marks = [(number, name, at) for number, pair in enumerate(hours) for name, at in zip(names, pair, strict=True)]
    return record(horizon_h, subjects=subjects, spans=reached("in place", *marks))


def truths(run: nfm.Run, event: str) -> list[bool | None]:
    return read_quantity(f"P({event})").values(run)["comes_true"].to_list()


def test_both_is_counted_within_replications() -> None:
    run = battalions((20, 20), (20, 80), (80, 20), (80, 80))
    assert truths(run, "in_place.a <= 2 d and in_place.b <= 48 h") == [True, False, False, False]
    assert truths(run, "in_place.a <= 2 d or in_place.b <= 48 h") == [True, True, True, False]
    assert truths(run, "in_place.a < 20 h or (in_place.a > 2 d and in_place.b >= 80 h)") == [False, False, False, True]
    assert truths(run, "in_place <= 2 d") == [True, False, False, False], "without rows, of each row"


def test_a_bound_without_a_unit_may_stand_before_another_claim() -> None:
    run = nfm.simulate(two_ships())
    for one in ("closure.closed_pieces >= 1", "closure.pieces.one >=1", "(operation.trucks >= 2.0)"):
        assert truths(run, f"{one} and closure <= 9 d") == truths(run, f"{one} or closure > 9 d") == [True]
        assert truths(run, f"{one} and closure > 9 d or closure <= 9 d and {one}") == [True]


def test_and_binds_before_or() -> None:
    run = battalions((20, 80))
    assert truths(run, "in_place.a <= 1 d or in_place.a <= 1 d and in_place.b <= 1 d") == [True]
    assert truths(run, "(in_place.a <= 1 d or in_place.a <= 1 d) and in_place.b <= 1 d") == [False]


def test_what_comes_after_the_horizon_is_unknown_only_where_the_horizon_is_earlier() -> None:
    run = battalions((20, None), horizon_h=240)
    assert truths(run, "in_place.b <= 10 d") == [False]
    assert truths(run, "in_place.b <= 11 d") == [None]
    assert truths(run, "in_place.b > 10 d") == [True]
    assert truths(run, "in_place.b > 11 d") == [None]
    assert truths(run, "in_place.b <= 11 d and in_place.a > 1 d") == [False], "the other decides it"
    assert truths(run, "in_place.b <= 11 d or in_place.a <= 1 d") == [True]
    found = chance(run, "P(in_place.b <= 11 d) >= 0.5")
    assert (found.known, found.replications, found.holds) == (0, 1, None)


def test_a_bound_is_met_by_what_comes_at_that_hour() -> None:
    run = battalions((48, 48 + 1 / 7200))
    assert truths(run, "in_place.a <= 2 d and in_place.b <= 2 d and in_place.b >= 2 d") == [True]
    assert truths(run, "in_place.a < 2 d or in_place.b > 2 d") == [False]


def two_ships() -> nfm.Scenario:
    """Two flows whose ships are late independently of each other, each by more than a day in one of ten."""
    late = {"lateness_h": {"uniform": [0, 24 / 0.9]}}
    ports = {"harbour": {"berths": 9, "truck_ramps": 9, "ramps": {"capacity": 9, "rate_per_h": 1e3}, "gangs": 9}}
    data = coast_data(flows={"one": one_ship("truck", 1, **late), "two": one_ship("truck", 1, **late)}, places=ports)
    return build_scenario(data, coast())


def test_two_independent_events_give_the_product() -> None:
    study = replicate(two_ships(), 96, seed=1, jobs=1, sampling="independent")
    way = nfm.closure(study)["last_h"].min()
    bound = f"{24 + way:.3f} h"
    for name in ("one", "two"):
        assert chance(study, f"closure.{name} <= {bound}").interval.estimate == pytest.approx(0.9, abs=0.1)
    both = chance(study, f"P(closure.one <= {bound} and closure.two <= {bound})").interval
    assert both.low <= 0.81 <= both.high
    assert both.estimate == pytest.approx(0.81, abs=0.12)


def test_29_of_30_is_no_promise_of_95_percent() -> None:
    late = [(20.0, 20.0)] * 29 + [(80.0, 20.0)]
    assert chance(battalions(*late), "P(in_place.a <= 2 d) >= 0.95").holds is None
    assert chance(battalions(*late), "P(in_place.a <= 2 d) >= 0.8").holds is True
    assert chance(battalions(*late), "P(in_place.a <= 2 d) >= 0.999").holds is False
    assert chance(battalions(*[(20.0, 20.0)] * 30), "P(in_place.a <= 2 d) >= 0.95").holds is None


def test_a_bound_that_is_as_high_as_asked_for_is_enough_and_one_as_low_does_not_rule_it_out() -> None:
    goal = Goal("P(closure <= 3 d) >= 0.9")
    assert Chance(goal, Interval(0.95, 0.9, 1.0), 40, 40).holds is True
    assert Chance(goal, Interval(0.85, 0.8, 0.9), 40, 40).holds is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("P(closur <= 3 d) >= 0.9", 'did you mean "closure"'),
        ("P(closure.division <= 30) >= 0.9", "write 30 h or 30 d"),
        ("P(closure.division <= 30 days) >= 0.9", 'did you mean "d"'),
        ("P(closure.p90 <= 3 d) >= 0.9", "no number of a replication"),
        ("P(closure.on_time_share >= 90) >= 0.9", "write it as 90 %"),
        ("P(closure.on_time_share >= 101 %) >= 0.9", "more than a share can be"),
        ("P(closure = 3 d) >= 0.9", "must read like"),
        ("P((closure <= 3 d) >= 0.9", "closing parenthesis"),
        ("P(closure <= 3 d ready <= 2 d) >= 0.9", "join both"),
        ("P(closure <= 3 d) >= 100 %", "between 0 and 1"),
        ("P(" + "(" * 99 + "closure <= 3 d" + ")" * 99 + ")", "parentheses in each other"),
        ("closure <= 3 d and " * 400 + "closure <= 3 d", "characters"),
    ],
)
def test_what_is_no_goal_is_said(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        Goal(text)
    assert said in str(caught.value)


def test_a_goal_has_a_chance_and_a_budget() -> None:
    goal = Goal("P(closure <= 3 d) >= 90 % and eur <= 50 M")
    assert (goal.least, goal.most_eur) == (0.9, 50e6)
    assert (Goal("P(closure ≤ 3 d) ≥ 0.9 and eur ≤ 50 M").least, Goal("closure ≤ 3 d and eur ≤ 5").most_eur) == (0.9, 5)
    assert (Goal("closure <= 3 d").least, Goal("closure <= 3 d").most_eur) == (None, None)


def test_all_names_that_a_scenario_does_not_have_are_said_before_it_runs() -> None:
    with pytest.raises(InputError) as caught:
        chance(two_ships(), "P(closure.won <= 3 d and closure.lasth <= 3 d) >= 0.9")
    assert len(caught.value.problems) == 2
    assert "closure[lasth] is no flow" in str(caught.value)
    assert 'did you mean "last_h"' in str(caught.value)


def test_studies_comparisons_and_stopping_rules_take_events() -> None:
    base = two_ships()
    event = "P(closure.one <= 1 d and closure.two <= 1 d)"
    study = replicate(base, 64, targets=[f"{event} ±20%"], jobs=1)
    (row,) = estimate(study, event).rows(named=True)
    assert row["half_width"] <= 0.2
    sooner = base.with_changes({f"flows.{name}.ships.ship.lateness_h": {"uniform": [0, 1]} for name in ("one", "two")})
    (difference,) = nfm.compare({"base": base, "sooner": sooner}, 32, jobs=1).difference(event).rows(named=True)
    assert (difference["after"], difference["low"] > 0) == (1.0, True)


def test_the_command_says_the_chance_and_whether_it_is_enough(tmp_path: Path) -> None:
    options: tuple[Any, ...] = ("--replications", 16, "--jobs", 1, "--out", tmp_path / "out")
    done = called("chance", nfm.example("allied_brigade"), "P(closure <= 1 d) >= 0.9", *options)
    assert "closure <= 1 d in 0 % of 16 replications (95 % interval 0 % to 19 %)." in done.stdout
    assert "The goal does not hold: 90 % is asked for." in done.stdout
    assert len(nfm.open_study(tmp_path / "out").replications) == 16


def test_a_claim_of_what_has_no_rows_is_an_error() -> None:
    with pytest.raises(InputError, match="has no rows"):
        chance(record(subjects=rows("subject what", ("a", "element"))), "P(windows.held >= 90 %)")
