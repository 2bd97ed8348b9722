"""Replicate a scenario, in batches that any number of workers make in any order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any, Unpack

import polars as pl
from joblib.externals.loky.process_executor import TerminatedWorkerError

from nfm_sim import kinds
from nfm_sim.measures import KEPT, Measure
from nfm_sim.plan.draws import BLOCK, Sampling
from nfm_sim.problems import InputError
from nfm_sim.record import Run
from nfm_sim.scenario import Scenario
from nfm_sim.study.code import code_of
from nfm_sim.study.how import (
    How,
    Progress,
    Target,
    TargetState,
    also_asked,
    check_how,
    folder_for,
    next_number,
    own_measures,
    read_targets,
    sampling_of,
)
from nfm_sim.study.parts import MANY, cover
from nfm_sim.study.store import Store
from nfm_sim.study.study import Study
from nfm_sim.study.workers import Workers, cores, make_answers, make_batch, obey, plan_of

# Replicate a scenario, in batches that any number of workers make in any order


MOST_IN_BATCH = 16
FEW = 10
"""So many replications are done sooner than processes have started."""
Fork = Mapping[str, Any]
"""What changes under way: at which hour (`at_h`), and the `changes`."""
TRIES = 3
"""How often workers may be killed before one of them has finished a batch."""


def replicate(
    scenario: Scenario,
    replications: int,
    *,
    seed: int = 0,
    out: str | Path | None = None,
    targets: Iterable[str] = (),
    min_replications: int = 20,
    **how: Unpack[How],
) -> Study:
    """Have replications 0 to `replications` - 1 of a scenario simulated, and return the study of them.

    With `targets` of precision such as "closure.median ±6h" or "ready_by_deadline ±0.03", it stops when all of them
    are met and, after a tenth more replications, still are; after `min_replications` at least and `replications` at
    most; see `nfm.study.precision`.

    With a folder in `out`, what is there already is not made again: a study that was stopped goes on, one with
    fewer replications is extended, and several machines may work on the same. Without it, the study lasts as long
    as the object. The tables are the same bit for bit whatever `how` says. Raises `InputError` when the folder
    holds something else, or the scenario cannot be simulated.

    >>> nfm.closure(nfm.replicate(scenario, 2, seed=7, jobs=1)).select("replication", "flow", "last_h").rows()
    [(0, 'division', 10.600000381469727), (1, 'division', 10.600000381469727)]
    """
    check_how(replications, how)
    asked = read_targets(targets, scenario)
    how = also_asked((target.quantity for target in asked), how)
    study = begin(scenario, seed, sampling_of(how), out, how)
    complete_until([study], replications, asked, min_replications, how)
    return study


def fork(
    study: Study, at_day: float, *, changes: Mapping[str, Any], out: str | Path | None = None, **how: Unpack[How]
) -> Study:
    """Have the replications of a study simulated again with something changed from a day on.

    Until that day they are what they were, bit for bit, so the two are paired: `nfm.Comparison({"as it was": study,
    "changed": forked}).difference()`. What can change under way are capacities (`pools.trucks.capacity`,
    `places.eemshaven.berths`), new disruptions, `routing`, `bumping` and `policy`; of flows, for what is not yet
    ashore, `priority` and `diverts_to` (ports that are taken out); and what is dated and lies ahead: `shares` of cargo
    that is planned to come from then on, `ships`, `origins` and `airlifts`, `arrivals` of pools, the slots and rates
    of a `programme`. A fork can be forked again. `out` and `how` as in `nfm.replicate`, with the sampling of the study.
    Raises `InputError` for what cannot change.

    >>> forked = nfm.fork(study, 0.1, changes={"pools.trucks.capacity": 4}, jobs=1)
    >>> nfm.Comparison({"as it was": study, "more": forked}).difference().select("study", "difference").rows()
    [('more', -4.200000762939453)]
    """
    replications = max(study.replications) + 1
    check_how(replications, how)
    forks = [*study.manifest["fork"], {"at_h": at_day * 24, "changes": dict(changes)}]
    if how.get("sampling", study.sampling) != study.sampling:
        remedy = f"cannot change under way; what is forked is {study.sampling}"
        raise InputError.of("fork", "sampling", how["sampling"], remedy)
    forked = begin(study.scenario, study.seed, study.sampling, out, how, forks)
    plan_of(Store(forked.folder))  # what cannot change shows here, and not in a worker
    complete([forked], replications, how)
    return forked


def begin(
    scenario: Scenario, seed: int, sampling: str, out: str | Path | None, how: How, forks: Sequence[Fork] = ()
) -> Study:
    """Begin a study in a folder, or in one that goes when the study goes."""
    own = own_measures(how)
    folder, temporary = folder_for(out)
    study = Study(Store.create(folder, scenario, seed, sampling, code_of(own), forks, how.get("answers")))
    study.temporary = temporary
    return study


def write_run(run: Run, folder: str | Path, *, scenario: Scenario) -> Study:
    """Write a run of one replication of a scenario as a study with all its tables.

    >>> nfm.study.write_run(run, folder / "one", scenario=scenario).spans.equals(run.spans)
    True
    """
    numbers = run.subjects["replication"].unique().to_list() or [0]
    if len(numbers) > 1:
        raise ValueError(f"the run has {len(numbers)} replications; use replicate(..., out=folder)")
    store = Store.create(folder, scenario, run.about["seed"], run.about["sampling"])
    store.write(numbers[0], numbers[0], make_answers(run, KEPT), run.tables, numbers)
    return Study(store)


def precision(study: Study, targets: Iterable[str], *, replications: int | None = None) -> pl.DataFrame:
    """Return how far a study (its first so many `replications`) is from targets of precision, a row for each.

    A target names an answer, a column of it, a statistic (mean, median, p90) and how far the bounds of its 95 %
    interval may be from it: "closure.last_h.median ±6h", "readiness.on_time[13_brigade] ±3%". Rows stand in
    brackets; without them every row must be as sure. `closure` alone is its last_h, `ready_by_deadline` the share
    of a tier, `ready`, `in_place` and `effective` the hours of elements. Raises `InputError` for what is none.

    >>> nfm.study.precision(study, ["closure ±1h"]).select("row", "estimate", "met").rows()  # two are too few to tell
    [('division', 10.600000381469727, False)]
    """
    number = len(study.replications) if replications is None else replications
    states = [target.state(study, number) for target in read_targets(targets)]
    return pl.DataFrame([astuple(state) for state in states], schema=PRECISION, orient="row")


PRECISION = {
    "target": pl.String,
    "row": pl.String,
    "estimate": pl.Float64,
    "half_width": pl.Float64,
    "met": pl.Boolean,
    "needed": pl.Int64,
    "gain": pl.Float64,
    "unit": pl.String,
}


def complete_until(
    studies: Sequence[Study], replications: int, targets: Sequence[Target], min_replications: int, how: How
) -> None:
    """Have replications of each study done until the targets are met, at most so many."""
    number, done, met = min(min_replications, replications) if targets else replications, 0, False
    step = BLOCK if sampling_of(how) == Sampling.STRATIFIED else 1
    states: list[TargetState] = []
    while number > done:
        complete(studies, number, how, states)
        done = number
        states = [target.state(study, done, stops=True) for study in studies for target in targets]
        number = next_number(states, done, replications, met, step)
        met = all(state.met for state in states)


def complete(
    studies: Sequence[Study], replications: int, how: How, targets: Sequence[TargetState] = (), *, begin: int = 0
) -> None:
    """Have replications `begin` to `replications` - 1 of each study done."""
    keep = how.get("keep", (0,))
    kept = range(replications) if keep == "all" else sorted({n for n in keep if begin <= n < replications})
    asked = (replications - begin) * len(studies)
    jobs = how.get("jobs") or (cores() if asked >= FEW else 1)
    size = how.get("batch") or max(1, min(MOST_IN_BATCH, -(-replications // (4 * jobs))))
    workers = Workers(jobs, how.get("backend", "loky"), how.get("address"))
    own, progress = own_measures(how), how.get("progress")
    works = list(_missing(studies, range(begin, replications), kept, size, thorough=True))
    failures = 0
    while works:
        finished = 0
        done = asked - sum(work.new for work in works)
        report = _report(progress, Progress(done, asked, [study.folder for study in studies], targets))
        report(0)
        try:
            for new in workers.run(_do, ((work, own, kinds.own(), os.getpid()) for work in _in_turn(works))):
                finished += 1
                report(new)
                if finished % MANY == 0:
                    _gather(studies)
        except TerminatedWorkerError:
            failures = 0 if finished else failures + 1
            if failures == TRIES:
                raise
        works = list(_missing(studies, range(begin, replications), kept, size, thorough=False))
    _gather(studies, finished=True)
    for study in studies:
        study.refresh()


def _gather(studies: Iterable[Study], finished: bool = False) -> None:
    for study in studies:
        Store(study.folder).gather(finished)


@dataclass(frozen=True)
class _Work:
    """A batch that is to be made, with the tables of those in `keep`; `new` of its replications are not there yet."""

    folder: Path
    first: int
    last: int
    new: int
    keep: tuple[int, ...]


def _do(work: _Work, own: Mapping[str, Measure], declared: tuple[kinds.Declaration, ...], parent: int) -> int:
    obey(parent)
    kinds.adopt(declared)
    make_batch(work.folder, work.first, work.last, work.keep, own)
    return work.new


def _missing(
    studies: Sequence[Study], wanted: range, keep: Sequence[int], size: int, thorough: bool
) -> Iterator[_Work]:
    """Yield the batches that are still to be made: replications that are not there, and those that are there without
    their tables."""
    for study in studies:
        store = Store(study.folder.absolute())  # a worker may have begun in another folder
        batches = store.batches(thorough)
        done = {n for batch, first in cover(store.with_all(batches)) for n in range(first, batch.last + 1)}
        kept = {number for batch in batches for number in batch.kept}
        first = wanted.start
        while first < wanted.stop:
            if first in done:
                if first in keep and first not in kept:
                    yield _Work(store.folder, first, first, 0, (first,))
                first += 1
                continue
            last = first
            while last + 1 < min(first + size, wanted.stop) and last + 1 not in done:
                last += 1
            tables = tuple(number for number in range(first, last + 1) if number in keep or number in kept)
            yield _Work(store.folder, first, last, last + 1 - first, tables)
            first = last + 1


def _in_turn(works: Iterable[_Work]) -> Iterator[_Work]:
    """Yield the batches that no other process has begun, then those that one has begun and not finished."""
    begun = []
    for work in works:
        if Store(work.folder).claim(work.first, work.last):
            yield work
        else:
            begun.append(work)
    for work in begun:
        if not (work.new and _whole(work)):
            yield work


def _whole(work: _Work) -> bool:
    """Whether the batch has been made by now."""
    store = Store(work.folder)
    return any(batch.first <= work.first and work.last <= batch.last for batch in store.with_all(store.batches()))


def _report(tell: Callable[[Progress], None] | None, progress: Progress) -> Callable[[int], None]:
    """Return what counts the replications that come in and tells them."""

    def report(new: int) -> None:
        nonlocal progress
        progress = replace(progress, done=progress.done + new)
        if tell is not None:
            tell(progress)

    return report
