"""A study as a process of its own, for tests that kill it: python -m tests.study.driver FOLDER REPLICATIONS."""

import sys
import time

import polars as pl

from nfm_sim.record import Run
from nfm_sim.scenario import Scenario, build_scenario
from nfm_sim.study import Study, replicate
from tests.conftest import coast, coast_data, one_ship

SEED = 5


def story() -> Scenario:
    late = {"lateness_h": {"exponential": {"mean": 10}}}
    flows = {"flow": one_ship("truck", 5, **late), "other": one_ship("train", 5, **late)}
    elements = {"bat": {"tier": 1, "home": "barracks"}, "cov": {"tier": 2, "home": "barracks", "requires": "bat"}}
    activation = {"decision_h": {"pert": [1, 2, 300]}}
    return build_scenario(coast_data(flows=flows, elements=elements, activation=activation, horizon_days=20), coast())


def slowly(run: Run) -> pl.DataFrame:
    """A measure that takes as long as a larger scenario."""
    time.sleep(0.1)
    return run.subjects.group_by("replication", maintain_order=True).agg(pl.col("pieces").sum())


def go(folder: str, replications: int, jobs: int = 2) -> Study:
    return replicate(
        story(), replications, seed=SEED, out=folder, jobs=jobs, batch=2, measures=[slowly], keep=range(0, 10_000, 7)
    )


if __name__ == "__main__":
    go(sys.argv[1], int(sys.argv[2]))
