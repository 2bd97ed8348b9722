"""Common to all commands: the application, its consoles, and how numbers and tables are printed."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.table import Table

from nfm_sim.limits import MOST_PROBLEMS
from nfm_sim.network import NoRouteError
from nfm_sim.problems import InputError, Problem, plain

app = typer.Typer(
    name="nfm-sim",
    help="Simulate NATO Force Model activation and allied transit through the Netherlands.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
INPUT_ERROR = 2
CONTROLS = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
out = Console(markup=False, emoji=False, highlight=False)
err = Console(stderr=True, markup=False, emoji=False, highlight=False)

ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="A scenario file (TOML).")]
Seed = Annotated[int, typer.Option(min=0, max=2**64 - 1, help="Seed of the random draws.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
Strict = Annotated[bool, typer.Option("--strict", help="Take warnings for errors.")]
Row = Mapping[str, Any]


def _version(asked: bool) -> None:
    if asked:
        out.print(f"nfm_sim {version('nfm_sim')}")
        raise typer.Exit


@app.callback()
def _common(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Simulate NATO Force Model activation and allied transit through the Netherlands."""


def main() -> None:
    """Run the command line; wrong input ends with one clear message and exit status 2."""
    try:
        app()
    except InputError as error:
        say_problems(error.problems)
        sys.exit(INPUT_ERROR)
    except NoRouteError as error:
        complain(str(error))
        sys.exit(INPUT_ERROR)


def say(text: str, style: str = "") -> None:
    """Print a line of plain text: what steers a terminal is written out."""
    out.print(plain(text), style=style, soft_wrap=True)


def complain(text: str) -> None:
    """Print a line of plain text where errors go."""
    err.print(plain(text), soft_wrap=True)


def say_problems(problems: Sequence[Problem], before: str = "") -> None:
    """Print problems, a line for each, where errors go; of very many the first, and how many more there are."""
    for problem in problems[:MOST_PROBLEMS]:
        complain(f"{before}{problem}")
    if len(problems) > MOST_PROBLEMS:
        complain(f"{before}and {len(problems) - MOST_PROBLEMS:,} more")


def warn(problems: Sequence[Problem], strict: bool) -> None:
    """Print what is likely not meant; raise `InputError` of it when warnings are errors."""
    if strict and problems:
        raise InputError(problems)
    say_problems(problems, "warning: ")


def print_json(answer: Any) -> None:
    """Print an answer as JSON; what steers a terminal stands in it as an escape of JSON."""
    print(CONTROLS.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(answer, indent=2, ensure_ascii=False)))


def print_table(
    title: str,
    rows: Iterable[Row],
    columns: Mapping[str, Callable[[Row], str]],
    *,
    left: Iterable[str] = (),
    caption: str = "",
    total: Row | None = None,
) -> None:
    """Print a table: by heading, what each column says of a row. The columns in `left` hold words, not numbers; a
    first column of words holds names, which are never broken; the row in `total` stands below a line."""
    table = Table(title=plain(title), caption=caption or None)
    for place, heading in enumerate(columns):
        justify: Literal["left", "right"] = "left" if heading in left else "right"
        table.add_column(plain(heading), justify=justify, overflow="fold", no_wrap=justify == "left" and not place)
    for row in rows:
        table.add_row(*(plain(cell(row)) for cell in columns.values()))
    if total is not None:
        table.add_section()
        table.add_row(*(plain(cell(total)) for cell in columns.values()))
    out.print(table)


def day(hours: float | None) -> str:
    """A time as the day after hour 0."""
    return "-" if hours is None else f"day {hours / 24:.1f}"


def share(number: float | None) -> str:
    """A share as a percentage."""
    return "-" if number is None else f"{number:.0%}"
