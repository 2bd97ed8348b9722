"""What controls take off the variance of block means, out of fold, row by row.

Run: python tests/benchmarks/explained.py [FOLDER]

Replications of each scenario are taken in groups of 96, of 192 and all together. Below 0.2 controls are not used
(`study.controls.LEAST_EXPLAINED`). Studies are kept in FOLDER, and gone on with.
"""

import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import nfm_sim as nfm
from nfm_sim.plan.draws import BLOCK
from nfm_sim.study.estimates import per_replication
from nfm_sim.study.intervals import Sample
from nfm_sim.study.quantities import read_quantity

SCENARIOS = Path(__file__).parents[2] / "scenarios"
NUMBERS = {"corps_transit": 480, "one_force": 192, "atlantic_resolve_2024": 384}
QUANTITIES = ("closure", "closure.median_h", "closure.mean_h")


def explained(study: nfm.Study, values: np.ndarray, size: int) -> float:
    """The part of the variance of block means, on the mean of groups of so many replications."""
    left, seen = 0.0, 0.0
    for first in range(0, len(values) - size + 1, size):
        numbers = range(first, first + size)
        sample = Sample(values[first : first + size], BLOCK, study.controls.of(numbers))
        left, seen = left + sample.means.var(), seen + replace(sample, predictors=None).means.var()
    return 1 - left / seen


def main(folder: Path) -> None:
    print("| scenario | of | row | in groups of 96 | of 192 | all |\n|---|---|---|---|---|---|")
    for name, number in NUMBERS.items():
        scenario = nfm.read_scenario(SCENARIOS / f"{name}.toml")
        study = nfm.replicate(scenario, number, seed=11, out=folder / name, answers=["closure"], keep=(), jobs=1)
        for text in QUANTITIES:
            asked = read_quantity(text)
            for row, values, _ in per_replication(asked.values(study), asked.column, asked.by):
                cells = [f"{explained(study, values, size):.2f}" for size in (96, 192, number)]
                print(f"| `{name}` | {text} | {'/'.join(map(str, row))} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    with TemporaryDirectory() as temporary:
        main(Path(sys.argv[1] if len(sys.argv) > 1 else temporary))
