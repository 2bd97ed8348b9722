"""An inland barge: loaded by crane, and locked through on its way."""

from nfm_sim.engine.march import march
from nfm_sim.engine.world import Mover, Steps, World


def barge(world: World, mover: Mover) -> Steps:
    lot = mover.lot
    yield from world.take_assets(mover, lot.assets)
    crane = yield from world.load(mover, lot.load)
    world.give(crane)
    yield from march(world, mover, lot.trip)
    yield from world.use(mover, lot.unload, "unload", lot.exit)
