"""Levers on a page: a grid of changes that is simulated beforehand. Only its points are shown, nothing in between."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from nfm_sim.problems import InputError
from nfm_sim.scenario import Scenario
from nfm_sim.study import Comparison, Study, main_quantities, read_quantity, replicate
from nfm_sim.study.compare import compare_quantity, effects_of

MOST_POINTS = 30
"""Each adds its scenario to the page."""
MARK, AND = "levers: ", "; "
"""What the name of a point begins with, and what stands between its changes: by that a page is made again."""
NUMBERS = ("before", "after", "difference", "low", "high")


@dataclass(frozen=True)
class Levers:
    """What a page with levers shows: by path the values that there are, and by point what it changes."""

    values: Mapping[str, Sequence[str]]
    points: Mapping[str, Sequence[Mapping[str, Any]]]


def grid(study: Study, values: Mapping[str, Sequence[Any]], jobs: int | None = None) -> Comparison:
    """Simulate a study again at every point of a grid: with each path as it is and at each of its values. Raises
    `InputError` for more than `MOST_POINTS`, and for what the scenario cannot have."""
    moves = [[{}, *({path: value} for value in those)] for path, those in values.items()]
    changes = [{path: value for move in moved for path, value in move.items()} for moved in product(*moves)]
    points = {MARK + AND.join(f"{path} = {value}" for path, value in one.items()): one for one in changes if one}
    if len(points) > MOST_POINTS:
        raise InputError.of("report", "--levers", len(points), f"are more points than {MOST_POINTS}; give fewer values")
    scenarios = {name: study.scenario.with_changes(change) for name, change in points.items()}
    how: dict[str, Any] = {"seed": study.seed, "sampling": study.sampling, "jobs": jobs}
    made = {name: replicate(changed, len(study.replications), **how) for name, changed in scenarios.items()}
    return Comparison({study.about["title"]: study, **made}, points)


def levers_of(record: Comparison) -> Levers | None:
    """The levers of a comparison that `grid` made; None of another. Each point is compared with the base alone, as
    `nfm.compare` does with the two."""
    points = {name.removeprefix(MARK): study for name, study in record.items() if name.startswith(MARK)}
    if not points:
        return None
    changed = [dict(part.split(" = ", 1) for part in point.split(AND)) for point in points]
    values = {path: dict.fromkeys(one[path] for one in changed if path in one) for path in changed[-1]}  # it moves all
    base = record[record.base]
    rows = {name: effect_rows({record.base: base, name: study}, base.scenario) for name, study in points.items()}
    return Levers({path: list(those) for path, those in values.items()}, rows)


def effect_rows(both: Mapping[str, Study], scenario: Scenario) -> list[dict[str, Any]]:
    """The differences of the second of two studies from the first in the main quantities, as numbers and in words."""
    rows = []
    for quantity in main_quantities(scenario):
        asked = read_quantity(quantity)
        for effect in effects_of(compare_quantity(both, asked, next(iter(both)), 0.95), asked):
            told = "not reached in every replication" if effect.difference is None else effect.told
            told = "the same in every pair" if effect.is_same else told
            sure = "" if not effect.is_sure else "better" if effect.is_welcome else "worse"
            about = {"quantity": quantity, "told": told, "sure": sure}
            rows.append(about | {name: getattr(effect, name) for name in ("of", "words", *NUMBERS)})
    return rows
