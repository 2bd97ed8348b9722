"""Workers and parents that are killed at any moment lose nothing that was written, and the study goes on."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from nfm_sim.measures import KEPT
from nfm_sim.record import TABLES
from nfm_sim.study import open_study, replicate
from nfm_sim.study.store import Store, cover
from tests.conftest import ROOT
from tests.study.driver import SEED, go, slowly, story

KILLS = 8
MANY = 5_000


def start(folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.study.driver", str(folder), str(MANY)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def workers(parent: subprocess.Popen[bytes]) -> list[int]:
    """The processes that the parent has started, but for the one that tracks its resources."""
    try:
        children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
    except OSError:
        return []
    return [int(pid) for pid in children if works(int(pid))]


def works(pid: int) -> bool:
    """Whether a process is a worker that is alive."""
    try:
        return b"LokyProcess" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def done(folder: Path) -> set[int]:
    batches = Store(folder).batches(thorough=True)
    return {number for batch, first in cover(batches) for number in range(first, batch.last + 1)}


@pytest.mark.long
def test_kills_lose_nothing(tmp_path: Path) -> None:
    chance = random.Random(20261124)
    folder = tmp_path / "study"
    process = start(folder)
    killed = {"parent": 0, "worker": 0}
    before: set[int] = set()
    seen: set[int] = set()
    deadline = time.monotonic() + 280
    while sum(killed.values()) < KILLS and time.monotonic() < deadline:
        ready = time.monotonic() + 8  # workers end with their parent, so some batches are let through
        while chance.random() < 0.9 and time.monotonic() < ready and process.poll() is None:
            if done(folder) > before:
                break
            time.sleep(0.1)
        time.sleep(chance.uniform(0.05, 0.5))
        if process.poll() is not None:
            process = start(folder)
            continue
        pids = workers(process)
        seen.update(pids)
        if pids and chance.random() < 0.6:
            os.kill(chance.choice(pids), signal.SIGKILL)
            killed["worker"] += 1
        elif (pids or chance.random() < 0.2) and killed["parent"] < KILLS // 2:
            process.kill()
            process.wait()
            killed["parent"] += 1
            process = start(folder)
        if (folder / "manifest.json").exists():
            now = done(folder)
            assert before <= now, "what was written is there"
            assert not Store(folder).damaged(thorough=True), "a batch on record is whole"
            before = now
    seen.update(workers(process))
    process.kill()
    process.wait()
    for pid in filter(works, seen):
        os.kill(pid, signal.SIGKILL)  # orphans, which would go on with the batches that they were at
    time.sleep(0.5)
    assert sum(killed.values()) == KILLS
    assert min(killed.values()) >= 2, killed
    number = max(done(folder), default=0) + 2
    survivor = go(str(folder), number, jobs=1)
    through = replicate(story(), number, seed=SEED, jobs=1, batch=number, measures=[slowly], keep=range(0, 10_000, 7))
    ours = pl.col("replication") < number
    for name in (*KEPT, "slowly"):
        assert survivor.scan(name).filter(ours).collect().equals(through.scan(name).collect()), name
    for name in TABLES:
        assert survivor.kept.table(name).filter(ours).equals(through.kept.table(name)), name
    assert open_study(folder).replications[:number] == list(range(number))
    assert not [path for path in folder.rglob(".*") if path.is_file()], "no drafts are left"


def test_a_worker_that_always_dies_ends_the_study(tmp_path: Path) -> None:
    code = (
        "import os, signal\n"
        "from joblib.externals.loky.process_executor import TerminatedWorkerError\n"
        "from tests.study.driver import *\n"
        "def deadly(run):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
        f"try:\n    replicate(story(), 12, seed=SEED, out={str(tmp_path / 's')!r}, jobs=2, measures=[deadly])\n"
        "except TerminatedWorkerError as error:\n    print('ended')\n"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert found.stdout == "ended\n"


def test_ctrl_c_leaves_a_study_that_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    command = [sys.executable, "-m", "nfm_sim", "study", "scenarios/atlantic_resolve_2024.toml"]
    command += ["--replications", "400", "--batch", "2", "--jobs", "2", "--out", str(folder)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    while not list((folder / "batches").glob("*.json")) and process.poll() is None:
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the same command goes on" in said
    assert "Traceback" not in said
    assert 0 < len(open_study(folder).replications) < 400
