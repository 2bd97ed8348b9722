"""Studies on real clusters of this machine: scheduler and workers are processes of their own on loopback."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
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


@pytest.fixture
def ray_address(tmp_path: Path) -> Iterator[str]:
    pytest.importorskip("ray")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ray = [str(Path(sys.executable).with_name("ray"))]
    head = [*ray, "start", "--head", "--node-ip-address=127.0.0.1", f"--port={port}", "--num-cpus=2", "--block"]
    head += [
        "--include-dashboard=false",
        "--disable-usage-stats",
        f"--temp-dir={os.environ.get('TMPDIR', '/tmp')}/ray-{port}",
    ]
    process = subprocess.Popen(
        head, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        wait_for_port(port, process)
        yield f"127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=60)


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert process.poll() is None, "the cluster runs"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise AssertionError("the cluster never listened")


@pytest.mark.filterwarnings("ignore")
def test_ray_gives_the_same_bits(ray_address: str, tmp_path: Path) -> None:
    check("ray", ray_address, tmp_path / "study")


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
