"""Where the work runs: in this process, in processes of this machine, or on a Dask cluster."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import current_process
from types import ModuleType
from typing import Any

from joblib import Parallel, cpu_count, delayed, parallel_config

from nfm_sim.extras import import_extra
from nfm_sim.problems import InputError

BACKENDS = ("loky", "dask")
REACH_S = 10.0
"""How long a cluster may take to answer."""
WORKERS_S = 60.0
"""How long the first of its workers may take to come."""

TABLES = {
    "POLARS_MAX_THREADS": "1",
    "_RJEM_MALLOC_CONF": "dirty_decay_ms:-1,muzzy_decay_ms:-1",
}
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

        Raises what a task raises, `InputError` when there is no cluster at the address, and joblib's
        `TerminatedWorkerError` when a process of this machine was killed; clusters try such a task again.
        """
        if self.backend == "loky" and self.jobs == 1:
            yield from (task(*work) for work in works)
        else:
            with self._cluster() as jobs, _tables_for_workers():
                calls = (delayed(task)(*work) for work in works)
                returns = "generator_unordered"
                yield from Parallel(jobs, batch_size=1, return_as=returns, pre_dispatch="1.5*n_jobs")(calls)

    @contextmanager
    def _cluster(self) -> Iterator[int]:
        """Connect joblib to its workers; yield the number of jobs to ask for."""
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
    """Have worker processes that start now make tables as befits many beside each other (see `TABLES`)."""
    before = {name: os.environ.get(name) for name in TABLES}
    os.environ.update(TABLES)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
