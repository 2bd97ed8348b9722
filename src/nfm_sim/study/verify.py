"""Verify: is what lies in a folder what the scenario gives?

Digests show what was damaged. Who changes a file on purpose can change its digest too, so what the scenario gives is
made again and compared; who made a study, only a signature says (`study.signatures`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

import polars as pl

from nfm_sim.problems import InputError, Problem, some_of
from nfm_sim.record import TABLES
from nfm_sim.study.batches import make_answers
from nfm_sim.study.code import current_key
from nfm_sim.study.store import KEY, MANIFEST, Store
from nfm_sim.study.study import Study

USUAL = 5
"""Replications that are made again when none are named."""


@dataclass(frozen=True)
class Verification:
    """What `verify` found: the replications that were made again, and the seed by which they were drawn if they were;
    how many files there are; what differs or is damaged; and what cannot be known of a sound study: what it was made
    with is not at hand now, an answer of the user's own is not made again, replications are left out."""

    replications: tuple[int, ...]
    seed: int | None
    files: int
    faults: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def sound(self) -> bool:
        return not self.faults


def verify(
    folder: str | Path, replications: Iterable[int] | Literal["all"] | None = None, *, seed: int | None = None
) -> Verification:
    """Check every file of a study or run against its digest, hold what the manifest says against the scenario, simulate
    replications again, and compare them bit for bit: the answers, and the tables of those that are kept.

    Without `replications`, five are drawn by `seed`, or by chance. Answers of measures of your own are not made again:
    a study does not hold their code. Raises `InputError` when the folder holds no study, or not such a replication.

    >>> done = nfm.replicate(scenario, 3, out=folder / "base", jobs=1)
    >>> nfm.verify(folder / "base").sound
    True
    """
    store = Store(folder)
    study = Study(store)
    faults = [str(problem) for problem in [*store.damaged(), *store.unreadable(), *store.added()]]
    done = study.replications
    if replications is None:
        seed = secrets.randbits(32) if seed is None else seed
        chosen = sorted(Random(seed).sample(done, min(USUAL, len(done))))
    else:
        seed, chosen = None, done if replications == "all" else sorted({*map(int, replications)})
    missing = [number for number in chosen if number not in done]
    if missing or not done:
        remedy = f"is not done in this study of {len(done)} replications"
        lost = [Problem(str(folder), "replication", str(number), remedy) for number in missing or [0]]
        if not faults:
            raise InputError(lost)
        faults += map(str, lost)
    again = [number for number in chosen if number in done]
    try:
        faults += _untrue(study)
        for number in again:
            faults += _differences(study, number)
    except InputError as error:  # the scenario, or a fork, is none
        faults += map(str, error.problems)
    files = sum(len(batch.files) for batch in store.batches())
    return Verification(tuple(again), seed, files, tuple(dict.fromkeys(faults)), tuple(_remarks(study)))


def _untrue(study: Study) -> Iterator[str]:
    """What the manifest says of the scenario, and the scenario does not."""
    for key, value in study.scenario.about.items():
        if study.about[key] != value:
            remedy = f"is not what the scenario says ({value}); it was changed since it was written"
            yield str(Problem(str(study.folder / MANIFEST), key, str(study.about[key]), remedy))


def _remarks(study: Study) -> Iterator[str]:
    for key, now in current_key().items():
        if study.manifest[key] != now:
            yield f"made with other {KEY[key]}: {study.manifest[key]}, now {now}"
    for name in study.manifest["measures"]:
        yield f"not made again: {name}, a measure whose code is not in the folder"
    left_out = sorted({*range(max(study.replications, default=0))} - {*study.replications})
    if left_out:
        yield f"not there: replications {some_of(map(str, left_out))}, and later ones are"


def _differences(study: Study, number: int) -> Iterator[str]:
    """What is not stored as the scenario gives it, or cannot be read."""
    run = study.rerun(number)
    scans: dict[str, Callable[[str], pl.LazyFrame]] = {"answer": study.scan, "table": study.scan_table}
    made = [("answer", name, table) for name, table in make_answers(run, {}).items()]
    if number in study.kept_replications:
        made += [("table", name, run.table(name)) for name in TABLES]
    for kind, name, table in made:
        try:
            same = table.equals(scans[kind](name).filter(pl.col("replication") == number).collect())
        except InputError as error:
            yield from map(str, error.problems)
        else:
            if not same:
                yield f"{study.folder}: {kind} {name} of replication {number} is not what the scenario gives"
