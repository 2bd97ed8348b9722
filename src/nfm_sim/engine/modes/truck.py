"""Line-haul: a lorry is loaded and drives among the civil traffic, without a credit."""

from nfm_sim.engine.march import march
from nfm_sim.engine.world import Mover, Steps, World


def truck(world: World, mover: Mover) -> Steps:
    lot = mover.lot
    yield from world.take_assets(mover, lot.assets)
    ramp = yield from world.load(mover, lot.load)
    world.give(ramp)
    yield from world.use(mover, lot.gate, "gate", lot.origin)
    yield from march(world, mover, lot.trip)
    yield from world.use(mover, lot.unload, "unload", lot.exit)
