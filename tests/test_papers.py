"""The documentation in the box: found by a word without a network, named by errors, and searched from the disk."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import nfm_sim as nfm
from nfm_sim.problems import Problem
from nfm_sim.scenario.movement_tables import read_movements
from nfm_sim.scenario.on_record import read_record
from nfm_sim.scenario.timetable import read_timetable
from nfm_sim.shipped import copy_example, helps_with, look_up
from nfm_sim.shipped.papers import pages
from tests.conftest import ROOT, called, coast
from tests.report.test_browser import CHROMIUM, Opened, browser, until  # noqa: F401


def test_a_page_is_found_by_its_name() -> None:
    (tutorial,) = look_up("tutorial")
    assert tutorial.text == (ROOT / "docs/tutorial.md").read_text("utf-8")
    assert [part.page for part in look_up("need")] == ["howto/need"]


def test_a_key_of_a_scenario_is_found_with_its_meaning_and_no_more() -> None:
    found = look_up("Lateness_H")
    assert {part.page for part in found} == {"scenario"}
    assert all(part.text.startswith("- **`lateness_h`**") for part in found)


def test_terms_and_measures_are_found_by_their_headings() -> None:
    assert [part.page for part in look_up("double-booked")] == ["glossary"]
    assert {part.page for part in look_up("closure")} == {"gallery", "glossary", "measures"}


def test_other_words_are_found_where_they_stand_headings_first() -> None:
    found = look_up("SLURM")
    assert len(found) > 1
    assert all("slurm" in part.text.casefold() for part in found)
    in_heading = ["no internet" in part.heading.casefold() for part in look_up("no internet")]
    assert in_heading[0]
    assert in_heading == sorted(in_heading, reverse=True)


def test_a_comment_in_code_is_no_heading() -> None:
    assert not [part for part in look_up("import nfm_sim") if part.heading.startswith("1. ")]


def test_what_stands_nowhere_is_said_and_the_next_word_named() -> None:
    with pytest.raises(nfm.InputError, match=r'"latenes_h" stands nowhere.*did you mean "lateness_h"'):
        look_up("latenes_h")


@pytest.mark.parametrize(
    ("file", "key", "words"),
    [
        ("mine.toml", "flows.a.ships.s1.calls.0.port", "port"),
        ("mine.toml", "flows.a.ships.s1.latenes_h", "ships"),
        ("mine.toml", "bananas", "scenario"),
        ("mine/node.csv", "row 3", "network"),
        ("runs/mine", "manifest.json", ""),
    ],
)
def test_an_error_names_the_word_to_ask_for(file: str, key: str, words: str) -> None:
    assert helps_with(Problem(file, key, "x", "is wrong")) == words
    assert not words or look_up(words)


@pytest.mark.parametrize(
    ("content", "read", "page"),
    [
        ("options = 3", lambda file: nfm.decide.read_options(file, scenario=coast()), "buy"),
        ("makes = 3", lambda file: read_movements("units.csv", file), "movement_tables"),
        ("monday = 3", lambda file: read_timetable("gtfs", file), "paths"),
        ("title = 3", read_record, "records"),
        ("is no TOML", read_record, "records"),
        ("is no TOML", nfm.read_scenario, "scenario"),
    ],
)
def test_an_error_of_another_file_names_the_page_of_its_kind(
    content: str, read: Callable[[Path], object], page: str, tmp_path: Path
) -> None:
    (file := tmp_path / "mine.toml").write_text(content)
    with pytest.raises(nfm.InputError) as raised:
        read(file)
    assert {helps_with(problem) for problem in raised.value.problems} == {page}
    assert look_up(page)


def test_the_command_line_ends_with_it(tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text("horizon_days = 0\n")
    done = called("validate", file)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("See `nfm-sim docs ")


def test_the_command_lists_prints_and_finds() -> None:
    listed = {row["page"]: row["about"] for row in json.loads(called("docs", "--json").stdout)}
    assert {*listed} == {*pages()}
    assert listed["tutorial"] == "A scenario of your own"
    assert called("docs", "records").stdout.endswith((ROOT / "docs/records.md").read_text("utf-8") + "\n")
    assert "passages" in called("docs", "escort").stdout
    assert called("docs", "bananas").returncode == 2


def test_the_wheel_holds_every_page(wheel: Path) -> None:
    there = wheel / "nfm_sim/shipped/docs"
    for file in (ROOT / "docs").rglob("*.md"):
        assert (there / file.relative_to(ROOT / "docs")).read_bytes() == file.read_bytes()


@pytest.mark.parametrize("name", ["scenarios", "networks", "records", "notebooks", "docs", "options"])
def test_a_shipped_folder_is_copied_whole(name: str, tmp_path: Path) -> None:
    first, *_ = copy_example(name, tmp_path)
    original = nfm.example(name)
    names = {file.relative_to(original) for file in original.rglob("*.*") if file.is_file()}
    assert names == {file.relative_to(first) for file in first.rglob("*.*") if file.is_file()}


@pytest.mark.skipif(not CHROMIUM.exists(), reason="tests/install_browser.sh installs the browser")
def test_the_pages_are_searched_from_the_disk(browser: Any, tmp_path: Path) -> None:  # noqa: F811
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    there = Opened(browser, tmp_path / "index.html", viewport={"width": 1280, "height": 900})
    there.page.keyboard.press("/")
    there.page.keyboard.type("double-booked")
    until(lambda: there.page.locator(".md-search-result__link").count() > 0)
    assert "file:" in str(there.page.locator(".md-search-result__link").first.get_attribute("href"))
    assert there.said == []
    assert all(url.startswith("file:") for url in there.asked)
    there.context.close()
