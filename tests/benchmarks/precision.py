"""How soon is an answer as sure as asked for, beside the usual way? Run: python tests/benchmarks/precision.py [NUMBER]

The usual way: independent replications with a SimPy `Resource` a link, and Student's t or order statistics on as many.
Ours: stratified replications with a calendar a link, and intervals of blocks. Of each, so many replications (320
without a NUMBER) give a half width; as it shrinks with the root of their number, that tells how many the target needs.
These times the seconds of a replication, measured in turn in this run, are the time to the answer.

The second table has the gain of strata and controls for the main answers: the variance of single replications over that
of blocks of 16.
"""

import math
import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from studies import clock
from transit import by_hop, by_leg, trips

import nfm_sim as nfm
from nfm_sim.compile import compile_scenario
from nfm_sim.study.estimates import Target, estimate_of, read_targets

SCENARIOS = Path(__file__).parents[2] / "scenarios"
TARGETS = {
    "corps_transit": ["closure.median ±6h", "closure.mean_h ±3h"],
    "one_force": ["closure.median ±6h", "ready_by_deadline ±3%"],
    "atlantic_resolve_2024": ["closure.median ±6h", "closure ±6h"],
}
ROUNDS = 5


def usual_over_ours(name: str) -> float:
    """Seconds of a replication with a `Resource` a link over those of one as it is."""
    plan = compile_scenario(nfm.read_scenario(SCENARIOS / f"{name}.toml"))
    journeys = trips(nfm.simulate(plan, 1))
    timed = [(clock(nfm.simulate, plan, 1), clock(by_leg, journeys), clock(by_hop, journeys)) for _ in range(ROUNDS)]
    whole, legs, hops = (statistics.median(column) for column in zip(*timed, strict=True))
    return (whole - legs + hops) / whole


def needed(target: Target, study: nfm.Study) -> dict[str, float]:
    """By row: how many replications the target needs, as the width of the interval of those that there are tells."""
    rows = estimate_of(study, target.quantity).rows(named=True)
    return {
        "/".join(str(row[name]) for name in target.quantity.by): row["replications"]
        * (row["half_width"] / target.half_width) ** 2
        for row in rows
        if row["half_width"]
    }


def main(number: int) -> None:
    gains = []
    print("| scenario | target | row | replications, usual | stratified | seconds, usual over ours | sooner |")
    print("|---|---|---|---|---|---|---|")
    for name, texts in TARGETS.items():
        scenario, slower = nfm.read_scenario(SCENARIOS / f"{name}.toml"), usual_over_ours(name)
        with TemporaryDirectory() as folder:
            studies = {
                sampling: nfm.replicate(scenario, number, seed=3, out=Path(folder) / sampling, sampling=sampling)
                for sampling in ("independent", "stratified")
            }
            for target in read_targets(texts):
                usual, ours = (needed(target, study) for study in studies.values())
                for row in usual:
                    if row not in ours:
                        continue
                    sooner = usual[row] / ours[row] * slower
                    counts = f"{math.ceil(usual[row]):,} | {math.ceil(ours[row]):,}"
                    print(f"| `{name}` | {target.text} | {row} | {counts} | {slower:.2f} | {sooner:.1f} |", flush=True)
            for text in ("closure", "closure.mean_h", "ready_by_deadline", "ready", "in_place"):
                rows = nfm.estimate(studies["stratified"], text).drop_nulls("gain")
                if rows.height:
                    gains.append(
                        (
                            name,
                            text,
                            rows.height,
                            *rows.select(
                                pl.col("gain").min().alias("least"),
                                pl.col("gain").median(),
                                pl.col("gain").max().alias("most"),
                            ).row(0),
                        )
                    )
    print("\n| scenario | answer | rows | gain, least | median | most |\n|---|---|---|---|---|---|")
    for name, text, height, *cells in gains:
        print(f"| `{name}` | {text} | {height} | {' | '.join(f'{cell:.1f}' for cell in cells)} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 320)
