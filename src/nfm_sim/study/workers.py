"""Where the work runs: in this process, in processes of this machine, or on a Dask or Ray cluster."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from math import ceil
from multiprocessing import current_process
from socket import create_connection
from typing import Any

from joblib import Parallel, cpu_count, delayed, parallel_config

from nfm_sim.problems import InputError, Problem
from nfm_sim.study.extras import import_extra

BACKENDS = ("loky", "dask", "ray")
MENDS = {
    "dask": "start one, or name its scheduler",
    "ray": "start one, or name its head; if it takes a token, set RAY_AUTH_MODE=token",
}
"""What to do when a cluster is not reached."""
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
        if self.backend == "ray":
            yield from self._run_on_ray(task, works)
        elif self.backend == "loky" and self.jobs == 1:
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

    def _run_on_ray(self, task: Callable[..., Any], works: Iterable[tuple[Any, ...]]) -> Iterator[Any]:
        """As `run`, by Ray's own tasks: its joblib backend hands results out only when all are there, and leaves
        threads that, when a task has failed, go on to start a Ray of their own."""
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it reports to its makers else
        ray = import_extra("ray", "ray")
        with self._reaching():
            self._knock()
            ray.init(self.address, ignore_reinit_error=True, log_to_driver=False, logging_level="warning")
        try:
            most = ceil(1.5 * ray.cluster_resources().get("CPU", self.jobs))
            remote, upcoming = ray.remote(task), iter(works)
            pending: list[Any] = []
            while True:
                pending += [remote.remote(*work) for work in islice(upcoming, most - len(pending))]
                if not pending:
                    return
                done, pending = ray.wait(pending)
                yield ray.get(done[0])
        except ray.exceptions.RayTaskError as error:
            raise error.cause from None
        finally:
            ray.shutdown()

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
            mend = f"reaches no {self.backend} cluster ({error}); {MENDS[self.backend]}"
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
