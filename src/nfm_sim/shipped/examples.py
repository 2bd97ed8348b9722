"""Scenarios, scripts, networks, records and notebooks that come with the package, what each needs to run, and
folders to start from.

In a wheel they lie beside the code, in the repository at its top."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from nfm_sim.files import write_all
from nfm_sim.problems import InputError, Problem, did_you_mean, one_of

KINDS = {
    "scenarios": (".toml", ".py"),
    "scenarios/records": (".toml",),
    "scenarios/options": (".toml",),
    "networks": ("",),
    "records": (".toml",),
    "notebooks": (".ipynb",),
}
"""By folder: the suffixes of what can be asked for by its name; "" for folders."""
FOLDERS = ("scenarios", "scenarios/options", "networks", "records", "notebooks", "docs")
"""What can be asked for whole."""
NETHERLANDS = "netherlands"
"""The network of who names none."""
NAMED = re.compile(r"[\"']([\w./-]+?)\\?[\"']")
"""A name in quotes, as in TOML, Python, and notebooks, where quotes are written out."""


@cache
def shipped_folder() -> Path:
    """The folder in which they lie."""
    room = Path(__file__).resolve().parent
    return room if (room / "scenarios").is_dir() else room.parents[2]


def examples() -> dict[str, Path]:
    """Return all that is shipped by its name: "allied_brigade", "one_force.py", "records/aviation_2020_out"."""
    found: dict[str, Path] = {}
    for kind, suffixes in KINDS.items():
        folder = shipped_folder() / kind
        for path in sorted(folder.iterdir()):
            if path.suffix in suffixes and path.is_dir() == (not path.suffix):
                name = path.name if path.suffix == ".py" else path.stem
                found[f"{kind}/{name}" if name in found or kind.endswith("records") else name] = path
    return found | {Path(folder).name: shipped_folder() / folder for folder in FOLDERS}


def example(name: str) -> Path:
    """Return the file or folder of what is shipped under a name. Raises `InputError` when there is none.

    >>> nfm.example("allied_brigade").name
    'allied_brigade.toml'
    """
    known = examples()
    if name not in known:
        remedy = f"is not shipped{did_you_mean(name, known)}; `nfm-sim example` lists what is"
        raise InputError.of("example", "name", name, remedy)
    return known[name]


def needed_by(path: Path) -> set[Path]:
    """Return the files that something shipped needs, its own among them: what is named in quotes, and is there."""
    todo, found = [path], set[Path]()
    while todo:
        at = todo.pop()
        if at.is_dir():
            todo += (file for file in at.rglob("*.*") if file.is_file())
        elif at not in found:
            found.add(at)
            todo += _named_in(at) if at.suffix in (".toml", ".py", ".ipynb") else ()
    return found


def _named_in(file: Path) -> Iterator[Path]:
    """Yield what a file names: beside it, or from the folder of all; scripts leave out the suffix of scenarios, and
    name the one that is called as they are without saying it."""
    folder = shipped_folder()
    parts = [folder / kind for kind in KINDS]
    for word in {file.stem, *NAMED.findall(file.read_text("utf-8"))}:
        for place in (file.parent / word, folder / word, folder / "scenarios" / f"{word}.toml"):
            path = place.resolve()
            if path.exists() and any(part in path.parents for part in parts):
                yield path


def copy_example(name: str, to: Path) -> list[Path]:
    """Copy what is shipped under a name, with all that it needs, into a folder; return the copies, its own first.

    Raises `InputError` when there is none of this name, or a file that differs lies in the way.
    """
    path, folder = example(name), shipped_folder()
    files = {file: to / file.relative_to(folder) for file in sorted(needed_by(path))}
    if differ := [at for file, at in files.items() if at.exists() and at.read_bytes() != file.read_bytes()]:
        remedy = "lies in the way and differs; move it, or choose another folder"
        raise InputError([Problem(str(to), "file", str(at.relative_to(to)), remedy) for at in differ])
    copies = write_all(to, {str(at.relative_to(to)): file.read_bytes() for file, at in files.items()})
    return [to / path.relative_to(folder), *copies]


# A folder to start from: a scenario of one's own with comments, its tables, a script and a notebook


TEMPLATES = Path(__file__).parent / "templates"
SCENARIO = "scenario.toml"
STARTS = dict.fromkeys(("allied_brigade", "empty", "tpfdd"), "of_flows")
STARTS |= dict.fromkeys(("activation", "unit_equipment"), "of_elements")
"""What one may start from, each with the folder of the script and notebook that ask what it answers."""
MEANS = "crisis_means"
"""The shipped sheet of means that every start extends."""


def start(folder: str | Path, kind: str = "allied_brigade") -> list[Path]:
    """Make a folder with a scenario of one's own, a script and a notebook, all of which run as they are; return its
    files, `scenario.toml` first. The network and the means that it extends lie in it too.

    Raises `InputError` when there is no such kind, or the folder holds something.

    >>> from nfm_sim.shipped import start
    >>> start(folder / "mine", "empty")[0].name
    'scenario.toml'
    """
    folder = Path(folder)
    one_of(sorted(STARTS), kind, "new", "--from")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError.of(folder, "folder", "", "is there already; choose another name")
    templates = {file.name: file for part in (STARTS[kind], kind) for file in (TEMPLATES / part).glob("*.*")}
    names = sorted(templates, key=lambda name: (name != SCENARIO, name))
    written = write_all(folder, {name: templates[name].read_bytes() for name in names})
    return [*written, *copy_example(MEANS, folder)[1:]]
