"""Follow a document word by word: type its commands, write its files, run its Python, and compare what is printed."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nfm_sim.kinds.registry import adopt, own
from tests.conftest import called

BLOCK = re.compile(r"^```(\w+)(?: title=\"([^\"]+)\")?\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)


@dataclass
class Step:
    """A command with what it prints, a file, or Python."""

    kind: str
    text: str
    shown: list[str] = field(default_factory=list)


def steps_of(document: str) -> list[Step]:
    """Return what a document tells to do, in its order; Python that follows on Python is one step."""
    steps: list[Step] = []
    for kind, title, text in BLOCK.findall(document):
        if kind == "console":
            for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                command, *shown = part.rstrip("\n").split("\n")
                steps.append(Step("command", command, shown))
        elif title:
            steps.append(Step("file", text, [title]))
        elif kind == "python" and steps and steps[-1].kind == "python":
            steps[-1].text += text
        elif kind == "python":
            steps.append(Step("python", text))
    return steps


def follow(document: str, folder: Path, environment: Mapping[str, str]) -> list[tuple[Step, str]]:
    """Do what a document says in a folder; return each step with what was printed. Python runs as one script, so that
    later blocks know the names of earlier ones."""
    done = []
    script = ""
    for step in steps_of(document):
        if step.kind == "file":
            (folder / step.shown[0]).write_text(step.text)
            continue
        if step.kind == "python":
            script += step.text
            said = _run(["-c", script], folder, environment)
        else:
            first, *words = shlex.split(step.text)
            said = _called(words, folder) if first == "nfm-sim" else _run(words, folder, environment)
        done.append((step, said))
    return done


def _called(words: list[str], folder: Path) -> str:
    """What a command prints, in this process: it would begin a dozen times in a second of its own."""
    kinds = own()
    try:
        done = called(*words, at=folder)
    finally:
        adopt(kinds)  # without those of --extend
    assert done.returncode in (0, 2), done.stderr
    return done.stdout + done.stderr


def _run(words: list[str], folder: Path, environment: Mapping[str, str]) -> str:
    run = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**os.environ, "COLUMNS": "80", "MPLBACKEND": "Agg", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode in (0, 2), run.stderr
    assert "Traceback" not in run.stderr, run.stderr
    return run.stdout + run.stderr


def shows(printed: str, shown: list[str]) -> bool:
    """Whether what was printed is what is shown, where "..." stands for any lines."""
    lines = [re.escape(line.rstrip()) + r"[ ]*\n" if line != "..." else r"(?:.*\n)*?" for line in shown]
    if not shown:
        return not printed.strip()
    return re.fullmatch("".join(lines), printed if printed.endswith("\n") else f"{printed}\n") is not None
