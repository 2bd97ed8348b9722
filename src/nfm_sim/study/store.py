"""A study on disk.

    manifest.json                              what it was made of, and with what
    scenario.json                              the scenario and its network as plain data
    batches/00000-00015.json                   the files of a batch, with their sizes and digests
    answers/closure/part-00000-00015.parquet   the answers of a measure
    spans/part-00000-00015.parquet             a table of the replications that are kept whole

Every file is written whole and renamed into place. The record of a batch comes last, so a batch is there with all
of its files or not at all; what is damaged later shows by its size and digest, and is made again.
"""

from __future__ import annotations

import json
import os
import platform
import socket
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache, cached_property
from hashlib import blake2b
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

from nfm_sim.problems import InputError, Problem
from nfm_sim.record import TABLES
from nfm_sim.scenario import Scenario, scenario_from_data

MANIFEST, SCENARIO, BATCHES, ANSWERS = "manifest.json", "scenario.json", "batches", "answers"
FORMAT = 1
PACKAGES = ("nfm_sim", "simpy", "numpy", "scipy", "polars")
"""Packages on which a number in a table may depend."""
MODEL = ("record", "network", "scenario", "plan", "compile", "engine", "measures")
"""The rooms of the package that a number in a table may depend on."""
GO_ON = "make room for it, and run the same again: what is written stays"
KEY = {
    "format": "the format of the store",
    "seed": "the seed",
    "scenario": "the scenario or its network",
    "fork": "the fork",
    "model": "the code of the model",
    "versions": "the versions of packages",
    "measures": "the measures of your own",
}
"""Entries of the manifest that must agree for a study to go on, and their names in errors."""
ABOUT = ("title", "file", "network", "g_day", "horizon_h")
"""Entries of the manifest that describe its scenario."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Replications `first` to `last`, of which those in `kept` with all their tables; `files` by their path in
    the folder, with size in bytes and digest."""

    first: int
    last: int
    kept: tuple[int, ...]
    files: Mapping[str, tuple[int, str]]

    @property
    def name(self) -> str:
        return batch_name(self.first, self.last)


class Store:
    """The folder of a study: its files, and nothing of what they mean."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    @staticmethod
    def create(
        folder: str | Path,
        scenario: Scenario,
        seed: int,
        measures: Iterable[str] = (),
        fork: Sequence[Mapping[str, Any]] = (),
    ) -> Store:
        """Begin a study in a folder, or go on with it.

        Raises `InputError` when the folder holds a study of something else, or cannot be written.
        """
        store = Store(folder)
        plain = _json(scenario.to_data())
        manifest: dict[str, Any] = {
            "format": FORMAT,
            **scenario.about,
            "seed": seed,
            "scenario": digest(plain),
            "fork": [dict(change) for change in fork],
            "measures": sorted(measures),
            **current_key(),
            "python": platform.python_version(),
            "machine": f"{platform.machine()} {sys.platform}",
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        if (store.folder / MANIFEST).exists():
            store._refuse_other(json.loads(json.dumps(manifest)))
            store._drop_drafts()
            return store
        with writing(store.folder, "choose another --out"):
            if store.folder.exists() and (not store.folder.is_dir() or any(_others(store.folder))):
                raise store._fault("", "", "holds other files, and no study; choose another --out")
            (store.folder / BATCHES).mkdir(parents=True, exist_ok=True)
            write_whole(store.folder / SCENARIO, plain)
            write_whole(store.folder / MANIFEST, _json(manifest))
        return store

    def _refuse_other(self, asked: Mapping[str, Any]) -> None:
        differ = [
            Problem(
                str(self.folder / MANIFEST),
                key,
                _short(self.manifest.get(key)),
                f"is not what is asked now ({_short(asked[key])}): {what} differs; choose another --out",
            )
            for key, what in KEY.items()
            if self.manifest.get(key) != asked[key]
        ]
        if differ:
            raise InputError(differ)

    def _drop_drafts(self) -> None:
        """Remove the half-written files of processes of this machine that are dead."""
        for draft in self.folder.rglob(f".*.{socket.gethostname()}.*"):
            pid = draft.name.rpartition(".")[2]
            if pid.isdigit() and not Path("/proc", pid).exists() and Path("/proc").exists():
                draft.unlink(missing_ok=True)

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The inputs of the study, and the versions that it was made with. Raises `InputError` when the folder holds
        no study."""
        try:
            found = json.loads((self.folder / MANIFEST).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            found = None
        if not isinstance(found, dict) or "format" not in found:
            remedy = "cannot be read; name a folder that `nfm-sim study --out` or `nfm-sim run --out` wrote"
            raise self._fault(MANIFEST, "", remedy)
        if found["format"] != FORMAT:
            raise self._fault("format", found["format"], f"is not {FORMAT}; read it with the version that wrote it")
        missing = [key for key in (*ABOUT, *KEY) if key not in found]
        if missing:
            raise self._fault(MANIFEST, "", f"lacks {', '.join(missing)}; it was changed since it was written")
        return found

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario with its network, as it was when the study was made."""
        try:
            plain = (self.folder / SCENARIO).read_bytes()
        except OSError as error:
            raise self._fault(SCENARIO, "", f"cannot be read ({error.strerror})") from None
        if digest(plain) != self.manifest["scenario"]:
            raise self._fault(SCENARIO, digest(plain), "is not the digest that the manifest gives; it was changed")
        return scenario_from_data(json.loads(plain))

    def batches(self, thorough: bool = False) -> list[Batch]:
        """The batches that are whole: each file is there in its size, and if `thorough`, with its digest."""
        return [batch for batch in self._recorded() if not any(self._damaged(batch, thorough))]

    def damaged(self, thorough: bool = False) -> list[Problem]:
        """Return the faults of the files of batches that are on record."""
        remedy = "run the study again, which makes it again"
        return [
            Problem(str(self.folder / path), "", "", f"{what}; {remedy}")
            for batch in self._recorded()
            for path, what in self._damaged(batch, thorough)
        ]

    def _recorded(self) -> Iterator[Batch]:
        for path in sorted((self.folder / BATCHES).glob("*.json")):
            try:
                found = json.loads(path.read_bytes())
                yield Batch(found["first"], found["last"], tuple(found["kept"]), found["files"])
            except (OSError, ValueError, KeyError, TypeError):
                continue  # half a record is none: the batch is made again

    def _damaged(self, batch: Batch, thorough: bool) -> Iterator[tuple[str, str]]:
        for path, (size, mark) in batch.files.items():
            file = self.folder / path
            try:
                there = file.stat().st_size
                if there != size:
                    yield path, f"has {there:,} bytes instead of {size:,}"
                elif thorough and digest(file.read_bytes()) != mark:
                    yield path, "is not what was written"
            except OSError:
                yield path, "is missing"

    def write(
        self,
        first: int,
        last: int,
        answers: Mapping[str, pl.DataFrame],
        tables: Mapping[str, pl.DataFrame],
        kept: Iterable[int],
    ) -> Batch:
        """Write a batch, and its record last. Raises `InputError` when the disk refuses it."""
        name = batch_name(first, last)
        frames = {f"{ANSWERS}/{key}": table for key, table in answers.items()} | dict(tables)
        files = {}
        with writing(self.folder):
            for key, table in frames.items():
                path = f"{key}/part-{name}.parquet"
                buffer = BytesIO()
                table.write_parquet(buffer)
                content = buffer.getvalue()
                (self.folder / key).mkdir(parents=True, exist_ok=True)
                write_whole(self.folder / path, content)
                files[path] = (len(content), digest(content))
            batch = Batch(first, last, tuple(kept), files)
            write_whole(self.folder / BATCHES / f"{name}.json", _json(asdict(batch)))
            (self.folder / BATCHES / f"{name}.claim").unlink(missing_ok=True)
        return batch

    def claim(self, first: int, last: int) -> bool:
        """Note that this process is about to make a batch; False when another has noted it.

        A claim is a hint to other processes on the folder and binds none: the process that made it may have died.
        """
        claim = self.folder / BATCHES / f"{batch_name(first, last)}.claim"
        with writing(self.folder), suppress(FileExistsError):
            with claim.open("x") as file:
                file.write(f"{socket.gethostname()} {os.getpid()}\n")
            return True
        return False

    def scan(self, answer: str, batches: Iterable[Batch]) -> pl.LazyFrame:
        """Read an answer from these batches, lazily; each replication once, in order, however the batches overlap.

        Raises `InputError` when there is no batch.
        """
        found = [(self.folder / ANSWERS / answer / part(batch), batch, first) for batch, first in cover(batches)]
        if not found:
            raise self._fault(answer, "", "has no replications yet")
        whole = [path for path, batch, first in found if first == batch.first]
        cut = [(path, first) for path, batch, first in found if first > batch.first]
        rows = [pl.scan_parquet(path).filter(pl.col("replication") >= first) for path, first in cut]
        table = pl.concat([pl.scan_parquet(whole), *rows])
        return table.sort("replication", maintain_order=True) if cut else table

    def scan_table(self, name: str, batches: Iterable[Batch]) -> pl.LazyFrame:
        """Read a table of the replications that are kept, lazily; each once, in order."""
        seen: set[int] = set()
        rows = [pl.LazyFrame(schema=TABLES[name])]
        for batch in batches:
            numbers = [number for number in batch.kept if number not in seen]
            if numbers:
                path = self.folder / name / part(batch)
                rows.append(pl.scan_parquet(path).filter(pl.col("replication").is_in(numbers)))
                seen.update(numbers)
        return pl.concat(rows).sort("replication", maintain_order=True)

    def _fault(self, key: str, value: object, remedy: str) -> InputError:
        return InputError([Problem(str(self.folder), key, str(value), remedy)])


def cover(batches: Iterable[Batch]) -> list[tuple[Batch, int]]:
    """The batches that hold each replication once, each with the first replication to read from it."""
    found, upcoming = [], 0
    for batch in sorted(batches, key=lambda batch: (batch.first, -batch.last)):
        if batch.last >= upcoming:
            found.append((batch, max(batch.first, upcoming)))
            upcoming = batch.last + 1
    return found


def batch_name(first: int, last: int) -> str:
    return f"{first:05}-{last:05}"


def part(batch: Batch) -> str:
    return f"part-{batch.name}.parquet"


@contextmanager
def writing(folder: Path, remedy: str = GO_ON) -> Iterator[None]:
    """Raise `InputError` for what the disk of a folder refuses."""
    try:
        yield
    except OSError as error:
        raise InputError([Problem(str(folder), "", "", f"cannot be written ({error.strerror}); {remedy}")]) from None


def write_whole(path: Path, content: bytes) -> None:
    """Write beside the file, to the disk, and rename, so that no reader ever sees half a file."""
    draft = path.with_name(f".{path.name}.{socket.gethostname()}.{os.getpid()}")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def digest(content: bytes) -> str:
    return blake2b(content, digest_size=16).hexdigest()


def current_key() -> dict[str, Any]:
    """Return the versions that a study made now is made with: the code of the model, and the versions of packages."""
    return {"model": model_digest(), "versions": {name: version(name) for name in PACKAGES}}


@cache
def model_digest() -> str:
    """The digest of the code that numbers depend on: all rooms of the making wing, and the measures."""
    root = Path(__file__).parents[1]
    files = [file for room in MODEL for file in (root / room).rglob("*.py")]
    code = b"\0".join(part for file in sorted(files) for part in (file.name.encode(), file.read_bytes()))
    return digest(code)


def _json(data: Any) -> bytes:
    return (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode()


def _others(folder: Path) -> Iterator[Path]:
    """Files that a study which was killed while it began does not leave."""
    return (path for path in folder.iterdir() if path.name not in (SCENARIO, BATCHES) and path.name[0] != ".")


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
