"""A study folder from a stranger is what it says, or an input error; and it leads to no file outside of it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import nfm_sim as nfm
from nfm_sim.problems import InputError
from nfm_sim.record import Record
from nfm_sim.scenario import build_scenario
from nfm_sim.study import open_study, replicate, verify
from nfm_sim.study.records import digest, write_record
from tests.conftest import ROOT, coast, coast_data, one_ship


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    late = {"uniform": [0, 20]}
    scenario = build_scenario(coast_data(flows={"flow": one_ship("truck", 6, lateness_h=late)}), coast())
    return replicate(scenario, 4, out=tmp_path_factory.mktemp("made") / "s", batch=2, jobs=1, keep=[0, 3]).folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "s"))


def forge(folder: Path, name: str, change: Callable[[Any], object]) -> None:
    """Change a record, and give it a digest that fits."""
    data = json.loads((folder / name).read_text())
    data.pop("digest", None)
    change(data)
    (folder / name).write_bytes(write_record(data))


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("manifest.json", "seed", "1"),
        ("manifest.json", "seed", -1),
        ("manifest.json", "seed", 1.5),
        ("manifest.json", "seed", None),
        ("manifest.json", "horizon_h", 1e300),
        ("manifest.json", "title", ["x"]),
        ("manifest.json", "fork", [{"at_h": 3, "changes": None}]),
        ("manifest.json", "measures", {"x": "../../etc"}),
        ("batches/00000-00001.json", "first", 0.0),
        ("batches/00000-00001.json", "first", -1),
        ("batches/00000-00001.json", "last", 10**18),
        ("batches/00000-00001.json", "kept", [7]),
        ("batches/00000-00001.json", "files", {"../../x/part-00000-00001.parquet": [1, "0" * 32]}),
        ("batches/00000-00001.json", "files", {"/etc/passwd": [1, "0" * 32]}),
        ("batches/00000-00001.json", "more", 1),
    ],
)
def test_a_record_that_holds_something_else_is_an_input_error(folder: Path, name: str, key: str, value: Any) -> None:
    forge(folder, name, lambda data: data.update({key: value}))
    with pytest.raises(InputError, match="it was changed since it was written"):
        open_study(folder)


def test_one_bit_of_the_manifest_shows(folder: Path) -> None:
    file = folder / "manifest.json"
    file.write_bytes(file.read_bytes().replace(b"a story", b"a storx"))
    with pytest.raises(InputError, match=r"manifest.json: is not what its digest says"):
        open_study(folder)
    with pytest.raises(InputError, match="is not what its digest says"):
        verify(folder)


def test_a_key_that_stands_twice_shows(folder: Path) -> None:
    """A reader that takes the first would have another seed than one that takes the last, of which the digest is."""
    file = folder / "manifest.json"
    file.write_text(file.read_text().replace("{", '{"seed": 4,', 1))
    for read in (open_study, verify):
        with pytest.raises(InputError, match=r"manifest.json: cannot be read"):
            read(folder)


def test_one_bit_of_an_answer_shows_before_it_is_read(folder: Path) -> None:
    part = folder / "answers/closure/part-00000-00001.parquet"
    for place in range(8, part.stat().st_size, 97):
        content = bytearray(part.read_bytes())
        content[place] ^= 4
        damaged = bytes(content)
        sound, _ = part.read_bytes(), part.write_bytes(damaged)
        with pytest.raises(InputError, match="is not what was written"):
            nfm.closure(open_study(folder))
        part.write_bytes(sound)


def test_a_part_that_no_reader_can_read_is_an_input_error_though_its_digest_fits(folder: Path) -> None:
    path = "answers/closure/part-00000-00001.parquet"
    for content in (b"PAR1" + b"\xff" * 200 + b"PAR1", b"", pl_bytes(pl.DataFrame({"replication": ["x"]}))):
        (folder / path).write_bytes(content)
        forge(
            folder,
            "batches/00000-00001.json",
            lambda data, now=content: data["files"].update({path: [len(now), digest(now)]}),
        )
        with pytest.raises(InputError, match="is no table of a study"):
            nfm.closure(open_study(folder))


def pl_bytes(table: pl.DataFrame) -> bytes:
    from io import BytesIO

    buffer = BytesIO()
    table.write_parquet(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "name", ["manifest.json", "scenario.json", "answers/closure/part-00000-00001.parquet", "batches"]
)
def test_no_link_leads_out_of_the_folder(folder: Path, tmp_path: Path, name: str) -> None:
    outside = tmp_path / "outside"
    shutil.move(folder / name, outside)
    (folder / name).symlink_to(outside)
    with pytest.raises(InputError, match="is a link, and none in the folder of a study is followed"):
        nfm.closure(open_study(folder)) if name != "scenario.json" else open_study(folder).scenario


def test_nothing_is_written_by_way_of_a_link(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    scenario = open_study(folder).scenario
    shutil.rmtree(folder / "answers/waits")
    (folder / "answers/waits").symlink_to(outside)
    with pytest.raises(InputError, match="is a link, and none in the folder of a study is followed"):
        replicate(scenario, 8, out=folder, batch=2, jobs=1, keep=[0, 3])
    assert not list(outside.iterdir())


@pytest.mark.parametrize("harm", ["added", "missing", "renamed", "truncated", "flipped", "another seed"])
def test_verify_tells_of_every_kind_of_damage(folder: Path, harm: str) -> None:
    part = folder / "answers/closure/part-00002-00003.parquet"
    if harm == "added":
        shutil.copy(part, folder / "answers/closure/part-00004-00005.parquet")
    elif harm == "missing":
        part.unlink()
    elif harm == "renamed":
        part.rename(part.with_name("part-00004-00005.parquet"))
    elif harm == "truncated":
        part.write_bytes(part.read_bytes()[:-9])
    elif harm == "flipped":
        part.write_bytes(part.read_bytes().replace(b"flow", b"fLow"))
    else:
        forge(folder, "manifest.json", lambda data: data.update(seed=9))
    found = verify(folder, [1] if harm == "another seed" else [3])
    assert not found.sound
    assert any(
        ("replication 1 is not what" if harm == "another seed" else "part-0000") in text for text in found.faults
    )


@pytest.mark.parametrize("name", ["v[12]", "v*", "~", "s3:", "file:", "hf:", "a?b", " "])
def test_a_folder_is_a_folder_whatever_its_name_looks_like(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    scenarios = [build_scenario(coast_data(flows={"flow": one_ship("truck", n)}), coast()) for n in (2, 5)]
    replicate(scenarios[0], 2, out="v1", jobs=1)
    study = replicate(scenarios[1], 2, out=name, jobs=1)
    assert nfm.closure(study)["pieces"].to_list() == [5, 5]
    assert nfm.closure(open_study(tmp_path / name))["pieces"].to_list() == [5, 5]


def test_a_lazy_answer_outlives_the_study_that_had_no_folder() -> None:
    scenario = build_scenario(coast_data(flows={"flow": one_ship("truck", 2)}), coast())
    assert replicate(scenario, 2, jobs=1).scan("closure").collect().height == 2


def test_a_study_of_a_comparison_outlives_the_comparison() -> None:
    scenario = build_scenario(coast_data(flows={"flow": one_ship("truck", 2)}), coast())
    base = nfm.compare({"base": scenario, "again": scenario}, 2, jobs=1)["base"]
    assert nfm.closure(base).height == 2
    folder = base.folder
    del base
    assert not folder.exists()


def test_a_study_that_is_opened_from_another_folder_draws_its_map(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    assert nfm.plots.network_load(open_study(folder)).get_xlabel() == "degrees east"


SCALE = 1


def helper(value: float) -> float:
    return value * SCALE


def tail(run: Record) -> pl.DataFrame:
    hours = nfm.closure(run).select("replication", "last_h")
    return hours.with_columns(pl.col("last_h") * helper(1.0))


def test_own_measures_are_those_of_before_to_the_helpers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = build_scenario(coast_data(flows={"flow": one_ship("truck", 2)}), coast())
    replicate(scenario, 2, out=tmp_path / "s", jobs=1, measures=[tail])
    replicate(scenario, 3, out=tmp_path / "s", jobs=1, measures=[tail])
    monkeypatch.setattr(sys.modules[__name__], "SCALE", 100)
    with pytest.raises(InputError, match="the measures of your own differs; choose another --out"):
        replicate(scenario, 4, out=tmp_path / "s", jobs=1, measures=[tail])


def test_a_measure_whose_code_cannot_be_had_is_told(tmp_path: Path) -> None:
    unknown = object()

    def mine(run: Record) -> pl.DataFrame:
        assert unknown is not None
        return nfm.closure(run).select("replication", "last_h")

    scenario = build_scenario(coast_data(flows={"flow": one_ship("truck", 2)}), coast())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        study = replicate(scenario, 2, out=tmp_path / "s", jobs=1, measures=[mine])
    assert study.manifest["measures"] == {"mine": None}
    with pytest.warns(UserWarning, match="it cannot be known whether mine is what it was"):
        replicate(scenario, 3, out=tmp_path / "s", jobs=1, measures=[mine])


def test_workers_end_soon_after_a_parent_that_was_ended(tmp_path: Path) -> None:
    words = [
        "study",
        "scenarios/corps_transit.toml",
        "--replications",
        "400",
        "--jobs",
        "2",
        "--out",
        str(tmp_path / "s"),
    ]
    program = "from nfm_sim.cli import main; main()"
    parent = subprocess.Popen(
        [sys.executable, "-c", program, *words], cwd=ROOT, env={**os.environ, "LOKY_MAX_CPU_COUNT": "2"}
    )
    try:
        begin = time.monotonic()
        while not list(tmp_path.glob("s/batches/*.claim")) and time.monotonic() - begin < 60:
            time.sleep(0.2)
        workers = children(parent.pid)
        assert workers
        time.sleep(2)
    finally:
        parent.send_signal(signal.SIGTERM)
        parent.wait()
    for _ in range(100):
        if not any(running(pid) for pid in workers):
            return
        time.sleep(0.2)
    pytest.fail("workers go on without their parent")


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
