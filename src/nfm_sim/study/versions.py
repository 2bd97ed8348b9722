"""Versions of the regional plans, matched against the same replications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from nfm_sim.measures import offers
from nfm_sim.problems import InputError, Problem, did_you_mean
from nfm_sim.scenario import Scenario
from nfm_sim.study.replicate import replicate


def plan_versions(scenario: Scenario, names: Sequence[str], replications: int, seed: int = 0) -> pl.DataFrame:
    """Return what each version of the regional plans asks for, and what of it is met.

    Plans do not change who is activated, so the versions are matched against the same replications. A plan without
    the version stays as the scenario has it. Columns: version, plan, capability, number (elements asked for),
    on_time (of these, in place by their day), late and unmet (in place by nobody within the horizon), means over
    replications. Raises `InputError` when no plan has a version.
    """
    known = {version for plan in scenario.plans.values() for version in plan.versions}
    problems = [
        Problem(scenario._file, "plans", name, f"is a version of no plan{did_you_mean(name, known)}")
        for name in names
        if name not in known
    ]
    if problems:
        raise InputError(problems)
    run = replicate(scenario, replications, seed, keep="all").kept
    answers = []
    for name in names:
        changes = {f"plan_versions.{p}": name for p, plan in scenario.plans.items() if name in plan.versions}
        asked = pl.DataFrame(
            [
                (replication, plan, demand.region, demand.capability, demand.day * 24, number)
                for plan, demand, number in scenario.with_changes(changes).demands()
                for replication in range(replications)
            ],
            schema=run.demands.schema,
            orient="row",
        )
        on_time, unmet = pl.col("late_h") == 0, pl.col("element").is_null()
        answers.append(
            offers(replace(run, demands=asked))
            .group_by("plan", "capability")
            .agg(
                pl.lit(name).alias("version"),
                pl.len().alias("number") / replications,
                on_time.fill_null(False).sum().alias("on_time") / replications,
                (pl.col("late_h") > 0).fill_null(False).sum().alias("late") / replications,
                unmet.sum().alias("unmet") / replications,
            )
        )
    return (
        pl.concat(answers)
        .select("version", "plan", "capability", "number", "on_time", "late", "unmet")
        .sort("plan", "capability", "version")
    )
