"""A study on disk.

    manifest.json                              what it was made of, and with what
    scenario.json                              the scenario and its network as plain data
    batches/00000-00015.json                   the files of a batch, with their sizes and digests
    answers/closure/part-00000-00015.parquet   the answers of a measure
    spans/part-00000-00015.parquet             a table of the replications that are kept whole

Every file is written whole and renamed into place. The record of a batch comes last, so a batch is there with all
of its files or not at all; what is damaged later shows by its size and digest, and is made again. Batches are put
together as they come, into one that holds what they held before they go. A folder may come from a stranger: `records`
says what may stand in it, and no file outside of it is read, written or removed.
"""

from __future__ import annotations

import json
import os
import platform
import socket
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache, cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

from nfm_sim.files import read_bytes, write_whole, writing
from nfm_sim.measures import KEPT
from nfm_sim.plan.draws import read_seed
from nfm_sim.problems import InputError, Problem, gathered, refuse, some_of
from nfm_sim.record import TABLES, Run
from nfm_sim.scenario import Scenario, scenario_from_data
from nfm_sim.study import records
from nfm_sim.study.code import code_of_kinds, current_key
from nfm_sim.study.records import ANSWERS, SUMS, BatchRecord, ManifestRecord, inside

# Parts: the Parquet files of a study, each a table of the replications of one batch.


MANY, FEW = 16, 8
"""Adjacent batches that are put together while a study is made, and that a finished one may have."""
MOST_TOGETHER, MOST_BYTES_TOGETHER = 10_000, 100_000_000
"""Replications and bytes of a batch that is put together."""
MOST_ROWS_AN_HOUR, MOST_REPEATED = 20, 20_000_000
"""Rows of a part that take next to no room, as they repeat each other: for each hour of a replication, and in all. The
closure curve of a hundred flows has 17 an hour; other rows take several bytes each."""


def cover(batches: Iterable[BatchRecord]) -> list[tuple[BatchRecord, int]]:
    """The batches that hold each replication once, each with the first replication to read from it."""
    found, upcoming = [], 0
    for batch in sorted(batches, key=lambda batch: (batch.first, -batch.last)):
        if batch.last >= upcoming:
            found.append((batch, max(batch.first, upcoming)))
            upcoming = batch.last + 1
    return found


def groups(batches: Sequence[BatchRecord], finished: bool) -> Iterator[list[BatchRecord]]:
    """Yield adjacent batches that are worth to be put together: many that are about as long, so that no replication is
    written again more than a few times; of a study that is `finished` and has more than a few, as many as may be."""
    together: list[list[BatchRecord]] = []
    for batch in sorted(batches, key=lambda batch: (batch.first, -batch.last)):
        if not together or not _fits(together[-1], batch, finished):
            together.append([])
        together[-1].append(batch)
    least = 2 if finished and len(batches) > FEW else MANY
    yield from (group for group in together if len(group) >= least)


def _fits(group: Sequence[BatchRecord], batch: BatchRecord, finished: bool) -> bool:
    begin, end = group[0].first, max(other.last for other in group) + 1
    return (
        batch.first <= end
        and batch.answers == group[0].answers
        and batch.last < begin + MOST_TOGETHER
        and sum(other.size for other in (*group, batch)) <= MOST_BYTES_TOGETHER
        and (finished or _level(batch) == _level(group[0]))
    )


def _level(batch: BatchRecord) -> int:
    """How often sixteen were put together to make a batch as long."""
    return (batch.last + 1 - batch.first).bit_length() // 4


def parquet_of(table: pl.DataFrame) -> bytes:
    """Return a table as Parquet."""
    table.write_parquet(content := BytesIO())
    return content.getvalue()


@cache
def schema_of(key: str) -> pl.Schema | None:
    """Return the columns of a part: of a table, or of the answer of a measure that all studies keep; None of others."""
    if key in TABLES:
        return pl.Schema(TABLES[key])
    measure = KEPT.get(key.removeprefix(f"{ANSWERS}/"))
    if measure is None:
        return None
    nothing = Run({"horizon_h": 1.0, "replications": 1}, {name: pl.DataFrame(schema=of) for name, of in TABLES.items()})
    return measure(nothing).schema


def is_part(content: bytes, key: str, batch: BatchRecord, horizon_h: float) -> bool:
    """Whether this is a table of replications of a batch, that can be read whole: an answer has rows of any of
    them, another table of those that are kept. How many rows it has is looked at before it is read."""
    numbers = set(range(batch.first, batch.last + 1) if key.startswith(ANSWERS) else batch.kept)
    repeated = MOST_ROWS_AN_HOUR * horizon_h * len(numbers)
    try:
        table = pl.scan_parquet(BytesIO(content))
        columns, expected = table.collect_schema(), schema_of(key)
        if "replication" not in columns or (expected is not None and columns != expected):
            return False
        if table.select(pl.len()).collect().item() > len(content) + min(repeated, MOST_REPEATED):
            return False
        return numbers.issuperset(table.collect()["replication"].unique())
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # the reader panics where it thinks that a file cannot be so
        return False


MANIFEST, SCENARIO, BATCHES = "manifest.json", "scenario.json", "batches"
GO_ON = "make room for it, and run the same again: what is written stays"
KEY = {
    "format": "the format of the store",
    "seed": "the seed",
    "sampling": "the sampling",
    "scenario": "the scenario or its network",
    "fork": "the fork",
    "model": "the code of the model",
    "versions": "the versions of packages",
    "measures": "the measures of your own",
    "kinds": "the kinds of your own",
}
"""Entries of the manifest that must agree for a study to go on, and their names in errors."""
Frames = Mapping[str, pl.DataFrame]
NO_STUDY = "cannot be read; name a folder that `nfm-sim study --out` or `nfm-sim run --out` wrote"
AGAIN = "run the study again, which makes it again"
ABOUT = ("title", "notional", "file", "network", "g_day", "horizon_h")
"""Entries of the manifest that describe its scenario."""


class Store:
    """The folder of a study: its files, and nothing of what they mean."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._read: set[str] = set()
        """Parts whose content has been held against its digest."""

    @staticmethod
    def create(
        folder: str | Path,
        scenario: Scenario,
        seed: int,
        sampling: str,
        measures: Mapping[str, str | None] | None = None,
        fork: Sequence[Mapping[str, Any]] = (),
        answers: Iterable[str] | None = None,
    ) -> Store:
        """Begin a study in a folder that keeps these answers, or else all; or go on with it, with more of them.

        Raises `InputError` when the folder holds a study of something else, or cannot be written.
        """
        store = Store(folder)
        plain = records.json_of(scenario.to_data(), indent=None)  # in lines a network takes ten times as much room
        manifest: dict[str, Any] = {
            "format": records.FORMAT,
            **scenario.about,
            "seed": read_seed(seed),
            "sampling": str(sampling),
            "scenario": records.digest(plain),
            "fork": [dict(change) for change in fork],
            "answers": [name for name in KEPT if answers is None or name in {*answers}],
            "measures": dict(sorted((measures or {}).items())),
            "kinds": code_of_kinds(),
            **current_key(),
            "python": platform.python_version(),
            "machine": f"{platform.machine()} {sys.platform}",
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        with writing(store.folder, "choose another --out"):
            if (store.folder / MANIFEST).exists():
                store._refuse_other(json.loads(json.dumps(manifest)))
                store._drop_drafts()
                store._keep_more(answers or ())
                for name, code in {**manifest["measures"], **manifest["kinds"]}.items():
                    if code is None:
                        told = f"{folder}: it cannot be known whether {name} is what it was when the study began"
                        warnings.warn(told, stacklevel=4)
                return store
            if store.folder.exists() and (not store.folder.is_dir() or any(_others(store.folder))):
                raise store._fault("", "", "holds other files, and no study; choose another --out")
            (store.folder / BATCHES).mkdir(parents=True, exist_ok=True)
            write_whole(inside(store.folder, SCENARIO), plain)
            write_whole(inside(store.folder, MANIFEST), records.write_record(manifest))
        return store

    def _refuse_other(self, asked: Mapping[str, Any]) -> None:
        differ = []
        for key, what in KEY.items():
            if self.manifest.get(key) != asked[key]:
                remedy = f"is not what is asked now ({_short(asked[key])}): {what} differs; choose another --out"
                differ.append(Problem(str(self.folder / MANIFEST), key, _short(self.manifest.get(key)), remedy))
        refuse(differ)

    def _keep_more(self, answers: Iterable[str]) -> None:
        there = self.manifest["answers"]
        if not {*answers} <= {*there}:
            asked = {*answers, *there}
            self.manifest["answers"] = [name for name in KEPT if name in asked]
            plain = {name: value for name, value in self.manifest.items() if name != "digest"}
            with writing(self.folder, GO_ON):
                write_whole(inside(self.folder, MANIFEST), records.write_record(plain))

    def _drop_drafts(self) -> None:
        """Remove the half-written files of processes of this machine that are dead."""
        for draft in self.folder.rglob(f".*.{socket.gethostname()}.*"):
            pid = draft.name.rpartition(".")[2]
            if pid.isdigit() and not Path("/proc", pid).exists() and Path("/proc").exists():
                draft.unlink(missing_ok=True)

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The inputs of the study, and the versions that it was made with. Raises `InputError` when the folder holds
        no study, or another than its digest says."""
        studies = sorted(str(path.parent) for path in self.folder.glob(f"*/{MANIFEST}"))
        remedy = f"is not in this folder; name one of the studies {some_of(studies)}" if studies else NO_STUDY
        return records.read_record(inside(self.folder, MANIFEST), ManifestRecord, remedy).model_dump()

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario with its network, as it was when the study was made."""
        path = inside(self.folder, SCENARIO)
        mark = records.digest(read_bytes(path))
        if mark != self.manifest["scenario"]:
            raise self._fault(SCENARIO, mark, "is not the digest that the manifest gives; it was changed")
        data = records.read_json(path, "is no JSON")
        if not isinstance(data, dict):
            raise self._fault(SCENARIO, "", "is no scenario as data")
        return scenario_from_data(data)

    def batches(self, thorough: bool = False) -> list[BatchRecord]:
        """The batches that are whole: each file is there in its size, and if `thorough`, with its digest. What others
        hold too is left out."""
        whole = [batch for batch in self._records()[0] if not any(self._damaged(batch, thorough))]
        return [batch for batch in whole if not any(other.holds(batch) for other in whole)]

    def with_all(self, batches: Iterable[BatchRecord]) -> list[BatchRecord]:
        """Those that have all the answers that the study keeps."""
        answers = {*self.manifest["answers"], *self.manifest["measures"]}
        return [batch for batch in batches if batch.answers >= answers]

    def damaged(self) -> list[Problem]:
        """Return the faults of the files of batches that are on record, and of the records."""
        batches, faults = self._records()
        whole = self.batches()
        for batch in batches:
            if not any(other.holds(batch) for other in whole):
                for path, what in self._damaged(batch):
                    faults.append(Problem(str(self.folder / path), "", "", f"{what}; {AGAIN}"))
        return faults

    def unreadable(self) -> list[Problem]:
        """Return the faults of parts that no reader can use, or that are missing in the records, batch by batch."""
        faults: list[Problem] = []
        answers = [f"{records.ANSWERS}/{name}" for name in (*self.manifest["answers"], *self.manifest["measures"])]
        for batch in self.batches():
            expected = [*answers, *(TABLES if batch.kept else ())]
            for key in dict.fromkeys([*expected, *(path.rpartition("/")[0] for path in batch.files)]):
                with gathered(faults):
                    self._part(key, batch)
        return faults

    def added(self) -> list[Problem]:
        """Return what lies in the folder and is none of the study's files. Parts of a record that cannot be read are
        not counted: what is wrong is said of the record."""
        unread = {path.stem for path in inside(self.folder, BATCHES).glob("*.json")}
        known = {MANIFEST, SCENARIO, SUMS, f"{SUMS}.sig", *(f"{BATCHES}/{name}.json" for name in unread)}
        for batch in self._records()[0]:
            known |= batch.files.keys()
            unread.remove(batch.name)
        remedy = "is none of the study's files; take it away"
        return [
            Problem(str(self.folder / name), "", "", remedy)
            for name in records.files_in(self.folder)
            if name not in known
            and not ((part := records.PART.fullmatch(name)) and "-".join(part.groups()[1:]) in unread)
        ]

    def _records(self) -> tuple[list[BatchRecord], list[Problem]]:
        """The batches on record, and what is wrong with other records: half a record is none, and the batch is made
        again."""
        batches: list[BatchRecord] = []
        faults: list[Problem] = []
        for path in sorted(inside(self.folder, BATCHES).glob("*.json")):
            with gathered(faults):
                file = inside(self.folder, f"{BATCHES}/{path.name}")
                batch = records.read_record(file, BatchRecord, f"is no record; {AGAIN}")
                if f"{batch.name}.json" != path.name:
                    raise InputError.of(path, "", "", f"is the record of batch {batch.name}; {AGAIN}")
                batches.append(batch)
        return batches, faults

    def _damaged(self, batch: BatchRecord, thorough: bool = False) -> Iterator[tuple[str, str]]:
        for path, (size, mark) in batch.files.items():
            try:
                file = inside(self.folder, path)
                there = file.stat().st_size
                if there != size:
                    yield path, f"has {there:,} bytes instead of {size:,}"
                elif thorough and records.digest(read_bytes(file)) != mark:
                    yield path, "is not what was written"
            except InputError as error:
                yield path, error.problems[0].remedy
            except OSError:
                yield path, "is missing"

    def write(self, first: int, last: int, answers: Frames, tables: Frames, kept: Iterable[int]) -> None:
        """Write a batch, and its record last. Raises `InputError` when the disk refuses it."""
        name = records.batch_name(first, last)
        frames = {f"{records.ANSWERS}/{key}": table for key, table in answers.items()} | dict(tables)
        files = {}
        with writing(self.folder, GO_ON):
            for key, table in frames.items():
                path = f"{key}/part-{name}.parquet"
                content = parquet_of(table)
                inside(self.folder, key).mkdir(parents=True, exist_ok=True)
                write_whole(inside(self.folder, path), content)
                files[path] = (len(content), records.digest(content))
            record = inside(self.folder, f"{BATCHES}/{name}.json")
            content = records.write_record({"first": first, "last": last, "kept": list(kept), "files": files})
            write_whole(record, content)
            record.with_suffix(".claim").unlink(missing_ok=True)

    def has(self, batch: BatchRecord) -> bool:
        """Whether a batch is still on record by itself."""
        return (self.folder / BATCHES / f"{batch.name}.json").exists()

    def gather(self, finished: bool = False) -> None:
        """Put the parts of adjacent batches together, when there are many of them, or the study is `finished`.

        What another process puts together at the same time, or no disk has room for, stays as it is.
        """
        with suppress(InputError, OSError):
            for group in groups(self.batches(), finished):
                answers = {name: self.scan(name, group).collect() for name in sorted(group[0].answers)}
                kept = sorted({number for batch in group for number in batch.kept})
                tables = {name: self.scan_table(name, group).collect() for name in TABLES} if kept else {}
                self.write(group[0].first, max(batch.last for batch in group), answers, tables, kept)
            self._drop_what_others_hold()

    def _drop_what_others_hold(self) -> None:
        """Remove the batches that another holds, or that lack answers which others have of all their replications;
        each record after its files, so that no file is ever on no record."""
        whole = self.batches()
        full = self.with_all(whole)
        there = {n for batch, first in cover(full) for n in range(first, batch.last + 1)}
        kept = {number for batch in full for number in batch.kept}
        for batch in self._records()[0]:
            again = there.issuperset(range(batch.first, batch.last + 1)) and kept.issuperset(batch.kept)
            if any(other.holds(batch) for other in whole) or (again and batch not in full):
                for name in (*batch.files, f"{BATCHES}/{batch.name}.json"):
                    inside(self.folder, name).unlink(missing_ok=True)

    def claim(self, first: int, last: int) -> bool:
        """Note that this process is about to make a batch; False when another has noted it.

        A claim is a hint to other processes on the folder and binds none: the process that made it may have died.
        """
        claim = inside(self.folder, f"{BATCHES}/{records.batch_name(first, last)}.claim")
        with writing(self.folder, GO_ON), suppress(FileExistsError):
            with claim.open("x") as file:
                file.write(f"{socket.gethostname()} {os.getpid()}\n")
            return True
        return False

    def scan(self, answer: str, batches: Iterable[BatchRecord]) -> pl.LazyFrame:
        """Read an answer from these batches, lazily; each replication once, in order, however the batches overlap.

        Raises `InputError` when there is no batch.
        """
        found = [(self._part(f"{records.ANSWERS}/{answer}", batch), batch, first) for batch, first in cover(batches)]
        if not found:
            raise self._fault(answer, "", "has no replications yet")
        whole = pl.scan_parquet([path for path, batch, first in found if first == batch.first], glob=False)
        cut = [(pl.scan_parquet(path, glob=False), first) for path, batch, first in found if first > batch.first]
        rows = [part.filter(pl.col("replication") >= first) for part, first in cut]
        return pl.concat([whole, *rows]).sort("replication", maintain_order=True) if cut else whole

    def scan_table(self, name: str, batches: Sequence[BatchRecord]) -> pl.LazyFrame:
        """Read a table of the replications that are kept, lazily; each once, in order."""
        holder = {number: batch for batch in batches for number in batch.kept}
        rows = [pl.LazyFrame(schema=TABLES[name])]
        for batch in batches:
            if numbers := [number for number in batch.kept if holder[number] is batch]:
                part = pl.scan_parquet(self._part(name, batch), glob=False)
                rows.append(part.filter(pl.col("replication").is_in(numbers)))
        return pl.concat(rows).sort("replication", maintain_order=True)

    def _part(self, key: str, batch: BatchRecord) -> Path:
        """Return the file of a part. Before it is read for the first time it is held against its digest and read whole.

        Raises `InputError` when it is not what was written, or no table of these replications.
        """
        name = f"{key}/part-{batch.name}.parquet"
        path = inside(self.folder, name).absolute()
        if name not in self._read:
            if name not in batch.files:
                raise self._fault(name, "", f"is not among the files of batch {batch.name}; {AGAIN}")
            content = read_bytes(path)
            if records.digest(content) != batch.files[name][1]:
                raise self._fault(name, "", f"is not what was written; {AGAIN}")
            if not is_part(content, key, batch, self.manifest["horizon_h"]):
                raise self._fault(name, "", "is no table of a study")
            self._read.add(name)
        return path

    def _fault(self, key: str, value: object, remedy: str) -> InputError:
        return InputError.of(self.folder, key, value, remedy)


def _others(folder: Path) -> Iterator[Path]:
    """Files that a study which was killed while it began does not leave."""
    return (path for path in folder.iterdir() if path.name not in (SCENARIO, BATCHES) and path.name[0] != ".")


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
