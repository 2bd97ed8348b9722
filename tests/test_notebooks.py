"""Notebooks run from top to bottom, hold no function, and are stored without outputs."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.conftest import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LONG = {"01_readiness", "04_what_if", "05_what_to_buy_first"}
RUN = [pytest.param(file, marks=pytest.mark.long if file.stem in LONG else (), id=file.stem) for file in NOTEBOOKS]


@pytest.mark.parametrize("file", RUN)
def test_a_notebook_runs(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPLICATIONS", "2")  # in small
    notebook = nbformat.read(file, as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(file.parent)}}).execute()
    pictures = [
        output for cell in notebook.cells for output in cell.get("outputs", []) if "image/png" in output.get("data", {})
    ]
    drawn = sum("nfm.plots" in cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert 0 < len(pictures) <= drawn  # two replications tell no difference, and a figure of none is not shown


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_is_stored_without_outputs_and_functions(file: Path) -> None:
    for cell in nbformat.read(file, as_version=4).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
        assert "def " not in cell.source
