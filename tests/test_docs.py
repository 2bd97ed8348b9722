"""What the documents say is so: their commands and their Python run as they stand, their references are current."""

import re
import shlex
import subprocess
import sys
from collections import Counter
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, called
from tests.following import follow, shows, steps_of

DOCS = sorted((ROOT / "docs").rglob("*.md"))
FOLLOWED = [path for path in DOCS if steps_of(path.read_text("utf-8")) and path.name not in ("measures.md",)]
LONG = {"tutorial", "studies", "verify", "lost_bridge", "movement_tables", "export"}
LONG |= {"exchange", "protect", "need", "buy", "mined_port", "who_first", "paths", "fighting"}
RUN = [pytest.param(path, marks=pytest.mark.long if path.stem in LONG else (), id=path.stem) for path in FOLLOWED]


@pytest.mark.parametrize("path", RUN)
def test_a_document_runs_as_it_stands_in_an_empty_folder(wheel: Path, path: Path, tmp_path: Path) -> None:
    for step, said in follow(path.read_text("utf-8"), tmp_path, {"PYTHONPATH": str(wheel)}):
        assert step.kind == "python" or shows(said, step.shown), f"{step.text}\n{said}"


def test_the_tutorial_is_one_of_them() -> None:
    assert {"tutorial", "late_ship", "lost_bridge", "movement_tables", "dask", "studies"} <= {p.stem for p in FOLLOWED}


@pytest.mark.parametrize("path", [ROOT / "README.md", *DOCS], ids=lambda path: path.stem)
def test_links_and_commands_of_a_document_are_there(path: Path) -> None:
    text = path.read_text("utf-8")
    for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        assert link.startswith("http") or (path.parent / link).exists(), link
    for line in re.findall(r"^ {4}(?:\.venv/bin/)?nfm-sim ((?:.*\\\n)*.*)$", text, flags=re.MULTILINE):
        words = shlex.split(line.replace("\\\n", " "), comments=True)
        known = called(words[0], "--help").stdout
        if "Commands:" in known:
            known = called(*words[:2], "--help").stdout
        assert known, line
        assert all(word in known for word in words if word.startswith("--")), line
    for script in re.findall(r"(?:\.venv/bin/python|bash) ((?:-m )?[\w./]+)", text):
        module = script.removeprefix("-m ").replace(".", "/") + ".py"
        if script not in ("-m venv", "-m pip", "-m pytest"):
            assert (ROOT / (module if script.startswith("-m ") else script)).exists(), script


def test_the_documents_become_pages_that_ask_no_network(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-d", str(tmp_path / "site")]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    pages = list((tmp_path / "site").rglob("*.html"))
    assert len(pages) > len(DOCS)
    for page in pages:
        html = page.read_text("utf-8")
        assert not re.findall(r"<(?:script|img|iframe)[^>]+src=\"(?:https?:)?//", html), page
        assert not re.findall(r"<link[^>]+rel=\"(?:stylesheet|preconnect)\"[^>]+href=\"(?:https?:)?//", html), page


def generated() -> Any:
    spec = spec_from_file_location("generate", ROOT / "docs/generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules["generate"] = module
    spec.loader.exec_module(module)
    return module


def test_the_references_are_as_the_models_say() -> None:
    """When this fails: `python docs/generate.py`."""
    for name, make in generated().PAGES.items():
        assert (ROOT / "docs" / name).read_text("utf-8") == make(), name


def test_every_key_of_a_scenario_and_every_column_says_what_it_means() -> None:
    for name, lines in {"scenario.md": 290, "network.md": 43, "tables.md": 80}.items():
        items = re.findall(r"^- \*\*`\w+`\*\* .*$", (ROOT / "docs" / name).read_text("utf-8"), flags=re.MULTILINE)
        assert len(items) >= lines
        empty = [item for item in items if not re.search(r"\)[.:] (?!Example)\S", item)]
        assert not empty


def test_every_class_has_a_name_of_its_own_and_says_what_it_is() -> None:
    rooms = generated().classes_by_room()
    names = Counter(name for classes in rooms.values() for name in classes)
    assert not [name for name, number in names.items() if number > 1]
    assert not [name for classes in rooms.values() for name, about in classes.items() if not about]


def test_every_measure_of_bounds_stands_in_one_place() -> None:
    from nfm_sim import limits

    code = "".join(path.read_text() for path in (ROOT / "src").rglob("*.py"))
    unused = [name for name in vars(limits) if name.isupper() and len(re.findall(rf"\b{name}\b", code)) < 2]
    assert not unused


def test_the_faults_that_no_test_can_notice_are_argued_of_the_code_as_it_is() -> None:
    for change in re.findall(r"```diff\n(.*?)```", (ROOT / "tests/MUTANTS.md").read_text("utf-8"), re.DOTALL):
        file, *lines = change.splitlines()
        source = (ROOT / "src/nfm_sim" / file).read_text("utf-8")
        there = "\n".join(line.strip() for line in source.splitlines())
        assert "\n".join(line[2:] for line in lines if line.startswith("- ")) in there, change
