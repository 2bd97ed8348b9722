"""What is asked of a study, by name or by sentence, and whether its scenario has it."""

from collections.abc import Iterable, Mapping

from nfm_sim.measures import COLUMNS
from nfm_sim.problems import Problem, did_you_mean
from nfm_sim.scenario import Scenario
from nfm_sim.study.events import CHANCE, read_event
from nfm_sim.study.quantities import Quantity, quantity_of


def read_quantity(text: str, where: str = "quantity") -> Quantity:
    """Read "answer", "answer.column", "answer.column.statistic" or "answer.statistic", with the rows in brackets:
    "closure.median", "readiness.ready_h[13_brigade].p90"; or the chance of an event, "P(closure.division_1 <= 30 d)".
    Raises `InputError`.

    >>> nfm.study.read_quantity("closure.median")
    Quantity(measure='closure', column='last_h', by=('flow',), statistic='median', only=())
    """
    if CHANCE.fullmatch(text):
        return read_event(text, where)
    return quantity_of(text, where)


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


def rows_missing(quantity: Quantity, scenario: Scenario, where: str = "quantity") -> list[Problem]:
    """Return which rows that a quantity asks for a scenario does not have, before anything is simulated."""
    offered = {name: str(element.tier) for name, element in scenario.elements.items() if element.tier is not None}
    rows: Mapping[str, tuple[str, Iterable[str]]] = {
        "flow": ("flow", scenario.flows),
        "tier": ("tier", offered.values()),
        "element": ("element with a tier", offered),
        "formation": ("formation", scenario.formations),
        "plan": ("plan", scenario.plans),
        "task": ("task", scenario.tasks),
    }
    problems = []
    for part in quantity.parts:
        if not part.by or part.by[0] not in rows:
            continue
        what, known = rows[part.by[0]]
        names = [*known]
        if not names:
            problems.append(Problem(where, part.measure, "", f"asks for each {what}, and {scenario.file} has none"))
            continue
        for row in part.only:
            if (row if len(part.by) == 1 else row.partition("/")[0]) not in names:
                near = did_you_mean(row, [*names, *COLUMNS.get(part.measure, ())])
                problems.append(Problem(where, f"{part.measure}[{row}]", "", f"is no {what} of {scenario.file}{near}"))
    return problems
