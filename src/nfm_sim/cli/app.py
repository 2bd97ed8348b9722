"""Common to all commands: the application, its consoles, and how numbers and tables are printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from nfm_sim.network import NoRouteError
from nfm_sim.problems import InputError

app = typer.Typer(
    name="nfm-sim",
    help="Simulate NATO Force Model activation and allied transit through the Netherlands.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
INPUT_ERROR = 2
out = Console()
err = Console(stderr=True)

ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="A scenario file (TOML).")]
Seed = Annotated[int, typer.Option(min=0, max=2**64 - 1, help="Seed of the random draws.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
Row = Mapping[str, Any]


def main() -> None:
    """Run the command line; wrong input ends with one clear message and exit status 2."""
    try:
        app()
    except InputError as error:
        for problem in error.problems:
            err.print(str(problem), markup=False, highlight=False, soft_wrap=True)
        sys.exit(INPUT_ERROR)
    except NoRouteError as error:
        err.print(str(error), markup=False, highlight=False, soft_wrap=True)
        sys.exit(INPUT_ERROR)


def say(text: str) -> None:
    """Print a line of plain text."""
    out.print(text, markup=False, highlight=False, soft_wrap=True)


def print_json(answer: Any) -> None:
    """Print an answer as JSON."""
    print(json.dumps(answer, indent=2, ensure_ascii=False))


def print_table(
    title: str,
    rows: Iterable[Row],
    columns: Mapping[str, Callable[[Row], str]],
    *,
    left: Iterable[str] = (),
    caption: str = "",
    total: Row | None = None,
) -> None:
    """Print a table: by heading, what each column says of a row. The columns in `left` hold words, not numbers; the row
    in `total` stands below a line."""
    table = Table(title=title, caption=caption or None)
    for heading in columns:
        words = heading in left
        table.add_column(heading, justify="left" if words else "right", overflow="fold")
    for row in rows:
        table.add_row(*(cell(row) for cell in columns.values()))
    if total is not None:
        table.add_section()
        table.add_row(*(cell(total) for cell in columns.values()))
    out.print(table)


def day(hours: float | None) -> str:
    """A time as the day after hour 0."""
    return "-" if hours is None else f"day {hours / 24:.1f}"


def share(number: float | None) -> str:
    """A share as a percentage."""
    return "-" if number is None else f"{number:.0%}"
