"""Calibration: which uncertain inputs come near to what is on record, how far a prediction may be believed, and
which rules of thumb it has to beat.

Approximate Bayesian computation by rejection (Tavaré and others 1997; Beaumont, Zhang and Balding 2002): each case is
simulated with inputs drawn from what is thought of them before, which all cases share draw by draw, because a draw is
addressed by its path. The draws that come nearest to all that is on record are accepted. What is left between a case
and its record is the spread between operations, and a prediction carries that of the others.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Unpack

import numpy as np
import polars as pl
import scipy

from nfm_sim.compile.loads import split_over_modes
from nfm_sim.kinds.families import Floats
from nfm_sim.kinds.modes import BERTHS, TRUCK
from nfm_sim.measures import COLUMNS, drawn_inputs, likely
from nfm_sim.measures.closure import operation
from nfm_sim.problems import InputError, Problem, refuse
from nfm_sim.scenario import Scenario, split_path
from nfm_sim.scenario.on_record import CLOSED, Case, read_cases
from nfm_sim.study.compare import compare
from nfm_sim.study.intervals import null
from nfm_sim.study.replicate import How
from nfm_sim.study.study import Study

START_UP_DAYS = 1.5
"""Of the line: half of the three days of a start-up. Assumed."""


def by_direction(case: Case, others: Sequence[Case]) -> float:
    """The mean duration in days of the others in the same direction; of all others where there is none, or none is
    said."""
    direction = case.record.direction
    same = [other for other in others if direction and other.record.direction == direction]
    return float(np.mean([_days(other) for other in same or others]))


def by_line(case: Case, others: Sequence[Case]) -> float:
    """A start-up, and so many days for each lorry load at the busiest port (pieces, where no lorry goes)."""
    loads = np.array([busiest_port(other.scenario) for other in others])
    days = np.array([_days(other) for other in others])

    def off(log_days: float) -> float:
        return float(np.sum(np.log((START_UP_DAYS + np.exp(log_days) * loads) / days) ** 2))

    fitted = scipy.optimize.minimize_scalar(off, bounds=(-12, 3), method="bounded").x
    return float(START_UP_DAYS + np.exp(fitted) * busiest_port(case.scenario))


def by_regression(case: Case, others: Sequence[Case]) -> float:
    """The regression of the logarithm of days on that of pieces, and on the number of ports."""
    rows = np.array([_row(other) for other in others])
    slopes = np.linalg.lstsq(rows, np.log([_days(other) for other in others]), rcond=None)[0]
    return float(np.exp(_row(case) @ slopes))


def by_rate(case: Case, others: Sequence[Case]) -> float:
    """The pieces over the mean pieces a day of the others."""
    return case.record.pieces / float(np.mean([other.record.pieces / _days(other) for other in others]))


BASELINES = {rule.__name__: rule for rule in (by_direction, by_line, by_regression, by_rate)}


def busiest_port(scenario: Scenario) -> int:
    """Return the lorry loads of the port that has most of them; all pieces there where no lorry goes."""
    lorries: Counter[str] = Counter()
    pieces: Counter[str] = Counter()
    for flow in scenario.flows.values():
        for _, place, cargo in flow.cargoes():
            shares = {**scenario.shares, **flow.shares, **cargo.shares}
            to = scenario.destinations[cargo.destination or flow.destination]
            for mode, counts in split_over_modes(cargo.pieces, shares).items():
                ends = (place, to.exits.get(mode, place))
                port = next((end for end in ends if scenario.facility(end, BERTHS)), place)
                pieces[port] += sum(counts.values())
                lorries[port] += sum(counts.values()) if mode == TRUCK.name else 0
    return max(lorries.values()) or max(pieces.values())


def _days(case: Case) -> float:
    return case.record.observed[CLOSED].middle


def _row(case: Case) -> list[float]:
    return [1.0, float(np.log(case.record.pieces)), float(case.record.ports)]


# Calibration: which uncertain inputs come near to what is on record, and how far a prediction may be believed


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
    has them), error (of the median against the middle of the record, null without a record), inside (the band holds
    that middle), and for closed_days what the `BASELINES` make of it, fitted to the others: by_direction, by_line,
    by_regression and by_rate."""
    accepted: pl.DataFrame
    """The draws that all records accept: replication, distance, and a column for each input."""


def calibrate(
    cases: Mapping[str, Case],
    *,
    priors: Mapping[str, Any] | None = None,
    replications: int = 200,
    accept_share: float = 0.2,
    **how: Unpack[How],
) -> Calibration:
    """Simulate cases with inputs as they may be, and return which of these come near to what is on record.

    `priors` are distributions by dotted path, laid over every scenario that gives such a number. Of `replications`
    draws the `accept_share` with the least distance is accepted (at least 20): the root mean square over cases, and in
    each case over all its numbers on record, of the logarithm of model over record, as a multiple of how far the record
    may be off (`Observed.doubt`).

    A case is predicted from the draws that the others with a prior of its own accept (all others where there are none).
    Each is moved along the regression of its answer on what is left between these and their days to closure, to where
    nothing is left (Beaumont and others 2002). The band has the error of the next operation: as likely as those make it
    by which each of the others is off when it is predicted from the rest (Student's t). What the horizon cuts off is
    null. Raises `InputError` with fewer than three cases with a record of `closed_days`, and for a prior of what no
    scenario gives.

    >>> nfm.calibrate({}, replications=20)
    Traceback (most recent call last):
    ...
    nfm_sim.problems.InputError: calibrate: cases needs three or more records of closed_days, not 0
    """
    on_record = {name: case for name, case in cases.items() if CLOSED in case.record.observed}
    if len(on_record) < 3:
        raise InputError.of("calibrate", "cases", "", f"needs three or more records of {CLOSED}, not {len(on_record)}")
    if not 0 < accept_share <= 1:
        raise InputError.of("calibrate", "accept_share", f"{accept_share:g}", "must be above 0, and 1 at most")
    given = {name: _given(case, priors or {}) for name, case in cases.items()}
    unknown = {*(priors or {})}.difference(*given.values())
    refuse(Problem("priors", path, "", "is no number that any of the scenarios gives") for path in sorted(unknown))
    scenarios = {name: case.scenario.with_changes(given[name]) for name, case in cases.items()}
    studies = compare(scenarios, replications, **how)
    drawn = {name: Drawn(case, frozenset(given[name]), _answers(studies[name])) for name, case in cases.items()}
    known = [drawn[name] for name in on_record]
    number = max(FEWEST_ACCEPTED, round(accept_share * replications))
    with np.errstate(invalid="ignore"):  # what did not close is infinite
        others = {name: [of for of in known if of is not mine] for name, mine in drawn.items()}
        rows = [row for name, mine in drawn.items() for row in _scores(name, mine, others[name], number)]
    nearest, distance = _nearest(known, number)
    inputs = {name: drawn_inputs(study) for name, study in studies.items()}
    return Calibration(_inputs(inputs, nearest), pl.DataFrame(rows, SCORES), _accepted(inputs, nearest, distance))


SCORES = {
    **dict.fromkeys(("case", "quantity"), pl.String),
    **dict.fromkeys(("on_record_low", "on_record_high", "low", "median", "high", "error"), pl.Float64),
    "inside": pl.Boolean,
    **dict.fromkeys(BASELINES, pl.Float64),
}


@dataclass(frozen=True)
class Drawn:
    """A case, and the draws of it."""

    case: Case
    shared: frozenset[str]
    """The priors that it draws from."""
    answers: Mapping[str, Floats]
    """Its numbers by replication."""

    @cached_property
    def closed(self) -> Floats:
        """How far draws are off what is on record: logarithm of days to closure over those on record."""
        return self._off(CLOSED)

    @cached_property
    def distance(self) -> Floats:
        """Mean square over all its numbers on record, each as a multiple of its doubt."""
        multiples = [self._off(name) / observed.doubt for name, observed in self.case.record.observed.items()]
        return np.asarray(np.mean(np.square(np.nan_to_num(multiples, nan=np.inf, posinf=np.inf)), axis=0))

    def _off(self, name: str) -> Floats:
        """None where some were is taken for a half."""
        return np.log(np.maximum(self.answers[name], 0.5) / self.case.record.observed[name].middle)


def _given(case: Case, priors: Mapping[str, Any]) -> dict[str, Any]:
    """The priors of numbers that the scenario of a case gives."""
    return {path: value for path, value in priors.items() if case.scenario.given(*split_path(path)) is not None}


def _answers(study: Study) -> dict[str, Floats]:
    """The numbers of the operation by replication; what did not close is later than all."""
    table = operation(study).sort("replication")
    found = {name: table[name].cast(pl.Float64).to_numpy() for name in numbers_on_record()}
    found[CLOSED] = np.where(np.isnan(found[CLOSED]), np.inf, found[CLOSED])
    return found


def _nearest(known: Sequence[Drawn], number: int) -> tuple[Any, Floats]:
    """The numbers of the draws with the least distance, and the distance of all."""
    distance = np.sqrt(np.mean([of.distance for of in known], axis=0))
    return np.argsort(distance, kind="stable")[:number], distance


def _scores(name: str, drawn: Drawn, others: Sequence[Drawn], number: int) -> list[dict[str, Any]]:
    """Predict a case from others, and compare it with its record; a case without one is predicted too."""
    on_record, rows = drawn.case.record.observed, []
    spread = next_error(np.array([_error(of, [rest for rest in others if rest is not of], number) for of in others]))
    for quantity in dict.fromkeys([CLOSED, *on_record]):
        predicted = _prediction(drawn.answers[quantity], drawn.shared, others, number)
        if quantity == CLOSED:
            low, median, high = (null(level) for level in np.quantile(np.outer(np.exp(spread), predicted), LEVELS))
        else:
            values = pl.Series(predicted[~np.isnan(predicted)])
            median, (low, high) = values.quantile(0.5, "linear"), likely(values)
        row = {"case": name, "quantity": quantity, "low": low, "median": median, "high": high}
        if (observed := on_record.get(quantity)) is not None:
            row["on_record_low"], row["on_record_high"] = observed.range
            row["error"] = None if median is None else median / observed.middle - 1
            row["inside"] = None if low is None or high is None else low <= observed.middle <= high
        if quantity == CLOSED:
            cases = [of.case for of in others]
            row |= {rule: guess(drawn.case, cases) for rule, guess in BASELINES.items()}
        rows.append(row)
    return rows


def _prediction(values: Floats, shared: frozenset[str], others: Sequence[Drawn], number: int) -> Floats:
    """A number of an operation by the draws that others accept: those with a prior of its own, where there are any."""
    alike = [of for of in others if of.shared & shared]
    nearest, _ = _nearest(alike or others, number)
    return moved(values[nearest], np.array([of.closed[nearest] for of in alike])) if alike else values[nearest]


def _error(drawn: Drawn, others: Sequence[Drawn], number: int) -> float:
    """How far a case is off when it is predicted from others, in logarithms."""
    return float(np.log(np.median(_prediction(np.exp(drawn.closed), drawn.shared, others, number))))


SHRINK = np.logspace(-4, 1, 11)
"""Of a regression: what is added to the variance along each axis, as a multiple of that of all; cross-validation
chooses."""


def moved(drawn: Floats, left: Floats) -> Floats:
    """Answers of draws, moved along their regression on what is left in others (rows) by draws (columns) to where
    nothing is left: a ridge regression of logarithms (Hoerl and Kennard 1970), of which generalised cross-validation
    says how much it shrinks (Golub, Heath and Wahba 1979)."""
    sound = np.isfinite(drawn) & (drawn > 0) & np.isfinite(left).all(axis=0)
    number = int(sound.sum())
    if number < 3:
        return drawn
    y, x = np.log(drawn[sound]), left[:, sound].T
    u, size, v = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    along, total = u.T @ (y - y.mean()), max(float(np.sum(size**2)), 1e-9)

    def doubt(shrink: float) -> float:
        kept = size**2 / (size**2 + shrink * total)
        off = y - y.mean() - u @ (kept * along)
        return float(np.mean(off**2) / (1 - (1 + kept.sum()) / number) ** 2)

    shrink = min(SHRINK, key=doubt)
    slopes = v.T @ (size / (size**2 + shrink * total) * along)
    result = drawn.copy()
    result[sound] = np.exp(y - x @ slopes)
    return result


STEPS = (np.arange(40) + 0.5) / 40
"""Of probability: fine enough for 10 and 90 %."""


def next_error(errors: Floats) -> Floats:
    """The logarithm of what a prediction must be multiplied by, as likely as errors of others make it: Student's t for
    the next of so many, about 0, in equal steps of probability."""
    number = len(errors)
    wide = np.sqrt(np.mean(np.square(errors)) * (1 + 1 / number))
    return np.asarray(scipy.special.stdtrit(number, STEPS) * wide)


def _inputs(inputs: Mapping[str, pl.DataFrame], nearest: Any) -> pl.DataFrame:
    """What the records say of each input that is drawn."""
    rows: list[tuple[Any, ...]] = []
    drawn = pl.concat([table.with_columns(case=pl.lit(name)) for name, table in inputs.items()])
    for (path,), group in drawn.group_by("path", maintain_order=True):
        cases = group["case"].n_unique()
        values = group.filter(pl.col("case") == group["case"][0]).sort("replication")["value"].to_numpy()
        before, after = np.quantile(values, LEVELS), np.quantile(values[nearest], LEVELS)
        width = before[2] - before[0]
        narrower = None if cases < 2 or not width else float(1 - (after[2] - after[0]) / width)
        rows.append((path, cases, before[0], before[2], *after, narrower))
    schema = ["path", "cases", "before_low", "before_high", "low", "median", "high", "narrower"]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _accepted(inputs: Mapping[str, pl.DataFrame], nearest: Any, distance: Floats) -> pl.DataFrame:
    drawn = pl.concat(inputs.values()).unique(["replication", "path"], keep="first", maintain_order=True)
    table = drawn.pivot(on="path", index="replication", values="value")
    chosen = pl.DataFrame({"replication": nearest, "distance": distance[nearest]}).cast({"replication": pl.Int32})
    return chosen.join(table, on="replication", how="left", maintain_order="left")
