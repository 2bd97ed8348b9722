"""A study: many replications of one scenario, read from its folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from nfm_sim.cards import card
from nfm_sim.engine import simulate
from nfm_sim.limits import MOST_REPLICATIONS
from nfm_sim.measures import KEPT
from nfm_sim.memo import remembered
from nfm_sim.network import Network
from nfm_sim.plan.draws import Sampling
from nfm_sim.problems import InputError, one_of, refuse
from nfm_sim.record import TABLES, Record, Run
from nfm_sim.scenario import Scenario
from nfm_sim.study.controls import Controls
from nfm_sim.study.records import BatchRecord
from nfm_sim.study.store import ABOUT, Store, cover
from nfm_sim.study.workers import make_replications, plan_of


class Study(Record):
    """The answers of many replications of one scenario, and the tables of some of them.

    Measures and plots take it as they take a `Run`. What its measures keep (`nfm.closure(study)`,
    `nfm.readiness(study)`, ...) is there for every replication. The tables (`study.spans`, ...) are there when all
    replications were kept; `study.kept` is a `Run` of those that were, and `study.rerun(17)` of any.
    """

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self.manifest: dict[str, Any] = store.manifest
        """The inputs of the study, and the versions that it was made with."""
        self.folder = store.folder
        """The folder that it lies in."""
        self.seed = int(self.manifest["seed"])
        """The seed of its random draws."""
        self.sampling = Sampling(self.manifest["sampling"])
        """How the draws of its replications go together."""
        self._batches: Sequence[BatchRecord] = store.batches()
        self._answers: dict[str, pl.DataFrame] = {}
        self._tables: dict[str, pl.DataFrame] = {}
        self._only = range(MOST_REPLICATIONS)
        self.temporary: object = None
        """What keeps the folder in being, when that goes with those who read it."""

    def __repr__(self) -> str:
        number = len(self.replications)
        return f'<Study "{self.about["title"]}": {number} replications, seed {self.seed}, in {self.folder}>'

    def _repr_html_(self) -> str:
        facts = {
            "replications": f"{len(self.replications):,}, {self.sampling}",
            "seed": self.seed,
            "folder": self.folder if self.temporary is None else "none: it goes with this object",
            "tables of": f"{len(self.kept_replications):,} replications are kept",
            "answers": ", ".join([*self.manifest["answers"], *self.manifest["measures"]]),
        }
        return card("Study", str(self.about["title"]), facts)

    @property
    def network(self) -> Network:
        return self.scenario.loaded_network

    @property
    def scenario(self) -> Scenario:
        """The scenario as it was when the study began."""
        return self._store.scenario

    @cached_property
    def titles(self) -> Mapping[str, Mapping[str, str]]:
        scenario = self.scenario
        for fork in self.manifest["fork"]:
            scenario = scenario.with_changes(fork["changes"])
        return scenario.titles

    @cached_property
    def controls(self) -> Controls:
        """What is known of the draws of its replications."""
        return Controls(lambda: self.scenario, self.seed)

    @property
    def about(self) -> Mapping[str, Any]:
        """The description of what was simulated: title, file, network, g_day, horizon_h, seed, sampling, fork,
        replications."""
        names = (*ABOUT, "seed", "sampling", "fork")
        return {name: self.manifest[name] for name in names} | {"replications": len(self.replications)}

    @property
    def replications(self) -> list[int]:
        """The numbers of the replications that are done, in order."""
        done = (number for batch, first in cover(self._batches) for number in range(first, batch.last + 1))
        return [number for number in done if number in self._only]

    def part(self, first: int, end: int) -> Study:
        """The same study with the replications from `first` to before `end` alone, such as those that no search has
        seen.

        >>> study.part(1, 2).replications
        [1]
        """
        part = Study(self._store)
        part._only, part.temporary = range(first, end), self.temporary
        return part

    def scan(self, answer: str) -> pl.LazyFrame:
        """Read the answer of a measure for every replication, lazily.

        One that the study does not keep is made of its replications, which are simulated again for it. Raises
        `InputError` for what is none.
        """
        known = [*self.manifest["answers"], *self.manifest["measures"]]
        if answer not in known and answer in KEPT:
            answers, _ = make_replications(self._store, self.replications, {answer: KEPT[answer]})
            return answers[answer].lazy()
        one_of(dict.fromkeys([*KEPT, *known]), answer, str(self.folder), "answer")
        return self._own(self._store.scan(answer, self._there()))

    def scan_table(self, name: str) -> pl.LazyFrame:
        """Read a table (spans, holdings, ...) of the replications that are kept, lazily."""
        one_of(TABLES, name, str(self.folder), "table")
        return self._own(self._store.scan_table(name, self._there()))

    def _there(self) -> Sequence[BatchRecord]:
        """Its batches, as they lie there now: they may have been put together since, with others that came."""
        if not all(self._store.has(batch) for batch in self._batches):
            self._only = range(self.replications[0], self.replications[-1] + 1)
            self._batches = self._store.batches()
        return self._batches

    def _own(self, table: pl.LazyFrame) -> pl.LazyFrame:
        """Its replications of a table, read at once when the files go with this object, which a lazy table may
        outlive."""
        table = table.filter(pl.col("replication").is_between(self._only.start, self._only.stop - 1))
        return table if self.temporary is None else table.collect().lazy()

    def answer(self, name: str) -> pl.DataFrame | None:
        """Return the answer of a measure, by its name, for every replication; None when the study keeps none."""
        if name not in self._answers:
            if name not in KEPT and name not in self.manifest["measures"]:
                return None
            self._answers[name] = self.scan(name).collect()
        return self._answers[name]

    def table(self, name: str) -> pl.DataFrame:
        """Return a table of all replications. Raises `InputError` when it is not kept of every one."""
        if not self.kept_replications.issuperset(self.replications):
            raise self._not_kept(name)
        if name not in self._tables:
            self._tables[name] = self.scan_table(name).collect()
        return self._tables[name]

    @property
    def kept_replications(self) -> frozenset[int]:
        """The numbers of the replications of which all tables are kept."""
        kept = (number for batch in self._batches for number in batch.kept)
        return frozenset(number for number in kept if number in self._only)

    @property
    def whole(self) -> Run:
        """The replications of which all tables are kept; where none is, the first, simulated again."""
        return self.kept if self.kept_replications else self._rerun_once(self.replications[0])

    def one(self, replication: int) -> Run:
        return self.kept if replication in self.kept_replications else self._rerun_once(replication)

    @property
    def kept(self) -> Run:
        """The replications of which all tables are kept, as a `Run`."""
        numbers = self.kept_replications
        if not numbers:
            raise self._not_kept("a table")
        return self._read_once(numbers)

    @remembered(1)
    def _read_once(self, kept: frozenset[int]) -> Run:
        """The tables of these replications, which one figure after the other asks for."""
        tables = {name: self.scan_table(name).collect() for name in TABLES}
        return Run({**self.about, "replications": len(kept)}, tables, self.network, self.titles)

    @remembered(1)
    def _rerun_once(self, replication: int) -> Run:
        """A replication that is simulated again, likewise."""
        return self.rerun(replication)

    def rerun(self, replication: int) -> Run:
        """Simulate one replication again, with all its tables; bit for bit what it was in the study."""
        return simulate(plan_of(self._store), self.seed, replication, sampling=self.sampling)

    def refresh(self) -> None:
        """See the batches that have come since."""
        self._batches = self._store.batches()
        for known in (self._answers, self._tables, self.memo):
            known.clear()

    def _not_kept(self, name: str) -> InputError:
        number = len(self.kept_replications)
        remedy = (
            f"is kept of {number} of {len(self.replications)} replications; ask of study.kept (those), of "
            'study.rerun(17) (any), or make the study with keep="all"'
        )
        return InputError.of(self.folder, name, "", remedy)


def open_study(folder: str | Path) -> Study:
    """Open the study in a folder, which may be unfinished, or the run: a study of one replication, whose tables are
    those of `nfm.open_study(folder).kept`.

    Raises `InputError` when there is none, a file of it is missing or damaged, or no replication is done.

    >>> study = nfm.replicate(scenario, 2, out=folder / "base")
    >>> nfm.open_study(folder / "base").replications
    [0, 1]
    """
    store = Store(folder)
    study = Study(store)
    refuse(store.damaged())
    if not study.replications:
        raise InputError.of(folder, "batches", "", "holds no replication yet; run the study again to go on")
    return study
