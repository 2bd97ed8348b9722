"""Parts of a study are put together as they come, and nothing of it shows but fewer files."""

import shutil
from pathlib import Path

import pytest

from nfm_sim.measures import KEPT
from nfm_sim.record import TABLES
from nfm_sim.scenario import Scenario
from nfm_sim.study import Progress, Study, open_study, replicate, verify
from nfm_sim.study.records import BatchRecord, digest
from nfm_sim.study.store import Store
from tests.study.driver import SEED, story

NUMBER = 40
ONE_BATCH = 2 + len(KEPT) + len(TABLES) + 1
"""Files of a study in one batch with tables: manifest, scenario, its parts and its record."""


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return story()


@pytest.fixture(scope="module")
def apart(scenario: Scenario) -> Study:
    return replicate(scenario, NUMBER, seed=SEED, jobs=1, batch=20, keep=[0, 17])


@pytest.fixture(scope="module")
def making(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A study of as many batches as replications, and the most batches that lay there while it was made."""
    folder, lay_there = tmp_path_factory.mktemp("made") / "s", []

    def count(progress: Progress) -> None:
        lay_there.append(len(list(folder.glob("batches/*.json"))))

    replicate(scenario, NUMBER, seed=SEED, jobs=1, batch=1, keep=[0, 17], out=folder, progress=count)
    return folder, max(lay_there)


@pytest.fixture(scope="module")
def made(making: tuple[Path, int]) -> Path:
    return making[0]


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def same(one: Study, other: Study) -> bool:
    answers = all(one.scan(name).collect().equals(other.scan(name).collect()) for name in KEPT)
    return answers and all(one.kept.table(name).equals(other.kept.table(name)) for name in TABLES)


def test_a_study_of_many_batches_ends_as_one(made: Path, apart: Study) -> None:
    assert len(files(made)) == ONE_BATCH <= 60
    assert same(open_study(made), apart)
    assert verify(made, [17]).sound


def test_parts_come_together_while_a_study_is_made(making: tuple[Path, int]) -> None:
    assert making[1] == 17, "one that was put together, fifteen that wait, and the last"


def test_who_was_killed_while_it_put_parts_together_leaves_a_sound_study(
    scenario: Scenario, apart: Study, made: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(made, tmp_path / "s"))
    lone = replicate(scenario, 1, seed=SEED, jobs=1, keep=[0], out=tmp_path / "lone").folder
    for path in files(lone):
        if "00000-00000" in path.name and "waits" not in path.parts:  # of a batch that others hold, half is gone
            shutil.copy(path, folder / path.relative_to(lone))
    assert verify(folder, [0]).sound
    assert same(open_study(folder), apart)
    replicate(scenario, NUMBER, seed=SEED, jobs=1, out=folder, keep=[0, 17])
    assert len(files(folder)) == ONE_BATCH


def test_a_study_that_was_open_reads_on(scenario: Scenario, tmp_path: Path) -> None:
    before = replicate(scenario, 3, seed=SEED, jobs=1, batch=1, out=tmp_path / "s")
    replicate(scenario, 12, seed=SEED, jobs=1, batch=1, out=tmp_path / "s")
    assert before.scan("closure").collect()["replication"].unique().to_list() == [0, 1, 2]
    assert before.replications == [0, 1, 2]


def test_one_batch_holds_another_only_with_all_of_its_answers_and_tables() -> None:
    def batch(first: int, last: int, *answers: str, kept: tuple[int, ...] = ()) -> BatchRecord:
        files = {f"answers/{name}/part-{first:05}-{last:05}.parquet": (1, digest(b"")) for name in answers}
        return BatchRecord(first=first, last=last, kept=list(kept), files=files, digest=digest(b""))

    long = batch(0, 9, "closure", "waits", kept=(3,))
    assert long.holds(batch(2, 4, "closure", kept=(3,)))
    assert not long.holds(long), "itself"
    assert not long.holds(batch(2, 4, "closure", kept=(2,)))
    assert not long.holds(batch(2, 4, "closure", "stuck"))
    assert not long.holds(batch(2, 10, "closure"))


def test_no_room_to_put_parts_together_loses_nothing(
    made: Path, apart: Study, scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nfm_sim.study.store.Store.gather", lambda *_, **__: None)
    study = replicate(scenario, NUMBER, seed=SEED, jobs=1, batch=6, out=tmp_path / "s", keep=[0, 17])
    monkeypatch.undo()
    monkeypatch.setattr("nfm_sim.study.store.os.fsync", full)
    Store(study.folder).gather(finished=True)
    assert same(open_study(study.folder), apart)
