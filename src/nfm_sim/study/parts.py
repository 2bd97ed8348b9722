"""Parts: the Parquet files of a study, each a table of the replications of one batch."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path

import polars as pl

from nfm_sim.measures import KEPT
from nfm_sim.record import TABLES, Run
from nfm_sim.study.records import ANSWERS, BatchRecord

MANY, FEW = 16, 8
"""Adjacent batches that are put together while a study is made, and that a finished one may have."""
MOST_TOGETHER, MOST_BYTES_TOGETHER = 10_000, 100_000_000
"""Replications and bytes of a batch that is put together."""
MOST_ROWS_AN_HOUR, MOST_REPEATED = 20, 20_000_000
"""Rows of a part that take next to no room, as they repeat each other: for each hour of a replication, and in all. The
closure curve of a hundred flows has 17 an hour; other rows take several bytes each."""


def cover(batches: Iterable[BatchRecord]) -> list[tuple[BatchRecord, int]]:
    """The batches that hold each replication once, each with the first replication to read from it."""
    found, upcoming = [], 0
    for batch in sorted(batches, key=lambda batch: (batch.first, -batch.last)):
        if batch.last >= upcoming:
            found.append((batch, max(batch.first, upcoming)))
            upcoming = batch.last + 1
    return found


def current(batches: Sequence[BatchRecord]) -> list[BatchRecord]:
    """The batches that no other one holds."""
    return [batch for batch in batches if not any(other.holds(batch) for other in batches)]


def groups(batches: Sequence[BatchRecord], finished: bool) -> Iterator[list[BatchRecord]]:
    """Yield adjacent batches that are worth to be put together: many that are about as long, so that no replication is
    written again more than a few times; of a study that is `finished` and has more than a few, as many as may be."""
    together: list[list[BatchRecord]] = []
    for batch in sorted(batches, key=lambda batch: (batch.first, -batch.last)):
        if not together or not _fits(together[-1], batch, finished):
            together.append([])
        together[-1].append(batch)
    least = 2 if finished and len(batches) > FEW else MANY
    yield from (group for group in together if len(group) >= least)


def _fits(group: Sequence[BatchRecord], batch: BatchRecord, finished: bool) -> bool:
    begin, end = group[0].first, max(other.last for other in group) + 1
    return (
        batch.first <= end
        and batch.answers == group[0].answers
        and batch.last < begin + MOST_TOGETHER
        and sum(other.size for other in (*group, batch)) <= MOST_BYTES_TOGETHER
        and (finished or _level(batch) == _level(group[0]))
    )


def _level(batch: BatchRecord) -> int:
    """How often sixteen were put together to make a batch as long."""
    return (batch.last + 1 - batch.first).bit_length() // 4


def parquet_of(table: pl.DataFrame) -> bytes:
    """Return a table as Parquet."""
    table.write_parquet(content := BytesIO())
    return content.getvalue()


def scan_part(path: Path) -> pl.LazyFrame:
    """Scan one file, whatever its name looks like."""
    return pl.scan_parquet(path, glob=False)


@cache
def schema_of(key: str) -> pl.Schema | None:
    """Return the columns of a part: of a table, or of the answer of a measure that all studies keep; None of others."""
    if key in TABLES:
        return pl.Schema(TABLES[key])
    measure = KEPT.get(key.removeprefix(f"{ANSWERS}/"))
    if measure is None:
        return None
    nothing = Run({"horizon_h": 1.0, "replications": 1}, {name: pl.DataFrame(schema=of) for name, of in TABLES.items()})
    return measure(nothing).schema


def is_part(content: bytes, key: str, batch: BatchRecord, horizon_h: float) -> bool:
    """Whether this is a table of replications of a batch, that can be read whole: an answer has rows of any of
    them, another table of those that are kept. How many rows it has is looked at before it is read."""
    numbers = set(range(batch.first, batch.last + 1) if key.startswith(ANSWERS) else batch.kept)
    repeated = MOST_ROWS_AN_HOUR * horizon_h * len(numbers)
    try:
        table = pl.scan_parquet(BytesIO(content))
        columns, expected = table.collect_schema(), schema_of(key)
        if "replication" not in columns or (expected is not None and columns != expected):
            return False
        if table.select(pl.len()).collect().item() > len(content) + min(repeated, MOST_REPEATED):
            return False
        return numbers.issuperset(table.collect()["replication"].unique())
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # the reader panics where it thinks that a file cannot be so
        return False
