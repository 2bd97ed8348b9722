import json
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from nfm_sim.problems import InputError
from nfm_sim.scenario import Scenario, build_scenario
from nfm_sim.study import Study, compare, replicate, sweep, verify
from nfm_sim.study.records import write_record
from nfm_sim.study.store import Store
from tests.conftest import coast, coast_data, one_ship


@pytest.fixture
def study(tmp_path: Path) -> Study:
    late = {"lateness_h": {"exponential": {"mean": 10}}}
    scenario = build_scenario(coast_data(flows={"flow": one_ship("truck", 5, **late)}), coast())
    return replicate(scenario, 7, seed=3, out=tmp_path / "s", batch=3, keep=[2])


def test_a_sound_study_is_sound(study: Study) -> None:
    found = verify(study.folder)
    assert found.sound
    assert len(found.replications) == 5
    assert verify(study.folder, seed=found.seed).replications == found.replications
    assert len({verify(study.folder, seed=seed).replications for seed in range(2)}) > 1
    assert found.files == len(list(study.folder.rglob("*.parquet")))
    assert found.remarks == ()
    assert verify(study.folder, "all").replications == (0, 1, 2, 3, 4, 5, 6)
    assert verify(study.folder, [2, 5]).replications == (2, 5)
    with pytest.raises(InputError, match='"9" is not done in this study of 7'):
        verify(study.folder, [9])


def test_a_changed_file_shows(study: Study) -> None:
    part = study.folder / "answers/closure/part-00003-00005.parquet"
    data = bytearray(part.read_bytes())
    data[50] ^= 1
    part.write_bytes(data)
    assert any("part-00003-00005.parquet" in fault for fault in verify(study.folder, [0]).faults)


def test_a_forged_answer_shows(study: Study) -> None:
    """Digests can be forged with the data; what the scenario gives cannot."""
    store = Store(study.folder)
    batch = store.batches()[0]
    answers = {path.split("/")[1]: pl.read_parquet(store.folder / path) for path in batch.files if "answers" in path}
    tables = {path.split("/")[0]: pl.read_parquet(store.folder / path) for path in batch.files if "answers" not in path}
    answers["closure"] = answers["closure"].with_columns(pl.col("last_h") - 1)
    store.write(0, 2, answers, tables, batch.kept)
    (fault,) = verify(study.folder, [1]).faults
    assert "answer closure of replication 1 is not what the scenario gives" in fault


def test_other_code_is_named(study: Study) -> None:
    manifest = study.folder / "manifest.json"
    data = json.loads(manifest.read_text())
    del data["digest"]
    manifest.write_bytes(write_record({**data, "versions": {**data["versions"], "simpy": "0.1"}}))
    found = verify(study.folder, [0])
    assert found.sound
    assert "the versions of packages" in found.remarks[0]


def five_lorries() -> Scenario:
    data = coast_data(flows={"flow": one_ship("truck", 5)}, pools={"trucks": {"capacity": 3}})
    return build_scenario(data, coast())


def compared(folder: Path, changes: Mapping[str, Mapping[str, object]], seed: int = 0) -> None:
    scenario = five_lorries()
    scenarios = {"base": scenario} | {name: scenario.with_changes(change) for name, change in changes.items()}
    compare(scenarios, 1, changes=changes, out=folder, seed=seed, jobs=1)


def put(study: Path, into: Path) -> None:
    """Have a whole study lie in the place of another."""
    study.rename(study.with_name("away"))
    into.rename(study)
    study.with_name("away").rename(into)


CHANGES = {"four": {"pools.trucks.capacity": 4}, "five": {"pools.trucks.capacity": 5}}


def test_studies_of_a_comparison_have_the_changes_on_record(tmp_path: Path) -> None:
    compared(tmp_path, CHANGES)
    assert all(verify(tmp_path / name).sound for name in ("base", *CHANGES))


@pytest.mark.parametrize(("one", "other"), [("four", "five"), ("base", "five")])
def test_a_study_in_the_place_of_another_shows(tmp_path: Path, one: str, other: str) -> None:
    compared(tmp_path, CHANGES)
    put(tmp_path / one, tmp_path / other)
    for name in (one, other):
        assert verify(tmp_path / name).faults[-1].endswith("on record; another study lies in its place")


def test_a_study_on_other_draws_in_the_place_of_another_shows(tmp_path: Path) -> None:
    compared(tmp_path / "one", CHANGES)
    compared(tmp_path / "other", CHANGES, seed=1)
    put(tmp_path / "one" / "four", tmp_path / "other" / "four")
    (fault,) = verify(tmp_path / "one" / "four").faults
    assert fault.endswith("four: is not on the draws of base, with which it is compared")


def test_a_point_of_a_sweep_in_the_place_of_another_shows(tmp_path: Path) -> None:
    """A point that takes out what the first has not is nothing that the first can be changed to."""
    scenario = five_lorries()
    sweep(
        scenario,
        [{"flows.flow": False, "flows.next": one_ship("truck", 5)}],
        replications=1,
        out=tmp_path / "odd",
        jobs=1,
    )
    assert verify(tmp_path / "odd" / "000").sound
    sweep(scenario, [{"pools.trucks.capacity": number} for number in (1, 2, 3)], replications=1, out=tmp_path, jobs=1)
    assert verify(tmp_path / "000").sound
    put(tmp_path / "000", tmp_path / "002")
    assert not any(verify(tmp_path / name).sound for name in ("000", "002"))
