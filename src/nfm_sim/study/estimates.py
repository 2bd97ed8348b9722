"""Estimates: what replications say of a number, and how surely.

The unit is the replication, or where these are stratified the block of them. A value that was not reached within the
horizon is censored: a mean of such values is unknown, a quantile counts them as later than all others, and the share
that was reached stands beside both.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from nfm_sim.kinds.families import Floats
from nfm_sim.measures import COLUMNS
from nfm_sim.plan.draws import Sampling
from nfm_sim.problems import InputError, did_you_mean
from nfm_sim.record import Record
from nfm_sim.study import intervals
from nfm_sim.study.asked import read_quantity
from nfm_sim.study.controls import Controls
from nfm_sim.study.intervals import null
from nfm_sim.study.quantities import Quantity, statistic_of
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
        asked, rows, usual, controls = _of_table(of, quantity), of, str(Sampling.STRATIFIED), None
    else:
        asked = read_quantity(quantity)
        rows, usual = asked.values(of), of.about["sampling"]
        controls = _controls_of(of)
    if by is not None:
        asked = replace(asked, by=(by,) if isinstance(by, str) else tuple(by))
    return estimate_rows(rows, asked, sampling or usual, confidence, share, controls=controls)


def _controls_of(record: Record) -> Controls | None:
    return record.controls if isinstance(record, Study) else None


def estimate_of(record: Record, asked: Quantity, confidence: float = 0.95) -> pl.DataFrame:
    """Estimate a quantity of a study or run, as `estimate` does."""
    sampling, controls = record.about["sampling"], _controls_of(record)
    return estimate_rows(asked.values(record), asked, sampling, confidence, controls=controls)


def _of_table(table: pl.DataFrame, text: str) -> Quantity:
    """The quantity that a table of the caller's own has: a column, and its statistic."""
    column, _, statistic = (text, "", "mean") if text in table.columns else text.rpartition(".")
    return Quantity("", column or text, (), statistic if column else "mean")


def estimate_rows(
    rows: pl.DataFrame,
    asked: Quantity,
    sampling: str,
    confidence: float = 0.95,
    share: bool | None = None,
    *,
    controls: Controls | None = None,
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
    schema = {name: rows.schema[name] for name in asked.by} | RESULT
    return pl.DataFrame(found, schema=schema, orient="row")


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


RESULT = {
    "replications": pl.Int64,
    **dict.fromkeys(("reached_share", "estimate", "low", "high", "half_width", "gain"), pl.Float64),
}


def per_replication(
    table: pl.DataFrame, column: str, by: str | Sequence[str] = (), statistic: str = "mean"
) -> list[tuple[tuple[object, ...], Floats, list[int]]]:
    """Return the value of each replication for each group of rows, missing ones nan, and their replications."""
    names = [by] if isinstance(by, str) else list(by)
    for name in (column, *names, "replication"):
        if name not in table.columns:
            near, there = did_you_mean(name, table.columns), ", ".join(table.columns)
            raise InputError.of("estimate", name, "", f"is no column of this answer{near}; it has {there}")
    if not (table.schema[column].is_numeric() or table.schema[column] == pl.Boolean):
        raise ValueError(f'column "{column}" holds no numbers; choose one that does')
    value = pl.col(column).cast(pl.Float64)
    rows = table.select(*names, "replication", value=value)
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
