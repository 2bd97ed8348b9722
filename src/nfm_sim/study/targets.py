"""Targets of precision: how sure an answer is to be before a study stops."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from unicodedata import is_normalized, normalize

import numpy as np
import polars as pl

from nfm_sim.measures import COLUMNS, KEPT
from nfm_sim.measures.columns import Column
from nfm_sim.plan.draws import BLOCK, Sampling
from nfm_sim.problems import InputError, Problem, did_you_mean
from nfm_sim.scenario import Scenario
from nfm_sim.study.estimates import STATISTICS, estimate, statistic_of
from nfm_sim.study.how import TargetState
from nfm_sim.study.study import Study

ALIASES: dict[str, tuple[str, str, tuple[str, ...] | None]] = {
    "closure": ("closure", "last_h", None),
    "ready_by_deadline": ("readiness", "on_time", ("tier",)),
    "ready": ("readiness", "ready_h", None),
    "in_place": ("readiness", "in_place_h", None),
    "effective": ("readiness", "effective_h", None),
}
"""Short names of the answers that are asked for most: measure, column, and what their rows are about where that is
not what the rows of the measure are about."""
RELATIVE = -1.0
"""In place of a factor: the width is a part of the estimate."""
UNITS: Mapping[str, Mapping[str, float]] = {
    "h": {"": 1.0, "h": 1.0, "d": 24.0, "%": RELATIVE},
    "days": {"": 1.0, "d": 1.0, "h": 1 / 24, "%": RELATIVE},
    "share": {"": 1.0, "%": 0.01},
    "ratio": {"": 1.0, "%": 0.01},
}
"""By the unit of a column: the units that a width of it may have, each as a factor."""
OTHER: Mapping[str, float] = {"": 1.0, "%": RELATIVE}
QUANTITY = r"\s*(?P<answer>\w+)(?:\.(?P<rest>[\w.]+))?(?:\[(?P<rows>[^\]]*)\])?(?:\.(?P<after>\w+))?\s*"
TARGET = QUANTITY + r"(?:±|\+-|\+/-)\s*(?P<width>\d+(?:\.\d+)?)\s*(?P<unit>h|d|%|)\s*"


@dataclass(frozen=True)
class Quantity:
    """A number that replications estimate: a statistic of a column of an answer, for each row or for one."""

    measure: str
    column: str
    by: tuple[str, ...]
    statistic: str
    only: tuple[str, ...] = ()
    named_by: tuple[str, ...] = field(default=(), repr=False)
    """The columns that name the rows in `only`; `by`, unless these are taken together."""

    @property
    def declared(self) -> Column:
        """The declaration of its column, as the measure gives it; a column of a measure of the user's own is a bare
        number."""
        return COLUMNS.get(self.measure, {}).get(self.column, Column())

    def of(self, study: Study, confidence: float = 0.95) -> pl.DataFrame:
        """Estimate it: a row for each group, as `estimate` gives them."""
        return self.estimate(self.values(study), study.sampling, confidence)

    def estimate(self, values: pl.DataFrame, sampling: str, confidence: float = 0.95) -> pl.DataFrame:
        """Estimate it of these rows of the answer."""
        return estimate(
            values,
            self.column,
            by=self.by,
            statistic=self.statistic,
            confidence=confidence,
            share=self.declared.share or None,
            sampling=sampling,
        )

    def values(self, study: Study) -> pl.DataFrame:
        """The rows of the answer that it is about."""
        table = study.scan(self.measure).collect()
        if self.only:
            text = pl.concat_str([pl.col(name).cast(pl.String) for name in self.named_by], separator="/")
            table = table.filter(text.is_in(self.only))
        return table


@dataclass(frozen=True)
class Target:
    """A quantity, and how wide its interval may be to either side: in its unit, or as a part of the estimate."""

    text: str
    quantity: Quantity
    half_width: float
    relative: bool = False

    def state(self, study: Study, number: int) -> TargetState:
        """How far the first `number` replications of a study are from it."""
        table = self.quantity.values(study).filter(pl.col("replication") < number)
        enough = number >= BLOCKS_TO_STOP * BLOCK
        rows = self.quantity.estimate(table, study.sampling if enough else Sampling.INDEPENDENT)
        if rows.is_empty():
            key = self.text.split("±")[0].strip()
            raise InputError([Problem("--until", key, "", "has no rows in this study; ask for what it has")])
        over = [self._over(row["estimate"], row["half_width"]) for row in rows.rows(named=True)]
        worst = int(np.argmax(over))
        row = rows.row(worst, named=True)
        name = "/".join(str(row[name]) for name in self.quantity.by)
        needed = math.ceil(number * over[worst] ** 2) if over[worst] < MOST_OVER else None
        met = over[worst] <= 1
        return TargetState(self.text, name, row["estimate"], row["half_width"], met, needed, row["gain"])

    def _over(self, estimate: float | None, half_width: float | None) -> float:
        """How many times as wide an interval is as it may be."""
        if estimate is None or half_width is None:
            return math.inf
        if half_width == 0:
            return 0.0
        allowed = self.half_width * abs(estimate) if self.relative else self.half_width
        return half_width / allowed if allowed else math.inf


TIERS = ("1", "2", "3")
BLOCKS_TO_STOP = 10
"""With fewer blocks of stratified replications, a study that stops would stop where these happen to agree: until then
each replication counts alone."""
MOST_OVER = 1e6
"""An interval that is so many times too wide needs more replications than anyone can make."""


def read_quantity(text: str, where: str = "quantity") -> Quantity:
    """Read "answer", "answer.column", "answer.column.statistic" or "answer.statistic", with the rows in brackets:
    "closure.median", "readiness.ready_h[13_brigade].p90". Raises `InputError`.

    >>> nfm.study.read_quantity("closure.median")
    Quantity(measure='closure', column='last_h', by=('flow',), statistic='median', only=())
    """
    return _read(re.fullmatch(QUANTITY, text), text, where)


def rows_missing(quantity: Quantity, scenario: Scenario, where: str) -> list[Problem]:
    """Return which rows that a quantity asks for a scenario does not have, before anything is simulated."""
    tiers = {str(element.tier): None for element in scenario.elements.values() if element.tier is not None}
    offered = {name: None for name, element in scenario.elements.items() if element.tier is not None}
    rows: Mapping[str, tuple[str, Iterable[str]]] = {
        "flow": ("flow", scenario.flows),
        "tier": ("tier", tiers),
        "element": ("element with a tier", offered),
        "formation": ("formation", scenario.formations),
    }
    if len(quantity.by) != 1 or quantity.by[0] not in rows:
        return []
    what, known = rows[quantity.by[0]]
    names = list(known)
    if not names:
        return [Problem(where, quantity.measure, "", f"asks for each {what}, and {scenario.file} has none")]
    return [
        Problem(where, f"{quantity.measure}[{row}]", "", f"is no {what} of {scenario.file}{did_you_mean(row, names)}")
        for row in quantity.only
        if row not in names
    ]


def read_targets(texts: Iterable[str], scenario: Scenario | None = None) -> list[Target]:
    """Read targets such as "closure.median ±6h" or "ready_by_deadline ±0.03"; raise `InputError` with all faults, those
    of rows that the scenario does not have among them."""
    targets: list[Target] = []
    problems: list[Problem] = []
    for text in texts:
        try:
            match = re.fullmatch(TARGET, text)
            quantity = _read(match, text, "--until")
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
    units = UNITS.get(declared.unit, OTHER)
    if unit not in units:
        known = " or ".join(f"±3{name}" for name in units)
        what = f"is in {declared.unit}" if declared.unit else "has no unit"
        remedy = f"asks for ±{match['width']}{unit} of {quantity.column}, which {what}; write it as {known}"
        raise InputError([Problem("--until", text, "", remedy)])
    if width <= 0 or not math.isfinite(width):
        raise InputError([Problem("--until", text, "", "must allow more than 0 to either side")])
    if declared.share and width * units[unit] >= 1:
        raise InputError(
            [Problem("--until", text, "", "allows more than a share can differ; write it as ±3% or ±0.03")]
        )
    if units[unit] == RELATIVE:
        return width / 100, True
    return width * units[unit], False


def _read(match: re.Match[str] | None, text: str, where: str) -> Quantity:
    if match is not None and not is_normalized("NFC", text):  # names of files are composed
        return _read(re.fullmatch(match.re, normalize("NFC", text)), normalize("NFC", text), where)
    if match is None:
        remedy = 'must read like "closure.median ±6h" or "ready_by_deadline ±3%"'
        raise InputError([Problem(where, text, "", remedy)])
    answer, rest = match["answer"], [*(match["rest"] or "").split("."), match["after"] or ""]
    words = [word for word in rest if word]
    known = list(dict.fromkeys([*ALIASES, *KEPT]))
    measure, column, about = ALIASES.get(answer, (answer, "", None))
    statistic = "mean"
    if words and _is_statistic(words[-1]):
        statistic = words.pop()
    if words:
        column = words.pop(0)
    if measure not in KEPT and answer not in ALIASES and not column:
        remedy = f"is no answer of a study{did_you_mean(answer, known)}; use one of {', '.join(known)}"
        raise InputError([Problem(where, answer, "", remedy)])
    if words or not column:
        remedy = f"must name a column of the answer and a statistic ({STATISTICS}), as closure.last_h.median"
        raise InputError([Problem(where, text, "", remedy)])
    columns = COLUMNS.get(measure, {}) if measure in KEPT else {}
    if columns and column not in columns:
        remedy = f"is no column of {measure}{did_you_mean(column, columns)}; it has {', '.join(columns)}"
        raise InputError([Problem(where, f"{answer}.{column}", "", remedy)])
    only = tuple(row.strip() for row in (match["rows"] or "").split(",") if row.strip())
    by = about or tuple(name for name, kind in columns.items() if kind.key)
    if only and answer == "ready_by_deadline":
        by = ("tier",) if all(row in TIERS for row in only) else ("element",)
    return Quantity(measure, column, by, statistic, only, named_by=by)


def _is_statistic(word: str) -> bool:
    try:
        statistic_of(word)
    except ValueError:
        return False
    return True


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
