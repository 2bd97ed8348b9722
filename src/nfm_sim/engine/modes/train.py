"""A train: wagons, a loading track, a locomotive with its driver, and a path."""

from nfm_sim.engine.world import Mover, Steps, World


def train(world: World, mover: Mover) -> Steps:
    lot = mover.lot
    if lot.approach:
        yield from world.march(mover, lot.approach, None)
    yield from world.take_assets(mover, lot.assets)
    track = yield from world.load(mover, lot.load)
    yield from world.take_assets(mover, lot.engines)
    world.give(track)
    yield from world.march(mover, lot.legs, lot.windows)
