"""Problems: faults of an input, said so that its author can remedy them.

Every reader collects `Problem`s and raises one `InputError` with all of them, so that a file is mended in
one go and not error by error. What is not wrong but likely not meant is a `Problem` too; who asks for a scenario's
warnings gets them.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from traceback import extract_tb, format_exception_only

MOST_SHOWN = 120
"""Characters of a name or value that a message shows."""
STEERS = {"Cc", "Cs", "Zl", "Zp"}
"""Unicode categories of characters that steer a terminal, or cannot be written."""
TURNS = {*"\u061c\u200e\u200f", *map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}
"""Characters that turn the direction of text, and so can make it read as something else."""


def plain(text: str) -> str:
    """Return a text as a terminal or a figure may show it: what steers them is written out, as "\\x1b".

    >>> plain("red \\x1b[31m")
    'red \\\\x1b[31m'
    """
    if text.isprintable():
        return text
    steering = {char for char in text if unicodedata.category(char) in STEERS or char in TURNS}
    return text.translate({ord(char): char.encode("unicode_escape").decode("ascii") for char in steering})


def shown(text: str, most: int = MOST_SHOWN) -> str:
    """Return a text as a message shows it: plain, and without the middle of a long one."""
    if len(text) > most:
        half = most // 2
        text = f"{text[:half]}...{text[-half:]}"
    return plain(text)


def counted(number: int, what: str) -> str:
    """Return a number of things in words: "1 link", "2,000 links"."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def some_of(names: Iterable[str], most: int = 5) -> str:
    """Return names in words: the first, and how many more there are."""
    names = list(names)
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in an input file: where it stands, what stands there, and how to remedy it."""

    file: str
    key: str
    value: str
    remedy: str
    page: str = field(default="", compare=False)
    """Of the documentation, which tells of such files; empty where the file itself says it."""

    def __str__(self) -> str:
        value = f'"{shown(self.value)}"' if self.value else ""
        words = " ".join(filter(None, (shown(self.key), value, shown(self.remedy, 1_000))))
        return f"{shown(self.file, 300)}: {words}"


class InputError(ValueError):
    """An input cannot be used. `problems` holds every fault found, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    @classmethod
    def of(cls, file: object, key: str, value: object, remedy: str) -> InputError:
        """The error of one fault."""
        return cls([Problem(str(file), key, str(value), remedy)])

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Problem, ...]]]:
        """Travel between processes with the problems, not with the text alone."""
        return type(self), (self.problems,)


def of_own_code(own: object, error: BaseException, what: str) -> InputError:
    """The error of what a user's own function, or file, raised, with the last line of it that it went through."""
    file = own if isinstance(own, str) else getattr(getattr(own, "__code__", None), "co_filename", "nfm_sim")
    lines = [line for path, line, *_ in extract_tb(error.__traceback__) if path == file]
    if isinstance(error, SyntaxError) and error.filename == file:
        lines = [error.lineno or 0]
    why = "".join(format_exception_only(error)[-1:]).strip()
    return InputError.of(file, f"line {lines[-1]}" if lines else "", "", f"{what} ({why})")


def refuse(problems: Iterable[Problem]) -> None:
    """Raise `InputError` with all of these problems, if there are any."""
    if problems := tuple(problems):
        raise InputError(problems)


@contextmanager
def gathered(problems: list[Problem]) -> Iterator[None]:
    """Gather what is wrong here, and go on after it, so that all that is wrong is told at once."""
    try:
        yield
    except InputError as error:
        problems += error.problems


@contextmanager
def explained_by(page: str) -> Iterator[None]:
    """Have what is wrong here name the page of the documentation that tells of such files."""
    try:
        yield
    except InputError as error:
        raise InputError(replace(problem, page=page) for problem in error.problems) from None


class NoRouteError(ValueError):
    """There is no way between two nodes by a mode."""


def one_of(known: Iterable[str], name: str, file: str, key: str) -> str:
    """Return a name that is one of those that are known. Raises `InputError` for what is none."""
    if name not in (names := [*known]):
        raise InputError.of(file, key, name, f"must be one of {', '.join(names)}{did_you_mean(name, names)}")
    return name


def did_you_mean(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """Return ' (did you mean "..."?)' for the known name nearest to `name`, or '' when none is near.

    It never offers the name itself.
    """
    by_lower = {candidate.lower(): candidate for candidate in known if candidate != name}
    near = difflib.get_close_matches(name[:MOST_SHOWN].lower(), by_lower, n=1, cutoff=cutoff)
    return f' (did you mean "{shown(by_lower[near[0]])}"?)' if near else ""
