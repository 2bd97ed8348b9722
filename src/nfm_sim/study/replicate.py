"""Replicate a scenario: the same tables, with more replications in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import polars as pl

from nfm_sim.engine import TABLES, Run, compile_scenario, simulate
from nfm_sim.scenario import Scenario


def replicate(
    scenario: Scenario,
    replications: int,
    seed: int = 0,
    progress: Callable[[int], None] | None = None,
) -> Run:
    """Simulate replications 0 to `replications` - 1 and return one `Run` of them all.

    `progress` is called with the number that is done, after each.
    """
    if replications < 1:
        raise ValueError(f"replications must be at least 1, not {replications}")
    plan = compile_scenario(scenario)
    runs = []
    for number in range(replications):
        runs.append(simulate(plan, seed, number))
        if progress is not None:
            progress(number + 1)
    return join_runs(runs)


def join_runs(runs: Iterable[Run]) -> Run:
    """Put runs of the same scenario and seed into one."""
    runs = list(runs)
    tables = {name: pl.concat([getattr(run, name) for run in runs]) for name in TABLES}
    return Run(about={**runs[0].about, "replications": len(runs)}, **tables)
