"""What is asked of a study: quantities by name, and chances of events by sentence."""

from __future__ import annotations

import re

from nfm_sim.scenario import Scenario
from nfm_sim.study.events import CHANCE, read_event
from nfm_sim.study.quantities import QUANTITY, Quantity, quantity_of


def read_quantity(text: str, where: str = "quantity") -> Quantity:
    """Read "answer", "answer.column", "answer.column.statistic" or "answer.statistic", with the rows in brackets:
    "closure.median", "readiness.ready_h[13_brigade].p90"; or the chance of an event, "P(closure.division_1 <= 30 d)".
    Raises `InputError`.

    >>> nfm.study.read_quantity("closure.median")
    Quantity(measure='closure', column='last_h', by=('flow',), statistic='median', only=())
    """
    if CHANCE.fullmatch(text):
        return read_event(text, where)
    return quantity_of(re.fullmatch(QUANTITY, text), text, where)


def main_quantities(scenario: Scenario) -> list[str]:
    """Return the quantities that a scenario is asked for first, of its whole tiers, formations, plans and flows.

    >>> nfm.study.main_quantities(scenario)
    ['ready_by_deadline', 'demands_met', 'closure']
    """
    offered = any(element.tier is not None for element in scenario.elements.values())
    required = any(flow.required_day is not None for flow in scenario.flows.values())
    there = {
        "ready_by_deadline": offered,
        "formations.effective_h": scenario.formations,
        "demands_met": scenario.plans,
        "closure": scenario.flows,
        "closure.on_time_share": required,
    }
    return [quantity for quantity, is_there in there.items() if is_there]
