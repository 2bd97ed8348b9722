"""Say what pydantic finds wrong with a scenario as all faults are said: key, value and remedy."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from nfm_sim.beside import rows_beside
from nfm_sim.problems import Problem, did_you_mean
from nfm_sim.scenario.changes import join_path
from nfm_sim.scenario.model import Fields

REMEDIES = rows_beside(__file__, "faults.csv")
"""What the kinds of faults of pydantic begin with, each with its remedy; the first that fits counts."""
ELSE = "is not what stands here in a scenario; see `nfm-sim schema`"


def problems_of(file: str, faults: Iterable[ErrorDetails], of: type[BaseModel] = Fields) -> list[Problem]:
    """Return the faults that pydantic found as problems of a file; equal ones of many entries once, with their
    number. `of` is the model of the file."""
    together: dict[tuple[str, ...], list[Problem]] = {}
    for fault in faults:
        problem = _problem(file, fault, of)
        entry, _, rest = problem.key.partition(".")[2].partition(".")
        same = (problem.key.partition(".")[0], rest or entry, problem.value, problem.remedy)
        together.setdefault(same, []).append(problem)
    return [problem for same in together.values() for problem in _once(same)]


FEW = 5


def _once(same: Sequence[Problem]) -> list[Problem]:
    """Equal faults as they are when they are few, else the first with the number of the others."""
    if len(same) <= FEW:
        return list(same)
    first, others = same[0], len(same) - 1
    return [Problem(first.file, first.key, first.value, f"{first.remedy} (and so {others:,} others)")]


def place_of(fault: ErrorDetails) -> list[int | str]:
    """The steps of the key that has a fault."""
    path = [step for step in fault["loc"] if step != "[key]"]
    if path[:2] == ["activation", "stages"]:
        del path[3:4]  # the kind of the stage, which is no key of the file
    return path


def _problem(file: str, fault: ErrorDetails, of: type[BaseModel]) -> Problem:
    """Say a fault that pydantic found as ours are said."""
    path = place_of(fault)
    kind, context = fault["type"], fault.get("ctx", {})
    value = "" if kind == "missing" or isinstance(fault["input"], dict | list) else str(fault["input"])
    if kind == "value_error":
        remedy = str(context["error"])
    elif kind == "extra_forbidden":
        value, remedy = "", f"is not a known key{did_you_mean(str(path[-1]), keys_at(path[:-1], of))}"
    elif kind == "literal_error":
        known = re.findall("'([^']*)'", context["expected"])
        remedy = f"must be one of {', '.join(known)}{did_you_mean(value, known)}"
    elif kind == "float_type" and isinstance(fault["input"], date):
        remedy = "must be a number; a date stands in `g_day` alone, and days count from it"
    else:
        remedy = next((row["remedy"] for row in REMEDIES if kind.startswith(row["begins"])), ELSE).format(**context)
    return Problem(file, join_path(map(str, path)), value, remedy)


def keys_at(path: Sequence[int | str], of: type[BaseModel] = Fields) -> set[str]:
    """The keys that a table at a path may have."""
    models = {of}
    for step in path:  # names and numbers of entries lead no further
        fields = [model.model_fields[step] for model in models if step in model.model_fields]
        models = {inner for field in fields for inner in _models(field.annotation)} or models
    return {key for model in models for key in model.model_fields}


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that an annotation names."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def deepest(faults: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """Leave out a fault that only follows from one inside it, such as a list left empty by its bad items."""
    inside = {fault["loc"][:depth] for fault in faults for depth in range(len(fault["loc"]))}
    return [fault for fault in faults if fault["loc"] not in inside]
