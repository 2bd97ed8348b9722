"""Replicate a scenario, in batches that any number of workers make in any order: how, and how far it is."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, Literal, TypedDict, Unpack
from weakref import finalize

import polars as pl

from nfm_sim import kinds
from nfm_sim.compile import forked_plan
from nfm_sim.limits import MOST_REPLICATIONS
from nfm_sim.measures import KEPT, Measure
from nfm_sim.plan.draws import BLOCK, Sampling, read_sampling
from nfm_sim.problems import InputError, Problem, did_you_mean, one_of, refuse
from nfm_sim.record import Run
from nfm_sim.scenario import Scenario, expect_scenario
from nfm_sim.study.code import code_of
from nfm_sim.study.estimates import Target, TargetState, next_number, read_targets
from nfm_sim.study.quantities import Quantity
from nfm_sim.study.store import MANY, Store, cover
from nfm_sim.study.study import Study
from nfm_sim.study.workers import BACKENDS, Workers, cores, make_answers, make_batch, obey


@dataclass(frozen=True)
class Progress:
    """How far studies are: replications done and asked for so far, over all of `folders`, and how far these are
    from the targets of precision. `nfm.open_study` tells what a folder holds by now."""

    done: int
    asked: int
    folders: Sequence[Path]
    targets: Sequence[TargetState] = ()


class Temporary:
    """A folder that goes when nothing that reads it is left."""

    def __init__(self) -> None:
        self.folder = Path(mkdtemp(prefix="nfm_sim-"))
        finalize(self, rmtree, self.folder, ignore_errors=True)


def folder_for(out: str | Path | None) -> tuple[Path, Temporary | None]:
    """Return the folder that is asked for; without one, a temporary one, and what keeps it in being."""
    if out is not None:
        return Path(out), None
    temporary = Temporary()
    return temporary.folder, temporary


class How(TypedDict, total=False):
    """How replications are made; nothing of it but `seed` and `sampling` changes a number in the tables.

    - `seed`: of the random draws; 0 without it.
    - `out`: the folder in which they are kept; without it they go with the object that reads them.
    - `sampling`: "stratified" (without it): in each block of 16 replications every owner of draws has one from each
      sixteenth of its distribution; or "independent".
    - `jobs`: worker processes; without it as many as there are cores, or none for a few replications.
    - `batch`: replications that are done, written and lost together; without it up to 16.
    - `backend`, `address`: "loky" (processes of this machine) or "dask", and the address of the cluster. Workers write
      to `out`, which all machines must see.
    - `keep`: the replications whose tables (spans, holdings, ...) are kept whole, or "all". Without it the first.
    - `answers`: the measures whose answers are made with the replications, and kept; without it all that a study keeps.
      Another is made when it is first asked for, of the replications simulated again, bit for bit what it had been.
    - `measures`: measures of your own, functions from a run to a table with a column `replication`, whose answers
      are kept too, under their names.
    - `progress`: called with a `Progress` after each batch.
    """

    seed: int
    out: str | Path | None
    sampling: str
    jobs: int | None
    batch: int | None
    backend: str
    address: str | None
    keep: Iterable[int] | Literal["all"]
    answers: Iterable[str]
    measures: Iterable[Measure]
    progress: Callable[[Progress], None] | None


def check_how(replications: int, how: How) -> None:
    """Raise ValueError for what cannot be asked."""
    if not 1 <= replications <= MOST_REPLICATIONS:
        raise ValueError(f"replications must be at least 1 and at most {MOST_REPLICATIONS}, not {replications}")
    for name in ("jobs", "batch"):
        number = how.get(name)
        if number is not None and (not isinstance(number, int) or number < 1):
            raise ValueError(f"{name} must be at least 1, not {number}")
    sampling_of(how)
    for name in how.get("answers", ()):
        one_of(KEPT, name, "study", "answers")
    one_of(BACKENDS, how.get("backend", "loky"), "study", "backend")


def also_asked(quantities: Iterable[Quantity], how: How) -> How:
    """With the answers that quantities are of, where answers are named. Raises `InputError` for what is no answer,
    before anything is simulated."""
    names = dict.fromkeys(part.measure for quantity in quantities for part in quantity.parts)
    known = [*KEPT, *own_measures(how)]
    near = {name: did_you_mean(name, known) for name in names if name not in known}
    remedy = f"use one of {', '.join(known)}"
    refuse(Problem("quantity", name, "", f"is no answer of a study{like}; {remedy}") for name, like in near.items())
    if "answers" not in how:
        return how
    return How(**{**how, "answers": [name for name in KEPT if name in (*how["answers"], *names)]})


def asked_alone(quantities: Iterable[Quantity], how: How) -> How:
    """Have no answers made but those that quantities are of, of studies that nobody else will see: they are kept in no
    folder, and `how` names none."""
    alone = how.get("out") is None and "answers" not in how
    return also_asked(quantities, How(**how, answers=()) if alone else how)


def sampling_of(how: How) -> Sampling:
    """How the draws of replications go together. Raises `InputError` for what cannot be asked."""
    return read_sampling(how.get("sampling", Sampling.STRATIFIED))


def own_measures(how: How) -> dict[str, Measure]:
    """The user's own measures by name."""
    own: dict[str, Measure] = {}
    for measure in how.get("measures", ()):
        name = getattr(measure, "__name__", "")
        if not name.isidentifier() or name in own or name in KEPT:
            remedy = "must be functions with names of their own, which no measure of a study has"
            raise InputError.of("measures", "name", name, remedy)
        own[name] = measure
    return own


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
    study = begin(scenario, how)
    complete_until([study], replications, asked, min_replications, how)
    return study


def fork(study: Study, at_day: float, *, changes: Mapping[str, Any], **how: Unpack[How]) -> Study:
    """Have the replications of a study simulated again with something changed from a day on.

    Until that day they are what they were, bit for bit, so the two are paired: `nfm.Comparison({"as it was": study,
    "changed": forked}).difference()`. What can change under way are capacities (`pools.trucks.capacity`,
    `places.eemshaven.berths`), new disruptions, `routing`, `bumping` and `policy`; of flows, for what is not yet
    ashore, `priority` and `diverts_to` (ports that are taken out); and what is dated and lies ahead: `shares` of cargo
    that is planned to come from then on, `ships`, `origins` and `airlifts`, `arrivals` of pools, the slots and rates
    of a `programme`. A fork can be forked again. `how` as in `nfm.replicate`, with the seed and the sampling of the
    study. Raises `InputError` for what cannot change.

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
    forked_plan(study.scenario, forks)  # what cannot change shows here, before anything is written
    forked = begin(study.scenario, How(**{**how, "seed": study.seed, "sampling": study.sampling}), forks)
    complete([forked], replications, how)
    return forked


def begin(scenario: Scenario, how: How, forks: Sequence[Fork] = ()) -> Study:
    """Begin a study in its folder, or in one that goes when the study goes."""
    expect_scenario(scenario)
    own = own_measures(how)
    folder, temporary = folder_for(how.get("out"))
    seed, sampling = how.get("seed", 0), sampling_of(how)
    study = Study(Store.create(folder, scenario, seed, sampling, code_of(own), forks, how.get("answers")))
    study.temporary = temporary
    return study


def write_run(run: Run, folder: str | Path, *, scenario: Scenario) -> Study:
    """Write a run of one replication of a scenario as a study with all its tables.

    >>> nfm.study.write_run(run, folder / "one", scenario=scenario).spans.equals(run.spans)
    True
    """
    numbers = run.replications or [0]
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


KINDS = (pl.String, pl.String, pl.Float64, pl.Float64, pl.Boolean, pl.Int64, pl.Float64, pl.String)
PRECISION = dict(zip((field.name for field in fields(TargetState)), KINDS, strict=True))


def complete_until(
    studies: Sequence[Study], replications: int, targets: Sequence[Target], min_replications: int, how: How
) -> None:
    """Have replications of each study done until the targets are met, at most so many."""
    number, done, met = min(max(1, min_replications), replications) if targets else replications, 0, False
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
    turns = 4 * jobs if jobs > 1 else 1  # so that no worker has long to wait for the last; one alone waits for none
    size = how.get("batch") or max(1, min(MOST_IN_BATCH, -(-replications // turns)))
    workers = Workers(jobs, how.get("backend", "loky"), how.get("address"))
    own, folders = own_measures(how), [study.folder for study in studies]
    tell = how.get("progress") or (lambda _: None)
    works = list(_missing(studies, range(begin, replications), kept, size, thorough=True))
    failures = 0
    while works:
        finished, done = 0, asked - sum(work.new for work in works)
        tell(Progress(done, asked, folders, targets))
        try:
            for new in workers.run(_do, ((work, own, kinds.own(), os.getpid()) for work in _in_turn(works))):
                finished, done = finished + 1, done + new
                tell(Progress(done, asked, folders, targets))
                if finished % MANY == 0:
                    for study in studies:
                        Store(study.folder).gather()
        except BrokenExecutor:
            failures = 0 if finished else failures + 1
            if failures == TRIES:
                raise
        works = list(_missing(studies, range(begin, replications), kept, size, thorough=False))
    for study in studies:
        Store(study.folder).gather(finished=True)
        study.refresh()


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
            last, is_new = first, first not in done
            while is_new and last + 1 < min(first + size, wanted.stop) and last + 1 not in done:
                last += 1
            if is_new or (first in keep and first not in kept):
                tables = tuple(number for number in range(first, last + 1) if number in keep or number in kept)
                yield _Work(store.folder, first, last, is_new * (last + 1 - first), tables)
            first = last + 1


def _in_turn(works: Sequence[_Work]) -> Iterator[_Work]:
    """Yield the batches that no other process has begun; where there are none, those that one has begun and not
    finished."""
    all_begun = True
    for work in works:
        if Store(work.folder).claim(work.first, work.last):
            all_begun = False
            yield work
    if all_begun:
        yield from works
