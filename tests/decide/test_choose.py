"""Courses of action."""

import math
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import nfm_sim as nfm
from nfm_sim.decide import choose
from nfm_sim.decide.answers import of_choice
from nfm_sim.problems import InputError
from nfm_sim.study.compare import compare_quantity
from tests.conftest import called
from tests.decide.test_buy import RAMPS, TRUCKS, lorries


def test_the_best_stands_first_with_those_that_cannot_be_told_from_it() -> None:
    base = lorries()
    courses = {"base": base, "more": base.with_changes({TRUCKS: 8}), "same": base.with_changes({TRUCKS: 8.0})}
    found = choose(courses, "P(closure <= 20 h)", quantities=["closure"], replications=8, jobs=1)
    assert found.best == {"P(closure <= 20 h)": ("more", "same"), "closure": ("more", "same")}
    rows = found.answers.rows_by_key(["quantity", "course"], named=True, unique=True)
    chance = rows["P(closure <= 20 h)", "more"]
    assert (chance["estimate"], chance["from_base"]) == (1.0, 1.0)
    assert rows["closure", "base"]["from_base"] is None
    assert found.regret.is_empty()


def test_a_course_may_be_decided_on_a_later_day() -> None:
    """Six more trucks help the less, the later they are sent for; who has none left to carry is not helped at all."""
    forks = {f"at {at_h} h": {"at_h": at_h, "changes": {TRUCKS: 8}} for at_h in (1.0, 12.0, 200.0)}
    found = choose({"base": lorries()}, quantities=["closure"], forks=forks, replications=4, jobs=1)
    assert found.courses == ("base", *forks)
    gained = [-(hours or 0) for hours in found.answers["from_base"]]
    assert gained[1] > gained[2] > gained[3] == 0
    wrong = {"never": {"at_h": 1.0, "changes": {"horizon_days": 3}}}
    with pytest.raises(InputError, match="cannot change"):
        choose({"base": lorries()}, quantities=["closure"], forks=wrong, replications=4, jobs=1)


def test_regret_is_what_each_is_worse_than_the_best_of_a_future() -> None:
    """More trucks are best as it is; where the ramps are gone for a day, the trucks of the others are as good."""
    base = lorries()
    courses = {"base": base, "trucks": base.with_changes({TRUCKS: 8}), "ramps": base.with_changes({RAMPS: 3})}
    jam = {"jam": {"disruptions.jam": {"facilities": ["harbour.truck_ramps"], "start_h": 0, "duration_h": 480}}}
    found = choose(
        courses, quantities=["closure.closed_pieces"], futures=jam, weights={"jam": 0.75}, replications=2, jobs=1
    )
    regret = {row["course"]: row for row in found.regret.rows(named=True)}
    assert found.weights == {"jam": 0.75, "as it is": 0.25}
    assert all(row["most"] == 0 for row in regret.values()), "all pieces close in time, or none does"
    found = choose(courses, quantities=["closure"], futures={"slow": {TRUCKS: 4}}, replications=2, jobs=1)
    regret = {row["course"]: row for row in found.regret.rows(named=True)}
    assert regret["trucks"]["as it is"] == 0
    assert regret["base"]["as it is"] > 0
    assert regret["base"]["most"] == max(regret["base"]["as it is"], regret["base"]["slow"])
    assert regret["base"]["weighted"] == pytest.approx((regret["base"]["as it is"] + regret["base"]["slow"]) / 2)


def test_euros_stand_beside_what_they_gain_and_a_budget_leaves_out_what_costs_more() -> None:
    base = lorries()
    courses = {"base": base, "more": base.with_changes({TRUCKS: 8}), "less": base.with_changes({TRUCKS: 1})}
    goal = "P(closure <= 20 h) and eur <= 2 M"
    found = choose(courses, goal, quantities=["closure"], eur={"more": 3e6}, replications=8, jobs=1)
    rows = found.answers.rows_by_key(["quantity", "course"], named=True, unique=True)
    more = rows["closure", "more"]
    assert more["eur_per_gain"] == pytest.approx(3e6 / -more["from_base"])
    assert rows["P(closure <= 20 h)", "more"]["eur_per_gain"] == 3e6, "for a chance of 1 in place of 0"
    assert rows["closure", "less"]["eur_per_gain"] is None
    assert found.best["closure"] == ("base",), "more costs three million"
    told = of_choice(found, base).told
    assert told[0] == "Left out, as they cost more than the budget: more."
    assert "Best in the last piece of all flows: base, surely." in told
    found = choose(courses, "P(closure <= 20 h) and eur <= 2", eur=dict.fromkeys(courses, 3), replications=4, jobs=1)
    assert of_choice(found, base).told == ["Each course costs more than the budget."]
    with pytest.raises(InputError, match='did you mean "more"'):
        choose(courses, quantities=["closure"], eur={"mor": 3e6})


def test_what_costs_as_much_as_the_budget_is_within_it_and_the_best_is_told_by_one_side(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A course that another is surely better than is so with 95 %, which an interval of 90 % has to each side."""
    asked: list[float] = []

    def compared(*given: Any) -> pl.DataFrame:
        asked.append(given[-1])
        return compare_quantity(*given)

    monkeypatch.setattr(sys.modules["nfm_sim.decide.choose"], "compare_quantity", compared)
    courses = {"base": lorries(), "more": lorries().with_changes({TRUCKS: 8})}
    costs = {"base": 1.0, "more": 3.0}
    found = choose(courses, "P(closure <= 20 h) and eur <= 3", eur=costs, replications=4, jobs=1)
    assert found.beyond == ()
    assert sorted({*asked}) == pytest.approx([0.9, 0.95])
    more = found.answers.row(by_predicate=(pl.col("course") == "more") & (pl.col("quantity") == "closure"), named=True)
    assert more["eur_per_gain"] == pytest.approx(2 / -more["from_base"]), "what it costs more than the base"


def test_of_courses_those_come_first_of_which_it_is_known_what_they_give() -> None:
    """With two lorries the last piece is not over the border within the horizon, and with eight it is."""
    few = lorries().with_changes({"horizon_days": 1})
    found = choose({"few": few, "more": few.with_changes({TRUCKS: 8})}, quantities=["closure"], replications=4, jobs=1)
    assert found.answers["estimate"].null_count() == 1
    assert found.best["closure"] == ("more", "few")


def test_what_cannot_be_asked_is_said() -> None:
    courses = {"base": lorries(), "more": lorries()}
    with pytest.raises(InputError, match="did you mean"):
        choose(courses, "P(closure.flw <= 20 h)")
    with pytest.raises(InputError, match=r'did you mean "mined"'):
        choose(courses, quantities=["closure"], futures={"mined": {TRUCKS: 1}}, weights={"mind": 0.2})
    with pytest.raises(InputError, match="sum to 1"):
        choose(courses, quantities=["closure"], futures={"mined": {TRUCKS: 1}}, weights={"mined": 1.2})
    for weights in ({"mined": math.nan}, {"mined": 0.2, "as it is": 0.2}):
        with pytest.raises(InputError, match="sum to 1"):
            choose(courses, quantities=["closure"], futures={"mined": {TRUCKS: 1}}, weights=weights)
    for eur in (math.nan, True, "2e6"):
        with pytest.raises(InputError, match=f'eur "more = {eur}" must be euros'):
            choose(courses, quantities=["closure"], eur={"more": eur})
    with pytest.raises(InputError, match='futures "as it is" is the world without'):
        choose(courses, quantities=["closure"], futures={"as it is": {TRUCKS: 1}})
    for none in ({}, {"base": lorries()}):
        with pytest.raises(InputError, match="needs a second course"):
            choose(none, quantities=["closure"])
    with pytest.raises(InputError, match='courses "more" names two courses'):
        choose(courses, quantities=["closure"], forks={"more": {"at_h": 1.0, "changes": {TRUCKS: 8}}})
    with pytest.raises(InputError, match='courses "more, mined" names two courses'):
        choose({**courses, "more, mined": lorries()}, quantities=["closure"], futures={"mined": {TRUCKS: 1}})


def test_the_command_prints_courses_and_makes_a_comparison_that_becomes_a_page(tmp_path: Path) -> None:
    file = nfm.example("allied_brigade")
    more = "more trucks: pools.trucks.capacity = 900"
    slow = "slow: pools.trucks.capacity = 40"
    out = tmp_path / "out"
    done = called(
        *("choose", file, "--course", more, "--future", slow, "--for", "P(closure <= 21 d)", "--quantity", "closure"),
        *("--replications", 2, "--jobs", 1, "--out", out, "--eur", "more trucks = 2.5e6"),
    )
    assert "EUR million" in done.stdout
    assert "Best in the last piece of all flows" in done.stdout, done.stderr
    assert "Regret" in done.stdout
    assert list(nfm.open_comparison(out)) == [
        "allied_brigade",
        "more trucks",
        "allied_brigade, slow",
        "more trucks, slow",
    ]
