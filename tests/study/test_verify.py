import json
from pathlib import Path

import polars as pl
import pytest

from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario
from nfm_sim.study import Study, replicate, verify
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
