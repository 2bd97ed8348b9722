"""Trials of faults: which tests run a line, and whether one of them fails when it is changed (see `mutants`)."""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import sys
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest

from tests.mutations import Mutant

MOST_TEST_S = 3.0
"""Longer tests are left out."""
MOST_TRIAL_S = 15.0
"""So long, together, are the tests that are asked of one fault."""
MOST_BYTES = 4 << 30
ALWAYS = ("-q", "-x", "--tb=line", "--assert=plain", "-p", "no:cacheprovider", "-W", "ignore:Module already imported")
Lines = dict[str, list[int]]
"""By file: lines that were run."""


@dataclass
class Seen:
    """What the tests did without a fault: by test its processor time, and the lines that it runs."""

    seconds: dict[str, float] = field(default_factory=dict)
    lines: dict[str, Lines] = field(default_factory=dict)
    loaded: Lines = field(default_factory=dict)
    """Lines that are run when a file is loaded, before any test."""

    def __post_init__(self) -> None:
        self._by_line: dict[tuple[str, int], list[str]] = defaultdict(list)
        self._by_file: dict[str, list[str]] = defaultdict(list)
        for test in self.lines:
            for file, lines in self.lines[test].items():
                self._by_file[file].append(test)
                for line in lines:
                    self._by_line[file, line].append(test)

    def tests_of(self, mutant: Mutant) -> list[str]:
        """The tests that run what is changed, first those that are quick and run what few others run of its file; of
        what is run when it is loaded, all that run anything of the file, and those of its room."""
        loaded, room = self.loaded.get(mutant.file, []), f"tests/{mutant.file.split('/')[2]}/"
        of_file = {*self._by_file[mutant.file], *(test for test in self.lines if test.startswith(room))}
        for line in mutant.lines:
            tests = of_file if line in loaded else self._by_line[mutant.file, line]
            if tests:
                return list(self._few(sorted(tests, key=lambda test: (self._cost(mutant.file, test), test))))
        return []

    def _cost(self, file: str, test: str) -> float:
        """Its time, the dearer the more tests run all that it runs of a file: nearly all run a few lines of many."""
        others = (len(self._by_line[file, line]) for line in self.lines[test].get(file, ()))
        return self.seconds[test] * min(others, default=len(self.lines))

    def _few(self, tests: Sequence[str]) -> Iterator[str]:
        left = MOST_TRIAL_S
        for test in tests:
            if self.seconds[test] <= MOST_TEST_S:
                left -= self.seconds[test]
                if left < 0:
                    return
                yield test


def record(copy: Path, tests: Sequence[str], kept: Path) -> Seen:
    """Run the tests as they are, and note what each does. What is kept of an earlier run holds for the files of tests
    that are as they were, as long as the package is. Tests that took too long are not run again."""
    source = _digest(copy / "src")
    now = {str(file.relative_to(copy)): _digest(file) for file in sorted(copy.glob("tests/**/test_*.py"))}
    old = json.loads(kept.read_text()) if kept.exists() else {}
    if old.get("source") != source or old.get("asked") != list(tests):
        old = {"files": {}, "seconds": old.get("seconds", {}), "lines": {}, "loaded": {}}
    same = {file for file, digest in now.items() if old["files"].get(file) == digest}
    to_run = [name for name in tests if name.partition("::")[0] not in same]
    made = copy / "seen.json"
    long = {test: of for test, of in old["seconds"].items() if of > MOST_TEST_S}
    options = [*(f"--ignore={file}" for file in same), *(f"--deselect={test}" for test in long), *to_run]
    if forked(lambda: _run_recorded(copy, made, options), copy=copy, seconds=3600) not in (0, NO_TESTS):
        raise SystemExit(f"tests fail without any fault: {(copy / 'output.txt').read_text()}")
    new = json.loads(made.read_text())
    known: dict[str, Any] = {"source": source, "asked": list(tests), "files": now}
    for part in ("seconds", "lines"):
        known[part] = {test: of for test, of in old[part].items() if test.partition("::")[0] in same} | new[part]
    known["seconds"] |= long
    known["loaded"] = old["loaded"] | new["loaded"]
    kept.write_text(json.dumps(known))
    return Seen(known["seconds"], known["lines"], known["loaded"])


NO_TESTS = int(pytest.ExitCode.NO_TESTS_COLLECTED)


def _digest(path: Path) -> str:
    files = [path] if path.is_file() else sorted(path.rglob("*.py"))
    return blake2b(b"\0".join(file.read_bytes() for file in files), digest_size=8).hexdigest()


def _run_recorded(copy: Path, made: Path, options: Sequence[str]) -> int:
    from coverage import Coverage, CoverageData

    data = str(made.with_suffix(".coverage"))
    coverage = Coverage(data_file=data, source=[str(copy / "src")], config_file=False)
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
    status = pytest.main([*ALWAYS, *options], plugins=[Recorder()])
    coverage.stop()
    coverage.save()
    known = CoverageData(data)
    known.read()
    lines: dict[str, Lines] = defaultdict(dict)
    for path in known.measured_files():
        file = str(Path(path).relative_to(copy))
        for line, tests in known.contexts_by_lineno(path).items():
            for test in tests:
                lines[test].setdefault(file, []).append(line)
    loaded = lines.pop("", {})
    made.write_text(json.dumps({"seconds": seconds, "lines": lines, "loaded": loaded}))
    return int(status)


class Trials:
    """A plugin that tries faults in place of running all tests: each in a fork of what has been loaded by then."""

    def __init__(self, copy: Path, mutants: Sequence[Mutant], seen: Seen, told: Path) -> None:
        self.copy = copy
        self.mutants = mutants
        self.seen = seen
        self.told = told
        self.failed = False

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try one fault after the other, and write the outcome of each down."""
        items = {item.nodeid: item for item in session.items}
        for mutant in self.mutants:
            tests = [items[name] for name in self.seen.tests_of(mutant) if name in items]
            outcome = "no test runs it"
            if tests:
                status = forked(lambda mutant=mutant, tests=tests: self._try(mutant, tests), seconds=600)
                outcome = {0: "survived", NOT_IN_PLACE: "to be loaded anew"}.get(status, "killed")
            with self.told.open("a") as told:
                told.write(f"{outcome}\n")
        return True

    def _try(self, mutant: Mutant, tests: Sequence[pytest.Item]) -> int:
        if not put_in_place(self.copy, mutant):
            return NOT_IN_PLACE
        for item, following in zip(tests, [*tests[1:], None], strict=True):
            limit(self.seen.seconds[item.nodeid])
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed:
                return 1
        return 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed |= report.failed


NOT_IN_PLACE = 77
"""The status of a trial whose fault is not in functions alone."""


def outcomes(copy: Path, mutants: Sequence[Mutant], seen: Seen) -> Iterator[str]:
    """Yield of each fault whether it was killed or survived, or that no test runs it."""
    told = copy / "told.txt"
    told.write_text("")
    tests = sorted({test for mutant in mutants for test in seen.tests_of(mutant)})
    if tests:
        trials = Trials(copy, mutants, seen, told)
        forked(lambda: int(pytest.main([*ALWAYS, "-s", *_files(tests)], plugins=[trials])), copy=copy, seconds=3600)
    outcome = told.read_text().splitlines()
    for mutant, said in zip(mutants, [*outcome, *["to be loaded anew"] * (len(mutants) - len(outcome))], strict=True):
        yield anew(copy, mutant, seen) if said == "to be loaded anew" else said


def _files(tests: Sequence[str]) -> list[str]:
    return sorted({test.partition("::")[0] for test in tests})


def anew(copy: Path, mutant: Mutant, seen: Seen) -> str:
    """Write a fault into the copy, and run the tests on the package as it is loaded then."""
    tests = seen.tests_of(mutant)
    if not tests:
        return "no test runs it"
    file = copy / mutant.file
    before = file.read_text()
    file.write_text(mutant.changed)
    try:
        status = forked(lambda: _run(tests, seen.seconds), copy=copy, seconds=600)
    finally:
        file.write_text(before)
    return "survived" if status == 0 else "killed"


def _run(tests: Sequence[str], seconds: Mapping[str, float]) -> int:
    class Impatient:
        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_protocol(self, item: pytest.Item) -> None:
            limit(seconds[item.nodeid])

    return int(pytest.main([*ALWAYS, *tests], plugins=[Impatient()]))


def limit(usual_s: float) -> None:
    """Be ended by SIGPROF when a test takes far longer than without the fault."""
    signal.setitimer(signal.ITIMER_PROF, 3 + 5 * usual_s)


def put_in_place(copy: Path, mutant: Mutant) -> bool:
    """Give the functions that have been loaded the code of the changed file; False where more than functions differs,
    so that it has to be loaded anew."""
    path = str(copy / mutant.file)
    texts = (copy / mutant.file).read_text(), mutant.changed
    before, after = (compile(text, path, "exec", dont_inherit=True) for text in texts)
    swaps = dict(_swaps(before, after))
    if any(not old.co_flags & CO_OPTIMIZED for old in swaps):
        return False  # a module or the body of a class
    functions = [thing for thing in gc.get_objects() if isinstance(thing, FunctionType)]
    mine = [one for one in functions if one.__code__.co_filename == path and one.__code__ in swaps]
    for function in mine:
        try:
            function.__code__ = swaps[function.__code__]
        except ValueError:  # it closes over other variables
            return False
    return bool(mine)


def _swaps(old: CodeType, new: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    """Yield what differs, and all functions around it: each with what comes in its place."""
    if old == new:
        return
    inner_old, inner_new = ([part for part in code.co_consts if isinstance(part, CodeType)] for code in (old, new))
    if old.co_flags & CO_OPTIMIZED or len(inner_old) != len(inner_new) or _own(old) != _own(new):
        yield old, new
    if len(inner_old) == len(inner_new):
        for pair in zip(inner_old, inner_new, strict=True):
            yield from _swaps(*pair)


def _own(code: CodeType) -> tuple[object, ...]:
    """What a piece of code does itself, wherever it stands, without the functions in it."""
    consts = [(type(part), part) for part in code.co_consts if not isinstance(part, CodeType)]
    return code.co_code, code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars, consts


def forked(job: Callable[[], int], *, seconds: int, copy: Path | None = None) -> int:
    """Do a job in a fork, for so much processor time at most; return its status. With a copy, it sees that alone."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = 1
    try:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
        signal.alarm(20 * seconds)  # one that waits for ever takes no processor time
        if copy is not None:
            _enter(copy)
        status = job()
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _enter(copy: Path) -> None:
    """See the copy alone, and write what is said into a file."""
    os.chdir(copy)
    output = os.open(copy / "output.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.dont_write_bytecode = True
    os.environ |= {"PYTHONPATH": str(copy / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    sys.path[:0] = [str(copy), str(copy / "src")]
    for name in [name for name in sys.modules if name == "tests" or name.startswith("tests.")]:
        del sys.modules[name]
