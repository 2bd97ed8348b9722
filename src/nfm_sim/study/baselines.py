"""Rules of thumb for the days to closure of an operation, each fitted to others on record: what a model has to beat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import scipy

from nfm_sim.compile.lots import split_over_modes
from nfm_sim.kinds.facilities import BERTHS
from nfm_sim.kinds.modes import TRUCK
from nfm_sim.scenario import Scenario
from nfm_sim.scenario.on_record import CLOSED, Case

START_UP_DAYS = 1.5
"""Of the line: half of the three days of a start-up. Assumed."""


def by_direction(case: Case, others: Sequence[Case]) -> float:
    """The mean duration in days of the others in the same direction; of all others where there is none, or none is
    said."""
    direction = case.record.direction
    same = [other for other in others if direction and other.record.direction == direction]
    return float(np.mean([_days(other) for other in same or others]))


def by_line(case: Case, others: Sequence[Case]) -> float:
    """A start-up, and so many days for each lorry load at the busiest port (pieces, where no lorry goes)."""
    loads = np.array([busiest_port(other.scenario) for other in others])
    days = np.array([_days(other) for other in others])

    def off(log_days: float) -> float:
        return float(np.sum(np.log((START_UP_DAYS + np.exp(log_days) * loads) / days) ** 2))

    fitted = scipy.optimize.minimize_scalar(off, bounds=(-12, 3), method="bounded").x
    return float(START_UP_DAYS + np.exp(fitted) * busiest_port(case.scenario))


def by_regression(case: Case, others: Sequence[Case]) -> float:
    """The regression of the logarithm of days on that of pieces, and on the number of ports."""
    rows = np.array([_row(other) for other in others])
    slopes = np.linalg.lstsq(rows, np.log([_days(other) for other in others]), rcond=None)[0]
    return float(np.exp(_row(case) @ slopes))


def by_rate(case: Case, others: Sequence[Case]) -> float:
    """The pieces over the mean pieces a day of the others."""
    return case.record.pieces / float(np.mean([other.record.pieces / _days(other) for other in others]))


BASELINES: dict[str, Callable[[Case, Sequence[Case]], float]] = {
    rule.__name__: rule for rule in (by_direction, by_line, by_regression, by_rate)
}


def busiest_port(scenario: Scenario) -> int:
    """Return the lorry loads of the port that has most of them; all pieces there where no lorry goes."""
    lorries: Counter[str] = Counter()
    pieces: Counter[str] = Counter()
    for flow in scenario.flows.values():
        for _, place, cargo in flow.cargoes():
            shares = {**scenario.shares, **flow.shares, **cargo.shares}
            to = scenario.destinations[cargo.destination or flow.destination]
            for mode, counts in split_over_modes(cargo.pieces, shares).items():
                ends = (place, to.exits.get(mode, place))
                port = next((end for end in ends if scenario.facility(end, BERTHS)), place)
                pieces[port] += sum(counts.values())
                lorries[port] += sum(counts.values()) if mode == TRUCK.name else 0
    return max(lorries.values()) or max(pieces.values())


def _days(case: Case) -> float:
    return case.record.observed[CLOSED].middle


def _row(case: Case) -> list[float]:
    return [1.0, float(np.log(case.record.pieces)), float(case.record.ports)]
