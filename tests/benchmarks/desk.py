"""How long the desk takes to answer a move, in seconds. Run: python tests/benchmarks/desk.py

Each number is the median of five moves of a running desk: until the first answer (four pairs of replications), and
until the last (16). The base is made before, as who opens the desk waits for it.
"""

import os
import statistics
import time
from pathlib import Path

import nfm_sim as nfm

HERE = Path(__file__).parents[2]
MOVES = {"allied_brigade": ("capacity heavy_wagons", 60), "corps_transit": ("capacity heavy_wagons", 400)}


def seconds(desk: nfm.Desk, lever: str, value: float) -> tuple[float, float]:
    """Until the first answer after a move, and until the last."""
    begin, version, first = time.perf_counter(), desk.answer.version, None
    desk.move(lever, value)
    while True:
        answer = desk.wait(version)
        version = answer.version
        if answer.pairs and first is None:
            first = time.perf_counter() - begin
        if not answer.going_on:
            return first or 0.0, time.perf_counter() - begin


def main() -> None:
    print(f"{os.cpu_count()} cores; seconds by the clock, median of five moves")
    for name, (lever, value) in MOVES.items():
        desk = nfm.Desk(nfm.read_scenario(HERE / "scenarios" / f"{name}.toml"), replications=16, seed=7)
        seconds(desk, lever, value)
        first, last = zip(*(seconds(desk, lever, value + 10 * step) for step in range(1, 6)), strict=True)
        print(f"{name:20} first answer {statistics.median(first):5.1f}   all {statistics.median(last):5.1f}")


if __name__ == "__main__":
    main()
