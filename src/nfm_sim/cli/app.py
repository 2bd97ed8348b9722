"""What the commands share: the application, its consoles, options, and how numbers are printed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

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


def day(hours: float | None) -> str:
    return "-" if hours is None else f"day {hours / 24:.1f}"


def share(number: float | None) -> str:
    return "-" if number is None else f"{number:.0%}"
