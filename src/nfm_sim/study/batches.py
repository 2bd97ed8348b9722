"""The work of a worker: simulate a batch of replications of a study, and write its answers.

A worker needs nothing but the folder of the study, so it may run in any process on any machine that sees it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

import polars as pl

from nfm_sim.compile import forked_plan
from nfm_sim.engine import simulate
from nfm_sim.measures import KEPT, Measure
from nfm_sim.plan import Plan
from nfm_sim.problems import InputError
from nfm_sim.record import TABLES, Run
from nfm_sim.study.store import Store

PLANS_HELD = 2
HELD = 16
"""Replications that are in memory at once: their answers are made together, which is quicker than one by one."""


def make_batch(folder: Path, first: int, last: int, keep: tuple[int, ...], own: Mapping[str, Measure]) -> None:
    """Simulate replications `first` to `last`, and write their answers and the tables of those in `keep`."""
    store = Store(folder)
    plan = plan_of(store)
    seed, sampling = store.manifest["seed"], store.manifest["sampling"]
    answers: list[dict[str, pl.DataFrame]] = []
    kept: list[Run] = []
    for begin in range(first, last + 1, HELD):
        numbers = range(begin, min(begin + HELD, last + 1))
        runs = [simulate(plan, seed, number, sampling=sampling) for number in numbers]
        answers.append(make_answers(join_runs(runs), own))
        kept += [run for number, run in zip(numbers, runs, strict=True) if number in keep]
    whole = {name: pl.concat([some[name] for some in answers]) for name in answers[0]}
    tables: Mapping[str, pl.DataFrame] = join_runs(kept).tables if kept else {}
    store.write(first, last, whole, tables, [number for number in keep if first <= number <= last])


def make_answers(run: Run, own: Mapping[str, Measure]) -> dict[str, pl.DataFrame]:
    """The answers that a study keeps, and those of the user's own measures; sorted by replication."""
    answers = {}
    for name, measure in {**KEPT, **own}.items():
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
