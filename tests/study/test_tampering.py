"""Every way of tampering with a study that we could think of, and whether `verify` notices it.

The table of docs/howto/verify.md has a row for each kind, by its name here.
"""

import io
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario
from nfm_sim.study import open_study, replicate, verify
from nfm_sim.study.records import digest, write_record
from tests.conftest import ROOT, coast, coast_data, one_ship

FIRST, SECOND = "00000-00001", "00002-00003"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    late = {"uniform": [0, 20]}
    data = coast_data(flows={"flow": one_ship("truck", 6, lateness_h=late)}, pools={"trucks": {"capacity": 2}})
    folder = tmp_path_factory.mktemp("made") / "s"
    return replicate(build_scenario(data, coast()), 4, out=folder, batch=2, jobs=1, keep=[0, 3]).folder


def part(key: str, batch: str = FIRST) -> str:
    return f"{key}/part-{batch}.parquet"


CLOSURE = part("answers/closure")


def in_record(name: str, **changes: Any) -> Callable[[Path], None]:
    """Change a record, and give it a digest that fits."""

    def tamper(folder: Path) -> None:
        data = json.loads((folder / name).read_text())
        data.pop("digest")
        (folder / name).write_bytes(write_record({**data, **changes}))

    return tamper


def in_manifest(**changes: Any) -> Callable[[Path], None]:
    return in_record("manifest.json", **changes)


def rewrite(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write parts, and have the records of their batches fit."""
    for name, content in contents.items():
        (folder / name).write_bytes(content)
        record = f"batches/{name[-19:-8]}.json"
        data = json.loads((folder / record).read_text())
        in_record(record, files={**data["files"], name: [len(content), digest(content)]})(folder)


def in_table(name: str, change: Callable[[pl.DataFrame], pl.DataFrame]) -> Callable[[Path], None]:
    """Change the rows of a part, with digests that fit."""

    def tamper(folder: Path) -> None:
        change(pl.read_parquet(folder / name)).write_parquet(content := io.BytesIO())
        rewrite(folder, {name: content.getvalue()})

    return tamper


def swapped(one: str, other: str) -> Callable[[Path], None]:
    def tamper(folder: Path) -> None:
        rewrite(folder, {one: (folder / other).read_bytes(), other: (folder / one).read_bytes()})

    return tamper


def flipped(name: str) -> Callable[[Path], None]:
    def tamper(folder: Path) -> None:
        content = bytearray((folder / name).read_bytes())
        content[len(content) // 2] ^= 4
        (folder / name).write_bytes(content)

    return tamper


def linked(name: str) -> Callable[[Path], None]:
    """Put a link in the place of a file or folder, to what stood there."""

    def tamper(folder: Path) -> None:
        outside = folder.parent / "outside"
        if (folder / name).exists():
            shutil.move(folder / name, outside)
        else:
            outside.mkdir()
        (folder / name).symlink_to(outside)

    return tamper


def copied(to: str) -> Callable[[Path], None]:
    return lambda folder: shutil.copy(folder / CLOSURE, folder / to) and None


def rewrite_scenario(folder: Path, data: Mapping[str, Any]) -> None:
    content = json.dumps(data).encode()
    (folder / "scenario.json").write_bytes(content)
    in_manifest(scenario=digest(content))(folder)


def in_scenario(folder: Path) -> None:
    data = json.loads((folder / "scenario.json").read_text())
    data["data"]["pools"]["trucks"]["capacity"] = 1
    rewrite_scenario(folder, data)


def another_title(folder: Path) -> None:
    data = json.loads((folder / "scenario.json").read_text())
    data["data"]["title"] = "Another"
    rewrite_scenario(folder, data)
    in_manifest(title="Another")(folder)


def without_a_part(folder: Path) -> None:
    (folder / CLOSURE).unlink()
    files = json.loads((folder / f"batches/{FIRST}.json").read_text())["files"]
    in_record(f"batches/{FIRST}.json", files={name: of for name, of in files.items() if name != CLOSURE})(folder)


def another_batch_again(folder: Path) -> None:
    """The answers of the first batch in the place of those of the second, with other numbers."""
    for path in sorted(folder.glob(f"**/part-{FIRST}.parquet")):
        name = path.relative_to(folder).as_posix()
        pl.read_parquet(path).with_columns(pl.col("replication") + 2).write_parquet(content := io.BytesIO())
        rewrite(folder, {name.replace(FIRST, SECOND): content.getvalue()})
    in_record(f"batches/{SECOND}.json", kept=[2])(folder)


later = pl.col("last_h") + 1.0
only_last = pl.when(pl.col("replication") == 1).then(later).otherwise("last_h")

NOTICED: dict[str, Callable[[Path], None]] = {
    # what fits nothing
    "a bit of an answer": flipped(CLOSURE),
    "a bit of the manifest": flipped("manifest.json"),
    "a bit of the scenario": flipped("scenario.json"),
    "a bit of the record of a batch": flipped(f"batches/{FIRST}.json"),
    "a part cut off": lambda folder: (folder / CLOSURE).write_bytes((folder / CLOSURE).read_bytes()[:-9]) and None,
    "a part taken away": lambda folder: (folder / CLOSURE).unlink(),
    "a part renamed": lambda folder: (
        (folder / CLOSURE).rename(folder / part("answers/closure", "00004-00005")) and None
    ),
    "a record of a batch taken away": lambda folder: (folder / f"batches/{FIRST}.json").unlink(),
    "a file added": copied("answers/closure/notes.txt"),
    "a hidden file added": copied("answers/.closure"),
    "a link for a part": linked(CLOSURE),
    "a link for a folder of parts": linked("answers"),
    "a link for the folder of figures": linked("figures"),
    # with digests that fit
    "the title": in_manifest(title="Another"),
    "the notional": in_manifest(notional="All of it is public and measured."),
    "hour 0": in_manifest(g_day="2031-01-01T00:00:00"),
    "the horizon": in_manifest(horizon_h=24.0 * 900),
    "the name of the file": in_manifest(file="plans/approved.toml"),
    "the name of the network": in_manifest(network="networks/measured"),
    "the seed": in_manifest(seed=9),
    "the sampling": in_manifest(sampling="independent"),
    "a fork": in_manifest(fork=[{"at_h": 1.0, "changes": {"pools.trucks.capacity": 1}}]),
    "an answer that is nowhere": in_manifest(measures={"mine": None}),
    "the scenario": in_scenario,
    "two answers swapped": swapped(CLOSURE, part("answers/waits")),
    "two batches swapped": swapped(CLOSURE, part("answers/closure", SECOND)),
    "a part left out of the record": without_a_part,
    "a table no longer kept": in_record(f"batches/{FIRST}.json", kept=[]),
    "answers of one batch for another": another_batch_again,
    "an answer of all replications": in_table(CLOSURE, lambda table: table.with_columns(later)),
    "an answer of one replication": in_table(CLOSURE, lambda table: table.with_columns(only_last.alias("last_h"))),
    "a row twice": in_table(CLOSURE, lambda table: pl.concat([table, table.head(1)])),
    "a row left out": in_table(CLOSURE, lambda table: table.head(1)),
    "rows of no replication": in_table(CLOSURE, lambda t: pl.concat([t, t.with_columns(pl.col("replication") + 9)])),
    "a column more": in_table(CLOSURE, lambda table: table.with_columns(pl.lit("sure").alias("checked"))),
    "a column of another kind": in_table(CLOSURE, lambda table: table.with_columns(pl.col("last_h").cast(pl.Float32))),
    "a table that is kept": in_table(part("spans"), lambda table: table.with_columns(pl.col("end_h") + 1)),
    "a million rows that are one": in_table(CLOSURE, lambda table: pl.concat([table] * 500_000)),
}
NOT_NOTICED: dict[str, Callable[[Path], None]] = {
    "when and where it was made": in_manifest(made="2020-01-01T00:00:00+00:00", machine="x86_64 other"),
    "a title or another text, in the scenario too": another_title,
    "another study, whole": lambda folder: None,
}


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "s"))


@pytest.mark.parametrize("kind", NOTICED)
def test_it_is_noticed(folder: Path, kind: str) -> None:
    NOTICED[kind](folder)
    try:
        found = verify(folder, "all")
    except InputError:
        return
    assert found.faults


@pytest.mark.parametrize("kind", NOT_NOTICED)
def test_it_takes_a_signature(folder: Path, kind: str) -> None:
    """What no scenario gives, and what it gives again, only a signature holds."""
    NOT_NOTICED[kind](folder)
    assert verify(folder, "all").sound


def test_replications_that_are_left_out_are_told(folder: Path) -> None:
    for path in folder.glob(f"**/*{FIRST}*"):
        path.unlink()
    found = verify(folder)
    assert found.sound
    assert found.remarks == ("not there: replications 0, 1, and later ones are",)


def test_no_reader_reads_more_rows_than_a_study_may_have(folder: Path) -> None:
    NOTICED["a million rows that are one"](folder)
    with pytest.raises(InputError, match="is no table of a study"):
        open_study(folder).scan("closure")


def test_the_table_in_the_documents_has_a_row_for_each() -> None:
    text = (ROOT / "docs/howto/verify.md").read_text("utf-8")
    assert [kind for kind in (*NOTICED, *NOT_NOTICED) if f"| {kind} |" not in text] == []
