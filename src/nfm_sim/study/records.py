"""What the records of a study on disk may hold. They may come from strangers: each is read through a model, whole and
within bounds, with a digest of its own, and names no file outside its folder."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cached_property
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, Strict, ValidationError, model_validator

from nfm_sim.files import read_bytes
from nfm_sim.limits import MOST_BYTES, MOST_DAYS, MOST_NAME, MOST_REPLICATIONS, MOST_TEXT
from nfm_sim.problems import InputError

FORMAT = 3
MOST_RECORD_BYTES = 20_000_000
"""Of a manifest or the record of a batch."""
PART = re.compile(r"((?:answers/)?[A-Za-z_]\w*)/part-(\d{5,7})-(\d{5,7})\.parquet", re.ASCII)
"""The path of a part in the folder of a study."""

ANSWERS = "answers"
"""The folder in which the answers of measures lie, each in a folder of its own."""
SUMS = "SHA256SUMS"
"""The list of the files of a folder that is signed; its signature stands in `SHA256SUMS.sig`."""
PASSING = re.compile(r"(.*/)?\.[^/]+\.\d+|batches/[^/]*\.claim")
"""What is there only while a study is made: drafts, also those of a process that was killed, and claims of batches."""
BESIDE = "figures/"
"""The folder beside the tables that is none of the study's."""

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Number = Annotated[int, Field(ge=0, lt=MOST_REPLICATIONS)]
Text = Annotated[str, Field(max_length=10 * MOST_TEXT)]
Name = Annotated[str, Field(min_length=1, max_length=MOST_NAME)]
SeedNumber = Annotated[int, Field(ge=0, lt=2**64)]
SamplingName = Literal["stratified", "independent"]
FolderName = Annotated[str, Field(pattern=r"^[\w-][\w.-]*$", max_length=MOST_NAME)]
"""The name of a folder in a folder, which leads to no other place."""


Pair = Annotated[tuple[Annotated[int, Field(ge=0, le=MOST_BYTES)], Digest], Strict(False)]
"""Size in bytes and digest of a file: JSON has lists alone."""


class Written(BaseModel):
    """What is read back of what was written."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


class ForkRecord(Written):
    """A change under way."""

    at_h: Annotated[float, Field(ge=-24 * MOST_DAYS, le=24 * MOST_DAYS)]
    changes: dict[str, Any]


class ManifestRecord(Written):
    """What a study was made of, and with what."""

    format: int
    title: Text
    notional: Annotated[str, Field(max_length=10 * MOST_TEXT)]
    file: Text
    network: Text
    g_day: Text
    horizon_h: Annotated[float, Field(gt=0, le=24 * MOST_DAYS)]
    seed: SeedNumber
    sampling: SamplingName
    scenario: Digest
    fork: list[ForkRecord]
    answers: list[Name]
    """The measures whose answers it keeps."""
    measures: dict[Name, Digest | None]
    """The user's own, with the digest of their code; null when that cannot be had."""
    kinds: dict[Name, Digest | None]
    """Likewise, of the modes, distributions and other kinds that the user declared."""
    model: Digest
    versions: dict[Name, Name]
    python: Name
    machine: Name
    made: Name
    digest: Digest


class BatchRecord(Written):
    """Replications `first` to `last`, of which those in `kept` with all their tables; `files` by their path in the
    folder, with size in bytes and digest."""

    first: Number
    last: Number
    kept: list[Number]
    files: dict[str, Pair]
    digest: Digest

    @property
    def name(self) -> str:
        return batch_name(self.first, self.last)

    @cached_property
    def answers(self) -> frozenset[str]:
        """The names of the answers that it has."""
        return frozenset(path.split("/")[1] for path in self.files if path.startswith(f"{ANSWERS}/"))

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return sum(size for size, _ in self.files.values())

    def holds(self, other: BatchRecord) -> bool:
        """Whether all of another batch, and more, is in this one."""
        more = (self.first, self.last) != (other.first, other.last)
        inside = self.first <= other.first and other.last <= self.last
        return more and inside and self.answers >= other.answers and {*self.kept} >= {*other.kept}

    @model_validator(mode="after")
    def _of_one_batch(self) -> Self:
        if self.last < self.first or any(not self.first <= number <= self.last for number in self.kept):
            raise ValueError("is of other replications")
        for path in self.files:
            match = PART.fullmatch(path)
            if match is None or (int(match[2]), int(match[3])) != (self.first, self.last):
                raise ValueError("names other files")
        return self


class ComparisonRecord(Written):
    """Which studies a folder compares, each with its folder, and what each changes."""

    studies: dict[str, FolderName]
    changes: dict[str, dict[str, Any]]


AnyRecord = TypeVar("AnyRecord", bound=Written)


def write_record(data: Mapping[str, Any]) -> bytes:
    """Return the content of a record, with its own digest."""
    return json_of({**data, "digest": digest(_plain(data))})


def json_of(data: Mapping[str, Any], indent: int | None = 1) -> bytes:
    """Return data as JSON."""
    text = json.dumps(data, indent=indent, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode("utf-8", "backslashreplace")


def read_record(path: Path, kind: type[AnyRecord], remedy: str) -> AnyRecord:
    """Read a record that `write_record` wrote. Raises `InputError`, with this remedy for what cannot be read at all."""
    data = read_json(path, remedy, MOST_RECORD_BYTES)
    has_format = "format" in kind.model_fields
    if not isinstance(data, dict) or (has_format and "format" not in data):
        raise InputError.of(path, "", "", remedy)
    if has_format and data["format"] != FORMAT:
        raise InputError.of(path, "format", data["format"], f"is not {FORMAT}; read it with the version that wrote it")
    missing = [name for name in kind.model_fields if name not in data]
    if missing:
        raise InputError.of(path, "", "", f"lacks {', '.join(missing)}; it was changed since it was written")
    try:
        record = kind.model_validate(data)
    except ValidationError as error:
        key = ".".join(map(str, error.errors(include_url=False)[0]["loc"]))
        raise InputError.of(
            path, key, "", "is not what a study writes here; it was changed since it was written"
        ) from None
    if "digest" in kind.model_fields:
        mark = data.pop("digest")
        if digest(_plain(data)) != mark:
            raise InputError.of(path, "", "", "is not what its digest says; it was changed since it was written")
    return record


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The keys of an object, each of which stands once: of two, one reader takes the first and another the last."""
    if len(data := dict(pairs)) < len(pairs):
        raise ValueError
    return data


def read_json(path: Path, remedy: str, most: int = MOST_BYTES) -> Any:
    """Return what a JSON file holds. Raises `InputError`, with this remedy for what is no JSON."""
    try:
        return json.loads(read_bytes(path, most), object_pairs_hook=_once)
    except InputError as error:
        raise InputError.of(path, "", "", f"{error.problems[0].remedy}; {remedy}") from None
    except (ValueError, RecursionError):
        raise InputError.of(path, "", "", remedy) from None


def inside(folder: Path, path: str | PurePosixPath) -> Path:
    """Return the path of a file in a folder. Raises `InputError` when there is a link on the way: none is followed, for
    reading or for writing, wherever it leads."""
    whole = folder
    for step in PurePosixPath(path).parts:
        whole /= step
        if whole.is_symlink():
            raise InputError.of(whole, "", "", "is a link, and none in the folder of a study is followed; take it away")
    return whole


def files_in(folder: Path) -> list[str]:
    """The files and links of a folder by their paths in it, but for what is there only while a study is made and for
    figures."""
    found = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    are_links = {path.relative_to(folder).as_posix(): path.is_symlink() for path in found}
    ours = (name for name, is_link in are_links.items() if is_link or not name.startswith(BESIDE))
    return sorted(name for name in ours if not PASSING.fullmatch(name))


def batch_name(first: int, last: int) -> str:
    """The name of a batch, in which names of equal length sort as numbers do."""
    return f"{first:05}-{last:05}"


def digest(content: bytes) -> str:
    return blake2b(content, digest_size=16).hexdigest()


def _plain(data: Mapping[str, Any]) -> bytes:
    """The text of data that its digest is of: the same however it is indented."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
