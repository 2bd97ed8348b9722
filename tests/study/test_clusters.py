"""Studies on real clusters of this machine: scheduler and workers are processes of their own on loopback."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nfm_sim.measures import KEPT
from nfm_sim.problems import InputError
from nfm_sim.study import Study, replicate
from tests.conftest import ROOT
from tests.study.driver import SEED, story

NUMBER = 12
QUIET = {**os.environ, "DASK_DISTRIBUTED__LOGGING__DISTRIBUTED": "error"}


def test_dask_gives_the_same_bits(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    file = tmp_path / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    scheduler = [
        *dask,
        "scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--no-dashboard",
        "--scheduler-file",
        str(file),
    ]
    worker = [*dask, "worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-dashboard", "--no-nanny"]
    worker += ["--host", "127.0.0.1", "--local-directory", str(tmp_path)]
    processes = [
        subprocess.Popen(command, cwd=ROOT, env=QUIET, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for command in (scheduler, worker, worker)
    ]
    try:
        while not file.exists() or not file.read_text():
            assert processes[0].poll() is None, "the scheduler runs"
            time.sleep(0.1)
        check("dask", json.loads(file.read_text())["address"], tmp_path / "study")
    finally:
        for process in processes[::-1]:
            process.terminate()
            process.wait(timeout=30)


@pytest.mark.long
def test_a_cluster_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r'study: address "tcp://127.0.0.1:9" reaches no dask cluster'):
        replicate(story(), 2, seed=SEED, out=tmp_path / "study", backend="dask", address="tcp://127.0.0.1:9")


def test_a_cluster_without_workers_is_an_input_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr("nfm_sim.study.workers.WORKERS_S", 0.2)
    with distributed.LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0") as cluster:
        address = cluster.scheduler_address
        with pytest.raises(InputError, match="reaches no dask cluster"):
            replicate(story(), 2, seed=SEED, out=tmp_path / "study", backend="dask", address=address)


def check(backend: str, address: str, folder: Path) -> None:
    far = replicate(story(), NUMBER, seed=SEED, out=folder, backend=backend, address=address, batch=2, keep=[1])
    here = replicate(story(), NUMBER, seed=SEED, jobs=1, keep=[1])
    for name in KEPT:
        assert far.scan(name).collect().equals(here.scan(name).collect()), name
    assert isinstance(far, Study)
    assert far.kept.spans.equals(here.kept.spans)
    never = story().with_changes({"places": {"harbour": {"yard_m2": 1}}})
    with pytest.raises(InputError, match="is smaller than"):
        replicate(never, NUMBER, seed=SEED, out=folder.with_name("never"), backend=backend, address=address)
