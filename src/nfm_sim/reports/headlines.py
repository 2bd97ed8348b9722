"""The answer in sentences: what a reader who decides needs, with how sure it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from nfm_sim import measures
from nfm_sim.measures.common import MANY_FOR_BAND
from nfm_sim.measures.detours import lost, lost_told
from nfm_sim.problems import counted
from nfm_sim.record import Record
from nfm_sim.study import Comparison, estimate

LEAST_TOLD = 0.1
"""A source of delay with a smaller share is not told. Assumed."""


def headlines(record: Record, names: Mapping[str, str]) -> list[str]:
    """Return the answers of a run or study in sentences; `names` has what each flow is called."""
    one = record.about["replications"] == 1
    warning = "One replication is one way in which chance may go. How sure an answer is, a study says."
    return [
        *_closure(record, names),
        *_readiness(record),
        *_tasks(record),
        *_delay(record),
        *(lost_told(row, record.about["replications"]) for row in lost(record)),
        *_stuck(record),
        *([warning] if one else []),
    ]


def _closure(record: Record, names: Mapping[str, str]) -> Iterator[str]:
    table = measures.closure(record)
    number = record.about["replications"]
    for (key,), rows in table.group_by("flow", maintain_order=True):
        flow = names.get(str(key), str(key))
        reached = rows["last_h"].drop_nulls()
        days = (reached / 24).sort()
        share = len(reached) / len(rows)
        if not len(reached):
            yield f"{flow}: not all of it is over the border within the horizon, in any replication."
            continue
        if number == 1:
            yield f"{flow}: the last piece is over the border on day {days[0]:.1f}, in the one replication."
        elif number < MANY_FOR_BAND or share < 1:
            yield (
                f"{flow}: the last piece is over the border between day {days[0]:.1f} and day {days[-1]:.1f} in "
                f"{len(reached)} of {number} replications."
            )
        else:
            low, high = (_day(days.quantile(q, "linear")) for q in (0.05, 0.95))
            middle = estimate(rows, "last_h.median").row(0, named=True)
            sure = _interval(middle["low"], middle["high"])
            yield (
                f"{flow}: with nine chances in ten the last piece is over the border between day {low} and day "
                f"{high}; in the middle it is day {middle['estimate'] / 24:.1f}{sure}."
            )
        asked = rows["on_time_share"].drop_nulls()
        if len(asked) == len(rows) and number >= MANY_FOR_BAND:
            whole = rows.select("replication", on_time=pl.col("on_time_share") >= 1)
            chance = estimate(whole, "on_time").row(0, named=True)
            yield (
                f"{flow}: all of it is there by the day that is asked for with a chance of "
                f"{_percent(chance['estimate'])} ({_percent(chance['low'])} to {_percent(chance['high'])})."
            )


def _day(days: float | None) -> str:
    return "?" if days is None else f"{days:.1f}"


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f" (95 % interval {low / 24:.1f} to {high / 24:.1f})"


def _percent(share: float | None) -> str:
    return "an unknown share" if share is None else f"{share:.0%}".replace("%", " %")


def _readiness(record: Record) -> Iterator[str]:
    table = measures.readiness(record)
    if table.is_empty():
        return
    deadlines = dict(measures.readiness_by_tier(record).select("tier", "deadline_h").unique().iter_rows())
    for row in estimate(record, "readiness.on_time", by="tier").sort("tier").rows(named=True):
        if row["estimate"] is None:
            continue
        bounds = "" if row["low"] is None else f" ({_percent(row['low'])} to {_percent(row['high'])})"
        yield (
            f"Of tier {row['tier']}, {_percent(row['estimate'])}{bounds} of the elements are ready to move within "
            f"{deadlines[row['tier']] / 24:.0f} days of the order."
        )


def _tasks(record: Record) -> Iterator[str]:
    table = measures.double_booking(record)
    if not table.is_empty():
        days = float(table["element_days"].sum())
        worst = table.sort("element_days", descending=True).row(0, named=True)
        yield (
            f"{days:,.0f} element-days are asked for by two tasks at once; most by {_words(worst['wanted_by'])}, of "
            f"what {_words(worst['task'])} has."
        )


def _words(name: str) -> str:
    return name.replace("_", " ")


def _delay(record: Record) -> Iterator[str]:
    shares = measures.delay_shares(record).group_by("source").agg(pl.col("share").fill_nan(None).mean())
    told = shares.filter(pl.col("share") >= LEAST_TOLD).sort("share", descending=True)
    if not told.is_empty():
        parts = [f"{source} ({_percent(share)})" for source, share in told.select("source", "share").iter_rows()]
        yield f"The delay comes from {', '.join(parts)}."
    worst = (
        measures.bottlenecks(record)
        .group_by("kind", "name")
        .agg(pl.col("piece_hours").sum() / record.about["replications"])
        .sort("piece_hours", "name", descending=[True, False])
        .head(3)
    )
    if not worst.is_empty():
        names = [
            f"{_words(name)} ({hours:,.0f} piece-hours)" for name, hours in worst.select("name", "piece_hours").rows()
        ]
        yield f"What held pieces and elements up most: {', '.join(names)}."


def _stuck(record: Record) -> Iterator[str]:
    found = record.whole.stuck
    if not found.is_empty():
        yield f"{len(found):,} wait at the horizon for what can never come; the table of those stands below."


def prices_told(prices: pl.DataFrame) -> list[str]:
    """Return in a sentence which capacities gain most, of those whose gain is sure."""
    quantity = prices.columns[4]
    sure = prices.filter(pl.col(f"{quantity}_high") < 0).head(3)
    if sure.is_empty():
        return [f"One more of any single capacity does not surely lessen {quantity}."]
    parts = [
        f"{_words(row['capacity'])} (+{row['more']:g} {row['unit']}: {row[quantity]:.3g})".replace(" :", ":")
        for row in sure.rows(named=True)
    ]
    return [f"What to buy first, by what one more of it takes off {quantity} (h, mean of all): {', '.join(parts)}."]


def differences(comparison: Comparison, quantity: str) -> list[str]:
    """Return the differences of a comparison in sentences: those that are sure, and how many are not."""
    told: list[str] = []
    unsure = unknown = 0
    table = comparison.difference(quantity)
    keys = table.columns[1 : table.columns.index("pairs")]
    for row in table.rows(named=True):
        if row["difference"] is None:
            unknown += 1
        elif row["low"] is None or row["low"] <= 0 <= row["high"]:
            unsure += 1
        else:
            of = " ".join(_words(str(row[key])) for key in keys)
            sizes = [abs(row["difference"]), *sorted(abs(row[end]) for end in ("low", "high"))]
            unit = row.get("unit") or ""
            if unit == "share":  # a difference of shares is one at most
                sizes, unit = [100 * min(1.0, size) for size in sizes], "percentage points"
            way = "more" if row["difference"] > 0 else "less"
            told.append(
                f"{row['study']}: {quantity}{f' of {of}' if of else ''} is {sizes[0]:.3g} {unit} {way} than in "
                f"{comparison.base} ({sizes[1]:.3g} to {sizes[2]:.3g})."
            )
    if unsure:
        told.append(f"{counted(unsure, 'difference')} in {quantity} cannot be told from chance.")
    if unknown:
        told.append(f"{unknown:,} of {quantity} are not known in every replication.")
    return told
