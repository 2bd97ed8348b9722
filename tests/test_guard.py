"""What is too much for a machine, and what would be lost, is an error with one line; never a traceback."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import nfm_sim as nfm
import nfm_sim.cli
from nfm_sim.files import write_all
from nfm_sim.network import write_network
from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario, read_change
from nfm_sim.scenario.changes import read_toml_text, split_path
from nfm_sim.scenario.files import read_rows
from tests.conftest import ROOT, called, coast, coast_data, one_ship


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    assert called("new", tmp_path / "mine", "--from", "empty").returncode == 0
    return tmp_path / "mine/scenario.toml"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RecursionError("too deep"), "nfm-sim: an input is nested too deeply (too deep)"),
        (OverflowError("too large"), "nfm-sim: a number of an input is too large (too large)"),
        (MemoryError("no room"), "nfm-sim: there is too little memory for this (no room)"),
        (MemoryError(), "nfm-sim: there is too little memory for this"),
        (OSError(36, "File name too long", "aaa"), "aaa: the system refuses this (File name too long)"),
        (PermissionError(13, "Permission denied"), "nfm-sim: the system refuses this (Permission denied)"),
    ],
)
def test_what_is_too_much_is_said_in_a_line(monkeypatch: pytest.MonkeyPatch, error: Exception, said: str) -> None:
    def too_much() -> None:
        raise error

    monkeypatch.setattr(sys.modules["nfm_sim.cli.app"], "app", too_much)
    done = called("run")
    assert done.returncode == 2
    assert done.stderr == f"{said}\n"


def test_a_name_that_no_disk_takes(mine: Path, tmp_path: Path) -> None:
    done = called("study", mine, "--replications", "2", "--jobs", "1", "--out", tmp_path / ("a" * 300))
    assert done.returncode == 2
    assert "File name too long" in done.stderr


def test_a_file_of_a_name_that_no_disk_takes_is_named(tmp_path: Path) -> None:
    file = tmp_path / ("a" * 300)
    with pytest.raises(InputError, match=r"/aaaa.*: cannot be written .File name too long"):
        write_all(tmp_path, {file.name: b"x"})
    assert list(tmp_path.iterdir()) == []


DEEP, LONG = ".".join(["a"] * 3_000), "0x" + "f" * 40_000


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"{DEEP} = 1", "a key has 30 steps or more"),
        (f"[{DEEP}]", "a key has 30 steps or more"),
        (f"{'. '.join(['a', 'b b', 'c'] * 20)} = 1".replace("b b", '"b b"'), "a key has 30 steps or more"),
        ("x = " + "{ a = " * 200 + "1" + " }" * 200, "it is nested too deeply"),
        ("x = " + "[" * 5_000 + "]" * 5_000, "it is nested too deeply"),
        (f"x = {LONG}", "a number has 400 digits or more"),
        (f"x = [1, 0b{'01' * 20_000}]", "a number has 400 digits or more"),
        (f"x = {'9' * 40_000}", "digits"),
    ],
)
def test_small_files_of_large_cost(mine: Path, line: str, said: str) -> None:
    mine.write_text(f"{line}\n{mine.read_text()}")
    begin = time.process_time()
    with pytest.raises(InputError, match=f"scenario.toml: is not TOML: .*{said}"):
        nfm.read_scenario(mine)
    assert time.process_time() - begin < 2


def test_what_a_scenario_says_in_texts_is_no_key() -> None:
    text = f'x = "{"see a.b.c. And so on... " * 40}"\ny = [{"1.5, " * 100}]\na.b.c.d.e.f.g = 1'
    assert len(read_toml_text(text)["y"]) == 100


@pytest.mark.parametrize("text", [f"{DEEP} = 1", f"pools.{'x' * 4_000} = 1", f"a = {LONG}", "a = " + "[" * 5_000])
def test_changes_of_large_cost(text: str) -> None:
    scenario = build_scenario(coast_data(), coast())
    with pytest.raises(InputError):
        scenario.with_changes(dict([read_change(text, "--change")]))


def test_a_place_in_a_list_of_many_digits() -> None:
    scenario = build_scenario(coast_data(flows={"flow": one_ship("truck", 2)}), coast())
    with pytest.raises(InputError, match="must count from 0 to 0 in this list"):
        scenario.with_changes({f"flows.flow.ships.ship.calls.{'9' * 2_500}.day": 1})


def test_data_that_is_nested_too_deeply() -> None:
    data: Any = 1
    for _ in range(900):
        data = {"a": data}
    with pytest.raises(InputError, match="scenario: is nested too deeply"):
        build_scenario({**coast_data(), "places": data}, coast())


@pytest.mark.parametrize("heading", ["pieces..wheeled", "pieces" + " " * 40_000 + '"', "pieces." * 50 + "x"])
def test_a_heading_that_is_no_path_is_a_fault_of_its_table(tmp_path: Path, heading: str) -> None:
    (tmp_path / "elements.csv").write_text(f'element,tier,"{heading.replace(chr(34), 2 * chr(34))}"\na,1,2\nb,1,2\n')
    begin = time.process_time()
    with pytest.raises(InputError, match=r"elements.csv: line 1, heading .* is no path") as found:
        read_rows(tmp_path / "elements.csv")
    assert len(found.value.problems) == 1
    assert time.process_time() - begin < 2


def test_a_column_that_is_a_value_and_a_table_is_a_fault_of_its_table(tmp_path: Path) -> None:
    (tmp_path / "elements.csv").write_text("element,home,home.x\na,1,2\n")
    with pytest.raises(InputError, match=r'elements.csv: line 2, home.x "2" "home" is a value, not a table'):
        read_rows(tmp_path / "elements.csv")


def test_a_path_is_split_in_no_time() -> None:
    begin = time.process_time()
    with pytest.raises(InputError):
        split_path("a" + " " * 2_900 + '"')
    assert time.process_time() - begin < 2


def written_page(path: Path) -> None:
    study = nfm.replicate(build_scenario(coast_data(flows={"flow": one_ship("truck", 2)}), coast()), 1, jobs=1)
    nfm.report(study, path)


@pytest.mark.parametrize(
    "words",
    [
        lambda mine, file: ("explain", mine, "--picture", file),
        lambda mine, file: ("programme", mine, "--by", "day 9", "--replications", "2", "--out", file),
        lambda mine, file: ("import", "forces", file, file, "--map", file),
        lambda mine, file: ("import", "timetable", file.parent, file, "--map", file),
        lambda mine, file: ("report", mine.parent / "study", "--out", file),
    ],
    ids=["explain", "programme", "forces", "timetable", "report"],
)
def test_a_file_that_is_there_is_overwritten_only_with_force(
    mine: Path, tmp_path: Path, words: Callable[[Path, Path], tuple[object, ...]]
) -> None:
    if words(mine, mine)[0] == "report":
        assert called("study", mine, "--replications", "1", "--out", mine.parent / "study").returncode == 0
    for file in (tmp_path / "thesis.html", tmp_path / "link.html"):
        if file.name == "link.html":
            file.symlink_to(tmp_path / "nowhere")
        else:
            file.write_text("a life's work")
        done = called(*words(mine, file))
        assert done.returncode == 2
        assert f"{file}: " in done.stderr
        assert "is there already; choose another name, or give --force" in done.stderr
    assert (tmp_path / "thesis.html").read_text() == "a life's work"
    assert not (tmp_path / "nowhere").exists()


def test_a_page_of_ours_is_written_again_and_another_with_force(mine: Path) -> None:
    study, page = mine.parent / "study", mine.parent / "page.html"
    assert called("study", mine, "--replications", "1", "--out", study).returncode == 0
    assert called("report", study, "--out", page).returncode == 0
    assert called("report", study, "--out", page).returncode == 0
    page.write_text("of another")
    assert called("report", study, "--out", page, "--force").returncode == 0
    assert page.read_text().startswith("<!DOCTYPE html>")


def test_figures_are_drawn_into_no_folder_that_a_link_leads_to(mine: Path, tmp_path: Path) -> None:
    study, victim = mine.parent / "study", tmp_path / "victim"
    assert called("study", mine, "--replications", "1", "--out", study).returncode == 0
    victim.mkdir()
    (victim / "closure.png").write_text("mine")
    (study / "figures").symlink_to(victim)
    assert "is a link, and none in the folder of a study is followed" in called("plot", study, "closure").stderr
    (study / "figures").unlink()
    (study / "figures").mkdir()
    (study / "figures/closure.png").symlink_to(victim / "closure.png")
    assert called("plot", study, "closure").returncode == 2
    assert (victim / "closure.png").read_text() == "mine"
    assert called("plot", study, "closure", "--out", tmp_path / "out").returncode == 0


def test_no_study_of_a_comparison_is_written_by_way_of_a_link(mine: Path, tmp_path: Path) -> None:
    few = ["--replications", "1", "--change", "more: pools.trucks.capacity = 5"]
    assert called("compare", mine, *few, "--out", tmp_path / "c").returncode == 0
    first = next(path for path in (tmp_path / "c").iterdir() if path.is_dir())
    first.rename(tmp_path / "elsewhere")
    first.symlink_to(tmp_path / "elsewhere")
    done = called("compare", mine, "--replications", "2", *few[2:], "--out", tmp_path / "c")
    assert done.returncode == 2
    assert "is a link, and none in the folder of a study is followed" in done.stderr


def test_a_new_folder_is_there_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replaced, calls = os.replace, []

    def stop(*names: Any) -> None:
        calls.append(names)
        if len(calls) == 3:
            raise KeyboardInterrupt
        replaced(*names)

    monkeypatch.setattr(os, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        write_network(coast(), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    write_network(coast(), tmp_path / "out")
    assert (tmp_path / "out/link.csv").exists()


def test_ctrl_c_while_the_packages_load_is_no_traceback() -> None:
    chance = random.Random(3)
    for _ in range(5):
        words = [sys.executable, "-m", "nfm_sim", "study", "scenarios/allied_brigade.toml", "--replications", "9"]
        process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while "site-packages" not in Path(f"/proc/{process.pid}/maps").read_text():
            time.sleep(0.01)  # before that, Python itself begins
        time.sleep(0.5 * chance.random())
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
        assert "Traceback" not in said
        assert process.returncode in (130, -signal.SIGINT), said  # the latter before ours begins


@pytest.mark.skipif(sys.platform != "linux", reason="limits of Linux")
def test_too_little_memory_to_load_the_packages_is_no_traceback() -> None:
    words = f"ulimit -v 600000; exec {sys.executable} -m nfm_sim validate scenarios/allied_brigade.toml"
    done = subprocess.run(["bash", "-c", words], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr == "nfm-sim: there is too little memory to begin; give it 1 GB (ulimit -v)\n"


def test_a_scenario_of_a_study_that_is_no_scenario_is_an_error(tmp_path: Path) -> None:
    study = nfm.replicate(
        build_scenario(coast_data(flows={"flow": one_ship("truck", 2)}), coast()), 1, jobs=1, out=tmp_path / "s"
    )
    (study.folder / "scenario.json").write_text(json.dumps({"data": {}}))
    done = called("verify", study.folder)
    assert done.returncode == 1
    assert "it was changed" in done.stderr
