"""Where the tables of a network come from: a folder, or what was made of another's file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nfm_sim.files import Row, Table, read_table


@dataclass(frozen=True)
class Tables:
    """The tables of a network, by the names of their files in a folder."""

    path: Path
    """What names them in errors."""
    remarks: tuple[str, ...] = ()
    """What is to be said of them."""

    def has(self, name: str) -> bool:
        """Whether there is such a table."""
        return (self.path / name).exists()

    def table(self, name: str) -> Table:
        """Return a table; raise `InputError` when it cannot be read."""
        return read_table(self.path / name)


@dataclass(frozen=True)
class MadeTables(Tables):
    """Tables that were made of a file: rows of cells, as they would stand in CSV."""

    rows: Mapping[str, Iterable[Mapping[str, str]]] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        return name in self.rows

    def table(self, name: str) -> Table:
        rows = [Row(number, cells) for number, cells in enumerate(self.rows[name], start=1)]
        columns = tuple(dict.fromkeys(column for row in rows for column in row.cells))
        return Table(self.path / name, columns, tuple(rows))
