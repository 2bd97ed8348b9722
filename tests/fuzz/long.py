"""Fuzz for as long as one likes: `python tests/fuzz/long.py --minutes 60 [--inputs 50000] [--jobs 2] [--seed 0]
[--out runs/fuzz]`. It ends with the time or with the number of inputs, whichever is first.

Each worker tries one seed after another. A case that takes 20 s or 2 GB is ended and noted, as is every traceback; of
those that look alike the first is kept. `--case SEED` makes one again.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
MOST_S, MOST_BYTES = 20, 2 * 2**30
GRACE_S = 15
"""So long a case that does not look at its alarm may go on before it is ended from outside."""
ONE_THREAD = {**os.environ, "POLARS_MAX_THREADS": "1"}
PAGE = os.sysconf("SC_PAGE_SIZE")


class HangError(Exception):
    """A case takes too long."""


def alarm(_: int, __: FrameType | None) -> None:
    raise HangError(f"takes more than {MOST_S} s")


def work(first: int, step: int, last: int, ends: float, out: Path) -> None:
    """Try seeds below the last until the time is over; note what came of each, and which one is under way."""
    from tests.fuzz.cases import run_case

    signal.signal(signal.SIGALRM, alarm)
    under_way = out / f"under_way.{first}"
    counts: Counter[str] = Counter()
    seed = first
    while time.time() < ends and seed < last:
        under_way.write_text(f"{seed} {time.time()}")
        signal.setitimer(signal.ITIMER_REAL, MOST_S, 1)  # again, as Python drops what is raised in a callback
        try:
            counts[" ".join(run_case(Random(seed)))] += 1
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            signal.alarm(0)
            note(out, seed, error)
            counts["found"] += 1
        signal.alarm(0)
        seed += step
        (out / f"counts.{first}").write_text(json.dumps(counts))
        (out / f"next.{first}").write_text(str(seed))
    under_way.unlink()


def note(out: Path, seed: int, error: BaseException) -> None:
    """Keep what was found, once for each place where it shows."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "nfm_sim" in frame.filename] or frames
    where = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}"
    look = f"{type(error).__name__} {where} {str(error)[:40] if 'Broken' in type(error).__name__ else ''}"
    line = {"look": look, "seed": seed, "text": str(error)[:300], "trace": traceback.format_exc()[-1500:]}
    with (out / "found.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")


def resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except (OSError, IndexError):
        return 0


def watch(asked: argparse.Namespace) -> Counter[str]:
    """Run workers side by side, end cases that eat time or memory, and go on after them."""
    jobs, seed, out = asked.jobs, asked.seed, asked.out
    last = seed + asked.inputs
    out.mkdir(parents=True, exist_ok=True)
    for old in out.iterdir():
        old.unlink()
    ends = time.time() + asked.minutes * 60
    counts: Counter[str] = Counter()
    running: dict[int, tuple[subprocess.Popen[bytes], int]] = {}

    def start(number: int, first: int) -> None:
        words = [sys.executable, __file__, "--work", f"{first},{jobs},{last},{ends}", "--out", str(out)]
        running[number] = (subprocess.Popen(words, cwd=ROOT, env=ONE_THREAD), first)

    for number in range(jobs):
        start(number, seed + number)
    while running:
        time.sleep(0.5)
        for number, (process, first) in list(running.items()):
            now = (out / f"under_way.{first}").read_text().split() if (out / f"under_way.{first}").exists() else []
            late = len(now) == 2 and time.time() - float(now[1]) > MOST_S + GRACE_S
            fat = resident(process.pid) > MOST_BYTES
            if process.poll() is None and not (late or fat):
                continue
            if late or fat or process.returncode:
                process.kill()
                process.wait()
                what = "memory" if fat else "hang" if late else f"ended with {process.returncode}"
                case = int(now[0]) if now else first
                line = {"look": f"{what}", "seed": case, "text": what, "trace": ""}
                with (out / "found.jsonl").open("a") as file:
                    file.write(json.dumps(line) + "\n")
                counts["found"] += 1
            counts.update(json.loads(read(out / f"counts.{first}") or "{}"))
            del running[number]
            if (late or fat or process.returncode) and time.time() < ends:
                start(number, int(now[0] if now else first) + jobs)
    return counts


def read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--inputs", type=int, default=sys.maxsize)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=ROOT / "runs/fuzz")
    parser.add_argument("--case", type=int)
    parser.add_argument("--work", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.case is not None:
        from tests.fuzz.cases import run_case

        print(*run_case(Random(asked.case)))
        return 0
    if asked.work:
        first, step, last, ends = asked.work.split(",")
        work(int(first), int(step), int(last), float(ends), asked.out)
        return 0
    counts = watch(asked)
    for name, number in sorted(counts.items()):
        print(f"{number:8,} {name}")
    print(f"{sum(counts.values()):8,} in all")
    looks: dict[str, list[dict[str, Any]]] = {}
    for line in read(asked.out / "found.jsonl").splitlines():
        found = json.loads(line)
        looks.setdefault(found["look"], []).append(found)
    for look, found in sorted(looks.items(), key=lambda item: -len(item[1])):
        print(f"\n{len(found)} times {look}, such as --case {found[0]['seed']}\n{found[0]['text']}")
    return 1 if looks else 0


if __name__ == "__main__":
    sys.exit(main())
