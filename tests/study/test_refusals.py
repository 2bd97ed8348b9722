"""What studies refuse, each with what to do instead; and what lies about of processes that are dead."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import nfm_sim as nfm
from nfm_sim.problems import InputError
from nfm_sim.scenario import build_scenario
from tests.conftest import coast, coast_data, one_ship

LORRY = build_scenario(coast_data(flows={"flow": one_ship("truck", 2)}, pools={"trucks": {"capacity": 2}}), coast())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return nfm.replicate(LORRY, 2, out=tmp_path / "study", jobs=1).folder


def test_numbers_that_are_none_are_said(folder: Path) -> None:
    study = nfm.open_study(folder)
    with pytest.raises(ValueError, match=r"confidence must lie between 0 and 1, as 0\.95 does, not 95"):
        nfm.estimate(study, "closure", confidence=95)
    with pytest.raises(ValueError, match="there is no scenario to compare; name one at least"):
        nfm.compare({}, 2)
    with pytest.raises(ValueError, match=r"the run has 2 replications; use replicate\(\.\.\., out=folder\)"):
        nfm.study.write_run(study, folder, scenario=LORRY)
    with pytest.raises(InputError, match="is empty; name at least one path to vary"):
        nfm.study.tornado(LORRY, {}, replications=2, jobs=1)
    with pytest.raises(InputError, match="is empty, so that there is nothing to book for"):
        nfm.study.propose_programme(build_scenario(coast_data(), coast()), 9)


def test_tables_by_names_that_a_run_has_not_are_said(folder: Path) -> None:
    run = nfm.simulate(LORRY)
    with pytest.raises(InputError, match=r'table "spns" is no table of a run \(did you mean "spans"\?\); it has '):
        run.to_pandas("spns")
    with pytest.raises(AttributeError, match=r'Run has no attribute spns \(did you mean "spans"\?\)'):
        run.spns  # noqa: B018
    assert {"spans", "passages", "whole"} <= {*dir(run)}
    assert {"closure", "simulate"} <= {*dir(nfm)}


def test_an_answer_that_nothing_moves_has_indices_of_none() -> None:
    pytest.importorskip("SALib")
    found = nfm.study.sobol_indices(LORRY, {"horizon_days": (8, 9)}, points=2, replications=1, jobs=1)
    assert found.select("first", "total").rows() == [(0.0, 0.0)]


def test_a_study_of_another_format_or_of_no_scenario_is_no_study(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "format": 999}))
    with pytest.raises(InputError, match=r'manifest\.json: format "999" is not \d+; read it with the version that'):
        nfm.open_study(folder)
    (folder / "manifest.json").write_text("[]")
    with pytest.raises(InputError, match=r"manifest\.json: "):
        nfm.open_study(folder)


def test_the_record_of_another_batch_is_none(folder: Path) -> None:
    (record,) = (folder / "batches").glob("*.json")
    record.rename(record.with_name(record.name.replace("0", "7", 1)))
    found = nfm.verify(folder)
    assert any("is the record of batch" in fault for fault in found.faults)


def test_drafts_of_processes_that_are_dead_are_taken_away_and_others_stay(folder: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", "pass"])
    dead.wait()
    host = socket.gethostname()
    old, own, other = (
        folder / "answers" / f".part.{name}" for name in (f"{host}.{dead.pid}", f"{host}.1", "elsewhere.1")
    )
    for draft in (old, own, other):
        draft.write_text("half")
    nfm.replicate(LORRY, 3, out=folder, jobs=1)
    assert (old.exists(), own.exists(), other.exists()) == (False, True, True)
