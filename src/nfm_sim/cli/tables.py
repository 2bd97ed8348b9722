"""The tables that commands print: `tables.csv` has their columns, and `captions.csv` what stands over and below."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from nfm_sim.beside import rows_beside
from nfm_sim.cli.app import Row, print_table, share
from nfm_sim.in_words import UNKNOWN, day, length

SHOWN: Mapping[str, Callable[[Any], str]] = {
    "day": day,
    "length": length,
    "share": share,
    "number": "{:,.0f}".format,
    "tenths": "{:.1f}".format,
    "hundredths": "{:.2f}".format,
    "digits": lambda value: UNKNOWN if value is None else f"{value:.3g}",
    "signed": lambda share: UNKNOWN if share is None else f"{share:+.0%}",
    "yes or no": {None: UNKNOWN, True: "yes", False: "no"}.__getitem__,
    "days": lambda hours: f"{hours / 24:g} days",
}


def print_told(table: str, rows: Iterable[Row], *, title: str = "", total: Row | None = None) -> None:
    """Print rows with the columns that a table has: by heading, which key is shown, how, whether with its interval, and
    whether it holds words. It has a title of its own, or the one that is given."""
    columns = [column for column in rows_beside(__file__, "tables.csv") if column["table"] == table]
    about = next((row for row in rows_beside(__file__, "captions.csv") if row["table"] == table), {})
    cells = {}
    for column in columns:
        cell, show = _interval if "interval" in column else _value, SHOWN.get(column.get("shown", ""), str)
        cells[column["heading"]] = partial(cell, column["key"], show)
    left, caption = [column["heading"] for column in columns if "words" in column], about.get("caption", "")
    print_table(title or about["title"], rows, cells, left=left, caption=caption, total=total)


def on_record(row: Row) -> Row:
    """A number on record, with its name and from which least to which most it is, as tables show them."""
    low, high = row["on_record_low"], row["on_record_high"]
    range_ = UNKNOWN if low is None else f"{low:g}-{high:g}"
    return {**row, "number": row["quantity"].replace("_", " "), "on_record": range_}


def _value(key: str, show: Callable[[Any], str], row: Row) -> str:
    return show(row[key])


def _interval(key: str, show: Callable[[Any], str], row: Row) -> str:
    """An estimate with its interval, as far as there are replications enough for one."""
    low, high = (row[f"{key}_{side}"] for side in ("low", "high"))
    if row[key] is None and low is None:
        return "-"
    if row[key] is None and None not in (low, high):
        return f"{show(low)} to {show(high)} (open)"
    if low is None and high is None:
        return f"{show(row[key])} (too few)"
    first, last = (show(bound).removeprefix("day ") for bound in (low, high))
    span = f"from {first}" if high is None else f"to {last}" if low is None else f"{first} to {last}"
    return f"{show(row[key])} ({span})"
