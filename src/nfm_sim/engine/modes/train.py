"""A train: wagons, a loading track, a locomotive with its driver, and a path."""

from nfm_sim.engine.march import march
from nfm_sim.engine.world import Mover, Steps, World


def train(world: World, mover: Mover) -> Steps:
    lot = mover.lot
    if lot.approach is not None:
        yield from march(world, mover, lot.approach)
    yield from world.take_assets(mover, lot.assets)
    track = yield from world.load(mover, lot.load)
    yield from world.take_assets(mover, lot.engines)
    world.give(track)
    yield from march(world, mover, lot.trip)
    yield from world.use(mover, lot.unload, "unload", lot.exit)
    if lot.border is not None:
        yield from world.work(mover.log, "border exchange", lot.exit, world.value[lot.border], None)
        turns_back = [holding for holding in mover.assets if holding.pool.name in dict(lot.engines)]
        mover.assets = [holding for holding in mover.assets if holding not in turns_back]
        world.give_later(turns_back, lot.back_h)
