"""Courses of action: what each does to what matters, which is best and which cannot be told from it, and what one would
regret."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np
import polars as pl

from nfm_sim.decide.goals import Goal
from nfm_sim.measures import civil_cost
from nfm_sim.problems import InputError, Problem, did_you_mean
from nfm_sim.scenario import Scenario
from nfm_sim.study.compare import Comparison, compare, compare_quantity
from nfm_sim.study.estimates import beside, estimate_of
from nfm_sim.study.intervals import is_number
from nfm_sim.study.quantities import main_quantities, read_quantity, rows_missing
from nfm_sim.study.replicate import Fork, How, also_asked

AS_IT_IS = "as it is"
"""The future in which nothing else changes."""
MATTERS = ("closure", "closure.mean_h", "ready_by_deadline", "demands_met.unmet", "double_booked.days")
"""What courses are held against when nothing is said, as far as a scenario has it: of all rows together."""


@dataclass(frozen=True)
class Chosen:
    """Courses of action, the base first, held against what matters."""

    comparison: Comparison
    """The studies of the courses as it is, and of each future ("course, future")."""
    courses: tuple[str, ...]
    weights: Mapping[str, float]
    """Of each future; as it is, is one of them."""
    answers: pl.DataFrame
    """course, quantity, estimate, low, high; from_base, from_base_low, from_base_high: the paired difference, which
    hold together for all courses; and eur_per_gain: what a course costs more than the base for each unit (an hour) by
    which it is better, null without costs and where it is not better. As it is."""
    best: Mapping[str, tuple[str, ...]]
    """By quantity the best course, and those that cannot be told from it, the best first: of those that the
    budget of the goal allows."""
    eur: Mapping[str, float]
    """What courses cost, where that is given."""
    beyond: tuple[str, ...]
    """Courses that cost more than the budget of the goal."""
    civil_h: Mapping[str, float | None]
    """Vehicle-hours that each course costs civil traffic, in the replications whose tables are kept; None without civil
    volumes."""
    regret: pl.DataFrame
    """course, by future what it is worse than the best course there in the first quantity, most (of all futures), and
    weighted. Of means. Empty without other futures."""


def choose(
    courses: Mapping[str, Scenario],
    goal: Goal | str | None = None,
    *,
    quantities: Sequence[str] = (),
    futures: Mapping[str, Mapping[str, Any]] | None = None,
    weights: Mapping[str, float] | None = None,
    eur: Mapping[str, float] | None = None,
    forks: Mapping[str, Fork] | None = None,
    replications: int = 64,
    confidence: float = 0.95,
    **how: Unpack[How],
) -> Chosen:
    """Compare courses of action, the first of which is the base, on the same draws: in the chance of a goal, and in
    quantities of all rows together.

    A course cannot be told from the best when no other is surely better: so the best is among them with this
    confidence. `futures` are changes by name, such as a port that is mined; each course meets each of them, and the
    world as it is. What one would regret is the difference to the best course of that future, at most, and by `weights`
    (as it is has what is left of 1; without them, all weigh the same). `eur` is what courses cost, nothing where it is
    not given; a goal with a budget leaves out those beyond it. `forks` are courses that change the base under way, as
    {"at_h": 120.0, "changes": {...}}: until then nothing differs (`nfm.fork`). With a folder in `out` it is a
    comparison there, of which `nfm-sim report` makes a page. Raises `InputError`.

    >>> more = scenario.with_changes({"pools.trucks.capacity": 4})
    >>> found = nfm.decide.choose({"base": scenario, "more": more}, "P(closure <= 6 h)", replications=8, jobs=1)
    >>> found.best["P(closure <= 6 h)"]
    ('more',)
    """
    given = [*courses, *(forks or ())]
    if not courses or len(given) < 2:
        raise InputError.of("choose", "courses", "", "needs a second course: another scenario, or --course")
    base = next(iter(courses.values()))
    courses = {**courses, **dict.fromkeys(forks or (), base)}
    goal = Goal(goal) if isinstance(goal, str) else goal
    named = list(quantities) or [name for name in MATTERS if _answers(base, name)]
    wanted = list(dict.fromkeys([*([goal.event.measure] if goal is not None else []), *named]))
    missing = [problem for name in wanted for problem in rows_missing(read_quantity(name), base)]
    if missing or not wanted:
        raise InputError(missing or [Problem("choose", "quantity", "", "needs a goal or a quantity to choose by")])
    costs = {**(eur or {})}
    wrong = [course for course, cost in costs.items() if course not in courses or not is_number(cost)]
    if wrong:
        remedy = f"must be euros of one of the courses {', '.join(courses)}{did_you_mean(wrong[0], courses)}"
        raise InputError.of("choose", "eur", f"{wrong[0]} = {costs[wrong[0]]}", remedy)
    if AS_IT_IS in (futures or {}):
        raise InputError.of("choose", "futures", AS_IT_IS, "is the world without any of them; give it another name")
    changed = {AS_IT_IS: {}, **(futures or {})}
    weigh = _weights(list(changed), weights)
    names = Counter(_called(course, future) for future in changed for course in given)
    if alike := [name for name, number in names.items() if number > 1]:
        raise InputError.of("choose", "courses", alike[0], "names two courses, as it is or in a future; rename one")
    scenarios = {
        _called(course, future): scenario.with_changes(changes) if changes else scenario
        for future, changes in changed.items()
        for course, scenario in courses.items()
    }
    later = {_called(course, future): [fork] for course, fork in (forks or {}).items() for future in changed}
    result = compare(scenarios, replications, forks=later, **also_asked(map(read_quantity, wanted), how))
    now = {course: result[course] for course in courses}
    most_eur = np.inf if goal is None or goal.most_eur is None else goal.most_eur
    within = {course: study for course, study in now.items() if costs.get(course, 0.0) <= most_eur}
    return Chosen(
        comparison=result,
        courses=tuple(courses),
        weights=weigh,
        answers=pl.concat([_answer(now, name, costs, confidence) for name in wanted]),
        best={name: _best(within, name, confidence) for name in wanted},
        eur=costs,
        beyond=tuple(course for course in courses if course not in within),
        civil_h={course: _civil_h(result, course) for course in courses},
        regret=_regret(result, list(courses), weigh, wanted[0]),
    )


def _answers(scenario: Scenario, name: str) -> bool:
    if name.startswith("double_booked"):
        return bool(scenario.tasks)
    main = {quantity.partition(".")[0] for quantity in main_quantities(scenario)}
    return name.partition(".")[0] in main and not rows_missing(read_quantity(name), scenario)


ROUNDED = 1e-9
"""By how much the sum of weights may be off 1."""


def _called(course: str, future: str) -> str:
    return course if future == AS_IT_IS else f"{course}, {future}"


def _weights(futures: list[str], given: Mapping[str, float] | None) -> dict[str, float]:
    given = dict(given or {})
    unknown, others = [name for name in given if name not in futures], [name for name in futures if name not in given]
    sound = all(is_number(weight) and weight >= 0 for weight in given.values())
    left = 1 - sum(given.values())
    if unknown or not sound or left < -ROUNDED or (left > ROUNDED and not others):
        remedy = "must be futures with weights from 0 to 1, that sum to 1 at most, and to 1 where each has one"
        near = did_you_mean(unknown[0], futures) if unknown else ""
        raise InputError.of("choose", "weights", ", ".join(unknown or given), remedy + near)
    return given | dict.fromkeys(others, max(0.0, left) / max(1, len(others)))


def _answer(studies: Mapping[str, Any], name: str, costs: Mapping[str, float], confidence: float) -> pl.DataFrame:
    """What courses give in a quantity, and how they differ from the first."""
    asked = read_quantity(name).whole
    base = next(iter(studies))
    whose = (pl.lit(name).alias("quantity"), "estimate", "low", "high")
    found = {course: estimate_of(study, asked, confidence) for course, study in studies.items()}
    table = pl.concat(of.select(pl.lit(course).alias("course"), *whose) for course, of in found.items())
    differ = compare_quantity(studies, asked, base, confidence).rename({"study": "course"})
    cost = pl.Series([costs.get(course, 0.0) - costs.get(base, 0.0) for course in studies], dtype=pl.Float64)
    gain = pl.col("from_base") * (-1 if asked.declared.better == "less" else 1)
    per_gain = pl.when((gain > 0) & bool(costs)).then(cost / gain).alias("eur_per_gain")
    return beside(table, differ, "course", "from_base", "difference").with_columns(per_gain)


def _best(studies: Mapping[str, Any], name: str, confidence: float) -> tuple[str, ...]:
    """The best course, and those that no other is surely better than (Gupta 1965, Technometrics 7:225, on pairs); last
    those of which it is not known what they give. Empty where neither way is better."""
    asked = read_quantity(name).whole
    better = asked.declared.better
    if not better:
        return ()
    one_sided = 1 - 2 * (1 - confidence)
    left, ahead = [], {}
    for course in studies:
        table = compare_quantity(studies, asked, course, one_sided)
        worst = table["high"].fill_null(np.inf) if better == "less" else -table["low"].fill_null(-np.inf)
        middle = table["difference"] if better == "less" else -table["difference"]
        ahead[course] = float(middle.min() or 0.0)  # type: ignore[arg-type]
        if not (worst < 0).any():
            left.append(course)
    known = {course: estimate_of(studies[course], asked)["estimate"][0] is not None for course in left}
    return tuple(sorted(left, key=lambda course: (not known[course], -ahead[course])))


def _civil_h(result: Comparison, course: str) -> float | None:
    study = result[course]
    if not study.scenario.movement.civil.mean_per_h:
        return None
    hours = civil_cost(study.whole, study.scenario)["vehicle_hours"]
    return float(hours.sum() / study.whole.about["replications"])


def _regret(result: Comparison, courses: list[str], weights: dict[str, float], name: str) -> pl.DataFrame:
    """What each course is worse than the best, by future."""
    asked = read_quantity(name).whole
    if len(weights) == 1:
        return pl.DataFrame(schema={"course": pl.String})
    sign = -1.0 if asked.declared.better == "less" else 1.0
    studies = [[result[_called(course, future)] for future in weights] for course in courses]
    values = [[estimate_of(study, asked)["estimate"][0] for study in of_course] for of_course in studies]
    gains = sign * np.array(values, dtype=np.float64)  # None is nan, and so is what follows from it
    lost = gains.max(axis=0) - gains
    whole = {"most": lost.max(axis=1), "weighted": lost @ np.array([*weights.values()])}
    return pl.DataFrame({"course": courses} | dict(zip(weights, lost.T, strict=True)) | whole, nan_to_null=True)
