"""Deliberate faults: which of them do the tests not notice?

    nice .venv/bin/python -m tests.mutants [ROOM ...] [--each 50] [--seed 1] [--minutes 90] [--out survivors.txt]

Of each room so many faults are sampled: a bound of a comparison, a sign, a term, `and` for `or`, 0 for 1, the least for
the most, a condition that always or never holds, a step that is left out. Each is made in a copy of the project, and
the tests that run its line are run, the quickest and most particular first, until one fails. What no test fails on has
survived; it is written down with its place and its change. Those that change nothing that can be seen, and why, stand
in MUTANTS.md.

Tests run in forks, one at a time: of a process that has loaded the package and the tests, when the fault is in
functions alone, and else of one that has loaded the libraries. Which test runs which line is noted once, in
`.mutants.json`, and again for files of tests that have changed. All limits are of processor time, so that a busy
machine kills no mutant.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from tests.mutations import Mutant, mutants_of
from tests.trials import outcomes, record

ROOT = Path(__file__).parents[1]
ROOMS = ("engine", "compile", "plan", "measures")
STORED = "tests/test_scenarios.py::test_a_shipped_scenario_closes_with_the_answers_that_are_stored"
NEAR = (
    *(f"tests/{room}" for room in (*ROOMS, "scenario")),
    "tests/study/test_fork.py",
    "tests/study/test_study.py::test_curves_come_from_the_study_in_its_steps",
    "tests/study/test_study.py::test_what_is_kept_answers_only_what_was_asked_then",
    "tests/test_explain.py",
    STORED,
)
"""The tests that are asked of these rooms; of others their own. All others see a room from farther away, and take most
of the time."""
LOADED = ("numpy", "scipy.special", "scipy.optimize", "polars", "pydantic", "simpy", "hypothesis", "matplotlib")
SOME = 25
"""Faults that are tried before the clock is looked at."""


def main() -> None:
    """Sample, try and tell."""
    options = _options()
    for name in LOADED:
        __import__(name)

    known = (ROOT / "tests/MUTANTS.md").read_text()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "project"
        copy_project(copy)
        seen = record(copy, options.tests, ROOT / ".mutants.json")
        began = time.monotonic()
        survived: dict[str, list[str]] = defaultdict(list)
        for room, sample in samples(copy, options).items():
            mutants = [mutant for mutant in sample if mutant.as_argued not in known]
            tried = 0
            while tried < len(mutants) and time.monotonic() - began < options.minutes * 60:
                some = mutants[tried : tried + SOME]
                for mutant, outcome in zip(some, outcomes(copy, some, seen), strict=True):
                    tried += 1
                    if outcome != "killed":
                        survived[room].append(f"{mutant.place}  {outcome}\n{mutant.text}\n")
                        print(survived[room][-1], flush=True)
            share = len(survived[room]) / max(1, tried)
            argued = len(sample) - len(mutants)
            print(
                f"{room}: {len(survived[room])} of {tried} survived ({share:.0%}); {argued} change nothing", flush=True
            )
    options.out.write_text("\n".join(text for texts in survived.values() for text in texts))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "rooms", nargs="*", default=ROOMS, help="folders and files of src/nfm_sim, such as study/prices"
    )
    parser.add_argument("--each", type=int, default=50, help="faults of each room")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another sample")
    parser.add_argument("--minutes", type=float, default=90, help="begin no fault after so long")
    parser.add_argument("--tests", nargs="*", help="files and folders of tests; without them those near the rooms")
    parser.add_argument("--out", type=Path, default=Path("survivors.txt"), help="where the survivors are written")
    options = parser.parse_args()
    options.tests = options.tests or near(options.rooms)
    return options


def near(rooms: Sequence[str]) -> list[str]:
    """The tests that are asked of rooms, or of parts of rooms such as `study/prices`."""
    whole = [room.partition("/")[0] for room in rooms]
    others = [f"tests/{room}" for room in whole if room not in ROOMS]
    return list(dict.fromkeys([*(NEAR if set(whole) & set(ROOMS) else ()), *others]))


def copy_project(to: Path) -> None:
    """Copy what git knows, as it stands in the work tree."""
    named = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(named, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0"):
        if name and (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    compile_all = ["compileall", "-q", "--invalidation-mode", "checked-hash", "src", "tests"]
    subprocess.run([sys.executable, "-m", *compile_all], cwd=to, check=True)  # a changed file is compiled anew


def samples(copy: Path, options: argparse.Namespace) -> dict[str, list[Mutant]]:
    """A sample of the faults of each room."""
    found = {}
    for room in options.rooms:
        files = sorted((copy / "src/nfm_sim" / room).rglob("*.py")) or [copy / f"src/nfm_sim/{room}.py"]
        every = [make for file in files for make in mutants_of(file, copy)]
        random.Random(f"{options.seed} {room}").shuffle(every)
        made = (mutant for make in every if (mutant := make()) is not None)
        found[room] = list(islice(made, options.each))
    return found


if __name__ == "__main__":
    main()
