"""Regional plans: which offers meet which demands, and what is missing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import repeat

import numpy as np
import polars as pl
import scipy

from nfm_sim.measures.common import about_subjects, hour_grid, kept
from nfm_sim.record import TABLES, Record
from nfm_sim.record.words import OFFERED, DutyState, late_h

EARLINESS = 1e-6
"""Weight of an hour too early beside an hour too late: of elements that are in time, those that come last meet the
demands."""

OFFERS = {**TABLES["demands"], "element": pl.String, "in_place_h": pl.Float64, "late_h": pl.Float64}


@kept
def offers(run: Record) -> pl.DataFrame:
    """Match force elements to the demands of the plans, so that the sum of their hours too late is least.

    A demand is met on its day by an element that is in place then; one that was and has been withdrawn meets it when it
    is there again. Within each replication and capability this is an assignment problem, solved by scipy; an element
    meets one demand, and a demand that no element meets counts as late until the horizon. Columns: replication, plan,
    region, capability, required_h, number (1, or the fraction of an element that a target leaves), element, in_place_h
    (since when it was there) and late_h (never below 0); nulls where no element meets the demand by the horizon. One
    row for each element asked for.

    >>> nfm.measures.offers(run).select("plan", "element", "in_place_h", "late_h").rows()
    [('north', '11_infbat', 12.0, 0.0)]
    """
    supply: dict[tuple[int, str], dict[str, list[tuple[float, float]]]] = {}
    for replication, element, capability, start_h, end_h in _stays(run).rows():
        supply.setdefault((replication, capability), {}).setdefault(element, []).append((start_h, end_h))
    asked: dict[tuple[int, str], list[Slot]] = {}
    for replication, plan, region, capability, required_h, number in run.demands.rows():
        of_each = asked.setdefault((replication, capability), [])
        of_each.extend((plan, region, required_h, part) for part in _each(number))
    rows: list[tuple[object, ...]] = []
    for (replication, capability), slots in asked.items():
        offered = supply.get((replication, capability), {})
        names = list(offered)
        likely = _at_most_each(slots, len(names))
        required, parts = np.array([slots[place][2:] for place in likely]).reshape(-1, 2).T
        since = np.array([[_since(offered[name], hour, run.horizon_h) for hour in required] for name in names])
        fit = _best_fit(since.reshape(len(names), len(required)), required, parts, run.horizon_h)
        met = {likely[place]: (names[element], float(since[element, place])) for place, element in fit.items()}
        for place, (plan, region, required_h, part) in enumerate(slots):
            element, since_h = met.get(place, (None, None))
            late = None if since_h is None else late_h(since_h, required_h)
            rows.append((replication, plan, region, capability, required_h, part, element, since_h, late))
    order = ("replication", "plan", "required_h", "capability")
    return pl.DataFrame(rows, schema=OFFERS, orient="row").sort(*order, maintain_order=True)


Slot = tuple[str, str, float, float]
"""The place of one element in a plan: plan, region, required_h, and how much of an element it asks for."""


def _each(number: float) -> Iterator[float]:
    """Yield 1 for each element of a number, and then the fraction that is left."""
    whole = int(number)
    yield from repeat(1.0, whole)
    if number > whole:
        yield round(number - whole, 9)  # 0.02 of 2.02, and not 0.020000000000000018


def _at_most_each(slots: Sequence[Slot], most: int) -> list[int]:
    """The places of the slots, but of equal ones no more than there are elements: more cannot be met, and the matrix
    of a demand for thousands would not fit into memory."""
    places: dict[Slot, list[int]] = {}
    for place, slot in enumerate(slots):
        places.setdefault(slot, []).append(place)
    return sorted(place for alike in places.values() for place in alike[:most])


def _since(stays: Sequence[tuple[float, float]], required_h: float, horizon_h: float) -> float:
    """Since when an element is there that is in place at an hour, or from when on it first is after that; infinity when
    it is not again."""
    asked = min(required_h, horizon_h)
    there = (start for start, end in stays if end > asked or end == horizon_h)
    return min(there, default=math.inf)


def _best_fit(since_h: np.ndarray, required_h: np.ndarray, parts: np.ndarray, horizon_h: float) -> dict[int, int]:
    """Return the element for each demand that one meets; both by their number. Hours too late for a part of an element
    count in part.

    Beside the elements stands nobody, once for each demand, who comes at the horizon, and of those in time last.
    """
    nobody = np.full((len(required_h), len(required_h)), math.inf)
    offered_h = np.concatenate([since_h, nobody])
    came_h = np.minimum(offered_h, horizon_h)
    early_h = np.where(np.isfinite(offered_h), np.maximum(required_h - came_h, 0), required_h + 1)
    cost = late_h(came_h, required_h) + EARLINESS * early_h
    elements, slots = scipy.optimize.linear_sum_assignment(cost * parts)
    came = np.isfinite(offered_h[elements, slots])
    return dict(zip(slots[came].tolist(), elements[came].tolist(), strict=True))


def _stays(run: Record) -> pl.DataFrame:
    """Return replication, element, capability, start_h and end_h of the times in which what is offered is in place."""
    serving = run.duties.filter((pl.col("state") == DutyState.SERVE) & (pl.col("commitment") == OFFERED))
    offered = about_subjects(run, "capability", "tier").filter(pl.col("tier").is_not_null())
    stays = serving.join(offered, left_on="element", right_on="subject")
    stays = stays.select("replication", "element", "capability", "start_h", "end_h")
    return stays.sort("replication", "element", "start_h")


@kept
def demands_met(run: Record) -> pl.DataFrame:
    """Return what each plan asks for of each capability, and what of it is met.

    Columns: replication, plan, capability, asked (elements, and the fraction of one that a target leaves), on_time (of
    these, in place by their day), late, unmet (in place by the horizon in none) and on_time_share, null when the
    horizon leaves it open. Versions of a plan are compared by it: plans do not change which elements are activated. No
    plans: no rows.

    >>> nfm.measures.demands_met(run).select("plan", "capability", "asked", "on_time").rows()
    [('north', 'infantry', 1.0, 1.0)]
    """
    number, on_time, unmet = pl.col("number"), pl.col("late_h") == 0, pl.col("element").is_null()
    still_open = unmet & (pl.col("required_h") > run.horizon_h)
    by = ["replication", "plan", "capability"]
    asked = offers(run).group_by(by)
    met = asked.agg(
        asked=number.sum(),
        on_time=number.filter(on_time).sum(),
        late=number.filter(pl.col("late_h") > 0).sum(),
        unmet=number.filter(unmet).sum(),
        open=still_open.any(),
    )
    share = pl.when(~pl.col("open")).then(pl.col("on_time") / pl.col("asked"))
    return met.with_columns(on_time_share=share).drop("open").sort(by)


def gap(run: Record, step_h: float = 24) -> pl.DataFrame:
    """Return demand against supply by capability over time.

    Columns: replication, capability, hour, demanded (elements asked for by then), in_place (elements of the
    capability that are, and have not been withdrawn) and gap (what is asked for by then, whose element is not in
    place). Capabilities that no plan asks for have no rows.

    >>> nfm.measures.gap(run).select("hour", "demanded", "in_place", "gap").rows()[:3]
    [(0.0, 0.0, 0, 0.0), (24.0, 1.0, 1, 0.0), (48.0, 1.0, 1, 0.0)]
    """
    slots = offers(run)
    keys = ["replication", "capability", "hour"]
    hours, begin, end = hour_grid(run, step_h), pl.col("start_h"), pl.col("end_h")
    grid = slots.select("replication", "capability").unique().join(hours, how="cross")
    has_come, is_there = late_h(begin, pl.col("hour")) == 0, (pl.col("hour") < end) | (end == run.horizon_h)
    there = _stays(run).join(hours, how="cross").filter(has_come & is_there)
    due = pl.col("required_h") <= pl.col("hour")
    asked = grid.join(slots, on=["replication", "capability"])
    asked = asked.join(there, on=[*keys, "element"], how="left")
    number, missed = pl.col("number"), due & begin.is_null()  # who meets it is not there
    demand = asked.group_by(keys).agg(demanded=number.filter(due).sum(), gap=number.filter(missed).sum())
    both = demand.join(there.group_by(keys).agg(in_place=pl.len().cast(pl.Int64)), on=keys, how="left")
    return both.select(*keys, "demanded", pl.col("in_place").fill_null(0), "gap").sort(keys)
