"""Time to a precision: processor seconds until answers are as sure as asked for, beside the usual ways.

Run: python tests/benchmarks/time_to_precision.py [FOLDER]

Ours: stratified replications, with controls where they pay. Strata alone: the same replications without. Independent:
single replications of the same engine. Plain SimPy: those with a `Resource` a link and a request a hop in place of our
calendars, all else being the same: a plain SimPy of all the rest does not exist, and would take longer. Of each, so
many replications as `NUMBERS` says give a half width; as it shrinks with the root of their number, that tells how many
the precision needs, and these times the processor seconds of a replication, measured in this run, are the time. Prices
are paired differences with one more of a capacity; independent runs of both would need `gain` times as many. The rows
that gain least over strata alone come first. Studies are kept in FOLDER, and gone on with.
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
from transit import by_hop, by_leg, trips

import nfm_sim as nfm
from nfm_sim.compile import compile_scenario
from nfm_sim.plan.draws import BLOCK
from nfm_sim.study.estimates import Target, estimate_rows, read_targets

SCENARIOS = Path(__file__).parents[2] / "scenarios"
TARGETS = {
    "corps_transit": ["closure.mean_h ±1h", "closure.median_h ±3h", "closure ±6h", "closure.on_time_share ±3%"],
    "one_force": ["closure.mean_h ±1h", "closure.median_h ±3h", "closure ±6h", "ready_by_deadline ±3%"],
}
NUMBERS = {"corps_transit": (480, 96), "one_force": (192, 96)}
"""Stratified replications, and independent ones and those of prices."""
PRICED = {"pools.heavy_wagons.capacity": 40, "pools.trucks.capacity": 20}
PRICES = ["closure.mean_h ±1h", "closure ±3h"]
ANSWERS = ("closure", "readiness")
ROUNDS = 3
Row = tuple[str, str, str, list[float]]
"""Scenario, what is asked, row, and seconds: ours, strata alone, independent, plain SimPy."""


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


def half_widths(study: nfm.Study, target: Target, controlled: bool) -> dict[str, float]:
    """By row, the half width over that which is asked for, if it were of one replication."""
    asked = target.quantity
    table = estimate_rows(
        asked.values(study), asked, study.sampling, 0.95, None, study.controls if controlled else None
    )
    return {
        "/".join(str(row[name]) for name in asked.by): row["half_width"]
        / target.half_width
        * row["replications"] ** 0.5
        for row in table.filter(pl.col("half_width") > 0).rows(named=True)
    }


def answers(name: str, folder: Path) -> Iterator[Row]:
    """The rows of a scenario's answers, and of its prices."""
    scenario, (number, few) = nfm.read_scenario(SCENARIOS / f"{name}.toml"), NUMBERS[name]
    names = [answer for answer in ANSWERS if answer == "closure" or scenario.elements]

    def made(of: nfm.Scenario, number: int, called: str, sampling: str = "stratified") -> nfm.Study:
        where = folder / f"{name}-{called}"
        return nfm.replicate(of, number, seed=11, out=where, sampling=sampling, answers=names, keep=(), jobs=1)

    slower = usual_over_ours(scenario)
    each = clock(nfm.replicate, scenario, BLOCK, seed=1, answers=names, keep=(), jobs=1) / BLOCK
    base, alone = made(scenario, number, "base"), made(scenario, few, "independent", "independent")
    for target in read_targets(TARGETS[name], scenario):
        found = [half_widths(base, target, True), half_widths(base, target, False), half_widths(alone, target, False)]
        for row in [row for row in found[0] if all(row in of for of in found)]:
            seconds = [of[row] ** 2 * each for of in found]
            yield name, target.text, row, [*seconds, seconds[2] * slower]
    for path, more in PRICED.items():
        pool = path.split(".")[1]
        changed = made(scenario.with_changes({path: scenario.pools[pool].capacity + more}), few, pool)
        for target in read_targets(PRICES, scenario):
            tables = [_priced(base.part(0, few), changed, target, controlled) for controlled in (True, False)]
            for row, strata in zip(*tables, strict=True):
                seconds = [2 * few * of["half"] ** 2 * each for of in (row, strata)]
                apart = seconds[0] * row["gain"]
                what = f"price of {more} {pool.replace('_', ' ')} in {target.text}"
                yield name, what, row["flow"], [*seconds, apart, apart * slower]


def _priced(base: nfm.Study, changed: nfm.Study, target: Target, controlled: bool) -> list[dict[str, Any]]:
    """The rows of a price, with half its width over what is asked for."""
    if not controlled:
        base.controls = None  # of this part of the study alone
    half = (pl.col("high") - pl.col("low")) / 2 / target.half_width
    table = nfm.Comparison({"base": base, "more": changed}).difference(target.text.split(" ")[0])
    return table.drop_nulls(["low", "high", "gain"]).with_columns(half=half).rows(named=True)


def _gain(row: Row) -> tuple[float, float]:
    """How many times sooner a row is than with strata alone, and than with plain SimPy."""
    ours, strata, _, plain = row[3]
    return round(strata / ours, 1), plain / ours


def main(folder: Path) -> None:
    heads = ["scenario", "precision", "row", "ours, s", "strata alone", "independent", "plain SimPy"]
    print(f"| {' | '.join([*heads, 'sooner than strata alone', 'than plain SimPy'])} |\n{'|---' * 9}|", flush=True)
    rows = [row for name in TARGETS for row in answers(name, folder)]
    for name, what, row, (ours, strata, alone, plain) in sorted(rows, key=_gain):
        cells = [*(f"{of:,.1f}" for of in (ours, strata, alone, plain)), f"{strata / ours:.1f}", f"{plain / ours:,.1f}"]
        print(f"| `{name}` | {what} | {row} | {' | '.join(cells)} |")


if __name__ == "__main__":
    with TemporaryDirectory() as temporary:
        main(Path(sys.argv[1] if len(sys.argv) > 1 else temporary))
