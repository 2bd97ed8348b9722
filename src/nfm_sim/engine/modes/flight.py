"""Helicopters are made ready where they landed, and fly off from a spot in daylight."""

from nfm_sim.engine.march import march
from nfm_sim.engine.world import Mover, Steps, World


def flight(world: World, mover: Mover) -> Steps:
    lot = mover.lot
    if lot.prepare is not None:
        yield from world.work(mover.log, "make ready", lot.loads_at, world.value[lot.prepare], None)
    spot = yield from world.load(mover, lot.load)
    world.give(spot)
    yield from march(world, mover, lot.trip)
