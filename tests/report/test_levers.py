"""Levers on a page: a grid that was simulated beforehand, and nothing in between."""

import re
from pathlib import Path
from typing import Any

import pytest

import nfm_sim as nfm
from nfm_sim.problems import InputError
from nfm_sim.reports.levers import MARK, grid, levers_of
from nfm_sim.reports.verify import verify_page
from tests.conftest import called
from tests.desk.test_desk import story
from tests.report.test_browser import CHROMIUM, browser, until  # noqa: F401

TRUCKS, LOCOMOTIVES = "pools.trucks.capacity", "pools.locomotives.capacity"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    study = nfm.replicate(story(), 3, seed=3, jobs=1)
    points = grid(study, {TRUCKS: [2, 3], LOCOMOTIVES: [2]}, jobs=1)
    return points, nfm.report(points, tmp_path_factory.mktemp("levers") / "page.html", jobs=1)


def test_the_grid_has_every_path_as_it_is_and_at_each_value(made: tuple[Any, Path]) -> None:
    base, *points = made[0]
    assert (base, points) == (
        "a story",
        [
            f"{MARK}{LOCOMOTIVES} = 2",
            f"{MARK}{TRUCKS} = 2",
            f"{MARK}{TRUCKS} = 2; {LOCOMOTIVES} = 2",
            f"{MARK}{TRUCKS} = 3",
            f"{MARK}{TRUCKS} = 3; {LOCOMOTIVES} = 2",
        ],
    )
    assert levers_of(made[0]).values == {LOCOMOTIVES: ["2"], TRUCKS: ["2", "3"]}


def test_a_point_differs_by_what_compare_says_bit_for_bit(made: tuple[Any, Path]) -> None:
    rows = levers_of(made[0]).points[f"{TRUCKS} = 3"]
    two = nfm.compare({"base": story(), "more": story().with_changes({TRUCKS: 3})}, 3, seed=3, jobs=1)
    told = two.difference("closure").select("flow", "before", "after", "difference").rows()
    shown = [
        (row["of"], row["before"], row["after"], row["difference"]) for row in rows if row["quantity"] == "closure"
    ]
    assert shown == told


def test_the_page_shows_the_points_and_is_made_again_letter_by_letter(made: tuple[Any, Path]) -> None:
    text = made[1].read_text()
    assert re.findall(r'<tbody data-point="([^"]+)" hidden>', text) == [
        name.removeprefix(MARK) for name in [*made[0]][1:]
    ]
    assert verify_page(made[1], whole=True, jobs=1).faults == ()


def test_too_many_points_are_refused_before_any_is_simulated(made: tuple[Any, Path]) -> None:
    with pytest.raises(InputError, match="are more points than 30"):
        grid(made[0]["a story"], {TRUCKS: [*range(2, 20)], LOCOMOTIVES: [2]})


def test_a_comparison_of_scenarios_has_no_levers() -> None:
    study = nfm.replicate(story(), 1, jobs=1)
    assert levers_of(nfm.Comparison({"base": study, f"{TRUCKS} = 3": study})) is None


@pytest.mark.skipif(not CHROMIUM.exists(), reason="tests/install_browser.sh installs the browser")
def test_a_lever_shows_its_point_alone(browser: Any, made: tuple[Any, Path]) -> None:  # noqa: F811
    page = browser.new_page()
    page.goto(made[1].as_uri())
    assert page.locator("#levers tbody:visible").count() == 0
    page.get_by_label(TRUCKS).select_option("3")
    page.get_by_label(LOCOMOTIVES).select_option("2")
    until(lambda: page.locator("#moved").text_content() == f"{TRUCKS} = 3; {LOCOMOTIVES} = 2")
    shown = page.locator("#levers tbody:visible")
    assert [shown.nth(n).get_attribute("data-point") for n in range(shown.count())] == [
        f"{TRUCKS} = 3; {LOCOMOTIVES} = 2"
    ]
    page.close()


def test_the_command_makes_the_grid_of_a_study_and_refuses_another(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    nfm.replicate(story(), 2, out=folder, jobs=1)
    made = called("report", folder, "--levers", f"{TRUCKS} = 2, 3", "--jobs", 1)
    assert made.returncode == 0
    points = re.findall(r'<tbody data-point="([^"]+)" hidden>', (tmp_path / "study.html").read_text())
    assert points == [f"{TRUCKS} = 2", f"{TRUCKS} = 3"]
    twice = called("report", folder, "--levers", f"{TRUCKS} = 2", "--levers", f"{TRUCKS} = 3", "--force")
    assert twice.returncode == 2
    assert "stands twice" in twice.stderr
