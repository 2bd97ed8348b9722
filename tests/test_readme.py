"""The README keeps its word."""

import re
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from tests.conftest import ROOT

README = (ROOT / "README.md").read_text()
COMMANDS = [line.strip() for line in README.splitlines() if line.startswith("    python3 -m venv")]


def test_ci_runs_exactly_the_test_command() -> None:
    _, test_command = COMMANDS
    assert test_command in (ROOT / ".ci/run").read_text().splitlines()


def test_both_commands_use_the_lock() -> None:
    assert all("-c requirements.lock" in command for command in COMMANDS)
    lock = (ROOT / "requirements.lock").read_text()
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[\w.]+", line) for line in lock.splitlines())


def test_the_code_runs_as_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("scenarios", "networks"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    written = "\n".join(re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL))
    few = written.replace("replications=40", "replications=4")
    assert few != written
    exec(few, {})
    plt.close("all")
    assert "fewer" in capsys.readouterr().out


def test_it_is_short() -> None:
    assert len(README.splitlines()) <= 100


def test_the_tree_names_what_is_there() -> None:
    tree = (ROOT / "docs/architecture.md").read_text("utf-8").split("## The house")[1].split("\n## ")[0]
    names = re.findall(r"^ {4,}(\S+/|\S+\.py) ", tree, flags=re.MULTILINE)
    known = {path.name for path in ROOT.rglob("*") if ".venv" not in path.parts}
    assert {name.strip("/").split("/")[-1] for name in names} <= known
    assert len(names) > 15
