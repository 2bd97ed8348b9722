"""How replications are made, and the targets of precision that end them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Literal, TypedDict
from weakref import finalize

import numpy as np
import polars as pl

from nfm_sim.limits import MOST_REPLICATIONS
from nfm_sim.measures import KEPT, Measure
from nfm_sim.plan.draws import BLOCK, Sampling, read_sampling
from nfm_sim.problems import InputError, Problem, did_you_mean
from nfm_sim.scenario import Scenario
from nfm_sim.study.estimates import estimate_rows
from nfm_sim.study.quantities import BARE, UNITS, Quantity, quantity_of, read_quantity, rows_missing
from nfm_sim.study.study import Study
from nfm_sim.study.workers import BACKENDS


@dataclass(frozen=True)
class TargetState:
    """A target as a study stands: its row with the widest interval, whether it is met, and how many replications
    that likely needs (None: it is not known, as while too many values are censored); `gain` is how many times more
    independent replications would need (None: there are no whole blocks enough); `unit` is that of the estimate."""

    target: str
    row: str
    estimate: float | None
    half_width: float | None
    met: bool
    needed: int | None
    gain: float | None = None
    unit: str = ""


@dataclass(frozen=True)
class Progress:
    """How far studies are: replications done and asked for so far, over all of `folders`, and how far these are
    from the targets of precision. `nfm.open_study` tells what a folder holds by now."""

    done: int
    asked: int
    folders: Sequence[Path]
    targets: Sequence[TargetState] = ()


class Temporary:
    """A folder that goes when nothing that reads it is left."""

    def __init__(self) -> None:
        self.folder = Path(mkdtemp(prefix="nfm_sim-"))
        finalize(self, rmtree, self.folder, ignore_errors=True)


def folder_for(out: str | Path | None) -> tuple[Path, Temporary | None]:
    """Return the folder that is asked for; without one, a temporary one, and what keeps it in being."""
    if out is not None:
        return Path(out), None
    temporary = Temporary()
    return temporary.folder, temporary


class How(TypedDict, total=False):
    """How replications are made; nothing of it but `sampling` changes a number in the tables.

    - `sampling`: "stratified" (without it): in each block of 16 replications every owner of draws has one from each
      sixteenth of its distribution; or "independent".
    - `jobs`: worker processes; without it as many as there are cores, or none for a few replications.
    - `batch`: replications that are done, written and lost together; without it up to 16.
    - `backend`, `address`: "loky" (processes of this machine) or "dask", and the address of the cluster. Workers write
      to `out`, which all machines must see.
    - `keep`: the replications whose tables (spans, holdings, ...) are kept whole, or "all". Without it the first.
    - `answers`: the measures whose answers are made with the replications, and kept; without it all that a study keeps.
      Another is made when it is first asked for, of the replications simulated again, bit for bit what it had been.
    - `measures`: measures of your own, functions from a run to a table with a column `replication`, whose answers
      are kept too, under their names.
    - `progress`: called with a `Progress` after each batch.
    """

    sampling: str
    jobs: int | None
    batch: int | None
    backend: str
    address: str | None
    keep: Iterable[int] | Literal["all"]
    answers: Iterable[str]
    measures: Iterable[Measure]
    progress: Callable[[Progress], None] | None


def check_how(replications: int, how: How) -> None:
    """Raise ValueError for what cannot be asked."""
    if not 1 <= replications <= MOST_REPLICATIONS:
        raise ValueError(f"replications must be at least 1 and at most {MOST_REPLICATIONS}, not {replications}")
    for name in ("jobs", "batch"):
        number = how.get(name)
        if number is not None and (not isinstance(number, int) or number < 1):
            raise ValueError(f"{name} must be at least 1, not {number}")
    sampling_of(how)
    for name in how.get("answers", ()):
        if name not in KEPT:
            remedy = f"is no answer that studies keep{did_you_mean(name, KEPT)}; use some of {', '.join(KEPT)}"
            raise InputError.of("study", "answers", name, remedy)
    backend = how.get("backend", "loky")
    if backend not in BACKENDS:
        remedy = f"must be one of {', '.join(BACKENDS)}{did_you_mean(backend, BACKENDS)}"
        raise InputError.of("study", "backend", backend, remedy)


def also_asked(quantities: Iterable[Quantity], how: How) -> How:
    """With the answers that quantities are of, where answers are named."""
    if "answers" not in how:
        return how
    names = {*how["answers"], *(part.measure for quantity in quantities for part in quantity.parts)}
    return How(**{**how, "answers": [name for name in KEPT if name in names]})


def asked_alone(quantities: Iterable[Quantity], how: How, out: object = None) -> How:
    """Have no answers made but those that quantities are of, of studies that nobody else will see: they are kept in no
    folder, and `how` names none."""
    return how if out is not None or "answers" in how else also_asked(quantities, How(**how, answers=()))


def sampling_of(how: How) -> Sampling:
    """How the draws of replications go together. Raises `InputError` for what cannot be asked."""
    return read_sampling(how.get("sampling", Sampling.STRATIFIED))


def own_measures(how: How) -> dict[str, Measure]:
    """The user's own measures by name."""
    own: dict[str, Measure] = {}
    for measure in how.get("measures", ()):
        name = getattr(measure, "__name__", "")
        if not name.isidentifier() or name in own or name in KEPT:
            remedy = "must be functions with names of their own, which no measure of a study has"
            raise InputError.of("measures", "name", name, remedy)
        own[name] = measure
    return own


RELATIVE = -1.0
"""In place of a factor: the width is a part of the estimate."""
TARGET = r"(?P<of>.*?)\s*(?:±|\+-|\+/-)\s*(?P<width>\d+(?:\.\d+)?)\s*(?P<unit>h|d|%|)\s*"


@dataclass(frozen=True)
class Target:
    """A quantity, and how wide its interval may be to either side: in its unit, or as a part of the estimate."""

    text: str
    quantity: Quantity
    half_width: float
    relative: bool = False

    def state(self, study: Study, number: int, *, stops: bool = False) -> TargetState:
        """How far the first `number` replications of a study are from it, by the interval that every table of the study
        has; or by that on which it `stops`."""
        table = self.quantity.values(study).filter(pl.col("replication") < number)
        few = stops and number < BLOCKS_TO_STOP * BLOCK
        sampling = Sampling.INDEPENDENT if few else study.sampling
        rows = estimate_rows(table, self.quantity, sampling, controls=study.controls)
        if rows.is_empty():
            key = self.text.split("±")[0].strip()
            raise InputError.of("--until", key, "", "has no rows in this study; ask for what it has")
        over = [self._over(row["estimate"], row["half_width"]) for row in rows.rows(named=True)]
        worst = int(np.argmax(over))
        row = rows.row(worst, named=True)
        name = "/".join(str(row[name]) for name in self.quantity.by)
        needed = math.ceil(number * over[worst] ** 2) if over[worst] < MOST_OVER else None
        met = over[worst] <= 1
        unit = self.quantity.declared.unit
        return TargetState(self.text, name, row["estimate"], row["half_width"], met, needed, row["gain"], unit)

    def _over(self, estimate: float | None, half_width: float | None) -> float:
        """How many times as wide an interval is as it may be."""
        if estimate is None or half_width is None:
            return math.inf
        if half_width == 0:
            return 0.0
        allowed = self.half_width * abs(estimate) if self.relative else self.half_width
        return half_width / allowed if allowed else math.inf


BLOCKS_TO_STOP = 10
"""With fewer blocks of stratified replications, a study that stops would stop where these happen to agree: until then
each replication counts alone. When it has ended, what it says of a target is what its tables say."""
MOST_OVER = 1e6
"""An interval that is so many times too wide needs more replications than anyone can make."""


def read_targets(texts: Iterable[str], scenario: Scenario | None = None) -> list[Target]:
    """Read targets such as "closure.median ±6h" or "ready_by_deadline ±0.03"; raise `InputError` with all faults, those
    of rows that the scenario does not have among them."""
    targets: list[Target] = []
    problems: list[Problem] = []
    for text in texts:
        try:
            match = re.fullmatch(TARGET, text)
            quantity = read_quantity(match["of"], "--until") if match else quantity_of(None, text, "--until")
            assert match is not None
            width, relative = _width(match, quantity, text)
            targets.append(Target(text.replace("+/-", "±").replace("+-", "±"), quantity, width, relative))
            problems += rows_missing(quantity, scenario, "--until") if scenario is not None else []
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return targets


def _width(match: re.Match[str], quantity: Quantity, text: str) -> tuple[float, bool]:
    """Return how wide an interval may be to either side, and whether that is a part of the estimate."""
    declared, unit, width = quantity.declared, match["unit"], float(match["width"])
    units = {"": 1.0, **UNITS.get(declared.unit, BARE)}
    units.setdefault("%", RELATIVE)
    if unit not in units:
        known = " or ".join(f"±3{name}" for name in units)
        what = f"is in {declared.unit}" if declared.unit else "has no unit"
        remedy = f"asks for ±{match['width']}{unit} of {quantity.column}, which {what}; write it as {known}"
        raise InputError.of("--until", text, "", remedy)
    if width <= 0 or not math.isfinite(width):
        raise InputError.of("--until", text, "", "must allow more than 0 to either side")
    if declared.share and width * units[unit] >= 1:
        raise InputError.of("--until", text, "", "allows more than a share can differ; write it as ±3% or ±0.03")
    if units[unit] == RELATIVE:
        return width / 100, True
    return width * units[unit], False


def next_number(states: Sequence[TargetState], done: int, most: int, met_before: bool = False, step: int = 1) -> int:
    """Return the number of replications to have next; the number that there is when it is enough.

    While targets are open it is what the worst of them likely needs, but no more than twice what there is. Once
    all are met it is a tenth more, and enough only when they still are: a study that stopped at the first look
    would stop where the spread happens to look small, and its intervals would hold the truth too rarely (Hoad,
    Robinson and Davies 2010, J. Oper. Res. Soc. 61:1632). It depends on the data alone, so that a study that was
    stopped goes the same way. It is a multiple of `step`, the replications that count together.
    """
    needed = [state.needed for state in states if not state.met]
    if not needed and met_before:
        return done
    likely = max((2 * done if n is None else math.ceil(1.05 * n) for n in needed), default=done + math.ceil(done / 10))
    number = max(done + 10, min(2 * done, likely))
    return min(most, math.ceil(number / step) * step)
