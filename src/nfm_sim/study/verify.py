"""Verify: is what lies in a folder what the scenario gives?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from nfm_sim.problems import InputError, Problem
from nfm_sim.record import TABLES
from nfm_sim.study.batches import make_answers
from nfm_sim.study.store import KEY, Store, current_key
from nfm_sim.study.study import Study

USUAL = 3
"""Replications that are made again when none are named: the first, the last, and those between."""


@dataclass(frozen=True)
class Verification:
    """What `verify` found: the replications that were made again, what differs or is damaged, and what the study
    was made with that is not at hand now."""

    replications: tuple[int, ...]
    files: int
    faults: tuple[str, ...]
    made_with: tuple[str, ...]

    @property
    def sound(self) -> bool:
        return not self.faults


def verify(folder: str | Path, replications: Iterable[int] | None = None) -> Verification:
    """Check every file of a study or run against its digest, simulate replications again, and compare them bit for
    bit: the answers, and the tables of those that are kept.

    Without `replications`, three are made again. Answers of measures of your own are not: a study does not hold
    their code. Raises `InputError` when the folder holds no study, or not such a replication.

    >>> done = nfm.replicate(scenario, 3, out=folder / "base", jobs=1)
    >>> nfm.verify(folder / "base").sound
    True
    """
    store = Store(folder)
    then = store.manifest
    faults = [str(problem) for problem in [*store.damaged(thorough=True), *store.added()]]
    study = Study(store)
    done = study.replications
    chosen = spread(done) if replications is None else sorted(set(replications))
    missing = [number for number in chosen if number not in done]
    if missing or not done:
        remedy = f"is not done in this study of {len(done)} replications"
        lost = [Problem(str(folder), "replication", str(number), remedy) for number in missing or [0]]
        if not faults:
            raise InputError(lost)
        faults += map(str, lost)
        chosen = [number for number in chosen if number in done]
    for number in chosen:
        faults += _differences(study, number)
    now = current_key()
    other = [f"{KEY[key]}: {then[key]}, now {value}" for key, value in now.items() if then[key] != value]
    files = sum(len(batch.files) for batch in store.batches())
    return Verification(tuple(chosen), files, tuple(faults), tuple(other))


def spread(done: list[int]) -> list[int]:
    """A few replications of those that are done: the first, the last, and some between."""
    steps = min(USUAL, len(done))
    return sorted({done[round(step * (len(done) - 1) / max(1, steps - 1))] for step in range(steps)})


def _differences(study: Study, number: int) -> Iterator[str]:
    run = study.rerun(number)
    for name, table in make_answers(run, {}).items():
        if not _same(table, study.scan, name, number):
            yield f"{study.folder}: answer {name} of replication {number} is not what the scenario gives"
    if number in study.kept_replications:
        for name in TABLES:
            if not _same(run.table(name), study.scan_table, name, number):
                yield f"{study.folder}: table {name} of replication {number} is not what the scenario gives"


def _same(table: pl.DataFrame, scan: Callable[[str], pl.LazyFrame], name: str, number: int) -> bool:
    """Whether a table is what is stored; one that cannot be read is among the faults of the files already."""
    try:
        return table.equals(scan(name).filter(pl.col("replication") == number).collect())
    except InputError:
        return True
