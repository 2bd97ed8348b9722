"""A folder to start from runs as it is."""

import runpy
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import pytest
from nbclient import NotebookClient

import nfm_sim as nfm
from nfm_sim.shipped import STARTS, start
from tests.conftest import ROOT, called

KINDS = ["activation", "allied_brigade", "empty", "tpfdd", "unit_equipment"]
ONE_OF_EACH = {STARTS[kind]: kind for kind in KINDS}.values()
"""A kind for each notebook: the script, which asks the same, runs of all."""


def test_these_are_the_starts() -> None:
    assert sorted(STARTS) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_start_is_sound_without_a_warning_and_its_own(kind: str, tmp_path: Path) -> None:
    done = called("new", tmp_path / "mine", "--from", kind)
    assert done.returncode == 0, done.stderr
    scenario = tmp_path / "mine/scenario.toml"
    checked = called("validate", scenario, "--strict")
    assert checked.returncode == 0, checked.stderr
    network = nfm.read_scenario(scenario).loaded_network.path
    assert network.resolve().is_relative_to(tmp_path), "nothing of it lies elsewhere"
    lines = scenario.read_text().splitlines()
    assert sum("#" in line for line in lines) >= 4, "it says what its lines are"
    assert max(map(len, lines)) < 150


@pytest.mark.parametrize("kind", KINDS)
def test_its_script_runs_anywhere(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start(tmp_path / "mine", kind)
    run_script(tmp_path / "mine/run.py", monkeypatch)
    pictures = list((tmp_path / "mine/runs/figures").glob("*.png"))
    assert len(pictures) == 2
    assert all(picture.stat().st_size > 10_000 for picture in pictures)


def run_script(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run it with two replications, from another folder, as `python mine/run.py 2` does."""
    monkeypatch.chdir(file.parents[1])
    monkeypatch.setattr(sys, "argv", [str(file), "2"])
    runpy.run_path(str(file), run_name="__main__")
    plt.close("all")


def test_the_script_survives_other_units(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start(tmp_path / "mine", "unit_equipment")
    table = tmp_path / "mine/elements.csv"
    heading, one, *_ = table.read_text().splitlines()
    table.write_text("\n".join([heading, one.replace("battalion_1", "42 BN")]))
    run_script(tmp_path / "mine/run.py", monkeypatch)


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.long if kind not in ONE_OF_EACH else ()) for kind in KINDS]
)
def test_its_notebook_runs_and_is_stored_without_outputs(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPLICATIONS", "2")
    start(tmp_path / "mine", kind)
    notebook = nbformat.read(tmp_path / "mine/look.ipynb", as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path / "mine")}}).execute()
    drawn = [o for cell in notebook.cells for o in cell.get("outputs", []) if "image/png" in o.get("data", {})]
    assert len(drawn) == 2


def test_what_is_there_is_not_written_over(tmp_path: Path) -> None:
    start(tmp_path / "mine", "empty")
    again = called("new", tmp_path / "mine")
    assert again.returncode == 2
    assert "is there already; choose another name" in again.stderr
    wrong = called("new", tmp_path / "other", "--from", "brigade")
    assert wrong.returncode == 2
    assert "must be one of activation, allied_brigade, empty" in wrong.stderr
    assert not (tmp_path / "other").exists()


def test_the_templates_are_in_the_package() -> None:
    files = {
        path.relative_to(ROOT / "src/nfm_sim/shipped/templates").as_posix()
        for path in (ROOT / "src/nfm_sim/shipped/templates").rglob("*.*")
    }
    assert {"of_flows/run.py", "of_elements/look.ipynb", "activation/elements.csv", "empty/scenario.toml"} <= files
