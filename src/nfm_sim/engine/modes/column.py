"""A march column: its escort, forming up, and a credit for every leg."""

from nfm_sim.engine.world import Mover, Steps, World


def column(world: World, mover: Mover) -> Steps:
    lot = mover.lot
    yield from world.take_assets(mover, lot.assets)
    if lot.prepare is not None:
        yield from world.work(mover.log, "form up", lot.loads_at, world.value[lot.prepare], None)
    world.give(mover.yard)
    mover.yard = None
    yield from world.march(mover, lot.legs, lot.windows)
