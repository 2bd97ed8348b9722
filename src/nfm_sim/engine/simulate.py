"""Run one replication and hand out its tables."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nfm_sim.engine.activation import assemble
from nfm_sim.engine.compile import compile_scenario
from nfm_sim.engine.fork import plan_forks
from nfm_sim.engine.outages import plan_outages
from nfm_sim.engine.plan import Plan
from nfm_sim.engine.record import Run
from nfm_sim.engine.shares import hold_share
from nfm_sim.engine.tables import make_run
from nfm_sim.engine.tasks import live
from nfm_sim.engine.transit import fly_in, sail_in
from nfm_sim.engine.world import World
from nfm_sim.scenario import Scenario

Progress = Callable[[float], None]


def simulate(
    scenario: Scenario | Plan, seed: int = 0, replication: int = 0, progress: Progress | None = None
) -> Run:
    """Simulate one replication of a scenario.

    The same scenario, seed and replication give the same tables, bit for bit. `progress` is called with the
    simulated day, once a day. A scenario that is simulated often is compiled once: `compile_scenario`.
    """
    plan = scenario if isinstance(scenario, Plan) else compile_scenario(scenario)
    world = World(plan, seed, replication)
    for ship in plan.ships:
        world.env.process(sail_in(world, ship))
    for airlift in plan.airlifts:
        world.env.process(fly_in(world, airlift))
    for duty in world.board.duties.values():
        world.env.process(live(world, duty))
    for share in plan.shares:
        hold_share(world, share)
    for formation in plan.formations:
        world.env.process(assemble(world, formation))
    plan_outages(world, plan.outages, world.value)
    plan_forks(world)
    with _collector_at_rest():
        day = 0
        while day * 24 < plan.horizon_h and world.env.peek() < plan.horizon_h:
            day += 1
            world.env.run_to(min(day * 24.0, plan.horizon_h))
            if progress is not None:
                progress(day)
        run = make_run(world)
        world.take_apart()
        return run


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Keep the garbage collector from walking over the objects of a replication, nearly all of them in use."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
