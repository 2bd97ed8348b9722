"""A plan is frozen: replications share it, and nothing that can be reached from it changes under them."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, time
from pathlib import PurePath
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np
import polars as pl
import pytest

from nfm_sim.compile import compile_scenario
from nfm_sim.engine import simulate
from nfm_sim.scenario import Scenario, build_scenario
from tests.conftest import coast
from tests.engine.test_memory import brigade
from tests.engine.test_task_stories import data, element, task

WHOLE = (str, bytes, int, float, type(None), date, time, PurePath, type, ModuleType)
"""What has no parts that could change."""


def parts(thing: Any) -> Iterator[tuple[Any, Any]]:
    """Yield all that an object is made of: each part with its name or place."""
    if isinstance(thing, Mapping):
        yield "keys", list(thing)
        yield from enumerate(thing.values())
    elif isinstance(thing, frozenset | set):
        yield "members", sorted(map(repr, thing))
    elif isinstance(thing, list | tuple):
        yield from enumerate(thing)
    elif isinstance(thing, FunctionType):
        yield from enumerate(cell.cell_contents for cell in thing.__closure__ or ())
    elif isinstance(thing, MethodType):
        yield "self", thing.__self__
    for name in {name: None for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())}:
        if hasattr(thing, name):
            yield name, getattr(thing, name)
    yield from getattr(thing, "__dict__", {}).items()


def facts(plan: Any) -> dict[str, Any]:
    """Return everything that can be reached from an object, by the way to it."""
    found: dict[str, Any] = {}
    seen: dict[int, Any] = {}
    todo: list[tuple[str, Any]] = [("plan", plan)]
    while todo:
        way, thing = todo.pop()
        if isinstance(thing, WHOLE):
            found[way] = thing
        elif isinstance(thing, np.ndarray):
            found[way] = thing.tobytes()
        elif isinstance(thing, pl.DataFrame):
            found[way] = thing.rows()
        elif hasattr(thing, "cache_info"):
            found[way] = thing.cache_info()
        elif id(thing) not in seen:
            seen[id(thing)] = thing
            own = list(parts(thing))
            found[way] = (type(thing), len(own))
            todo += [(f"{way}.{name}", part) for name, part in own]
    return found


def uncertain() -> Scenario:
    return brigade().with_changes({"pools.trucks.capacity": {"uniform": [100, 200]}})


def forces() -> Scenario:
    """A battalion that is withdrawn from its place on the regional plans, and comes back to it."""
    guard = task(1, {"from_day": 3, "until_day": 5}, redeploy_h=4)
    battalion = element(tier=1, pieces={"wheeled": 10}, destination="east")
    by_road = {"shares": {"wheeled": {"column": 1.0}}}
    return build_scenario(data({"guard": guard}, {"battalion": battalion}, **by_road), coast())


@pytest.mark.parametrize("make", [brigade, uncertain, forces])
def test_nothing_that_can_be_reached_from_a_plan_changes_in_replications(make: Callable[[], Scenario]) -> None:
    """A brigade drives around links that are closed anywhere, in civil traffic; a battalion goes from task to task."""
    plan = compile_scenario(make())
    before = facts(plan)
    for replication in (0, 1):
        simulate(plan, seed=3, replication=replication)
    after = facts(plan)
    assert sorted(before.keys() ^ after.keys()) == []
    assert [way for way, fact in before.items() if after[way] != fact] == []
