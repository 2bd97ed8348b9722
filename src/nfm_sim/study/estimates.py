"""Estimates: what replications say of a number or a curve, how surely, and when that is sure enough.

The unit is the replication, or where these are stratified the block of them. A value that was not reached within the
horizon is censored: a mean of such values is unknown, a quantile counts them as later than all others, and the share
that was reached stands beside both.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from nfm_sim.kinds.families import Floats
from nfm_sim.measures import COLUMNS
from nfm_sim.plan.draws import BLOCK, Sampling
from nfm_sim.problems import InputError, Problem, did_you_mean, gathered, refuse
from nfm_sim.record import Record
from nfm_sim.scenario import Scenario
from nfm_sim.study import intervals
from nfm_sim.study.controls import Controls
from nfm_sim.study.intervals import hidden_spread, normal_quantile, null, t_quantile
from nfm_sim.study.quantities import BARE, QUANTITY_READS, UNITS, Quantity, read_quantity, rows_missing, statistic_of
from nfm_sim.study.study import Study


def check_confidence(confidence: float) -> None:
    """Raise ValueError for what is no confidence, such as 95."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, as 0.95 does, not {confidence}")


def estimate(
    of: Record | pl.DataFrame,
    quantity: str,
    *,
    by: str | Sequence[str] | None = None,
    share: bool | None = None,
    confidence: float = 0.95,
    sampling: str | None = None,
) -> pl.DataFrame:
    """Estimate a quantity over the replications of a study or run, for each group of rows.

    A quantity is an answer with a column and a statistic (mean, median, or a percentile such as p90), as everywhere:
    "closure.on_time_share", "closure.p90" (of last_h), "readiness.ready_h[13_brigade].median". `by` names the columns
    that tell its groups apart, in place of those that tell the rows of the answer apart; () takes all together. A mean
    over several rows a replication (readiness by tier: its elements) is first taken within each replication.

    Of a table of your own with a column `replication`, name a column ("hours.p90"). Whether a number is a `share`,
    whose interval stays between 0 and 1, is known of truth values and of the columns that measures declare
    (`nfm.measures.answers`); of others it must be said, unless a value lies outside of 0 to 1.

    A share of which some values are not known (a deadline after the horizon) is null, and its bounds hold whatever
    these are. From 96 replications on, whole blocks of stratified ones count together, and what is left over counts for
    nothing; of a table that holds independent ones, say `sampling="independent"`. Columns: those of `by`; replications
    (those that count); reached_share: the share of values that are known; estimate, low, high and half_width (the
    larger side), with this `confidence`; gain: how many times more independent replications would need for the same
    spread (null without blocks). Unknown numbers and bounds are null: a mean of which a value was not reached, a
    quantile that was not reached by enough, a bound that so few replications do not give.

    Raises `InputError` for what is no answer, column or statistic, and ValueError when a quantile is asked for of
    several rows a replication, when a share is not said, and for a confidence that is none.

    >>> nfm.estimate(study, "closure.median").select("flow", "replications", "estimate").rows()
    [('division', 2, 10.600000381469727)]
    """
    check_confidence(confidence)
    if isinstance(of, pl.DataFrame):
        column, _, statistic = (quantity, "", "mean") if quantity in of.columns else quantity.rpartition(".")
        asked = Quantity("", column or quantity, (), statistic if column else "mean")
        rows, usual, controls = of, str(Sampling.STRATIFIED), None
    else:
        asked = read_quantity(quantity)
        rows, usual = asked.values(of), of.about["sampling"]
        controls = _controls_of(of)
    if by is not None:
        asked = replace(asked, by=(by,) if isinstance(by, str) else tuple(by))
    return estimate_rows(rows, asked, sampling or usual, confidence, share, controls)


def _controls_of(record: Record) -> Controls | None:
    return record.controls if isinstance(record, Study) else None


def estimate_of(record: Record, asked: Quantity, confidence: float = 0.95) -> pl.DataFrame:
    """Estimate a quantity of a study or run, as `estimate` does."""
    return estimate_rows(asked.values(record), asked, record.about["sampling"], confidence, None, _controls_of(record))


def estimate_rows(
    rows: pl.DataFrame, asked: Quantity, sampling: str, confidence: float, share: bool | None, controls: Controls | None
) -> pl.DataFrame:
    """Estimate a quantity of rows of its answer, as `estimate` does."""
    q, column = statistic_of(asked.statistic), asked.column
    groups = per_replication(rows, column, asked.by, asked.statistic)
    unknown = rows.schema[column] == pl.Boolean and rows[column].has_nulls()
    shares = q is None and is_share(rows, column, asked.measure, share)
    filled = [rows.with_columns(pl.col(column).fill_null(known)) for known in (False, True)] if unknown else []
    at_least_and_most = [per_replication(table, column, asked.by, asked.statistic) for table in filled]
    found = []
    for number, (key, values, numbers) in enumerate(groups):
        sample = intervals.Sample.of(values, numbers, sampling, controls)
        known = ~np.isnan(sample.values)
        if unknown and not known.all():
            bounds = (intervals.Sample.of(bound[number][1], numbers, sampling) for bound in at_least_and_most)
            least, most = (intervals.share_interval(bound, confidence) for bound in bounds)
            one = intervals.Interval(np.nan, least.low, most.high)
        elif q is None:
            one = (intervals.share_interval if shares else intervals.mean_interval)(sample, confidence)
        else:
            one = intervals.quantile_interval(sample.transformed(np.where(known, sample.values, np.inf)), q, confidence)
        found.append((*key, len(sample.values), float(known.mean()), *one.known, null(one.half_width), null(one.gain)))
    return pl.DataFrame(found, {name: rows.schema[name] for name in asked.by} | RESULT, orient="row")


def is_share(rows: pl.DataFrame, column: str, measure: str = "", share: bool | None = None) -> bool:
    """Whether a column holds shares: truth values do, and what is said or declared to. A number that nobody declared
    and that lies between 0 and 1 may be either, and is not guessed: raises ValueError."""
    declared = COLUMNS.get(measure, {}).get(column)
    known = rows[column].drop_nulls()
    if rows.schema[column] == pl.Boolean:
        return True
    if share and not known.is_between(0, 1).all():
        raise ValueError(f'column "{column}" holds more than 1 or less than 0, which no share is; say share=False')
    if share is not None:
        return share
    if declared is not None:
        return declared.share
    if known.is_empty() or not known.is_between(0, 1).all():
        return False
    raise ValueError(
        f'column "{column}" may hold shares or other numbers, and nothing says which; say share=True or share=False, '
        'ask by name of a study ("closure.on_time_share"), or declare it with nfm.measures.answers'
    )


ESTIMATED = ("reached_share", "estimate", "low", "high", "half_width", "gain")
RESULT: dict[str, Any] = {"replications": pl.Int64, **dict.fromkeys(ESTIMATED, pl.Float64)}


def per_replication(
    table: pl.DataFrame, column: str, by: Sequence[str] = (), statistic: str = "mean"
) -> list[tuple[tuple[object, ...], Floats, list[int]]]:
    """Return the value of each replication for each group of rows, missing ones nan, and their replications."""
    names = list(by)
    for name in (column, *names, "replication"):
        if name not in table.columns:
            near, there = did_you_mean(name, table.columns), ", ".join(table.columns)
            raise InputError.of("estimate", name, "", f"is no column of this answer{near}; it has {there}")
    if not (table.schema[column].is_numeric() or table.schema[column] == pl.Boolean):
        raise ValueError(f'column "{column}" holds no numbers; choose one that does')
    rows = table.select(*names, "replication", value=pl.col(column).cast(pl.Float64))
    if rows.select(*names, "replication").is_duplicated().any():
        if statistic != "mean":
            raise ValueError(
                f'column "{column}" has several rows a replication for each {" and ".join(names) or "study"}; '
                "name more columns in `by`, or take the mean"
            )
        known = pl.when(pl.col("value").is_not_null().all()).then(pl.col("value").mean())
        rows = rows.group_by(*names, "replication", maintain_order=True).agg(value=known)
    rows = rows.sort("replication", maintain_order=True)
    if not names:
        names, rows = [""], rows.with_columns(pl.lit("").alias(""))
    groups = rows.group_by(names, maintain_order=True).agg("value", "replication").sort(names, nulls_last=True)
    return [(row[:-2] if by else (), np.array(row[-2], dtype=np.float64), row[-1]) for row in groups.rows()]


def groups_of(table: pl.DataFrame, by: Sequence[str]) -> Iterable[tuple[tuple[object, ...], pl.DataFrame]]:
    """The rows of a table for each that the columns of `by` tell apart, in their order; without any, all together."""
    return table.group_by(by, maintain_order=True) if by else [((), table)]


def beside(table: pl.DataFrame, found: pl.DataFrame, key: str, name: str, value: str = "estimate") -> pl.DataFrame:
    """Return a table with the estimates of another, or its differences, beside it by a key of both, in columns of this
    name, with _low and _high."""
    columns = {value: name, "low": f"{name}_low", "high": f"{name}_high"}
    return table.join(found.select(key, *columns).rename(columns), on=key, how="left", maintain_order="left")


def each_confidence(confidence: float, comparisons: int) -> float:
    """The confidence of each of several intervals that hold together with this confidence (Bonferroni)."""
    check_confidence(confidence)
    return 1 - (1 - confidence) / max(1, comparisons)


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values for their number (Holm 1979), with those that are not known among them, as intervals that hold
    together count them; nan stays nan."""
    order = sorted((p, place) for place, p in enumerate(p_values) if not np.isnan(p))
    adjusted = [float("nan")] * len(p_values)
    worst = 0.0
    for rank, (p, place) in enumerate(order):
        worst = max(worst, min(1.0, p * (len(p_values) - rank)))
        adjusted[place] = worst
    return adjusted


# Targets of precision: how sure an answer is to be before a study stops.


@dataclass(frozen=True)
class TargetState:
    """A target as a study stands: its row with the widest interval, whether it is met, and how many replications
    that likely needs (None: it is not known, as while too many values are censored); `gain` is how many times more
    independent replications would need (None: there are no whole blocks enough); `unit` is that of the estimate."""

    target: str
    row: str
    estimate: float | None
    half_width: float | None
    met: bool
    needed: int | None
    gain: float | None = None
    unit: str = ""


OF_A_SHARE = "±3% or ±0.03"
TARGET = r"(?P<of>.*?)\s*(?:±|\+-|\+/-)\s*(?P<width>\d+(?:\.\d+)?)\s*(?P<unit>h|d|%|)\s*"


@dataclass(frozen=True)
class Target:
    """A quantity, and how wide its interval may be to either side: in its unit, or as a part of the estimate."""

    text: str
    quantity: Quantity
    half_width: float
    relative: bool = False

    def state(self, study: Study, number: int, *, stops: bool = False) -> TargetState:
        """How far the first `number` replications of a study are from it, by the interval that every table of the study
        has; or by that on which it `stops`."""
        table = self.quantity.values(study).filter(pl.col("replication") < number)
        few = stops and number < BLOCKS_TO_STOP * BLOCK
        sampling = Sampling.INDEPENDENT if few else study.sampling
        rows = estimate_rows(table, self.quantity, sampling, 0.95, None, study.controls)
        if rows.is_empty():
            remedy = "has no rows in this study; ask for what it has"
            raise InputError.of("--until", self.text.partition("±")[0].strip(), "", remedy)
        over = [self._over(row["estimate"], row["half_width"]) for row in rows.rows(named=True)]
        worst = int(np.argmax(over))
        row = rows.row(worst, named=True)
        name, unit = "/".join(str(row[name]) for name in self.quantity.by), self.quantity.declared.unit
        needed = math.ceil(number * over[worst] ** 2) if over[worst] < MOST_OVER else None
        met, numbers = over[worst] <= 1, (row["estimate"], row["half_width"])
        return TargetState(self.text, name, *numbers, met, needed, row["gain"], unit)

    def _over(self, estimate: float | None, half_width: float | None) -> float:
        """How many times as wide an interval is as it may be."""
        if estimate is None or half_width is None:
            return math.inf
        if half_width == 0:
            return 0.0
        allowed = self.half_width * abs(estimate) if self.relative else self.half_width
        return half_width / allowed if allowed else math.inf


BLOCKS_TO_STOP = 10
"""With fewer blocks of stratified replications, a study that stops would stop where these happen to agree: until then
each replication counts alone. When it has ended, what it says of a target is what its tables say."""
MOST_OVER = 1e6
"""An interval that is so many times too wide needs more replications than anyone can make."""


def read_targets(texts: Iterable[str], scenario: Scenario | None = None) -> list[Target]:
    """Read targets such as "closure.median ±6h" or "ready_by_deadline ±0.03"; raise `InputError` with all faults, those
    of rows that the scenario does not have among them."""
    targets: list[Target] = []
    problems: list[Problem] = []
    for text in texts:
        with gathered(problems):
            match = re.fullmatch(TARGET, text)
            if match is None:
                raise InputError.of("--until", text, "", QUANTITY_READS)
            quantity = read_quantity(match["of"], "--until")
            width, relative = _width(match, quantity, text)
            targets.append(Target(text.replace("+/-", "±").replace("+-", "±"), quantity, width, relative))
            problems += rows_missing(quantity, scenario, "--until") if scenario is not None else []
    refuse(problems)
    return targets


def _width(match: re.Match[str], quantity: Quantity, text: str) -> tuple[float, bool]:
    """Return how wide an interval may be to either side, and whether that is a part of the estimate."""
    declared, unit, width = quantity.declared, match["unit"], float(match["width"])
    units = {"": 1.0, **UNITS.get(declared.unit, BARE)}
    relative = unit == "%" and unit not in units
    if unit not in units and not relative:
        known = OF_A_SHARE if declared.share else " or ".join(f"±3{name}" for name in dict.fromkeys([*units, "%"]))
        what = "is a share" if declared.share else f"is in {declared.unit}" if declared.unit else "has no unit"
        remedy = f"asks for ±{match['width']}{unit} of {quantity.column}, which {what}; write it as {known}"
        raise InputError.of("--until", text, "", remedy)
    if width <= 0 or not math.isfinite(width):
        raise InputError.of("--until", text, "", "must allow more than 0 to either side")
    if declared.share and width * units[unit] >= 1:
        raise InputError.of("--until", text, "", f"allows more than a share can differ; write it as {OF_A_SHARE}")
    return width * (0.01 if relative else units[unit]), relative


def next_number(states: Sequence[TargetState], done: int, most: int, met_before: bool = False, step: int = 1) -> int:
    """Return the number of replications to have next; the number that there is when it is enough.

    While targets are open it is what the worst of them likely needs, but no more than twice what there is. Once
    all are met it is a tenth more, and enough only when they still are: a study that stopped at the first look
    would stop where the spread happens to look small, and its intervals would hold the truth too rarely (Hoad,
    Robinson and Davies 2010, J. Oper. Res. Soc. 61:1632). It depends on the data alone, so that a study that was
    stopped goes the same way. It is a multiple of `step`, the replications that count together.
    """
    needed = [state.needed for state in states if not state.met]
    if not needed and met_before:
        return done
    likely = max((2 * done if n is None else math.ceil(1.05 * n) for n in needed), default=done + math.ceil(done / 10))
    number = max(done + 10, min(2 * done, likely))
    return min(most, math.ceil(number / step) * step)


# Bands: what replications say of a curve, and how surely.


BOOTSTRAPS = 2_000
"""Multiplier bootstraps of a simultaneous band."""


def band(
    table: pl.DataFrame,
    column: str,
    *,
    by: str | Sequence[str] = (),
    x: str = "hour",
    confidence: float = 0.95,
    share: bool | None = None,
) -> pl.DataFrame:
    """Estimate a curve: its mean over replications with a pointwise and a simultaneous band.

    Each point of the curve lies in the pointwise band with this confidence; the whole of it lies in the simultaneous
    one, which is made of the greatest standardised deviation along the curve (multiplier bootstrap, Montiel Olea and
    Plagborg-Moller 2019, J. Appl. Econometrics 34:1). Both allow everywhere for what so many replications may hide:
    one that is a step further, the least by which two of their values differ. The bands of a `share` stay between 0
    and 1; it must be said of numbers that may be one (as in `nfm.estimate`). Stratified replications are taken as if
    each were drawn alone, which is never too sure: their blocks agree too well along a curve to tell how much they
    hide. Columns: those of `by`, x, estimate, low, high, all_low, all_high. Every replication must have every x.

    >>> nfm.study.band(nfm.measures.closure_curve(study, 6), "pieces", by="flow").select("hour", "estimate").row(1)
    (6.0, 2.0)
    """
    check_confidence(confidence)
    share = is_share(table, column, share=share)
    names = [by] if isinstance(by, str) else list(by)
    rows = []
    for key, points in groups_of(table, names) if len(table) else ():
        wide = points.pivot(on=x, index="replication", values=column, sort_columns=False)
        values = wide.drop("replication").to_numpy().astype(np.float64)
        n, mean = len(values), values.mean(axis=0)
        limits = (0.0, 1.0) if share else (-np.inf, np.inf)
        half = whole = np.full(len(mean), np.nan)
        if n > 1:
            t, step = t_quantile(n - 1, confidence), min(np.diff(np.unique(values)), default=0.0)
            spread = values.std(axis=0, ddof=1)
            each = each_confidence(confidence, len(mean))
            half = t * _error(spread, n, step, confidence)
            whole = _greatest(values, confidence) * _error(spread, n, step, each)
        bounds = np.clip([mean - half, mean + half, mean - whole, mean + whole], *limits)
        numbers_of = zip(points[x].unique(maintain_order=True), mean, *bounds, strict=True)
        rows += [(*key, at, *map(null, numbers)) for at, *numbers in numbers_of]
    numbers = dict.fromkeys(("estimate", "low", "high", "all_low", "all_high"), pl.Float64)
    schema = {name: table.schema[name] for name in (*names, x)} | numbers
    return pl.DataFrame(rows, schema=schema, orient="row")


def _error(spread: Floats, n: int, step: float, confidence: float) -> Floats:
    """The standard error at each point, with what so many may hide."""
    return np.asarray(np.hypot(spread, hidden_spread(n, step, confidence)) / np.sqrt(n), dtype=np.float64)


def _greatest(values: Floats, confidence: float) -> float:
    """Return the width, in standard errors, of a band that holds the whole curve. It is the same for the same data."""
    n, spread = len(values), values.std(axis=0, ddof=1)
    moves = spread > 0
    if not moves.any():
        return t_quantile(n - 1, confidence)
    scaled = (values[:, moves] - values[:, moves].mean(axis=0)) / (spread[moves] * np.sqrt(n))
    weights = np.random.default_rng(n).standard_normal((BOOTSTRAPS, n))
    normal = float(np.quantile(np.abs(weights @ scaled).max(axis=1), confidence))
    # as t widens z in small samples
    return normal * t_quantile(n - 1, confidence) / normal_quantile(confidence)
