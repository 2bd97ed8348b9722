"""Targets of precision: how sure an answer is to be before a study stops."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from nfm_sim.plan.draws import BLOCK, Sampling
from nfm_sim.problems import InputError, Problem, gathered, refuse
from nfm_sim.scenario import Scenario
from nfm_sim.study.asked import read_quantity, rows_missing
from nfm_sim.study.estimates import estimate_rows
from nfm_sim.study.events import BARE, UNITS
from nfm_sim.study.quantities import READS, Quantity
from nfm_sim.study.study import Study


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


RELATIVE = -1.0
"""In place of a factor: the width is a part of the estimate."""
OF_A_SHARE = "±3% or ±0.03"
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
            remedy = "has no rows in this study; ask for what it has"
            raise InputError.of("--until", self.text.partition("±")[0].strip(), "", remedy)
        over = [self._over(row["estimate"], row["half_width"]) for row in rows.rows(named=True)]
        worst = int(np.argmax(over))
        row = rows.row(worst, named=True)
        name, unit = "/".join(str(row[name]) for name in self.quantity.by), self.quantity.declared.unit
        needed = math.ceil(number * over[worst] ** 2) if over[worst] < MOST_OVER else None
        met, numbers = over[worst] <= 1, (row["estimate"], row["half_width"])
        return TargetState(self.text, name, *numbers, met, needed, row["gain"], unit)

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
        with gathered(problems):
            match = re.fullmatch(TARGET, text)
            if match is None:
                raise InputError.of("--until", text, "", READS)
            quantity = read_quantity(match["of"], "--until")
            width, relative = _width(match, quantity, text)
            targets.append(Target(text.replace("+/-", "±").replace("+-", "±"), quantity, width, relative))
            problems += rows_missing(quantity, scenario, "--until") if scenario is not None else []
    refuse(problems)
    return targets


def _width(match: re.Match[str], quantity: Quantity, text: str) -> tuple[float, bool]:
    """Return how wide an interval may be to either side, and whether that is a part of the estimate."""
    declared, unit, width = quantity.declared, match["unit"], float(match["width"])
    units = {"": 1.0, **UNITS.get(declared.unit, BARE)}
    units.setdefault("%", RELATIVE)
    if unit not in units:
        known = OF_A_SHARE if declared.share else " or ".join(f"±3{name}" for name in units)
        what = "is a share" if declared.share else f"is in {declared.unit}" if declared.unit else "has no unit"
        remedy = f"asks for ±{match['width']}{unit} of {quantity.column}, which {what}; write it as {known}"
        raise InputError.of("--until", text, "", remedy)
    if width <= 0 or not math.isfinite(width):
        raise InputError.of("--until", text, "", "must allow more than 0 to either side")
    if declared.share and width * units[unit] >= 1:
        raise InputError.of("--until", text, "", f"allows more than a share can differ; write it as {OF_A_SHARE}")
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
