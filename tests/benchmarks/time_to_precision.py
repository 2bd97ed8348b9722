"""Time to a precision: processor seconds until answers are as sure as asked for, beside the usual ways.

Run: python tests/benchmarks/time_to_precision.py [NUMBER]

Ours: stratified replications, with controls where they pay. Strata alone: the same replications without. Independent:
single replications of the same engine. Plain SimPy: those with a `Resource` a link and a request a hop. Of each, so
many replications (96 without a NUMBER) give a half width; as it shrinks with the root of their number, that tells how
many the precision needs, and these times the processor seconds of a replication, measured in this run, are the time.
Prices are paired differences with one more of a capacity; independent runs of both would need `gain` times as many.
"""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
from transit import by_hop, by_leg, trips

import nfm_sim as nfm
from nfm_sim.compile import compile_scenario
from nfm_sim.study.estimates import estimate_rows, read_targets

SCENARIOS = Path(__file__).parents[2] / "scenarios"
TARGETS = {
    "corps_transit": ["closure.mean_h ±3h", "closure.median_h ±3h", "closure ±6h", "closure.on_time_share ±3%"],
    "one_force": ["closure.mean_h ±3h", "closure.median_h ±3h", "closure ±6h", "ready_by_deadline ±3%"],
}
PRICED = {"pools.heavy_wagons.capacity": 40, "pools.trucks.capacity": 20}
PRICES = ["closure.mean_h ±1h", "closure ±3h"]
ROUNDS = 3
Row = tuple[str, ...]


def clock(work: Callable[..., object], *arguments: Any, **options: Any) -> float:
    """Processor seconds of a call."""
    begin = time.process_time()
    work(*arguments, **options)
    return time.process_time() - begin


def usual_over_ours(scenario: nfm.Scenario) -> float:
    """Seconds of a replication with a `Resource` a link over those of one as it is."""
    plan = compile_scenario(scenario)
    journeys = trips(nfm.simulate(plan, 1))
    timed = [(clock(nfm.simulate, plan, 1), clock(by_leg, journeys), clock(by_hop, journeys)) for _ in range(ROUNDS)]
    whole, legs, hops = (statistics.median(column) for column in zip(*timed, strict=True))
    return (whole - legs + hops) / whole


def half_widths(study: nfm.Study, target: Any, controlled: bool) -> dict[Row, float]:
    """The half widths of a target's rows, over the half width that is asked for."""
    asked = target.quantity
    controls = study.controls if controlled else None
    table = estimate_rows(asked.values(study), asked, study.sampling, controls=controls)
    rows = table.filter(pl.col("half_width") > 0).rows(named=True)
    return {tuple(str(row[name]) for name in asked.by): row["half_width"] / target.half_width for row in rows}


def answers(name: str, number: int) -> None:
    """Print the rows of a scenario's answers, and of its prices."""
    scenario, studies, seconds = nfm.read_scenario(SCENARIOS / f"{name}.toml"), {}, {}
    slower = usual_over_ours(scenario)
    for sampling in ("stratified", "independent"):
        begin = time.process_time()
        studies[sampling] = nfm.replicate(scenario, number, seed=3, sampling=sampling, jobs=1)
        seconds[sampling] = (time.process_time() - begin) / number
    each = min(seconds.values())
    for target in read_targets(TARGETS[name], scenario):
        ours, strata, alone = (
            half_widths(studies[sampling], target, controlled)
            for sampling, controlled in (("stratified", True), ("stratified", False), ("independent", False))
        )
        for row in ours:
            needed = [number * of[row] ** 2 * each if row in of else None for of in (ours, strata, alone)]
            cells = [*needed, None if needed[2] is None else needed[2] * slower]
            show(name, target.text, "/".join(row), cells)
    for path, more in PRICED.items():
        pool = path.split(".")[1]
        if pool in scenario.pools:
            changed = scenario.with_changes({path: scenario.pools[pool].capacity + more})
            again = nfm.replicate(changed, number, seed=3, jobs=1)
            pair = nfm.Comparison({"base": studies["stratified"], "more": again})
            for target in read_targets(PRICES, scenario):
                table = pair.difference(target.text.split(" ")[0]).drop_nulls(["low", "high", "gain"])
                for row in table.rows(named=True):
                    half = (row["high"] - row["low"]) / 2 / target.half_width
                    paired = number * half**2 * 2 * each
                    cells = [paired, None, paired * row["gain"], paired * row["gain"] * slower]
                    show(name, f"price of {more} {pool} in {target.text}", row["flow"], cells)


def show(name: str, what: str, row: str, seconds: list[float | None]) -> None:
    """Print a line of the table."""
    cells = ["" if number is None else f"{number:,.1f}" for number in seconds]
    sooner = f"{seconds[3] / seconds[0]:.1f}" if seconds[0] and seconds[3] else ""
    print(f"| `{name}` | {what} | {row} | {' | '.join(cells)} | {sooner} |", flush=True)


def main(number: int) -> None:
    print(
        "| scenario | precision | row | ours, s | strata alone | independent | plain SimPy | sooner than plain SimPy |"
    )
    print("|---|---|---|---|---|---|---|---|", flush=True)
    for name in TARGETS:
        answers(name, number)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 96)
