"""A folder to start from: a scenario of one's own with comments, its tables, a script and a notebook."""

from pathlib import Path

from nfm_sim.files import write_all
from nfm_sim.problems import InputError, one_of
from nfm_sim.shipped.examples import copy_example

TEMPLATES = Path(__file__).parent / "templates"
SCENARIO = "scenario.toml"
STARTS = dict.fromkeys(("allied_brigade", "empty", "tpfdd"), "of_flows")
STARTS |= dict.fromkeys(("activation", "unit_equipment"), "of_elements")
"""What one may start from, each with the folder of the script and notebook that ask what it answers."""
MEANS = "crisis_means"
"""The shipped sheet of means that every start extends."""


def starts() -> list[str]:
    """The names of what one may start from."""
    return sorted(STARTS)


def start(folder: str | Path, kind: str = "allied_brigade") -> list[Path]:
    """Make a folder with a scenario of one's own, a script and a notebook, all of which run as they are; return its
    files, `scenario.toml` first. The network and the means that it extends lie in it too.

    Raises `InputError` when there is no such kind, or the folder holds something.

    >>> from nfm_sim.shipped import start
    >>> start(folder / "mine", "empty")[0].name
    'scenario.toml'
    """
    folder = Path(folder)
    one_of(starts(), kind, "new", "--from")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError.of(folder, "folder", "", "is there already; choose another name")
    templates = {file.name: file for part in (STARTS[kind], kind) for file in (TEMPLATES / part).glob("*.*")}
    names = sorted(templates, key=lambda name: (name != SCENARIO, name))
    written = write_all(folder, {name: templates[name].read_bytes() for name in names})
    return [*written, *copy_example(MEANS, folder)[1:]]
