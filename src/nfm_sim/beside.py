"""What lies beside our modules: tables of data, and stubs that list the names of a package."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any


def rows_beside(module: str, name: str) -> list[dict[str, str]]:
    """Return the rows of a table that lies beside a module (its `__file__`), without their empty cells."""
    import csv  # which a list of names needs not

    with Path(module).with_name(name).open(encoding="utf-8", newline="") as table:
        return [{column: cell for column, cell in row.items() if cell} for row in csv.DictReader(table)]


def listed(package: str) -> dict[str, str]:
    """Return the names that the stub of a package (its `__file__`) lists, each with the module that it comes from."""
    stub = Path(package).with_suffix(".pyi").read_text("utf-8")
    return {name: home for home, name in re.findall(r"^from (\S+) import (\w+)", stub, flags=re.MULTILINE)}


def face(package: str) -> dict[str, Any]:
    """Return what has these names."""
    return {name: getattr(import_module(home), name) for name, home in listed(package).items()}
