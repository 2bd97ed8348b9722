"""Deliberate faults: which of them do the tests not notice?

    nice .venv/bin/python -m tests.mutants [ROOM ...] [--each 50] [--seed 1] [--minutes 90] [--out survivors.txt]

Of each room so many faults are sampled: a bound of a comparison, a sign, a term, `and` for `or`, 0 for 1, the least for
the most, a condition that always or never holds, a step that is left out. Each is made in a copy of the project, and
the tests that run its line are run, the quickest first, until one fails. What no test fails on has survived; it is
written down with its place and its change. Those that change nothing that can be seen, and why, stand in MUTANTS.md.

Tests run in forks of one process that has loaded the libraries and not the package, one at a time. Their limit is
processor time, so that a busy machine kills no mutant.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tests.mutations import Mutant, mutants_of

ROOT = Path(__file__).parents[1]
ROOMS = ("engine", "compile", "plan", "measures")
STORED = "tests/test_scenarios.py::test_the_answers_of_a_shipped_scenario_are_those_that_are_stored"
NEAR = ("tests/engine", "tests/measures", "tests/scenario", STORED)
"""The tests that are asked. All others see these rooms from farther away, and take most of the time."""
LOADED = (
    "numpy",
    "scipy.special",
    "scipy.optimize",
    "polars",
    "pydantic",
    "networkx",
    "simpy",
    "hypothesis",
    "matplotlib",
)
MOST_TEST_S = 3.0
"""Longer tests are left out."""
MOST_BYTES = 4 << 30


def main() -> None:
    """Sample, try and tell."""
    options = _options()
    for name in LOADED:
        __import__(name)
    import pytest  # noqa: F401  (loaded once, for all forks)

    began = time.monotonic()
    known = (ROOT / "tests/MUTANTS.md").read_text() if (ROOT / "tests/MUTANTS.md").exists() else ""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "project"
        copy_project(copy)
        seen = record(copy, options.tests)
        survived: dict[str, list[str]] = defaultdict(list)
        for room, mutants in samples(copy, options).items():
            tried = equivalent = 0
            for mutant in mutants:
                if time.monotonic() - began > options.minutes * 60:
                    break
                if mutant.text in known:
                    equivalent += 1
                    continue
                tried += 1
                verdict = outcome(copy, mutant, seen)
                if verdict != "killed":
                    survived[room].append(f"{mutant.place}  {verdict}\n{mutant.text}\n")
                    print(survived[room][-1], flush=True)
            share = len(survived[room]) / max(1, tried)
            print(
                f"{room}: {len(survived[room])} of {tried} survived ({share:.0%}); {equivalent} change nothing",
                flush=True,
            )
    options.out.write_text("\n".join(text for texts in survived.values() for text in texts))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rooms", nargs="*", default=ROOMS, help="folders of src/nfm_sim")
    parser.add_argument("--each", type=int, default=50, help="faults of each room")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another sample")
    parser.add_argument("--minutes", type=float, default=90, help="begin no fault after so long")
    parser.add_argument("--tests", nargs="*", default=NEAR, help="files and folders of tests")
    parser.add_argument("--out", type=Path, default=Path("survivors.txt"), help="where the survivors are written")
    return parser.parse_args()


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


@dataclass(frozen=True)
class Seen:
    """What the tests did without a fault."""

    by_line: dict[tuple[str, int], list[str]]
    """By file and line: the tests that run it, the quickest first."""
    seconds: dict[str, float]
    """Processor time of each."""


def record(copy: Path, tests: Sequence[str]) -> Seen:
    """Run the tests once as they are, and note which lines each runs, and how long it takes."""
    data = copy / "coverage"
    status = forked(copy, lambda: _run_recorded(copy, data, tests), seconds=3600)
    if status != 0:
        raise SystemExit(f"the tests fail without any fault (status {status}); see {copy / 'output.txt'}")
    from coverage import CoverageData

    known = CoverageData(str(data))
    known.read()
    seconds = json.loads((copy / "seconds").read_text())
    seen = Seen({}, seconds)
    for file in known.measured_files():
        lines = known.contexts_by_lineno(file)
        all_names = {name for names in lines.values() for name in names}
        for line, names in lines.items():  # a line without a name is run when the file is loaded
            quick = [
                name for name in (all_names if "" in names else names) if seconds.get(name, math.inf) < MOST_TEST_S
            ]
            seen.by_line[str(Path(file).relative_to(copy)), line] = sorted(quick, key=seconds.__getitem__)
    return seen


def _run_recorded(copy: Path, data: Path, tests: Sequence[str]) -> int:
    import pytest
    from coverage import Coverage

    coverage = Coverage(data_file=str(data), source=[str(copy / "src")], config_file=False)
    seconds: dict[str, float] = {}

    class Recorder:
        @pytest.hookimpl(wrapper=True)
        def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
            coverage.switch_context(item.nodeid)
            began = time.process_time()
            result = yield
            seconds[item.nodeid] = time.process_time() - began
            return result

    coverage.start()
    status = pytest.main([*ALWAYS, *tests], plugins=[Recorder()])
    coverage.stop()
    coverage.save()
    (copy / "seconds").write_text(json.dumps(seconds))
    return int(status)


ALWAYS = ("-q", "-x", "--tb=line", "--assert=plain", "-p", "no:cacheprovider", "-W", "ignore:Module already imported")


def outcome(copy: Path, mutant: Mutant, seen: Seen) -> str:
    """Make one fault, and run the tests that may notice: killed, survived, or not run by any."""
    known = (seen.by_line.get((mutant.file, line)) for line in mutant.lines)
    tests = next(filter(None, known), None)
    if not tests:
        return "no test runs it"
    file = copy / mutant.file
    before = file.read_text()
    file.write_text(mutant.changed)
    try:
        status = forked(copy, lambda: _run(tests, seen.seconds), seconds=600)
    finally:
        file.write_text(before)
    return "survived" if status == 0 else "killed"


def _run(tests: Sequence[str], seconds: Mapping[str, float]) -> int:
    import pytest

    class Impatient:
        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_protocol(self, item: pytest.Item) -> None:
            """Be ended by SIGPROF when a test takes far longer than without the fault."""
            signal.setitimer(signal.ITIMER_PROF, 3 + 5 * seconds[item.nodeid])

    return int(pytest.main([*ALWAYS, *tests], plugins=[Impatient()]))


def forked(copy: Path, job: Callable[[], int], seconds: int) -> int:
    """Do a job in a fork that sees the copy alone, for so much processor time at most; return its status."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = 1
    try:
        os.setsid()
        os.chdir(copy)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
        signal.alarm(20 * seconds)  # one that waits for ever takes no processor time
        output = os.open(copy / "output.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(output, 1)
        os.dup2(output, 2)
        sys.dont_write_bytecode = True
        os.environ |= {"PYTHONPATH": str(copy / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
        sys.path[:0] = [str(copy), str(copy / "src")]
        for name in [name for name in sys.modules if name == "tests" or name.startswith("tests.")]:
            del sys.modules[name]
        status = job()
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
