"""Studies on real clusters of this machine: scheduler and workers are processes of their own on loopback."""

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nfm_sim.measures import KEPT
from nfm_sim.problems import InputError
from nfm_sim.study import Study, replicate
from tests.conftest import ROOT
from tests.study.driver import SEED, story, unevenly

NUMBER = 12
os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}  # before Ray is imported
"""Ray listens to the network, where strangers could run code on it. Left alone, its head takes a token that
happens to lie in the home folder, and who connects to it does not."""
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


@pytest.fixture
def ray_address(tmp_path: Path) -> Iterator[str]:
    """A Ray cluster of this machine, at the port it found and the address it says it has.

    It has little memory of its own, and is used only once it says that it runs: its port listens long before.
    """
    pytest.importorskip("ray")
    short = tempfile.mkdtemp(prefix="ray-")  # pytest's own folders make names too long for its sockets
    said = tmp_path / "ray.txt"
    head = [str(Path(sys.executable).with_name("ray")), "start", "--head", "--port=0", "--num-cpus=2", "--block"]
    head += ["--node-ip-address=127.0.0.1", "--include-dashboard=false", "--disable-usage-stats"]
    head += [f"--object-store-memory={100_000_000}", f"--temp-dir={short}"]
    with said.open("w") as file:
        process = subprocess.Popen(head, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        until = time.monotonic() + 120
        while not (found := re.search(r"ray start --address='(.+)'", said.read_text())):
            assert process.poll() is None, said.read_text()
            assert time.monotonic() < until, said.read_text()
            time.sleep(0.2)
        yield found[1]
    finally:
        process.terminate()  # it ends its own processes, the last after it has drained
        process.wait(timeout=60)
        shutil.rmtree(short, ignore_errors=True)


@pytest.mark.filterwarnings("ignore")
def test_ray_gives_the_same_bits(ray_address: str, tmp_path: Path) -> None:
    ray = pytest.importorskip("ray")
    check("ray", ray_address, tmp_path / "study")
    with pytest.raises(ValueError, match="the first fails"):
        replicate(
            story(), 8, SEED, tmp_path / "s", backend="ray", address=ray_address, batch=1, measures=[unevenly]
        )
    assert not ray.is_initialized()
    left = [thread for thread in threading.enumerate() if type(thread).__module__.startswith("ray")]
    assert not left, "a thread that goes on after a failed task starts a Ray of its own"


@pytest.mark.parametrize(("backend", "address"), [("dask", "tcp://127.0.0.1:9"), ("ray", "127.0.0.1:9")])
def test_a_cluster_that_is_not_there_is_an_input_error(backend: str, address: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=rf'study: address "{address}" reaches no {backend} cluster'):
        replicate(story(), 2, SEED, tmp_path / "study", backend=backend, address=address)


def test_a_cluster_without_workers_is_an_input_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr("nfm_sim.study.workers.WORKERS_S", 0.2)
    with distributed.LocalCluster(n_workers=0, dashboard_address=None) as cluster:
        address = cluster.scheduler_address
        with pytest.raises(InputError, match="reaches no dask cluster"):
            replicate(story(), 2, SEED, tmp_path / "study", backend="dask", address=address)


def check(backend: str, address: str, folder: Path) -> None:
    far = replicate(story(), NUMBER, SEED, folder, backend=backend, address=address, batch=2, keep=[1])
    here = replicate(story(), NUMBER, SEED, jobs=1, keep=[1])
    for name in KEPT:
        assert far.scan(name).collect().equals(here.scan(name).collect()), name
    assert isinstance(far, Study)
    assert far.kept.spans.equals(here.kept.spans)
    never = story().with_changes({"places": {"harbour": {"yard_m2": 1}}})
    with pytest.raises(InputError, match="is smaller than"):
        replicate(never, NUMBER, SEED, folder.with_name("never"), backend=backend, address=address)
