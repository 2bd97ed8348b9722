"""Where the work runs: in this process, in processes of this machine, or on a Dask or Ray cluster."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing import current_process
from socket import create_connection
from typing import Any

from joblib import Parallel, cpu_count, delayed, parallel_config

from nfm_sim.problems import InputError, Problem
from nfm_sim.study.extras import import_extra

BACKENDS = ("loky", "dask", "ray")
REACH_S = 10.0
"""How long a cluster may take to answer."""
WORKERS_S = 60.0
"""How long the first of its workers may take to come."""
RAY_ROUND = 8
"""Batches that each worker of a Ray cluster does between two reports."""

TABLES = {
    "POLARS_MAX_THREADS": "1",
    "_RJEM_MALLOC_CONF": "dirty_decay_ms:-1,muzzy_decay_ms:-1",
}
"""For polars: one thread, as there are as many workers as cores; and the memory of a batch's tables is kept for
those of the next, because to get it anew takes as long as to put the tables together."""


@dataclass(frozen=True)
class Workers:
    """`jobs` processes of a joblib backend; on a cluster at `address`, as many as it has."""

    jobs: int
    backend: str = "loky"
    address: str | None = None

    def run(self, task: Callable[..., Any], works: Iterable[tuple[Any, ...]]) -> Iterator[Any]:
        """Do the task with each tuple of arguments, and yield what it returns as it comes.

        Raises what a task raises, and joblib's `TerminatedWorkerError` when a process was killed.
        """
        if self.backend == "loky" and self.jobs == 1:
            yield from (task(*work) for work in works)
            return
        with self._cluster() as jobs, _tables_for_workers():
            calls = (delayed(task)(*work) for work in works)
            if self.backend == "ray":  # its joblib backend hands results out only when all are there
                while some := list(islice(calls, RAY_ROUND * jobs)):
                    yield from Parallel(n_jobs=jobs, batch_size=1)(some)
            else:
                returns = "generator_unordered"
                yield from Parallel(jobs, batch_size=1, return_as=returns, pre_dispatch="1.5*n_jobs")(calls)

    @contextmanager
    def _cluster(self) -> Iterator[int]:
        """Connect joblib to the cluster; yield the number of jobs to ask it for.

        Raises `InputError` when there is none at the address.
        """
        if self.backend == "dask":
            distributed = import_extra("distributed", "dask")
            with self._reaching():
                client = distributed.Client(self.address, timeout=REACH_S)
            with client, parallel_config(backend="dask"):
                with self._reaching():
                    client.wait_for_workers(1, timeout=WORKERS_S)
                yield sum(client.nthreads().values()) or self.jobs
        elif self.backend == "ray":
            os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it reports to its makers else
            ray = import_extra("ray", "ray")
            with self._reaching():
                self._knock()
                ray.init(self.address, ignore_reinit_error=True, log_to_driver=False, logging_level="warning")
            import_extra("ray.util.joblib", "ray").register_ray()
            try:
                with parallel_config(backend="ray"):
                    yield int(ray.cluster_resources().get("CPU", self.jobs))
            finally:
                ray.shutdown()
        else:
            with parallel_config(backend="loky"):
                yield self.jobs

    def _knock(self) -> None:
        """Connect to a host and port and hang up: where nobody listens, Ray itself would try for minutes."""
        host, colon, port = (self.address or "").rpartition(":")
        if colon and port.isdigit():
            create_connection((host.rpartition("/")[2].strip("[]"), int(port)), REACH_S).close()

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError) as error:  # a time that ran out is an OSError too
            mend = f"reaches no {self.backend} cluster ({error}); start one, or name its scheduler or head"
            raise InputError([Problem("study", "address", self.address or "", mend)]) from None


def cores() -> int:
    return int(cpu_count())


def leave_interrupts_to_parent() -> None:
    """In a worker process: have Ctrl-C stop the study by its parent alone, without a traceback of each."""
    if current_process().name.startswith("LokyProcess"):
        signal.signal(signal.SIGINT, signal.SIG_IGN)


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
