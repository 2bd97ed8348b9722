"""Packages for a budget: which of all that may be bought together gives most, how surely, and what is bought in which
year."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, Generic, TypeVar, Unpack

import numpy as np
import polars as pl

from nfm_sim.decide.goals import Goal
from nfm_sim.kinds.families import Floats
from nfm_sim.problems import InputError, refuse
from nfm_sim.scenario import Scenario
from nfm_sim.scenario.model import Targets
from nfm_sim.scenario.options import Options, read_options
from nfm_sim.study.estimates import each_confidence, estimate_of, per_replication
from nfm_sim.study.intervals import Interval, Sample, mean_difference, mean_interval
from nfm_sim.study.quantities import Quantity, of_each, read_quantity, rows_missing
from nfm_sim.study.replicate import How, asked_alone, check_how, sampling_of
from nfm_sim.study.tried import Forks, Tried, fresh_numbers

# The best of several, by replications that are given where they tell


Candidate = TypeVar("Candidate", bound=Hashable)
Sampler = Callable[[Sequence[Candidate], int], Floats]
"""What returns the values of the first so many replications of candidates, on common draws: a row for each, of which
more is better."""
FIRST = 8
"""Replications of each, before any is left."""
GROWTH = 1.25
"""How many times more replications those have that are left, from one look to the next."""


@dataclass(frozen=True)
class Selected(Generic[Candidate]):
    """The best of several, and those that cannot be told from it."""

    best: Candidate
    rivals: tuple[Candidate, ...]
    """Those that were still left when the replications ended."""
    replications: dict[Candidate, int]
    """How many each had."""
    means: dict[Candidate, float]


def select(
    candidates: Sequence[Candidate],
    sample: Sampler[Candidate],
    *,
    indifference: float,
    most: int,
    confidence: float = 0.95,
    first: int = FIRST,
) -> Selected[Candidate]:
    """Return the candidate with the largest mean, with this confidence where it is larger than the next by more than
    `indifference`: else one that is as good but for so little.

    Kim and Nelson's procedure (2001, ACM Trans. Model. Comput. Simul. 11:251), with variances that are updated (2006,
    Oper. Res. 54:475): all have `first` replications; then whoever is surely worse than another is left, and the others
    have more, up to `most`. Common draws make the differences small, of which alone it speaks.

    >>> import numpy as np
    >>> draws = np.random.default_rng(1).normal([[3.0], [1.0], [0.0]], 1.0, (3, 99))
    >>> nfm.decide.select([0, 1, 2], lambda left, number: draws[left, :number], indifference=1, most=99).best
    0
    """
    left, number = list(dict.fromkeys(candidates)), first
    often = dict.fromkeys(left, 0)
    means: dict[Candidate, float] = {}
    error = (1 - confidence) / max(1, len(left) - 1)
    while True:
        values = sample(left, number)
        means |= dict(zip(left, values.mean(axis=1).tolist(), strict=True))
        often |= dict.fromkeys(left, number)
        spare = _spare(values, indifference, error)
        ahead = values.mean(axis=1)[:, None] - values.mean(axis=1)[None, :]
        stays = (ahead >= -spare - 1e-12).all(axis=1)
        left = [candidate for candidate, stay in zip(left, stays, strict=True) if stay]
        if len(left) == 1 or number >= most or not spare[np.ix_(stays, stays)].any():
            break
        number = min(most, max(number + 1, round(number * GROWTH)))
    best = max(left, key=lambda candidate: means[candidate])  # the first of equal ones
    return Selected(best, tuple(other for other in left if other != best), often, means)


def _spare(values: Floats, indifference: float, error: float) -> Floats:
    """How far the mean of one may lie behind that of another and still be as good: for each pair."""
    number = values.shape[1]
    eta = ((2 * error) ** (-2 / (number - 1)) - 1) / 2
    spread = values.var(axis=1, ddof=1)
    centred = values - values.mean(axis=1, keepdims=True)
    of_pair = spread[:, None] + spread[None, :] - 2 * (centred @ centred.T) / (number - 1)
    reach = eta * (number - 1) * np.maximum(of_pair, 0) / (indifference * number) - indifference / 2
    return np.asarray(np.maximum(0, reach), dtype=np.float64)


# Packages: what of some options may be bought together, and what it costs


Package = tuple[str, ...]
"""Names of options, in the order of their file; of which there are several, as often."""
NOTHING: Package = ()


def called(package: Package) -> str:
    """What a table calls a package: "2 wagons + ramp".

    >>> called(("ramp", "heavy_wagons", "heavy_wagons"))
    'ramp + 2 heavy wagons'
    """
    parts = (f"{number} {name}" if number > 1 else name for name, number in Counter(package).items())
    return " + ".join(parts).replace("_", " ") or "nothing"


@dataclass(frozen=True)
class Shop:
    """What may be bought for a scenario."""

    scenario: Scenario
    options: Options

    def eur(self, package: Package) -> float:
        """What a package costs."""
        return sum(self.options[name].eur for name in package)

    def made(self, package: Package) -> Scenario:
        """The scenario with what of a package is there from the beginning."""
        return self.scenario.with_changes(self.options.changes(Counter(package), self.scenario).get(0.0, {}))

    def forks(self, package: Package) -> Forks:
        """What changes when the rest of a package comes, as far as that is before the horizon."""
        by_hour = sorted(self.options.changes(Counter(package), self.scenario).items())
        return tuple({"at_h": at_h, "changes": of} for at_h, of in by_hour if 0 < at_h < self.scenario.horizon_h)

    def ordered(self, names: Iterable[str]) -> Package:
        """Names as a package."""
        often = Counter(names)
        return tuple(name for name in self.options.options for _ in range(often[name]))

    def alone(self, name: str) -> Package:
        """An option with what it requires."""
        needed, todo = {name}, [name]
        while todo:
            more = set(self.options[todo.pop()].requires) - needed
            needed |= more
            todo += more
        return self.ordered(needed)

    def can_be(self, package: Package) -> bool:
        """Whether nothing in a package excludes another, all that it requires is there, and nothing is too often."""
        often = Counter(package)
        return all(
            number <= self.options[name].at_most
            and often.keys() >= {*self.options[name].requires}
            and not often.keys() & {*self.options[name].excludes}
            for name, number in often.items()
        )

    def affordable(self, names: Iterable[str], budget: float) -> Iterator[Package]:
        """Yield every package of some options that a budget pays, nothing at all the first."""
        last = [name for name in self.options.options if name in {*names}]

        def grown(package: Package, place: int, left: float) -> Iterator[Package]:
            if self.can_be(package):
                yield package
            for at in range(place, len(last)):
                option = self.options[last[at]]
                if option.eur <= left and package.count(last[at]) < option.at_most:
                    yield from grown((*package, last[at]), at, left - option.eur)

        yield from grown(NOTHING, 0, budget)

    def larger(self, package: Package, names: Iterable[str], budget: float) -> Iterator[Package]:
        """Yield what a package becomes by one more option, with what that requires, as far as the budget goes."""
        for name in names:
            more = self.ordered([*package, name, *(each for each in self.alone(name) if each not in (*package, name))])
            if self.can_be(more) and self.eur(more) <= budget:
                yield more

    def exchanged(self, package: Package, names: Iterable[str], budget: float) -> Iterator[Package]:
        """Yield what a package becomes by one option in the place of another."""
        names = list(names)
        for place in range(len(package)):
            less = package[:place] + package[place + 1 :]
            yield from (more for more in self.larger(less, names, budget) if more != package)


SCREENED = 16
"""Replications that show what an option does alone."""
MOST_SETS = 64
"""With more packages than that, not all are tried: greedily grown ones are, and what these become by exchange."""
MOST_LARGER, MOST_EXCHANGED = 6, 12
"""Packages that are tried at a step of growth, and of exchange: the most likely by what each does alone."""
MOST_RIVALS = 4
"""Rivals that are tried again on fresh replications, those with the largest gain."""
STEP_EUR = 10e6
"""Of the frontier."""
INDIFFERENT = {True: 0.02, False: 0.005}
"""Differences that do not matter, when nothing is said: of a share in points, of others as a part of the value with
nothing bought. Assumed."""
LEAST_INDIFFERENT = 1e-9
"""Where that is nothing."""
GAINS = {"eur": pl.Float64, "gain": pl.Float64, "low": pl.Float64, "high": pl.Float64, "replications": pl.Int64}


@dataclass(frozen=True)
class Purchase:
    """What to buy, and what it gives: gains above 0 are for the better, in the unit of the quantity."""

    quantity: Quantity
    budget: float
    best: Package
    eur: float
    gain: Interval
    """Of the best package over nothing, on fresh replications."""
    singles: Interval
    """The sum of what its options gain alone (each with what it requires), on the same replications."""
    together: Interval
    """What the package gains more than that: above 0 they complete, below 0 they replace each other."""
    replications: int
    """Of the fresh ones."""
    rivals: pl.DataFrame
    """Packages that cannot be told from the best: package, eur, and what each gains less than it, with low and high."""
    alone: pl.DataFrame
    """What each option gains alone: option, eur, gain, low, high, replications. Of the screening."""
    frontier: pl.DataFrame
    """The best package for each budget: budget, package, eur, gain, low, high, replications."""
    next: Interval
    """What ten million more than the budget give beyond the best package."""
    tried: int
    """Packages that were tried."""
    took: int
    """Replications that selecting took."""


def buy(
    scenario: Scenario,
    options: Options | str | Path,
    *,
    budget: float,
    goal: Goal | str | None = None,
    quantity: str = "closure.mean_h",
    indifference: float | None = None,
    most_replications: int = 96,
    confirming: int = 48,
    confidence: float = 0.95,
    **how: Unpack[How],
) -> Purchase:
    """Return the package of options that gives most for a budget: in the chance of a goal, or in a quantity of all its
    rows together.

    Each option is tried alone first; those that change nothing, alone and all together, are left out. Of few packages
    all are tried; of many, those grown by the option that gains most, and by that which gains most for its price, and
    what the best of them becomes when one option takes the place of another. Of what was tried, `select` finds the
    best, up to `most_replications` of those that are hard to tell apart. The best, its rivals and the best for smaller
    budgets are tried again on `confirming` fresh replications; intervals of these hold together. Raises `InputError`.

    >>> more = {"trucks": {"changes": {"pools.trucks.capacity": "+2"}, "eur": 5e5}}
    >>> shop = nfm.decide.Options.model_validate({"options": more})
    >>> found = nfm.decide.buy(scenario, shop, budget=1e6, quantity="closure", confirming=16, jobs=1)
    >>> found.best, found.gain.estimate
    (('trucks',), 5.5)
    """
    options = options if isinstance(options, Options) else read_options(options, scenario=scenario)
    if indifference is not None and not 0 < indifference < np.inf:
        raise InputError.of("buy", "indifference", f"{indifference:g}", "must be a number above 0")
    goal = Goal(goal) if isinstance(goal, str) else goal
    asked = goal.event if goal is not None else of_each(read_quantity(quantity), "buy")
    refuse(rows_missing(asked, scenario))
    asked = asked.whole
    budget = min(budget, np.inf if goal is None or goal.most_eur is None else goal.most_eur)
    if not 0 <= budget < np.inf:
        raise InputError.of("buy", "budget", f"{budget:g}", "must be 0 or more, and an amount of money")
    check_how(confirming, how)
    search = _Search(Shop(scenario, options), asked, budget, how)
    sets = sorted(search.packages(), key=search.shop.eur)  # the first of those that gain as much is the cheapest
    spare = indifference or search.indifference()
    within = [package for package in sets if search.shop.eur(package) <= budget]
    selected = select(
        within, search.gains, indifference=spare, most=most_replications, confidence=confidence, first=SCREENED
    )
    return search.judged(selected, sets, confirming, confidence)


class _Search:
    """Packages of a shop, and the values of their replications: more is better."""

    def __init__(self, shop: Shop, asked: Quantity, budget: float, how: How) -> None:
        self.shop, self._asked, self._budget, self._sampling = shop, asked, budget, sampling_of(how)
        self._tried = Tried(shop.made, asked_alone([asked], how), called, shop.forks)
        self._sign = -1.0 if asked.declared.better == "less" else 1.0

    def values(self, packages: Iterable[Package], numbers: range) -> dict[Package, Floats]:
        """The values of these replications of each."""
        found = {}
        for package, study in self._tried(packages, numbers).items():
            table, column = self._asked.values(study), self._asked.column
            ((_, values, _),) = per_replication(table, column, (), self._asked.statistic)
            if np.isnan(values).any():
                raise _not_known(self._asked, package)
            found[package] = self._sign * values
        return found

    def gains(self, packages: Sequence[Package], number: int = SCREENED) -> Floats:
        """What packages gain over nothing in the first so many replications: a row for each."""
        values = self.values([NOTHING, *packages], range(number))
        return np.array([values[package] - values[NOTHING] for package in packages])

    @cached_property
    def alone(self) -> dict[str, Floats]:
        """What each option that can be paid gains alone, with what it requires."""
        packages = {name: self.shop.alone(name) for name in self.shop.options.options}
        most = self._budget + STEP_EUR
        paid = {name: package for name, package in packages.items() if self.shop.eur(package) <= most}
        return dict(zip(paid, self.gains([*paid.values()]), strict=True))

    def indifference(self) -> float:
        """The difference that does not matter, when nothing is said."""
        share = self._asked.declared.share
        base = 1.0 if share else abs(float(self.values([NOTHING], range(SCREENED))[NOTHING].mean()))
        return max(INDIFFERENT[share] * base, LEAST_INDIFFERENT)

    @cached_property
    def active(self) -> list[str]:
        """The options that change anything: alone, or all together with the others."""
        active = [name for name, gains in self.alone.items() if gains.any()]
        without = self._as_much_as_can_be(active)
        whole = self._as_much_as_can_be(dict.fromkeys([*active, *self.alone]))
        both = self.values([without, whole], range(SCREENED))
        return active if (both[without] == both[whole]).all() else [*self.alone]

    def _as_much_as_can_be(self, names: Iterable[str]) -> Package:
        package = NOTHING
        for name in names:
            for _ in range(self.shop.options[name].at_most):
                package = next(self.shop.larger(package, [name], np.inf), package)
        return package

    def packages(self) -> Iterable[Package]:
        """What is tried: all packages when they are few, else those that are grown and exchanged."""
        more = self._budget + STEP_EUR
        few = list(islice(self.shop.affordable(self.active, more), MOST_SETS + 1))
        if len(few) <= MOST_SETS:
            return few
        seen = {NOTHING: 0.0}
        self._grow(seen, NOTHING, self._budget, lambda _: 1.0)
        self._grow(seen, NOTHING, self._budget, lambda eur: max(eur, 1.0))
        exchanged = self.shop.exchanged(_best(seen), self.active, self._budget)
        self._screen(seen, self._likely(exchanged, MOST_EXCHANGED))
        self._grow(seen, _best(seen), more, lambda _: 1.0)
        return seen

    def _grow(
        self, seen: dict[Package, float], package: Package, budget: float, price: Callable[[float], float]
    ) -> None:
        """Have a package grow, by the option each time that gains most for a price; what is tried on the way is seen,
        with what it gains."""
        while larger := self._likely(self.shop.larger(package, self.active, budget), MOST_LARGER):
            self._screen(seen, larger)
            had, paid = seen[package], self.shop.eur(package)
            package = max(larger, key=lambda p: (seen[p] - had) / price(self.shop.eur(p) - paid))

    def _likely(self, packages: Iterable[Package], most: int) -> list[Package]:
        """Those that should gain most, if each of their options did what it does alone."""
        return sorted(dict.fromkeys(packages), key=lambda p: -sum(self.alone[name].mean() for name in p))[:most]

    def _screen(self, seen: dict[Package, float], packages: Iterable[Package]) -> None:
        new = [package for package in packages if package not in seen]
        seen |= {package: float(gains.mean()) for package, gains in zip(new, self.gains(new), strict=True)}

    def judged(self, selected: Selected[Package], sets: list[Package], confirming: int, confidence: float) -> Purchase:
        """The best, its rivals, its options alone and the best for smaller budgets, on fresh replications."""
        best, eur = selected.best, self.shop.eur
        means = {p: float(gains.mean()) for p, gains in zip(sets, self.gains(sets), strict=True)} | selected.means
        rivals = sorted(selected.rivals, key=lambda package: -means[package])[:MOST_RIVALS]
        steps = np.arange(STEP_EUR, self._budget, STEP_EUR).tolist()
        levels = {level: _best({p: mean for p, mean in means.items() if eur(p) <= level}) for level in steps}
        above = _best(means)
        levels |= {self._budget: best, self._budget + STEP_EUR: above}
        singles = {name: self.shop.alone(name) for name in best}
        numbers = fresh_numbers(max(SCREENED, *selected.replications.values()), confirming)
        value = self.values([NOTHING, best, *rivals, *levels.values(), *singles.values()], numbers)
        self._tried.compared(value)
        each = each_confidence(confidence, len(rivals) + len({*levels.values()}) + 3)
        gain = {package: values - value[NOTHING] for package, values in value.items()}
        summed = np.sum([gain[singles[name]] for name in best], axis=0) if best else gain[NOTHING]

        def mean(values: Floats) -> Interval:
            return mean_interval(Sample.of(values, numbers, self._sampling), each)

        singly = each_confidence(confidence, len(self.alone))
        alone = self._table(map(self.shop.alone, self.alone), self.alone.values(), range(SCREENED), singly)
        rivalling = self._table(rivals, (value[best] - value[p] for p in rivals), numbers, each)
        frontier = self._table(levels.values(), (gain[p] for p in levels.values()), numbers, each)
        return Purchase(
            quantity=self._asked,
            budget=self._budget,
            best=best,
            eur=eur(best),
            gain=self._interval(gain[best], numbers, each),
            singles=mean(summed),
            together=mean(gain[best] - summed),
            replications=len(numbers),
            rivals=rivalling.rename({"gain": "behind"}).filter(pl.col("low").is_null() | (pl.col("low") <= 0)),
            alone=alone.select(pl.Series("option", [*self.alone], pl.String), *GAINS).sort("gain", descending=True),
            frontier=frontier.select(pl.Series("budget", [*levels], pl.Float64), pl.all()),
            next=self._interval(value[above] - value[best], numbers, each),
            tried=len(sets),
            took=sum(selected.replications.values()),
        )

    def _table(
        self, packages: Iterable[Package], gains: Iterable[Floats], numbers: range, confidence: float
    ) -> pl.DataFrame:
        """What packages gain, a row for each."""
        rows = [
            (called(package), self.shop.eur(package), *self._interval(of, numbers, confidence).known, len(numbers))
            for package, of in zip(packages, gains, strict=True)
        ]
        return pl.DataFrame(rows, schema={"package": pl.String, **GAINS}, orient="row")

    def _interval(self, values: Floats, numbers: range, confidence: float) -> Interval:
        """Of the mean of differences of these replications."""
        sample = Sample.of(values, numbers, self._sampling)
        return mean_difference(sample, confidence, self._asked.declared.share)


def _best(means: Mapping[Package, float]) -> Package:
    return max(means, key=lambda package: means[package])


def _not_known(asked: Quantity, package: Package) -> InputError:
    remedy = f"is not known in each replication with {called(package)}; ask for a goal, or a longer horizon"
    return InputError.of("buy", "quantity", f"{asked.measure}.{asked.column}", remedy)


# Years: what is bought in which year of a plan, and the gap that is left as targets grow


DAYS_A_YEAR = 365.25


def buy_by_year(
    scenario: Scenario,
    options: Options | str | Path,
    *,
    budgets: Mapping[int, float],
    quantity: str = "demands_met.unmet",
    replications: int = 32,
    **how: Unpack[How],
) -> pl.DataFrame:
    """Return what is bought in each year of some `budgets` by year, and a quantity of all its rows in that year.

    Options are bought in the order of what they gain alone, for their price, by the targets of the last year; what is
    not spent is kept for the next. What was bought is there as many days after the beginning of its year as it takes.
    The target of a year lies between those of the scenario before and after it, in proportion; that of the year of its
    hour 0 is what its plans ask for. Columns: year, budget, bought, left (of the money), there, estimate, low, high.

    >>> infantry = {"tier": 1, "home": "barracks", "capability": "infantry"}
    >>> growing = scenario.with_changes({"targets.2029": {"factors": {"infantry": 2}}})
    >>> more = {"second": {"changes": {"elements.12_infbat": infantry}, "eur": 5e6, "lead_days": 300}}
    >>> shop = nfm.decide.Options.model_validate({"options": more})
    >>> path = nfm.decide.buy_by_year(growing, shop, budgets={2027: 3e6, 2028: 3e6, 2029: 0}, jobs=1, replications=2)
    >>> path.select("year", "bought", "there", "estimate").rows()
    [(2027, 'nothing', 'nothing', 0.0), (2028, 'second', 'nothing', 0.5), (2029, 'nothing', 'second', 0.0)]
    """
    options = options if isinstance(options, Options) else read_options(options, scenario=scenario)
    asked = read_quantity(quantity)
    refuse(rows_missing(asked, scenario))
    asked = asked.whole
    at_once = Options(options={n: o.model_copy(update={"lead_days": 0}) for n, o in options.options.items()})
    shop = Shop(scenario, at_once)

    tried = Tried[tuple[int, Package]](
        lambda key: shop.made(key[1]).with_changes(_target(scenario, key[0])),
        asked_alone([asked], how),
        lambda key: f"{key[0]} {called(key[1])}",
    )

    def answer(year: int, package: Package, number: int) -> tuple[Any, ...]:
        study = tried([(year, package)], range(number))[year, package]
        return estimate_of(study, asked).select("estimate", "low", "high").row(0)

    def screened(package: Package) -> float:
        estimate, *_ = answer(max(budgets), package, SCREENED)
        if estimate is None:
            raise _not_known(asked, package)
        return float(estimate)

    sign, base = -1.0 if asked.declared.better == "less" else 1.0, screened(NOTHING)
    gain = {name: sign * (screened(shop.alone(name)) - base) for name in options.options}
    order = sorted(gain, key=lambda name: -gain[name] / max(1.0, shop.eur(shop.alone(name))))
    there_from: list[tuple[float, str]] = []
    left, rows = 0.0, []
    for year in sorted(budgets):
        left += budgets[year]
        had = shop.ordered(name for _, name in there_from)
        owned = had
        for name in (name for name in order if gain[name] > 0):
            while (more := next(shop.larger(owned, [name], shop.eur(owned) + left), None)) is not None:
                left -= shop.eur(more) - shop.eur(owned)
                owned = more
        bought = tuple((Counter(owned) - Counter(had)).elements())
        there_from += [(year + options[name].lead_days / DAYS_A_YEAR, name) for name in bought]
        there = shop.ordered(name for from_year, name in there_from if from_year <= year)
        rows.append((year, budgets[year], called(bought), left, called(there), *answer(year, there, replications)))
    columns = ["year", "budget", "bought", "left", "there", "estimate", "low", "high"]
    return pl.DataFrame(rows, schema=columns, orient="row", infer_schema_length=None)


def _target(scenario: Scenario, year: int) -> dict[str, Any]:
    """The changes that give a scenario the targets of a year."""
    known = {scenario.g_day.year: Targets()} | {int(y): t for y, t in scenario.targets.items() if y.isdigit()}
    before = max((y for y in known if y <= year), default=min(known))
    after = min((y for y in known if y >= year), default=max(known))
    part = (year - before) / (after - before) if after > before else 0.0
    capabilities = {"other", *known[before].factors, *known[after].factors}
    factors = {c: (1 - part) * known[before].factor(c) + part * known[after].factor(c) for c in sorted(capabilities)}
    return {f"targets.{year}": {"factors": factors}, "target": str(year)}
