"""Comparisons: several scenarios on the same random draws, and the difference that a change makes.

A sweep is one of a scenario at every point of a design.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Unpack

import numpy as np
import polars as pl

from nfm_sim.cards import card
from nfm_sim.compile import forked_plan
from nfm_sim.files import file_names, write_whole, writing
from nfm_sim.kinds.families import Floats
from nfm_sim.measures.columns import WHOLES
from nfm_sim.problems import InputError, one_of
from nfm_sim.scenario import Scenario, expect_scenario
from nfm_sim.sentences.effects import Effect
from nfm_sim.study.estimates import each_confidence, estimate_of, holm, is_share, per_replication, read_targets
from nfm_sim.study.intervals import Sample, mean_difference, p_of_mean, quantile_difference, quantile_interval, wilson
from nfm_sim.study.quantities import Quantity, read_quantity, statistic_of
from nfm_sim.study.records import ComparisonRecord, inside, json_of, read_record
from nfm_sim.study.replicate import Fork, How, also_asked, begin, check_how, complete_until, folder_for
from nfm_sim.study.store import GO_ON
from nfm_sim.study.study import Study, open_study

DIFFERENCE = {
    "pairs": pl.Int64,
    "reached_share": pl.Float64,
    "differing": pl.Int64,
    **dict.fromkeys(("differing_high", "before", "after", "difference", "low", "high"), pl.Float64),
    "unit": pl.String,
    **dict.fromkeys(("gain", "p_value"), pl.Float64),
}


def compare_quantity(
    studies: Mapping[str, Study], asked: Quantity, base: str, confidence: float, *, of_differences: bool = False
) -> pl.DataFrame:
    """Return the paired differences of a quantity from the base, as `Comparison.difference` does; with
    `of_differences`, the quantile of what each pair differs by."""
    sampling, controls = studies[base].sampling, studies[base].controls
    others = [name for name in studies if name != base]
    pairs = [(name, *pair) for name in others for pair in _pairs(asked, studies[base], studies[name])]
    each = each_confidence(confidence, len(pairs))
    share = asked.statistic == "mean" and is_share(asked.values(studies[base]), asked.column, asked.measure)
    rows = []
    for name, key, there, *values, numbers in pairs:
        before, after = (Sample.of(side, numbers, sampling, controls) for side in values)
        rows.append((name, *key, *_compared(before, after, there, asked, each, share, of_differences)))
    adjusted = holm([row[-1] for row in rows])
    kinds = asked.values(studies[base]).schema
    schema = {"study": pl.String} | {name: kinds[name] for name in asked.by} | DIFFERENCE
    found = [(*row[:-1], p) for row, p in zip(rows, adjusted, strict=True)]
    number = pl.col(pl.Float64)
    return pl.DataFrame(found, schema, orient="row").with_columns(pl.when(number.is_finite()).then(number))


def _pairs(
    asked: Quantity, one: Study, other: Study
) -> Iterator[tuple[tuple[object, ...], bool, Floats, Floats, list[int]]]:
    """By group of rows: whether both studies have it, their values in the replications that both have, and the numbers
    of these."""
    both = sorted(set(one.replications) & set(other.replications))
    unknown, found = dict.fromkeys(both, np.nan), []
    for study in (one, other):
        table = asked.values(study).filter(pl.col("replication").is_in(both))
        groups = per_replication(table, asked.column, asked.by, asked.statistic)
        known = {key: dict(zip(numbers, values, strict=True)) for key, values, numbers in groups}
        found.append({key: np.array([*(unknown | of).values()]) for key, of in known.items()})
    is_zero = asked.declared.is_zero_without_row
    nothing = np.full(len(both), 0.0 if is_zero else np.nan)
    for key in dict.fromkeys([*found[0], *found[1]]):
        there = is_zero or (key in found[0] and key in found[1])
        yield key, there, found[0].get(key, nothing), found[1].get(key, nothing), both


def _compared(
    one: Sample, other: Sample, there: bool, asked: Quantity, confidence: float, share: bool, of_differences: bool
) -> tuple[Any, ...]:
    """The columns of `DIFFERENCE` of one row; numbers that are not known are nan or infinite."""
    before, after = (of.transformed(np.where(np.isnan(of.values), np.inf, of.values)) for of in (one, other))
    differing = int((before.values != after.values).sum())
    with np.errstate(invalid="ignore"):
        apart = one.transformed(other.values - one.values)
        change = one.transformed(after.values - before.values)  # of what neither reaches it is not known
    known = ~np.isnan(apart.values)
    q, p = statistic_of(asked.statistic), np.nan
    middle: tuple[float, ...] = (np.nan, np.nan)
    if q is None:
        found = mean_difference(apart, confidence, share)
        middle, gain = (float(one.values.mean()), float(other.values.mean())), np.nan
        if known.all():
            used = change.decided  # for both alike, so that what they differ by is the difference
            middle = tuple(float(used.transformed(side.values).means.mean()) for side in (one, other))
            gain, p = _gain(one, other, used), p_of_mean(change)
    elif of_differences:
        found, gain = quantile_interval(change, q, confidence), np.nan
    else:
        found = quantile_difference(before, after, q, confidence)
        middle, gain = (quantile_interval(before, q).estimate, quantile_interval(after, q).estimate), found.gain
    seen = (len(known), known.mean() if there else np.nan, differing, wilson(differing, len(known), confidence).high)
    return (*seen, *middle, found.estimate, found.low, found.high, asked.declared.unit, gain, p)


TOLD = ("difference", "low", "high", "before", "after", "differing", "differing_high")


def effects_of(table: pl.DataFrame, asked: Quantity) -> list[Effect]:
    """The rows of such differences as effects that sentences tell; of columns that are not there nothing is known."""
    return [
        Effect(
            change=row["study"],
            of=", ".join(row[key] if isinstance(row[key], str) else f"{key} {row[key]}" for key in asked.by),
            words=asked.words,
            column=asked.declared,
            reached=row.get("reached_share"),
            whole=WHOLES.issuperset(asked.by),
            **{name: row.get(name) for name in TOLD},
        )
        for row in table.rows(named=True)
    ]


def _gain(one: Sample, other: Sample, change: Sample) -> float:
    """How many times more independent runs would need for the same precision of a mean; nan where nothing varies."""
    if len(change.values) < 2:
        return np.nan
    spread = float(np.var(change.means, ddof=1)) * change.size
    apart = float(np.var(one.values, ddof=1) + np.var(other.values, ddof=1))
    return apart / spread if spread > 0 else np.nan


# Comparisons: several scenarios on the same random draws, and the difference that a change makes


COMPARISON = "comparison.json"


class Comparison(dict[str, Study]):
    """Studies by name, on the same seed, sampling and replications; the first is the base. `changes` says, where it is
    known, what each changes of the scenario."""

    def __init__(self, studies: Mapping[str, Study], changes: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        super().__init__(studies)
        self.changes = dict(changes or {})
        draws = {name: f"seed {study.seed}, {study.sampling}" for name, study in studies.items()}
        if len(set(draws.values())) != 1:
            these = "; ".join(f"{name}: {drawn}" for name, drawn in draws.items())
            remedy = f"are compared on the same draws, these have {these or 'no studies'}"
            raise InputError.of("comparison", "studies", "", remedy)

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
        found = {name: estimate_of(study, asked, confidence) for name, study in self.items()}
        return pl.concat(table.select(pl.lit(name).alias("study"), pl.all()) for name, table in found.items())

    def difference(
        self, quantity: str = "closure", *, against: str | None = None, confidence: float = 0.95
    ) -> pl.DataFrame:
        """Return what each study differs by from the base, or from the one that is named: paired, replication by
        replication, because both had the same random draws.

        A quantity is an answer with a column and a statistic: "closure" (mean of last_h), "closure.p90",
        "ready_by_deadline". Of a quantile, the difference is that of the quantiles; `quantile_of_differences` is
        another number. Columns: study; what its rows are about (flow, tier); pairs; reached_share (pairs of which both
        are known); differing (pairs that are not the same) with differing_high, the share of replications in which
        they may differ; before and after (means or quantiles); difference (after minus before, in its unit) with low
        and high, which hold for all rows together with this confidence (Bonferroni), as differing_high does; gain: how
        many times more replications independent runs would need for the same precision; p_value (Holm) of a mean.
        Null where it is not known: the reached_share of a row (a flow) that one scenario has alone, a mean of which one
        of a pair was not reached, a gain without spread; and the bounds
        of a mean where no pair differs, or one, since nothing says how much a pair may differ that has not shown.
        """
        base = one_of(self, against or self.base, "comparison", "against")
        return compare_quantity(self, read_quantity(quantity), base, confidence)

    def quantile_of_differences(
        self, quantity: str, *, against: str | None = None, confidence: float = 0.95
    ) -> pl.DataFrame:
        """Return the quantile of what each pair differs by, from the base or the study that is named.

        "closure.p90" is here what in nine of ten replications the change costs at most (or, below 0, gains at least);
        what both quantiles of closure differ by, says `difference`. Columns: study; what its rows are about; pairs;
        difference, with low and high as in `difference`; unit. Raises `InputError` for a mean.
        """
        asked = read_quantity(quantity)
        if statistic_of(asked.statistic) is None:
            remedy = "names no quantile; ask for the median, or a percentile such as closure.p90"
            raise InputError.of("comparison", "quantity", quantity, remedy)
        base = one_of(self, against or self.base, "comparison", "against")
        return compare_quantity(self, asked, base, confidence, of_differences=True)


def compare(
    scenarios: Mapping[str, Scenario],
    replications: int,
    *,
    targets: Iterable[str] = (),
    min_replications: int = 20,
    changes: Mapping[str, Mapping[str, Any]] | None = None,
    forks: Mapping[str, Sequence[Fork]] | None = None,
    **how: Unpack[How],
) -> Comparison:
    """Replicate several scenarios on the same random draws; the first is the base.

    As `nfm.replicate` does, each in a folder of `out`; with `targets`, as many of each as the one that needs most.
    `changes` says what each changes of the scenario, for the record; `forks` what changes under way (`nfm.fork`).

    >>> more = scenario.with_changes({"pools.trucks.capacity": 4})
    >>> comparison = nfm.compare({"base": scenario, "more": more}, 2, jobs=1)
    >>> comparison.difference("closure").select("study", "difference", "unit").rows()
    [('more', -5.5, 'h')]
    """
    check_how(replications, how)
    asked = read_targets(targets, next(iter(scenarios.values()), None))
    if not scenarios:
        raise ValueError("there is no scenario to compare; name one at least")
    how = also_asked((target.quantity for target in asked), how)
    folder, temporary = folder_for(how.get("out"))
    names = file_names(scenarios)
    file = folder / COMPARISON
    if file.exists() and list(read_comparison(folder).studies) != list(names):
        remedy = f"compares other studies than {', '.join(names)}; choose another --out"
        raise InputError.of(file, "studies", "", remedy)
    later = forks or {}
    for name, changed in later.items():
        forked_plan(scenarios[name], changed)  # what cannot change under way shows here, before anything is written
    studies = {}
    for name, scenario in scenarios.items():
        studies[name] = begin(scenario, How(**{**how, "out": inside(folder, names[name])}), later.get(name, ()))
        studies[name].temporary = temporary
    write_comparison(folder, names, changes or {})
    comparison = Comparison(studies, changes)
    complete_until(list(studies.values()), replications, asked, min_replications, how)
    return comparison


def write_comparison(folder: Path, names: Mapping[str, str], changes: Mapping[str, Mapping[str, Any]]) -> None:
    """Say in a folder which studies in it are compared, by name, the base first, and what each changes."""
    record = {"studies": dict(names), "changes": {name: dict(change) for name, change in changes.items()}}
    with writing(folder, GO_ON):
        write_whole(folder / COMPARISON, json_of(record))


def open_comparison(folder: str | Path) -> Comparison:
    """Open what `compare` or `sweep` wrote. Raises `InputError` when there is none, or a study of it is damaged.

    >>> made = nfm.compare({"base": scenario, "again": scenario}, 1, out=folder / "pair", jobs=1)
    >>> list(nfm.open_comparison(folder / "pair"))
    ['base', 'again']
    """
    folder = Path(folder)
    record = read_comparison(folder)
    return Comparison({name: open_study(inside(folder, part)) for name, part in record.studies.items()}, record.changes)


def read_comparison(folder: Path) -> ComparisonRecord:
    """Which studies a folder compares, each with its folder in `studies` and what it changes in `changes`."""
    remedy = "cannot be read; name a folder that `nfm-sim compare --out` or `nfm-sim sweep --out` wrote"
    return read_record(inside(folder, COMPARISON), ComparisonRecord, remedy)


def sweep(
    scenario: Scenario,
    design: Sequence[Mapping[str, Any]],
    *,
    replications: int,
    targets: Iterable[str] = (),
    min_replications: int = 20,
    **how: Unpack[How],
) -> Comparison:
    """Replicate a scenario at every point of a design (`nfm.study.factorial`, `latin_hypercube`, `sobol`).

    Return the comparison of them; the studies are named 000, 001, ... as the points are numbered, and `response`
    puts an answer beside the inputs. Raises `InputError` for a point that the scenario cannot have.

    >>> points = nfm.study.factorial({"pools.trucks.capacity": [1, 2]})
    >>> nfm.study.response(nfm.sweep(scenario, points, replications=2, jobs=1))["estimate"].to_list()
    [23.100000381469727, 10.600000381469727]
    """
    expect_scenario(scenario)
    width = max(3, len(str(len(design) - 1)))
    points = {f"{number:0{width}}": dict(point) for number, point in enumerate(design)}
    scenarios = {name: scenario.with_changes(point) for name, point in points.items()}
    return compare(scenarios, replications, targets=targets, min_replications=min_replications, changes=points, **how)


def response(result: Comparison, quantity: str = "closure") -> pl.DataFrame:
    """Return the inputs of each point of a sweep with the estimate of a quantity there.

    Columns: study, a column for each path that is varied, and those of `nfm.estimate`.

    >>> points = nfm.study.factorial({"pools.trucks.capacity": [1, 2]})
    >>> result = nfm.sweep(scenario, points, replications=2, jobs=1)
    >>> nfm.study.response(result).select("pools.trucks.capacity", "estimate").rows()
    [(1, 23.100000381469727), (2, 10.600000381469727)]
    """
    inputs = pl.DataFrame([{"study": name, **change} for name, change in result.changes.items()])
    return inputs.join(result.estimates(quantity), on="study", maintain_order="left")
