"""A plan serves any number of replications without growing: what is found under way goes with its replication."""

import gc
from typing import Any

import pytest

from nfm_sim.compile import compile_scenario
from nfm_sim.engine import simulate
from nfm_sim.engine.links.driving import driven_legs
from nfm_sim.scenario import build_scenario
from tests.conftest import ROOT, coast_data, wide_coast

ANYWHERE = {
    f"strike {mode} {number}": {
        "anywhere": mode,
        "start_h": {"uniform": [0, 200]},
        "duration_h": {"pert": [5, 40, 100]},
        "times": 3,
        "every_h": {"exponential": {"mean": 40}},
    }
    for mode in ("road", "rail")
    for number in (1, 2)
}


def brigade() -> Any:
    """The allied brigade with a few of its pieces, and four kinds of disruptions that close links anywhere."""
    import nfm_sim as nfm

    scenario = nfm.read_scenario(ROOT / "scenarios/allied_brigade.toml")
    fewer = {
        f"flows.brigade.ships.{name}.calls.{number}.pieces.{kind}": max(1, count // 60)
        for name, ship in scenario.flows["brigade"].ships.items()
        for number, call in enumerate(ship.calls)
        for kind, count in call.pieces.items()
    }
    return scenario.with_changes({**fewer, "disruptions": ANYWHERE, "horizon_days": 12})


@pytest.mark.parametrize("replications", [80, pytest.param(300, marks=pytest.mark.long)])
def test_memory_is_flat_over_replications_with_disruptions_anywhere(replications: int) -> None:
    plan = compile_scenario(brigade())
    held = []
    for replication in range(replications):
        simulate(plan, seed=1, replication=replication)
        if replication + 1 in (replications // 2, replications):
            driven_legs(plan.book).clear()  # they have a bound of their own
            gc.collect()
            held.append(len(gc.get_objects()))
    after_half, after_all = held
    # legs in classes of hours and routes still come in, each once: they are as many as there are legs and classes
    assert after_all < 1.1 * after_half, "legs that were found under way went with their replications"


def test_what_is_remembered_is_forgotten_when_it_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nfm_sim.engine.links.driving.MOST_DRIVEN", 3)
    book = compile_scenario(brigade()).book
    under_way = driven_legs(book)
    under_way |= dict.fromkeys(range(3))  # type: ignore[arg-type]
    assert driven_legs(book) is under_way
    under_way[3] = None  # type: ignore[index, assignment]
    assert driven_legs(book) == {}
    assert len(under_way) == 4, "who is under way keeps its own"


def test_a_leg_that_is_found_under_way_is_one_leg_in_a_replication() -> None:
    data = {
        "title": "a story",
        "network": "coast",
        "g_day": "2027-01-04T00:00:00",
        "horizon_days": 10,
        "movement": {"empties": False, "discharge": {"shifts": []}, "truck": {"speed_kmh": {"motorway": 50}}},
        "destinations": {"east": {"exits": {"truck": "border"}}},
        "disruptions": {"flood": {"links": ["road2"], "start_h": 0, "duration_h": 200}},
        "flows": {
            "flow": {
                "destination": "east",
                "shares": {"wheeled": {"truck": 1}},
                "ships": {"ship": {"calls": [{"port": "harbour", "day": 0, "pieces": {"wheeled": 5}}]}},
            }
        },
    }
    run = simulate(build_scenario(data, wide_coast()))
    assert run.departures["leg"].n_unique() == 1, "five trucks drive one way around"
    assert run.legs["link"].to_list() == ["road5", "road6"]


@pytest.mark.parametrize("enabled", [True, False])
def test_the_garbage_collector_works_as_before(enabled: bool, play: Any) -> None:
    was_enabled = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        play(coast_data(horizon_days=1))
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if was_enabled else gc.disable)()


def test_a_replication_leaves_nothing_to_the_garbage_collector() -> None:
    import nfm_sim as nfm

    plan = compile_scenario(nfm.read_scenario(ROOT / "scenarios/dutch_force.toml"))
    simulate(plan, seed=1)
    gc.collect()
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        run = simulate(plan, seed=1, replication=1)
        assert gc.collect() == 0, f"of {len(plan.elements)} elements, those that still wait know what they wait for"
    finally:
        if was_enabled:
            gc.enable()
    assert run.spans.height > 0
