"""Calibration: which uncertain inputs come near to what is on record, and how far a prediction may be believed.

Approximate Bayesian computation by rejection (Tavaré and others 1997; Beaumont, Zhang and Balding 2002): each case is
simulated with inputs drawn from what is thought of them before, which all cases share draw by draw, because a draw is
addressed by its path. The draws that come nearest to the records are accepted. What is left between a case and its
record is the spread between operations, and a prediction carries that of the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

import numpy as np
import polars as pl
from scipy import special

from nfm_sim.measures import COLUMNS, drawn_inputs, likely
from nfm_sim.measures.operation import operation
from nfm_sim.problems import InputError, Problem
from nfm_sim.scenario import split_path
from nfm_sim.scenario.on_record import Case, read_cases
from nfm_sim.study.how import How
from nfm_sim.study.intervals import Floats
from nfm_sim.study.replicate import replicate
from nfm_sim.study.study import Study

CLOSED = "closed_days"
FEWEST_ACCEPTED = 20
"""Draws, below which 10 and 90 % of them say little. Assumed."""
LEVELS = (0.1, 0.5, 0.9)
"""Of low, median and high."""


def numbers_on_record() -> tuple[str, ...]:
    """What a record may hold of an operation."""
    return tuple(COLUMNS[operation.__name__])


def read_records(folder: str | Path) -> dict[str, Case]:
    """Read what is on record of real operations, a file each, with the scenarios that should give it.

    Nothing is executed, written or fetched. Raises `InputError` with the faults of all files.

    >>> nfm.read_records("records")["aviation_2020_out"].record.pieces
    1800
    """
    return read_cases(folder, numbers_on_record())


@dataclass(frozen=True)
class Calibration:
    """What records say of inputs, and how well each is predicted from the others."""

    inputs: pl.DataFrame
    """By uncertain input: path, cases (that draw it), before_low and before_high (10 and 90 % of the draws before),
    low, median and high (10, 50 and 90 % of those that all records accept), and narrower: by which share of its width,
    0 when the records say nothing of it, null with fewer than two cases."""
    scores: pl.DataFrame
    """By case and number on record: case, quantity, on_record_low, on_record_high, low, median, high (of the
    prediction from the other cases, 10-90 %; low and high of other numbers than closed_days as `nfm.measures.likely`
    has them), error (of the median against the middle of the record, null without a
    record), inside (the band holds that middle), and for closed_days by_mean and by_rate: the mean duration of the
    others, and the pieces over their mean rate."""
    accepted: pl.DataFrame
    """The draws that all records accept: replication, distance, and a column for each input."""


def calibrate(
    cases: Mapping[str, Case],
    *,
    priors: Mapping[str, Any] | None = None,
    replications: int = 200,
    accept_share: float = 0.2,
    seed: int = 0,
    **how: Unpack[How],
) -> Calibration:
    """Simulate cases with inputs as they may be, and return which of these come near to the days to closure on record.

    `priors` are distributions by dotted path, laid over every scenario that gives such a number. Of `replications`
    draws the `accept_share` with the least distance is accepted (at least 20): the root mean square over cases of the
    logarithm of model over record. A case is predicted from the draws that the others accept, times the error of the
    next operation, as likely as the errors that these draws leave in the others make it (Student's t). What the horizon
    cuts off is null. Raises `InputError` with fewer than three cases with a record of `closed_days`, and for a prior of
    what no scenario gives.

    >>> nfm.calibrate({}, replications=20)
    Traceback (most recent call last):
    ...
    nfm_sim.problems.InputError: calibrate: cases needs three or more records of closed_days, not 0
    """
    on_record = {
        name: case.record.observed[CLOSED].middle for name, case in cases.items() if CLOSED in case.record.observed
    }
    if len(on_record) < 3:
        remedy = f"needs three or more records of {CLOSED}, not {len(on_record)}"
        raise InputError([Problem("calibrate", "cases", "", remedy)])
    nowhere = [path for path in priors or {} if not any(_has(case, path) for case in cases.values())]
    if nowhere:
        raise InputError(
            [Problem("priors", path, "", "is no number that any of the scenarios gives") for path in nowhere]
        )
    studies = {
        name: replicate(_with_priors(case, priors or {}), replications, seed=seed, **how)
        for name, case in cases.items()
    }
    answers = {name: _answers(study) for name, study in studies.items()}
    ratios = {name: np.log(answers[name][CLOSED] / value) for name, value in on_record.items()}
    number = max(FEWEST_ACCEPTED, round(accept_share * replications))
    with np.errstate(invalid="ignore"):  # what did not close is infinite
        rows = [row for name in cases for row in _scores(name, cases, answers, ratios, number)]
    nearest, distance = _nearest(list(ratios.values()), number)
    inputs = {name: drawn_inputs(study) for name, study in studies.items()}
    return Calibration(
        _inputs(inputs, nearest),
        pl.DataFrame(rows, schema=SCORES, orient="row"),
        _accepted(inputs, nearest, distance),
    )


SCORES = {
    "case": pl.String,
    "quantity": pl.String,
    "on_record_low": pl.Float64,
    "on_record_high": pl.Float64,
    "low": pl.Float64,
    "median": pl.Float64,
    "high": pl.Float64,
    "error": pl.Float64,
    "inside": pl.Boolean,
    "by_mean": pl.Float64,
    "by_rate": pl.Float64,
}


def _with_priors(case: Case, priors: Mapping[str, Any]) -> Any:
    known = {path: value for path, value in priors.items() if _has(case, path)}
    return case.scenario.with_changes(known) if known else case.scenario


def _has(case: Case, path: str) -> bool:
    return case.scenario.given(*split_path(path)) is not None


def _answers(study: Study) -> dict[str, Floats]:
    """The numbers of the operation by replication; what did not close is later than all."""
    table = study.answer(operation.__name__)
    assert table is not None, "the study keeps it"
    table = table.sort("replication")
    found = {name: table[name].cast(pl.Float64).to_numpy() for name in numbers_on_record()}
    return {
        name: np.where(np.isnan(values), np.inf, values) if name == CLOSED else values for name, values in found.items()
    }


def _nearest(ratios: Sequence[Floats], number: int) -> tuple[Any, Floats]:
    """The numbers of the draws with the least distance, and the distance of all."""
    distance = np.sqrt(np.mean(np.square(ratios), axis=0))
    return np.argsort(distance, kind="stable")[:number], distance


def _scores(
    predicted: str,
    cases: Mapping[str, Case],
    answers: Mapping[str, Mapping[str, Floats]],
    ratios: Mapping[str, Floats],
    number: int,
) -> list[tuple[Any, ...]]:
    """Predict a case from the others, and compare it with its record; a case without one is predicted too."""
    record = cases[predicted].record
    others = {name: ratio for name, ratio in ratios.items() if name != predicted}
    nearest, _ = _nearest(list(others.values()), number)
    spread = next_error(np.array([-ratio[nearest] for ratio in others.values()]))
    days = {name: cases[name].record.observed[CLOSED].middle for name in others}
    rows = []
    for quantity in dict.fromkeys([CLOSED, *record.observed]):
        drawn = answers[predicted][quantity][nearest]
        if quantity == CLOSED:
            low, median, high = (_known(level) for level in np.quantile(drawn * np.exp(spread), LEVELS))
        else:
            values = pl.Series(drawn[~np.isnan(drawn)])
            median, (low, high) = values.quantile(0.5, "linear"), likely(values)
        observed = record.observed.get(quantity)
        known: tuple[Any, ...] = (None, None)
        error, inside = None, None
        if observed is not None:
            known = observed.range
            error = None if median is None else median / observed.middle - 1
            inside = None if low is None or high is None else low <= observed.middle <= high
        by_mean = by_rate = None
        if quantity == CLOSED:
            rate = float(np.mean([cases[name].record.pieces / value for name, value in days.items()]))
            by_mean, by_rate = float(np.mean(list(days.values()))), record.pieces / rate
        rows.append((predicted, quantity, *known, low, median, high, error, inside, by_mean, by_rate))
    return rows


def _known(level: float) -> float | None:
    """A number, or null where so few replications closed that it is not known."""
    return float(level) if np.isfinite(level) else None


STEPS = (np.arange(40) + 0.5) / 40
"""Of probability: fine enough for 10 and 90 %."""


def next_error(errors: Floats) -> Floats:
    """The logarithm of what a prediction must be multiplied by, as likely as that of cases by accepted draws (rows and
    columns) makes it: Student's t for the next of so many, in equal steps of probability (rows)."""
    number = len(errors)
    wide = errors.std(axis=0, ddof=1) * np.sqrt(1 + 1 / number)
    return np.asarray(errors.mean(axis=0) + np.outer(special.stdtrit(number - 1, STEPS), wide))


def _inputs(inputs: Mapping[str, pl.DataFrame], nearest: Any) -> pl.DataFrame:
    """What the records say of each input that is drawn."""
    rows: dict[str, tuple[Any, ...]] = {}
    drawn = pl.concat([table.with_columns(case=pl.lit(name)) for name, table in inputs.items()])
    for (path,), group in drawn.group_by("path", maintain_order=True):
        cases = group["case"].n_unique()
        values = group.filter(pl.col("case") == group["case"][0]).sort("replication")["value"].to_numpy()
        before, after = np.quantile(values, LEVELS), np.quantile(values[nearest], LEVELS)
        width = before[2] - before[0]
        narrower = None if cases < 2 or not width else float(1 - (after[2] - after[0]) / width)
        rows[str(path)] = (str(path), cases, before[0], before[2], *after, narrower)
    schema = ["path", "cases", "before_low", "before_high", "low", "median", "high", "narrower"]
    return pl.DataFrame(list(rows.values()), schema=schema, orient="row")


def _accepted(inputs: Mapping[str, pl.DataFrame], nearest: Any, distance: Floats) -> pl.DataFrame:
    drawn = pl.concat(inputs.values()).unique(["replication", "path"], keep="first", maintain_order=True)
    table = drawn.pivot(on="path", index="replication", values="value")
    chosen = pl.DataFrame({"replication": nearest, "distance": distance[nearest]}).cast({"replication": pl.Int32})
    return chosen.join(table, on="replication", how="left", maintain_order="left")
