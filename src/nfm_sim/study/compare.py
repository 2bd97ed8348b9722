"""Comparisons: several scenarios on the same random draws, and the difference that a change makes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Unpack

import numpy as np
import polars as pl
from scipy import special

from nfm_sim.cards import card
from nfm_sim.plan.draws import Sampling
from nfm_sim.problems import InputError, Problem, did_you_mean
from nfm_sim.scenario import Scenario
from nfm_sim.study.code import code_of
from nfm_sim.study.estimates import check_confidence, each_confidence, estimate_rows, holm, per_replication
from nfm_sim.study.how import How, Temporary, check_how, own_measures, sampling_of
from nfm_sim.study.intervals import Floats, Sample, mean_interval, quantile_interval
from nfm_sim.study.quantities import Quantity, read_quantity, statistic_of
from nfm_sim.study.records import ComparisonRecord, inside, read_record
from nfm_sim.study.replicate import complete_until
from nfm_sim.study.store import GO_ON, Store
from nfm_sim.study.study import Study, open_study
from nfm_sim.study.targets import read_targets
from nfm_sim.writing import file_names, write_whole, writing

COMPARISON = "comparison.json"


class Comparison(Mapping[str, Study]):
    """Studies by name, on the same seed and replications; the first is the base. `changes` says, where it is
    known, what each changes of the scenario."""

    def __init__(self, studies: Mapping[str, Study], changes: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        self._studies = dict(studies)
        self.changes = dict(changes or {})
        seeds = {name: study.seed for name, study in studies.items()}
        if len(set(seeds.values())) != 1:
            raise ValueError(f"studies are compared on one seed, these have {seeds or 'no studies'}")

    def __getitem__(self, name: str) -> Study:
        return self._studies[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._studies)

    def __len__(self) -> int:
        return len(self._studies)

    def __repr__(self) -> str:
        number = min(len(study.replications) for study in self.values())
        return f"<Comparison of {', '.join(self)}: {number} replications each>"

    def _repr_html_(self) -> str:
        changed = {name: [f"{path} = {value}" for path, value in those.items()] for name, those in self.changes.items()}
        facts = {name: "; ".join(changed.get(name, ())) or "as it is" for name in self}
        number = min(len(study.replications) for study in self.values())
        return card("Comparison", f"{number} replications each, on the same random draws", facts)

    @property
    def base(self) -> str:
        """The name of the study that the others are compared with."""
        return next(iter(self))

    def estimates(self, quantity: str = "closure", *, confidence: float = 0.95) -> pl.DataFrame:
        """Estimate a quantity in each study: its name, and the columns of `nfm.estimate`."""
        asked = read_quantity(quantity)
        return pl.concat(
            estimate_rows(asked.values(study), asked, study.sampling, confidence).select(
                pl.lit(name).alias("study"), pl.all()
            )
            for name, study in self.items()
        )

    def difference(
        self, quantity: str = "closure", *, against: str | None = None, confidence: float = 0.95
    ) -> pl.DataFrame:
        """Return what each study differs by from the base, or from the one that is named: paired, replication by
        replication, because both had the same random draws.

        A quantity is an answer with a column and a statistic: "closure" (mean of last_h), "closure.last_h.median"
        (the median of the differences), "ready_by_deadline". Columns: study; what its rows are about (flow, tier);
        pairs; reached_share (pairs of which both are known); before and after (means or medians); difference
        (after minus before, in its unit) with low and high, which hold for all rows together with this confidence
        (Bonferroni); gain: how many times more replications independent runs would need for the same precision;
        p_value (Holm). Null where it is not known: a mean of which one of a pair was not reached, a gain without
        spread.
        """
        return compare_quantity(self, read_quantity(quantity), self._named(against or self.base), confidence)

    def _named(self, name: str) -> str:
        if name not in self:
            raise InputError(
                [Problem("comparison", "against", name, f"is none of the studies{did_you_mean(name, self)}")]
            )
        return name


DIFFERENCE = {
    "pairs": pl.Int64,
    "reached_share": pl.Float64,
    "before": pl.Float64,
    "after": pl.Float64,
    "difference": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "unit": pl.String,
    "gain": pl.Float64,
    "p_value": pl.Float64,
}


def compare_quantity(studies: Mapping[str, Study], asked: Quantity, base: str, confidence: float) -> pl.DataFrame:
    """Return the paired differences of a quantity from the base, as `Comparison.difference` does."""
    check_confidence(confidence)
    samplings = {study.sampling for study in studies.values()}
    sampling = samplings.pop() if len(samplings) == 1 else Sampling.INDEPENDENT
    pairs = [
        (name, key, Sample.of(before, numbers, sampling), Sample.of(after, numbers, sampling))
        for name in studies
        if name != base
        for key, before, after, numbers in _pairs(asked, studies[base], studies[name])
    ]
    each = each_confidence(confidence, len(pairs))
    rows = [_compared(name, key, before, after, asked, each) for name, key, before, after in pairs]
    adjusted = holm([row[-1] for row in rows])
    kinds = studies[base].scan(asked.measure).collect_schema()
    schema = {"study": pl.String} | {name: kinds[name] for name in asked.by} | DIFFERENCE
    known = [(*map(_known, row[:-1]), _known(p)) for row, p in zip(rows, adjusted, strict=True)]
    return pl.DataFrame(known, schema=schema, orient="row")


def _pairs(asked: Quantity, one: Study, other: Study) -> Iterator[tuple[tuple[object, ...], Floats, Floats, list[int]]]:
    """The values of both studies in the replications that both have, and their numbers, by group of rows."""
    both = sorted(set(one.replications) & set(other.replications))
    found = []
    for study in (one, other):
        table = asked.values(study).filter(pl.col("replication").is_in(both))
        groups = {}
        for key, values, numbers in per_replication(table, asked.column, asked.by, asked.statistic):
            row = np.full(len(both), np.nan)
            row[np.searchsorted(both, numbers)] = values
            groups[key] = row
        found.append(groups)
    nothing = np.full(len(both), np.nan)
    for key in dict.fromkeys([*found[0], *found[1]]):
        yield key, found[0].get(key, nothing), found[1].get(key, nothing), both


def _compared(
    name: str, key: tuple[object, ...], one: Sample, other: Sample, asked: Quantity, confidence: float
) -> tuple[Any, ...]:
    before, after = one.values, other.values
    change = one.transformed(after - before)
    known = ~np.isnan(change.values)
    q = statistic_of(asked.statistic)
    if q is None:
        found = mean_interval(change, confidence)
        middle = (float(before.mean()), float(after.mean()))
        p = _t_test(change.block_means(change.values)) if known.all() else np.nan
    else:
        late = [sample.transformed(np.where(np.isnan(sample.values), np.inf, sample.values)) for sample in (one, other)]
        with np.errstate(invalid="ignore"):
            change = one.transformed(late[1].values - late[0].values)  # both never: not known
        found = quantile_interval(change, q, confidence)
        middle = (quantile_interval(late[0], q).estimate, quantile_interval(late[1], q).estimate)
        p = _sign_test(change.values) if q == 0.5 and known.all() else np.nan
    spread = float("nan")
    if known.sum() > 1 and known.all():
        spread = float(np.var(change.block_means(change.values), ddof=1)) * change.size
    gain = (np.var(before, ddof=1) + np.var(after, ddof=1)) / spread if spread > 0 else np.nan
    bounds = (found.estimate, found.low, found.high)
    return (name, *key, len(change.values), known.mean(), *middle, *bounds, asked.declared.unit, gain, p)


def _t_test(change: Floats) -> float:
    """Two-sided p-value of the mean being 0; 1 when nothing differs, 0 when all differ by the same, unknown of a
    single pair."""
    if not change.any():
        return 1.0
    if len(change) < 2:
        return float("nan")
    if not np.ptp(change):
        return 0.0
    t = change.mean() / change.std(ddof=1) * np.sqrt(len(change))
    return float(2 * special.stdtr(len(change) - 1, -abs(t)))


def _sign_test(change: Floats) -> float:
    """Two-sided p-value of the median being 0."""
    moved = change[change != 0]
    fewer = min(int((moved > 0).sum()), int((moved < 0).sum()))
    return min(1.0, 2 * float(special.bdtr(fewer, len(moved), 0.5)))


def _known(value: Any) -> Any:
    return None if isinstance(value, float | np.floating) and not np.isfinite(value) else value


def compare(
    scenarios: Mapping[str, Scenario],
    replications: int,
    *,
    seed: int = 0,
    out: str | Path | None = None,
    targets: Iterable[str] = (),
    min_replications: int = 20,
    changes: Mapping[str, Mapping[str, Any]] | None = None,
    **how: Unpack[How],
) -> Comparison:
    """Replicate several scenarios on the same random draws; the first is the base.

    As `nfm.replicate` does, each in a folder of `out`; with `targets`, as many of each as the one that needs most.
    `changes` says what each changes of the scenario, for the record.

    >>> more = scenario.with_changes({"pools.trucks.capacity": 4})
    >>> comparison = nfm.compare({"base": scenario, "more": more}, 2, jobs=1)
    >>> comparison.difference("closure").select("study", "difference", "unit").rows()
    [('more', -5.5, 'h')]
    """
    check_how(replications, how)
    asked = read_targets(targets, next(iter(scenarios.values()), None))
    if not scenarios:
        raise ValueError("there is no scenario to compare; name one at least")
    own = own_measures(how)
    temporary = Temporary() if out is None else None
    folder = Path(out) if temporary is None else temporary.folder  # type: ignore[arg-type]
    names = file_names(scenarios)
    file = folder / COMPARISON
    if file.exists() and list(_read_record(folder).studies) != list(names):
        remedy = f"compares other studies than {', '.join(names)}; choose another --out"
        raise InputError([Problem(str(file), "studies", "", remedy)])
    studies = {
        name: Study(Store.create(inside(folder, names[name]), s, seed, sampling_of(how), code_of(own)))
        for name, s in scenarios.items()
    }
    for study in studies.values():
        study.temporary = temporary
    record = {"studies": names, "changes": {name: dict(change) for name, change in (changes or {}).items()}}
    with writing(folder, GO_ON):
        write_whole(file, (json.dumps(record, indent=1, ensure_ascii=False) + "\n").encode())
    comparison = Comparison(studies, changes)
    complete_until(list(studies.values()), replications, asked, min_replications, how)
    return comparison


def open_comparison(folder: str | Path) -> Comparison:
    """Open what `compare` or `sweep` wrote. Raises `InputError` when there is none, or a study of it is damaged.

    >>> made = nfm.compare({"base": scenario, "again": scenario}, 1, out=folder / "pair", jobs=1)
    >>> list(nfm.open_comparison(folder / "pair"))
    ['base', 'again']
    """
    folder = Path(folder)
    record = _read_record(folder)
    return Comparison({name: open_study(inside(folder, part)) for name, part in record.studies.items()}, record.changes)


def _read_record(folder: Path) -> ComparisonRecord:
    """Which studies a folder compares, each with its folder in `studies` and what it changes in `changes`."""
    remedy = "cannot be read; name a folder that `nfm-sim compare --out` or `nfm-sim sweep --out` wrote"
    return read_record(inside(folder, COMPARISON), ComparisonRecord, remedy)
