"""Problems: faults of an input, said so that its author can remedy them.

Every reader collects `Problem`s and raises one `InputError` with all of them, so that a file is mended in
one go and not error by error.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in an input file: where it stands, what stands there, and how to remedy it."""

    file: str
    key: str
    value: str
    remedy: str

    def __str__(self) -> str:
        value = f'"{self.value}"' if self.value else ""
        return f"{self.file}: " + " ".join(filter(None, (self.key, value, self.remedy)))


class InputError(ValueError):
    """An input cannot be used. `problems` holds every fault found, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Problem, ...]]]:
        """Travel between processes with the problems, not with the text alone."""
        return type(self), (self.problems,)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ' (did you mean "..."?)' for the known name nearest to `name`, or '' when none is near."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    near = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.5)
    return f' (did you mean "{by_lower[near[0]]}"?)' if near else ""
