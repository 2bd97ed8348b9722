"""Where the tables of a network come from: a folder, or what was made of another's file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from nfm_sim.files import Row, Table, read_table


class Tables(Protocol):
    """The tables of a network, by the names of their files."""

    @property
    def path(self) -> Path:
        """What names them in errors."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is to be said of them."""

    def has(self, name: str) -> bool:
        """Whether there is such a table."""

    def table(self, name: str) -> Table:
        """Return a table; raise `InputError` when it cannot be read."""


@dataclass(frozen=True)
class FolderTables:
    """Tables that are files of a folder."""

    path: Path
    remarks: tuple[str, ...] = ()

    def has(self, name: str) -> bool:
        return (self.path / name).exists()

    def table(self, name: str) -> Table:
        return read_table(self.path / name)


@dataclass(frozen=True)
class MadeTables:
    """Tables that were made of a file: rows of cells, as they would stand in CSV."""

    path: Path
    rows: Mapping[str, Iterable[Mapping[str, str]]]
    remarks: tuple[str, ...] = ()
    """What was done to make them."""

    def has(self, name: str) -> bool:
        return name in self.rows

    def table(self, name: str) -> Table:
        rows = [Row(number, cells) for number, cells in enumerate(self.rows[name], start=1)]
        columns = tuple(dict.fromkeys(column for row in rows for column in row.cells))
        return Table(self.path / name, columns, tuple(rows))
