"""Regional plans: which offers meet which demands, and what is missing."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import polars as pl
from scipy.optimize import linear_sum_assignment

from nfm_sim.measures.columns import ELEMENTS, HOURS, KEY, SHARE, TEXT
from nfm_sim.measures.common import about_subjects, answers, hour_grid, kept
from nfm_sim.measures.readiness import readiness
from nfm_sim.record import Record
from nfm_sim.record.words import OFFERED, DutyState

EARLINESS = 1e-6
"""Weight of an hour too early beside an hour too late: of equal fits, the element that comes later meets the later
demand."""

OFFERS = {
    "replication": pl.Int32,
    "plan": pl.String,
    "region": pl.String,
    "capability": pl.String,
    "required_h": pl.Float64,
    "element": pl.String,
    "in_place_h": pl.Float64,
    "late_h": pl.Float64,
}


@kept
@answers(plan=TEXT, region=TEXT, capability=TEXT, required_h=HOURS, element=TEXT, in_place_h=HOURS, late_h=HOURS)
def offers(run: Record) -> pl.DataFrame:
    """Match force elements to the demands of the plans, so that the sum of their hours too late is least.

    Within each replication and capability this is an assignment problem, solved by scipy; an element meets one
    demand, and a demand that no element meets counts as late until the horizon. Columns: replication, plan, region,
    capability, required_h, element, in_place_h and late_h (never below 0); nulls where no element meets the demand by
    the horizon. One row for each element asked for.

    >>> nfm.measures.offers(run).select("plan", "element", "in_place_h", "late_h").rows()
    [('north', '11_infbat', 12.0, 0.0)]
    """
    supply: dict[tuple[int, str], list[tuple[str, float]]] = {}
    for replication, element, capability, in_place_h in _in_place(run).rows():
        supply.setdefault((replication, capability), []).append((element, in_place_h))
    asked: dict[tuple[int, str], list[tuple[str, str, float]]] = {}
    for replication, plan, region, capability, required_h, number in run.demands.rows():
        asked.setdefault((replication, capability), []).extend([(plan, region, required_h)] * number)
    rows: list[tuple[object, ...]] = []
    for (replication, capability), slots in asked.items():
        offered = supply.get((replication, capability), [])
        hours = [in_place_h for _, in_place_h in offered]
        likely = _at_most_each(slots, len(offered))
        required = np.array([slots[number][2] for number in likely])
        fit = _best_fit(np.array(hours), required, run.horizon_h)
        match = {likely[number]: element for number, element in fit.items()}
        for number, (plan, region, required_h) in enumerate(slots):
            met = match.get(number)
            found = (
                (None, None, None) if met is None else (offered[met][0], hours[met], max(0.0, hours[met] - required_h))
            )
            rows.append((replication, plan, region, capability, required_h, *found))
    return pl.DataFrame(rows, schema=OFFERS, orient="row").sort(
        "replication", "plan", "required_h", "capability", maintain_order=True
    )


def _at_most_each(slots: Sequence[tuple[str, str, float]], most: int) -> list[int]:
    """The numbers of the slots, but of equal ones no more than there are elements: more cannot be met, and the matrix
    of a demand for thousands would not fit into memory."""
    seen: Counter[tuple[str, str, float]] = Counter()
    numbers = []
    for number, slot in enumerate(slots):
        seen[slot] += 1
        if seen[slot] <= most:
            numbers.append(number)
    return numbers


def _best_fit(in_place_h: np.ndarray, required_h: np.ndarray, horizon_h: float) -> dict[int, int]:
    """Return the element for each demand that one meets; both by their number.

    Beside the elements stands nobody, once for each demand, who comes at the horizon.
    """
    offered_h = np.concatenate([np.minimum(in_place_h, horizon_h), np.full(len(required_h), horizon_h)])
    late = offered_h[:, None] - required_h[None, :]
    cost = np.maximum(late, 0) + EARLINESS * np.maximum(-late, 0)
    elements, slots = linear_sum_assignment(cost)
    came = np.isfinite(np.concatenate([in_place_h, np.full(len(required_h), math.inf)]))[elements]
    return dict(zip(slots[came].tolist(), elements[came].tolist(), strict=True))


def _in_place(run: Record) -> pl.DataFrame:
    """Return replication, element, capability and in_place_h (infinite where it was not reached)."""
    return (
        readiness(run)
        .join(about_subjects(run, "capability"), left_on="element", right_on="subject")
        .select("replication", "element", "capability", pl.col("in_place_h").fill_null(float("inf")))
        .sort("replication", "element")
    )


@kept
@answers(plan=KEY, capability=KEY, asked=ELEMENTS, on_time=ELEMENTS, late=ELEMENTS, unmet=ELEMENTS, on_time_share=SHARE)
def demands_met(run: Record) -> pl.DataFrame:
    """Return what each plan asks for of each capability, and what of it is met.

    Columns: replication, plan, capability, asked (elements), on_time (of these, in place by their day), late, unmet (in
    place by the horizon in none) and on_time_share, null when the horizon leaves it open. Versions of a plan are
    compared by it: plans do not change which elements are activated. No plans: no rows.

    >>> nfm.measures.demands_met(run).select("plan", "capability", "asked", "on_time").rows()
    [('north', 'infantry', 1, 1)]
    """
    on_time, unmet = pl.col("late_h") == 0, pl.col("element").is_null()
    still_open = unmet & (pl.col("required_h") > run.horizon_h)
    return (
        offers(run)
        .group_by("replication", "plan", "capability")
        .agg(
            pl.len().cast(pl.Int64).alias("asked"),
            on_time.fill_null(False).sum().cast(pl.Int64).alias("on_time"),
            (pl.col("late_h") > 0).fill_null(False).sum().cast(pl.Int64).alias("late"),
            unmet.sum().cast(pl.Int64).alias("unmet"),
            still_open.any().alias("open"),
        )
        .with_columns(pl.when(~pl.col("open")).then(pl.col("on_time") / pl.col("asked")).alias("on_time_share"))
        .drop("open")
        .sort("replication", "plan", "capability")
    )


@answers(capability=KEY, hour=KEY, demanded=ELEMENTS, in_place=ELEMENTS, gap=ELEMENTS)
def gap(run: Record, step_h: float = 24) -> pl.DataFrame:
    """Return demand against supply by capability over time.

    Columns: replication, capability, hour, demanded (elements asked for by then), in_place (elements of the
    capability that are, and have not been withdrawn) and gap (what is asked for by then, whose element is not in
    place). Capabilities that no plan asks for have no rows.

    >>> nfm.measures.gap(run).select("hour", "demanded", "in_place", "gap").rows()[:3]
    [(0.0, 0, 0, 0), (24.0, 1, 1, 0), (48.0, 1, 1, 0)]
    """
    slots = offers(run)
    keys = ["replication", "capability", "hour"]
    grid = slots.select("replication", "capability").unique().join(hour_grid(run, step_h), how="cross")
    there = _there(run, step_h)
    due = pl.col("required_h") <= pl.col("hour")
    demand = (
        grid.join(slots, on=["replication", "capability"])
        .join(there.with_columns(met=True), on=["replication", "element", "hour"], how="left")
        .group_by(keys)
        .agg(
            due.sum().cast(pl.Int64).alias("demanded"),
            (due & pl.col("met").is_null()).sum().cast(pl.Int64).alias("gap"),
        )
    )
    supply = (
        there.join(_in_place(run), on=["replication", "element"])
        .group_by(keys)
        .agg(pl.len().cast(pl.Int64).alias("in_place"))
    )
    return (
        demand.join(supply, on=keys, how="left")
        .select(*keys, "demanded", pl.col("in_place").fill_null(0), "gap")
        .sort(keys)
    )


def _there(run: Record, step_h: float) -> pl.DataFrame:
    """Return replication, element and hour for the hours at which an offered element is in place."""
    serving = run.duties.filter((pl.col("state") == DutyState.SERVE) & (pl.col("commitment") == OFFERED))
    return (
        serving.join(hour_grid(run, step_h), how="cross")
        .filter(
            (pl.col("start_h") <= pl.col("hour"))
            & ((pl.col("hour") < pl.col("end_h")) | (pl.col("end_h") == run.horizon_h))
        )
        .select("replication", "element", "hour")
    )
