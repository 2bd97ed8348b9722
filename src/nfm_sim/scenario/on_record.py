"""What is on record of real operations, each beside the scenario that should give it."""

from __future__ import annotations

from math import log
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, model_validator

from nfm_sim.limits import MOST_AMOUNT, MOST_PIECES, MOST_TEXT
from nfm_sim.problems import Problem, did_you_mean, explained_by, gathered, refuse
from nfm_sim.scenario.files import read_model, read_scenario, read_toml
from nfm_sim.scenario.scenario import Scenario
from nfm_sim.scenario.values import NUMBER, Model, Text, bounds, read_distribution

CLOSED = "closed_days"
"""The number of an operation that is predicted from the others."""
PRIORS = "priors.toml"
"""Beside the records: what is asked of them."""
LEAST_DOUBT = 0.1
"""Of a number on record, in logarithms: reports count differently what they count. Assumed."""
Number = Annotated[float, bounds(0, MOST_AMOUNT), NUMBER]


class Observed(Model):
    """A number as it is on record: from least to most, as reports differ or round."""

    range: tuple[Number, Number]
    source: Text = ""

    @model_validator(mode="after")
    def _rises(self) -> Observed:
        if not 0 < self.range[0] <= self.range[1]:
            raise ValueError("must have a range from low to high, above 0")
        return self

    @property
    def middle(self) -> float:
        """The middle of its range."""
        return sum(self.range) / 2

    @property
    def doubt(self) -> float:
        """How far it may be off, as a logarithm: half the width of its range, and a tenth at least."""
        low, high = self.range
        return max(log(high / low) / 2, LEAST_DOUBT)


class OnRecord(Model):
    """What is on record of an operation."""

    title: Text
    scenario: str
    """The scenario that should give it, from the record's own folder."""
    source: Annotated[str, Field(max_length=10 * MOST_TEXT)]
    pieces: Annotated[int, bounds(1, MOST_PIECES), NUMBER]
    ports: Annotated[int, bounds(1, MOST_PIECES), NUMBER] = 1
    """Ports or railheads over which it went."""
    direction: Literal["in", "out", "own", "deployed", ""] = ""
    """A rotation that comes in or goes out, one of our own, or a force that is sent to a war; "" where none is said."""
    not_on_record: Annotated[str, Field(max_length=10 * MOST_TEXT)] = ""
    """What a reader would expect and nobody has published."""
    observed: dict[str, Observed] = {}
    """By column of `nfm.measures.operation`."""


class Case(NamedTuple):
    """An operation on record, and the scenario that should give it."""

    record: OnRecord
    scenario: Scenario


def read_cases(folder: str | Path, known: tuple[str, ...] = ()) -> dict[str, Case]:
    """Read the records of a folder, by the names of their files, each with its scenario.

    `known` are the numbers that a record may have. Nothing is executed, written or fetched. Raises `InputError` with
    the faults of all files.
    """
    files = sorted(file for file in Path(folder).glob("*.toml") if file.name != PRIORS)
    problems: list[Problem] = []
    cases: dict[str, Case] = {}
    if not files:
        problems.append(Problem(str(folder), "", "", "is no folder with records (TOML files)"))
    for file in files:
        with gathered(problems):
            record = read_record(file, known)
            cases[file.stem] = Case(record, read_scenario(file.parent / record.scenario))
    refuse(problems)
    return cases


@explained_by("records")
def read_record(file: Path, known: tuple[str, ...] = ()) -> OnRecord:
    """Read what is on record of one operation. Raises `InputError` with all that is wrong with the file."""
    record = read_model(file, OnRecord)
    problems = []
    if not (file.parent / record.scenario).is_file():
        remedy = "must name a file, from the record's own folder"
        problems.append(Problem(str(file), "scenario", record.scenario, remedy))
    for name in record.observed:
        if known and name not in known:
            remedy = f"is no number of an operation{did_you_mean(name, known)}; it has {', '.join(known)}"
            problems.append(Problem(str(file), f"observed.{name}", "", remedy))
    refuse(problems)
    return record


@explained_by("records")
def read_priors(folder: str | Path) -> dict[str, Any]:
    """Return by dotted path what was thought of each input before any record was looked at: the distributions in
    `priors.toml` of the folder; empty without one.

    >>> nfm.study.read_priors("records")["programmes.rotation_in.window_days"]
    {'uniform': [7, 60]}
    """
    file = Path(folder) / PRIORS
    if not file.exists():
        return {}
    data = read_toml(file)
    problems = []
    for path, value in data.items():
        try:
            read_distribution(value)
        except ValueError as error:
            problems.append(Problem(str(file), path, "", str(error)))
    refuse(problems)
    return data
