"""Where the work runs: in this process, in processes of this machine, or on a Dask cluster; and what is done there.

A worker needs nothing but the folder of the study, so it may run in any process on any machine that sees it.
"""

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from multiprocessing import current_process
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl

from nfm_sim.compile import forked_plan
from nfm_sim.engine.simulate import simulate
from nfm_sim.extras import import_extra
from nfm_sim.measures import KEPT, Measure
from nfm_sim.plan import Plan
from nfm_sim.problems import InputError
from nfm_sim.record import TABLES, Run
from nfm_sim.study.store import Store

BACKENDS = ("loky", "dask")
REACH_S = 10.0
"""How long a cluster may take to answer."""
WORKERS_S = 60.0
"""How long the first of its workers may take to come."""

SETTINGS = {"POLARS_MAX_THREADS": "1", "_RJEM_MALLOC_CONF": "dirty_decay_ms:-1,muzzy_decay_ms:-1"}
"""For polars: one thread, as there are as many workers as cores; and the memory of a batch's tables is kept for
those of the next, because to get it anew takes as long as to put the tables together."""


@dataclass(frozen=True)
class Workers:
    """`jobs` processes of this machine; or those of a cluster at `address`, as many as it has."""

    jobs: int
    backend: str = "loky"
    address: str | None = None

    def run(self, task: Callable[..., Any], works: Iterable[tuple[Any, ...]]) -> Iterator[Any]:
        """Do the task with each tuple of arguments, and yield what it returns as it comes.

        Raises what a task raises, `InputError` when there is no cluster at the address, and
        `BrokenExecutor` when a process of this machine was killed; clusters try such a task again.
        """
        if self.backend == "loky" and self.jobs == 1:
            yield from (task(*work) for work in works)
        else:
            from joblib import Parallel, delayed  # which takes half as long as all that a stored study needs

            with self._cluster() as jobs, _tables_for_workers():
                calls = (delayed(task)(*work) for work in works)
                returns = "generator_unordered"
                yield from Parallel(jobs, batch_size=1, return_as=returns, pre_dispatch="1.5*n_jobs")(calls)

    @contextmanager
    def _cluster(self) -> Iterator[int]:
        """Connect joblib to its workers; yield the number of jobs to ask for."""
        from joblib import parallel_config

        if self.backend == "dask":
            distributed = import_extra("distributed", "dask")
            with self._reaching():
                client = distributed.Client(self.address, timeout=REACH_S)
            with client, parallel_config(backend="dask"):
                with self._reaching():
                    client.wait_for_workers(1, timeout=WORKERS_S)
                yield sum(client.nthreads().values()) or self.jobs
        else:
            with parallel_config(backend="loky"):
                yield self.jobs

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError) as error:  # a time that ran out is an OSError too
            remedy = f"reaches no {self.backend} cluster ({error}); start one, or name its scheduler"
            raise InputError.of("study", "address", self.address or "", remedy) from None


def send_whole(module: ModuleType) -> None:
    """Have what a module holds go to workers by value, so that they need not find its file."""
    for name in ("joblib.externals.cloudpickle", "cloudpickle"):  # of joblib, and of Dask
        with suppress(ImportError):
            import_module(name).register_pickle_by_value(module)


def cores() -> int:
    from joblib import cpu_count

    return int(cpu_count())


WATCH = "watch over the parent"
LOOK_S = 1.0
"""How often a worker looks whether its parent is there."""


def obey(parent: int) -> None:
    """In a worker process: have Ctrl-C stop the study by its parent alone, without a traceback of each; and end when
    the process with this number, its parent, has ended, however it did."""
    if not current_process().name.startswith("LokyProcess"):
        return
    if WATCH not in (thread.name for thread in threading.enumerate()):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        threading.Thread(target=_end_with, args=(parent,), name=WATCH, daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_S)
    os._exit(1)


@contextmanager
def _tables_for_workers() -> Iterator[None]:
    """Have worker processes that start now make tables as befits many beside each other (see `SETTINGS`)."""
    before = {name: os.environ[name] for name in SETTINGS if name in os.environ}
    os.environ.update(SETTINGS)
    try:
        yield
    finally:
        for name in SETTINGS:
            del os.environ[name]
        os.environ.update(before)


# The work of a worker: simulate a batch of replications of a study, and write its answers


PLANS_HELD = 2
HELD = 16
"""Replications that are in memory at once: their answers are made together, which is quicker than one by one."""


def make_batch(folder: Path, first: int, last: int, keep: tuple[int, ...], own: Mapping[str, Measure]) -> None:
    """Simulate replications `first` to `last`, and write their answers and the tables of those in `keep`."""
    store = Store(folder)
    answers, kept = make_replications(store, range(first, last + 1), {**kept_measures(store), **own}, keep)
    tables: Mapping[str, pl.DataFrame] = join_runs(kept).tables if kept else {}
    store.write(first, last, answers, tables, [number for number in keep if first <= number <= last])


def make_replications(
    store: Store, numbers: Sequence[int], measures: Mapping[str, Measure], keep: Container[int] = ()
) -> tuple[dict[str, pl.DataFrame], list[Run]]:
    """Simulate replications of a study; return the answers of measures, and those replications that are to `keep`."""
    plan, seed, sampling = plan_of(store), store.manifest["seed"], store.manifest["sampling"]
    answers: list[dict[str, pl.DataFrame]] = []
    kept: list[Run] = []
    for begin in range(0, len(numbers), HELD):
        runs = {number: simulate(plan, seed, number, sampling=sampling) for number in numbers[begin : begin + HELD]}
        answers.append(make_answers(join_runs(runs.values()), measures))
        kept += [run for number, run in runs.items() if number in keep]
    return {name: pl.concat([some[name] for some in answers]) for name in answers[0]}, kept


def kept_measures(store: Store) -> dict[str, Measure]:
    """The measures whose answers a study keeps, but for the user's own."""
    return {name: KEPT[name] for name in store.manifest["answers"] if name in KEPT}


def make_answers(run: Run, measures: Mapping[str, Measure]) -> dict[str, pl.DataFrame]:
    """The answers of measures by name, sorted by replication."""
    answers = {}
    for name, measure in measures.items():
        table = measure(run)
        if not isinstance(table, pl.DataFrame) or "replication" not in table.columns:
            remedy = "must return a polars DataFrame with a column replication"
            raise InputError.of("measures", name, type(table).__name__, remedy)
        answers[name] = table.sort("replication", maintain_order=True)
    return answers


def join_runs(runs: Iterable[Run]) -> Run:
    """Put runs of the same scenario and seed into one.

    >>> nfm.study.join_runs([run, nfm.simulate(scenario, replication=1)])
    <Run "a story": 2 replications, seed 0>
    """
    runs = list(runs)
    tables = {name: pl.concat([run.table(name) for run in runs], rechunk=True) for name in TABLES}
    return Run({**runs[0].about, "replications": len(runs)}, tables, runs[0].network, runs[0].titles)


def plan_of(store: Store) -> Plan:
    """The plan of a study, compiled once a process."""
    manifest = store.manifest
    return _compiled(store.folder.absolute(), manifest["scenario"], json.dumps(manifest["fork"]))


@lru_cache(maxsize=PLANS_HELD)
def _compiled(folder: Path, _: str, forks: str) -> Plan:
    return forked_plan(Store(folder).scenario, json.loads(forks))
