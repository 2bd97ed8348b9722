"""What a study costs, as ratios within one run. Run: python tests/benchmarks/studies.py [PART...]

Parts: usual (replications a second, and what they would be with a SimPy `Resource` a link), overhead (over bare
`simulate` calls), workers (two over one), thousand (1,000 replications of `corps_transit` with writing on two
workers), rows (100,000 element rows read and summarised), memory (2,000 replications over 200),
files (of 10,000 replications of an activation: how many, and how soon they are open and verified).
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
from transit import by_hop, by_leg, trips

import nfm_sim as nfm
from nfm_sim.compile import compile_scenario
from nfm_sim.measures import KEPT
from nfm_sim.plan import Plan
from nfm_sim.shipped import start
from nfm_sim.study import study_estimates
from nfm_sim.study.store import Store
from nfm_sim.study.workers import Workers, make_batch, plan_of

SCENARIOS = Path(__file__).parents[2] / "scenarios"


def clock(work: Callable[..., object], *arguments: Any, **options: Any) -> float:
    begin = time.perf_counter()
    work(*arguments, **options)
    return time.perf_counter() - begin


def usual(rounds: int = 5) -> None:
    """The same movements over the same links in both ways; the rest of a replication is what it is."""
    for name in ("corps_transit", "one_force"):
        plan = compile_scenario(nfm.read_scenario(SCENARIOS / f"{name}.toml"))
        journeys = trips(nfm.simulate(plan, 1))
        timed = [
            (clock(nfm.simulate, plan, 1), clock(by_leg, journeys), clock(by_hop, journeys)) for _ in range(rounds)
        ]
        whole, legs, hops = (statistics.median(column) for column in zip(*timed, strict=True))
        with_resources = whole - legs + hops
        print(
            f"{name}: {1 / whole:.1f} replications a second, {1 / with_resources:.1f} with a Resource a link: "
            f"{with_resources / whole:.2f} times; links alone {hops / legs:.1f} times"
        )


def overhead() -> None:
    """A batch with its answers, written, over the same replications simulated one after the other and dropped;
    in a worker, as studies make them."""
    for name in ("corps_transit", "one_force"):
        with TemporaryDirectory() as folder:
            store = Store.create(Path(folder) / "study", nfm.read_scenario(SCENARIOS / f"{name}.toml"), 1, "stratified")
            (pairs,) = Workers(2).run(overhead_pairs, [(store.folder,)])
            every = ", ".join(f"{pair:+.1%}" for pair in sorted(pairs))
            print(f"overhead, {name}: median {statistics.median(pairs):+.1%} of {every}")


def overhead_pairs(folder: Path, number: int = 16, rounds: int = 10) -> list[float]:
    """In turn, each first every other time, so that both meet the same weather."""
    plan = plan_of(Store(folder))
    make_batch(folder, 0, number - 1, (), {})
    pairs = []
    for turn in range(1, rounds + 1):
        first = turn * number
        works = {
            "bare": partial(simulate_all, plan, range(first, first + number)),
            "study": partial(make_batch, folder, first, first + number - 1, (), {}),
        }
        took = {work: clock(works[work]) for work in sorted(works, reverse=bool(turn % 2))}
        pairs.append(took["study"] / took["bare"] - 1)
    return pairs


def simulate_all(plan: Plan, numbers: range) -> None:
    for number in numbers:
        nfm.simulate(plan, 1, replication=number)


def workers(number: int = 160, rounds: int = 2) -> None:
    """Two workers over one; both have started and compiled before."""
    scenario = nfm.read_scenario(SCENARIOS / "corps_transit.toml")
    for turn in range(rounds):
        with TemporaryDirectory() as folder:
            seconds = {}
            for jobs in (1, 2):
                out = Path(folder) / f"{jobs}"
                nfm.replicate(scenario, 4, seed=turn, out=out, jobs=2, batch=1)
                plan_of(Store(out))
                seconds[jobs] = clock(nfm.replicate, scenario, number, seed=turn, out=out, jobs=jobs, batch=8)
            rate = (number - 4) / seconds[2]
            print(f"two workers over one: {seconds[1] / seconds[2]:.2f} times ({rate:.1f} replications a second)")


def thousand() -> None:
    scenario = nfm.read_scenario(SCENARIOS / "corps_transit.toml")
    with TemporaryDirectory() as folder:
        seconds = clock(nfm.replicate, scenario, 1000, seed=1, out=Path(folder) / "study", jobs=2)
        size = sum(path.stat().st_size for path in Path(folder).rglob("*.*"))
    print(f"1,000 replications of corps_transit on two workers: {seconds:.0f} s, {size / 1e6:.0f} MB")


def rows(number: int = 1000) -> None:
    """Elements of `one_force` over many replications: 16 are simulated, and written again under other numbers."""
    with TemporaryDirectory() as folder:
        scenario = nfm.read_scenario(SCENARIOS / "one_force.toml")
        few = nfm.replicate(scenario, 16, seed=1, out=Path(folder) / "few", jobs=1)
        answers = {name: few.answer(name) for name in KEPT}
        store = Store.create(Path(folder) / "many", scenario, 1, "stratified")
        elements = answers["readiness"].height // 16
        number = -(-100_000 // elements)
        for first in range(0, number, 16):
            moved = {name: table.with_columns(pl.col("replication") + first) for name, table in answers.items()}
            store.write(first, first + 15, moved, {}, ())
        seconds = clock(lambda: study_estimates(nfm.open_study(store.folder)))
        by_element = clock(lambda: nfm.measures.readiness_by_element(nfm.open_study(store.folder)))
        height = nfm.readiness(nfm.open_study(store.folder)).height
    print(f"{height:,} element rows: estimates {seconds:.2f} s, by element {by_element:.2f} s")


def files(number: int = 10_000) -> None:
    """Replications of a brigade's activation, a few ms each, made, opened and verified as any study is."""
    with TemporaryDirectory() as folder:
        scenario = nfm.read_scenario(start(Path(folder) / "own", "activation")[0])
        study, seen = Path(folder) / "study", [0]

        def count(progress: nfm.study.Progress) -> None:
            if progress.done % 256 == 0:
                seen.append(sum(path.is_file() for path in study.rglob("*")))

        begin = time.process_time()
        nfm.replicate(scenario, number, seed=1, out=study, jobs=1, progress=count)
        made = time.process_time() - begin
        there = [path.stat().st_size for path in study.rglob("*") if path.is_file()]
        begin = time.process_time()
        nfm.open_study(study)
        opened = time.process_time() - begin
        begin = time.process_time()
        sound = nfm.verify(study, seed=1).sound
        verified = time.process_time() - begin
    print(
        f"{number:,} replications: {len(there)} files of {sum(there) / 1e6:.0f} MB, {max(seen)} at most on the way; of "
        f"processor time {made / number * 1000:.1f} ms a replication to make, {opened:.3f} s to open, {verified:.1f} s "
        f"to verify ({'sound' if sound else 'not sound'})"
    )


MEMORY = """
import resource, sys
import nfm_sim as nfm
from nfm_sim.compile import compile_scenario
from nfm_sim.plan import Plan
from nfm_sim.shipped import start
scenario = nfm.read_scenario(sys.argv[1])
nfm.replicate(scenario, int(sys.argv[2]), seed=1, out=sys.argv[3], jobs=1)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def memory() -> None:
    peaks = []
    file = str(SCENARIOS / "atlantic_resolve_2024.toml")
    for number in (200, 2000):
        with TemporaryDirectory() as folder:
            command = [sys.executable, "-c", MEMORY, file, str(number), f"{folder}/study"]
            peaks.append(float(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
    few, many = peaks
    print(f"peak memory: {few:.0f} MB for 200, {many:.0f} MB for 2,000 replications: {many / few:.2f} times")


PARTS = {
    "usual": usual,
    "files": files,
    "overhead": overhead,
    "workers": workers,
    "thousand": thousand,
    "rows": rows,
    "memory": memory,
}

if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()
