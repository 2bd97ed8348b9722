"""Seconds a replication of each shipped scenario, compiled once. Run: python tests/benchmarks/replications.py"""

import statistics
import time
from pathlib import Path

import nfm_sim as nfm
from nfm_sim.compile import compile_scenario

ROUNDS = 5


def main() -> None:
    print(f"{'scenario':28}{'read s':>8}{'compile s':>11}{'replication s':>15}{'movements':>11}{'spans':>8}")
    for file in sorted((Path(__file__).parents[2] / "scenarios").glob("*.toml")):
        begin = time.perf_counter()
        scenario = nfm.read_scenario(file)
        read = time.perf_counter()
        plan = compile_scenario(scenario)
        compiled = time.perf_counter()
        seconds = []
        for number in range(ROUNDS):
            start = time.perf_counter()
            run = nfm.simulate(plan, seed=1, replication=number)
            seconds.append(time.perf_counter() - start)
        movements = run.subjects["what"].eq("movement").sum()
        print(
            f"{file.stem:28}{read - begin:8.2f}{compiled - read:11.2f}{statistics.median(seconds):15.3f}"
            f"{movements:11,}{run.spans.height:8,}"
        )


if __name__ == "__main__":
    main()
