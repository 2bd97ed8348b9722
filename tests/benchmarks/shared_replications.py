"""May capacities share replications? Run: python tests/benchmarks/shared_replications.py [CAPACITIES]

What one more of each of the 28 capacities gains that hold `corps_transit` up most is found in three ways on the same
draws: one at a time against the scenario as it is; in groups of four of like delay that are raised together, of which
those are split whose joint effect may be more than was asked; and in a two-level fractional design (Hadamard), which
raises half of all in each of 32 runs, so that each run tells of all. Printed are, for intervals as wide as the widest
of 48 replications one at a time, the replications that each way needs, by the spreads that a few of each show; and
what the ways disagree by.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import polars as pl
from scipy.linalg import hadamard

import nfm_sim as nfm
from nfm_sim.plan.draws import BLOCK
from nfm_sim.study.estimates import each_confidence
from nfm_sim.study.intervals import t_quantile
from nfm_sim.study.prices import PILOT, most_wanted
from nfm_sim.study.quantities import read_quantity

SCENARIO = Path(__file__).parents[2] / "scenarios/corps_transit.toml"
QUANTITIES = ("closure.mean_h", "closure")
ALONE, TOGETHER, FEW = 48, 4, 8
"""Replications one at a time, of which half are made; capacities in a group; replications of each run of the design."""
Found = dict[str, np.ndarray]
"""Of each quantity, the values of replications."""


def values(scenario: nfm.Scenario, changes: Iterable[dict[str, float]], number: int) -> Found:
    """What these changes together make of the first replications."""
    together: dict[str, float] = {}
    for path, value in (item for change in changes for item in change.items()):
        together[path] = max(together.get(path, value), value)  # ramps bring gangs, which are one capacity too
    study = nfm.replicate(scenario.with_changes(together), number, answers=["closure"], keep=(), jobs=1)
    wholes = {name: read_quantity(name).whole for name in QUANTITIES}
    return {name: whole.values(study)[whole.column].to_numpy() for name, whole in wholes.items()}


class Trial:
    """What was simulated, as differences from the scenario as it is."""

    def __init__(self, most: int) -> None:
        scenario = nfm.read_scenario(SCENARIO)
        pilot = nfm.replicate(scenario, PILOT, answers=["bottlenecks"], jobs=1)
        wanted = most_wanted(pilot, scenario, most, {})
        self.names = [one.name for one, _ in wanted]
        changes = [dict(one.changes) for one, _ in wanted]
        self._base = values(scenario, [], ALONE)
        self.alone = [self._gains(values(scenario, [change], ALONE // 2)) for change in changes]
        groups = [changes[first : first + TOGETHER] for first in range(0, len(changes), TOGETHER)]
        self.groups = [self._gains(values(scenario, group, ALONE // 2)) for group in groups]
        self.raised = hadamard(1 << len(changes).bit_length())[:, 1 : 1 + len(changes)] < 0
        runs = [[change for change, is_up in zip(changes, row, strict=True) if is_up] for row in self.raised]
        self.design = [self._gains(values(scenario, run, FEW)) for run in runs]

    def _gains(self, found: Found) -> Found:
        return {name: after - self._base[name][: len(after)] for name, after in found.items()}


def told(trial: Trial, name: str) -> pl.DataFrame:
    """The ways, and the replications that they need."""
    alone = np.array([gains[name] for gains in trial.alone])
    groups = np.array([gains[name] for gains in trial.groups])
    signs = np.where(trial.raised, 1, -1)
    effects = signs.T @ np.array([gains[name] for gains in trial.design]) * 2 / len(signs)
    t = {n: t_quantile(n - 1, each_confidence(0.95, len(alone))) for n in range(2, 1000)}

    def half(spread: np.ndarray, number: int) -> np.ndarray:
        return t[number] * spread / np.sqrt(number)

    spreads, asked = alone.std(axis=1, ddof=1), half(alone.std(axis=1, ddof=1), ALONE).max()
    steps = [next((n for n in range(BLOCK, ALONE, BLOCK) if half(s, n) <= asked), ALONE) for s in spreads]
    large = np.abs(groups.mean(axis=1)) + half(groups.std(axis=1, ddof=1), BLOCK) > asked
    split = [number for place, number in enumerate(steps) if large[place // TOGETHER]]
    shared = next(n for n in t if half(effects.std(axis=1, ddof=1), n).max() <= asked)
    together = np.add.reduceat(alone.mean(axis=1), range(0, len(alone), TOGETHER))
    errors = np.add.reduceat(alone.var(axis=1, ddof=1), range(0, len(alone), TOGETHER)) / alone.shape[1]
    rows = [
        ("one at a time, as many of each", ALONE * (1 + len(alone)), None, None),
        ("one at a time, block by block", ALONE + sum(steps), None, None),
        ("groups of four", ALONE + BLOCK * len(groups) + sum(split), *_apart(groups, together, errors)),
        ("half of all at once", shared * len(signs), *_apart(effects, alone.mean(axis=1), spreads**2 / alone.shape[1])),
    ]
    heads = ["way", "replications", "at most apart, h", "in standard errors"]
    return pl.DataFrame(rows, heads, orient="row").with_columns(pl.lit(f"{name} ±{asked:.1f} h").alias("asked"))


def _apart(found: np.ndarray, other: np.ndarray, errors: np.ndarray) -> tuple[float, float]:
    """By how much means differ from others at the most, by their joint standard errors, and by how many of these."""
    off, error = found.mean(axis=1) - other, np.sqrt(found.var(axis=1, ddof=1) / found.shape[1] + errors)
    place = int(np.argmax(np.abs(off) / np.maximum(error, 1e-9)))
    return float(off[place]), float(abs(off[place]) / error[place])


def main(most: int) -> None:
    trial = Trial(most)
    print("| asked | way | replications | at most apart, h | in standard errors |\n|---|---|---|---|---|")
    for name in QUANTITIES:
        for way, number, apart, error, asked in told(trial, name).rows():
            cells = ["", ""] if apart is None else [f"{apart:+.1f}", f"{error:.1f}"]
            print(f"| {asked} | {way} | {number:,} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 28)
