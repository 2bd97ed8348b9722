"""Tables of ours that lie beside the modules that read them."""

import csv
from pathlib import Path


def rows_beside(module: str, name: str) -> list[dict[str, str]]:
    """Return the rows of a table that lies beside a module (its `__file__`), without their empty cells."""
    with Path(module).with_name(name).open(encoding="utf-8", newline="") as table:
        return [{column: cell for column, cell in row.items() if cell} for row in csv.DictReader(table)]
