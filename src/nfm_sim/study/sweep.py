"""Sweeps: a scenario at every point of a design, on the same random draws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Unpack

import polars as pl

from nfm_sim.scenario import Scenario
from nfm_sim.study.compare import Comparison, compare
from nfm_sim.study.how import How


def sweep(
    scenario: Scenario,
    design: Sequence[Mapping[str, Any]],
    *,
    replications: int,
    seed: int = 0,
    out: str | Path | None = None,
    targets: Iterable[str] = (),
    min_replications: int = 20,
    **how: Unpack[How],
) -> Comparison:
    """Replicate a scenario at every point of a design (`nfm.study.factorial`, `latin_hypercube`, `sobol`).

    Return the comparison of them; the studies are named 000, 001, ... as the points are numbered, and `response`
    puts an answer beside the inputs. Raises `InputError` for a point that the scenario cannot have.

    >>> points = nfm.study.factorial({"pools.trucks.capacity": [1, 2]})
    >>> nfm.study.response(nfm.sweep(scenario, points, replications=2, jobs=1))["estimate"].to_list()
    [23.100000381469727, 10.600000381469727]
    """
    width = max(3, len(str(len(design) - 1)))
    points = {f"{number:0{width}}": dict(point) for number, point in enumerate(design)}
    scenarios = {name: scenario.with_changes(point) for name, point in points.items()}
    return compare(
        scenarios,
        replications,
        seed=seed,
        out=out,
        targets=targets,
        min_replications=min_replications,
        changes=points,
        **how,
    )


def response(result: Comparison, quantity: str = "closure", *, confidence: float = 0.95) -> pl.DataFrame:
    """Return the inputs of each point of a sweep with the estimate of a quantity there.

    Columns: study, a column for each path that is varied, and those of `nfm.estimate`.

    >>> points = nfm.study.factorial({"pools.trucks.capacity": [1, 2]})
    >>> result = nfm.sweep(scenario, points, replications=2, jobs=1)
    >>> nfm.study.response(result).select("pools.trucks.capacity", "estimate").rows()
    [(1, 23.100000381469727), (2, 10.600000381469727)]
    """
    inputs = pl.DataFrame([{"study": name, **change} for name, change in result.changes.items()])
    return inputs.join(result.estimates(quantity, confidence=confidence), on="study", maintain_order="left")
