"""Common to all commands: the application, its consoles, and how numbers and tables are printed."""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import is_dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from inspect import Parameter, Signature, signature
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_origin, get_type_hints

import typer
from rich.box import HEAVY_HEAD, SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from nfm_sim.beside import rows_beside
from nfm_sim.in_words import UNKNOWN, day, length
from nfm_sim.limits import MOST_PROBLEMS
from nfm_sim.problems import InputError, NoRouteError, Problem, of_own_code, plain

INPUT_ERROR = 2
MOST_WORDS = 3
"""Of the documentation that an error names."""
AnyCommand = TypeVar("AnyCommand", bound=Callable[..., None])
CONTROLS = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
COMMON, KEYWORD = ("as_json", "quiet"), Parameter.KEYWORD_ONLY
"""The options of every command."""


class Output(Console):
    """Where answers go: in words, or where that is asked for, in JSON."""

    as_json = False


out = Output(markup=False, emoji=False, highlight=False)
err = Console(stderr=True, markup=False, emoji=False, highlight=False)

Row = Mapping[str, Any]


OPTIONS = {(row.get("command", ""), row["parameter"]): row for row in rows_beside(__file__, "options.csv")}
"""By command (the name of its function; "" of any) and parameter: what the command line calls it, and says of it."""


class Commands(typer.Typer):
    """Commands, whose options are told of in `options.csv`, and each of which can be told to be quiet, or to answer in
    JSON."""

    def command(self, *args: Any, without: Sequence[str] = (), **defaults: Any) -> Callable[[AnyCommand], AnyCommand]:
        """Register a command, with the options `--json` and `--quiet`. An argument that is a dataclass is made of its
        fields, each an option; but for those in `without`, and with other defaults."""
        register = super().command(*args)

        def add(function: AnyCommand) -> AnyCommand:
            register(_with_options(function, without, defaults))
            return function

        return add


def _with_options(function: Callable[..., None], without: Sequence[str], defaults: Row) -> Callable[..., None]:
    """A command with a signature from which typer reads its options."""
    types = get_type_hints(function, include_extras=True) | {"as_json": bool, "quiet": bool}
    made = {name: signature(types[name]).parameters for name in types if is_dataclass(types[name])}

    def run(*, quiet: bool, as_json: bool = False, **given: Any) -> None:
        out.quiet, out.as_json = quiet, as_json
        for name, needed in needs.items():
            if given[name] != usual[name] and all(given[other] == usual[other] for other in needed):
                others = " or ".join(_option(function.__name__, other) for other in needed)
                remedy = f"is read with {others} alone"
                value = "" if given[name] is True else given[name]
                raise InputError.of("nfm-sim", _option(function.__name__, name), value, remedy)
        for name, fields in made.items():
            given[name] = types[name](**{field: given.pop(field) for field in fields if field in given})
        function(**given)

    own, common = signature(function).parameters.values(), (Parameter(name, KEYWORD, default=False) for name in COMMON)
    for kind in [types[name] for name in made]:
        types |= get_type_hints(kind, include_extras=True)
    parameters = [
        of.replace(
            kind=KEYWORD,
            default=defaults.get(of.name, of.default),
            annotation=_told_of(function.__name__, of.name, types[of.name]),
        )
        for of in chain(own, *(fields.values() for fields in made.values()), common)
        if of.name not in (*made, *without)
    ]
    usual = {of.name: of.default for of in parameters}
    needs = {name: needed.split() for name in usual if (needed := _row(function.__name__, name).get("needs"))}
    run.__name__, run.__doc__ = function.__name__, function.__doc__
    run.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def _row(command: str, name: str) -> Row:
    """What the table says of a parameter."""
    return OPTIONS.get((command, name)) or OPTIONS.get(("", name), {})


def _option(command: str, name: str) -> str:
    """What the command line calls a parameter."""
    return _row(command, name).get("name") or f"--{name.replace('_', '-')}"


def _told_of(command: str, name: str, kind: Any) -> Any:
    """The type of a parameter, with what the table says of it."""
    row = _row(command, name)
    if not row or get_origin(kind) is Annotated:
        return kind
    bounds = {end: int(row[column]) for end, column in (("min", "least"), ("max", "most")) if column in row}
    about: dict[str, Any] = {**bounds, "metavar": row.get("metavar"), "help": row.get("help")}
    if row.get("name") == "argument":
        return Annotated[kind, typer.Argument(**about)]
    return Annotated[kind, typer.Option(*row.get("name", "").split(), **about)]


app = Commands(
    name="nfm-sim",
    help="Simulate NATO Force Model activation and allied transit through the Netherlands.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version  # of which no other command knows

        out.print(f"nfm_sim {version('nfm_sim')}")
        raise typer.Exit


@app.callback()
def _common(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    extend: Annotated[
        list[Path] | None,
        typer.Option(help="A Python file of your own that declares kinds with nfm_sim.extend; it is executed."),
    ] = None,
) -> None:
    """Simulate NATO Force Model activation and allied transit through the Netherlands."""
    for file in extend or ():
        _import(file.absolute())


def _import(file: Path) -> None:
    """Import a Python file of the user by its name, and hand it to worker processes whole."""
    from nfm_sim.study.workers import send_whole  # opening that room takes half a second

    known = sys.modules.get(file.stem)
    if known is not None and known.__file__ == str(file):
        return
    if not file.is_file() or file.suffix != ".py":
        raise InputError.of("nfm-sim", "--extend", file, "is no file; name a Python file of your own")
    there = find_spec(file.stem) if known is None else None
    if known is not None or (there is not None and there.origin != str(file)):
        raise InputError.of("nfm-sim", "--extend", file, "has the name of a Python module; rename it")
    sys.path.insert(0, str(file.parent))
    try:
        send_whole(import_module(file.stem))
    except InputError:
        raise
    except (Exception, SystemExit) as error:
        raise of_own_code(str(file), error, "cannot be imported") from None


def main() -> None:
    """Run the command line; wrong input ends with one clear message and exit status 2, and so does what is too much
    for this machine, wherever it shows."""
    try:
        app()
    except InputError as error:
        say_problems(error.problems)
        say_help(error.problems)
    except NoRouteError as error:
        complain(str(error))
    except tuple(TOO_MUCH) as error:
        remedy = next(words for kind, words in TOO_MUCH.items() if isinstance(error, kind))
        where, why = getattr(error, "filename", None) or "nfm-sim", getattr(error, "strerror", None) or str(error)
        complain(str(Problem(str(where), "", "", f"{remedy} ({why})" if why else remedy)))
    else:
        return
    sys.exit(INPUT_ERROR)


TOO_MUCH: Mapping[type[Exception], str] = {
    RecursionError: "an input is nested too deeply",
    OverflowError: "a number of an input is too large",
    MemoryError: "there is too little memory for this",
    BrokenExecutor: "a worker process was ended, as when memory runs out",
    OSError: "the system refuses this",
}


def people_look() -> bool:
    """Whether progress is to be shown."""
    return err.is_terminal and not out.quiet


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


def say_help(problems: Sequence[Problem]) -> None:
    """Say which words the documentation is to be asked for about the first problems of which it says something."""
    from nfm_sim.shipped import helps_with

    words = list(dict.fromkeys(filter(None, map(helps_with, problems[:MOST_PROBLEMS]))))[:MOST_WORDS]
    if words:
        complain(f"See {', '.join(f'`nfm-sim docs {word}`' for word in words)}")


def warn(problems: Sequence[Problem], strict: bool) -> None:
    """Print what is likely not meant; raise `InputError` of it when warnings are errors."""
    if strict and problems:
        raise InputError(problems)
    if not out.quiet:
        say_problems(problems, "warning: ")


def print_json(answer: object) -> None:
    """Print an answer as JSON; what steers a terminal stands in it as an escape of JSON."""
    print(CONTROLS.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(answer, indent=2, ensure_ascii=False)))


def answered(answer: object) -> bool:
    """Print an answer as JSON where that is asked for, and return whether it is."""
    if out.as_json:
        print_json(answer)
    return out.as_json


def own_command() -> str:
    """The command line as it was typed."""
    return shlex.join(["nfm-sim", *map(plain, sys.argv[1:])])


def say_written(files: Sequence[Path]) -> None:
    """Say which files were written."""
    if not answered([str(file) for file in files]):
        for file in files:
            say(f"Written: {file}")


def print_table(
    title: str,
    rows: Iterable[Row],
    columns: Mapping[str, str | Callable[[Row], str]],
    *,
    left: Iterable[str] = (),
    caption: str = "",
    total: Row | None = None,
) -> None:
    """Print a table, where it has rows: by heading, the key of a row or what the column says of it. The columns in
    `left` hold words, not numbers; the row in `total` stands below a line. Lines are broken between words, and a name
    never, while the console has room."""
    every = [*rows, *([] if total is None else [total])]
    cells = [[plain(str(row[of]) if isinstance(of, str) else of(row)) for of in columns.values()] for row in every]
    if not cells:
        return
    headings = [plain(heading) for heading in columns]
    lines = list(zip(headings, *cells, strict=True))
    room = out.width - len(lines) - 1
    ruled = _widths(lines, room - 2 * len(lines))
    widths = ruled or _widths(lines, room - len(lines))  # without rules a table is narrower
    box, beside = (HEAVY_HEAD, 1) if ruled else (SIMPLE_HEAD, 0)
    table = Table(title=plain(title), caption=caption or None, box=box, padding=(0, beside))
    for place, heading in enumerate(columns):
        justify: Literal["left", "right"] = "left" if heading in left else "right"
        width = widths[place] if widths else None
        table.add_column(headings[place], justify=justify, overflow="fold", width=width)
    for number, line in enumerate(cells, start=1):
        table.add_row(*line, end_section=total is not None and number == len(cells) - 1)
    out.print(table)


SHORT = 10
"""A cell of no more characters is never broken, as no name is: "day 14.8"."""


def _widths(columns: Sequence[Sequence[str]], room: int) -> list[int]:
    """The widths of columns in so much room: of each what must not be broken, and what is left to those that have more.
    Empty where it cannot be done."""
    unbroken = [
        chain(heading.split(), *([cell] if len(cell) <= SHORT else cell.split() for cell in cells))
        for heading, *cells in columns
    ]
    least = [max(map(len, words), default=1) for words in unbroken]
    most = [max(len(cell) for cell in cells) for cells in columns]
    spare = room - sum(least)
    if spare < 0:
        return []
    while spare and least != most:
        for place, wish in enumerate(most):
            if spare and least[place] < wish:
                least[place] += 1
                spare -= 1
    return least


def share(number: float | None) -> str:
    """A share as a percentage in a table; what is not quite all, or not quite nothing, is never shown as that."""
    if number is None:
        return "-"
    if 0 < number < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= number < 1 else f"{number:.0%}"


# The tables that commands print: `tables.csv` has their columns, and `captions.csv` what stands over and below.


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
