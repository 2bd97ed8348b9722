"""A march column: its crews and escort, forming up, the gate, and a credit for every leg."""

from nfm_sim.engine.march import march
from nfm_sim.engine.world import Mover, Steps, World


def column(world: World, mover: Mover) -> Steps:
    lot = mover.lot
    for crew, number in lot.crew:  # who stays with the vehicles
        yield from world.take(lot.subject, mover.log, lot.rank, crew, number, "load", lot.loads_at)
    yield from world.take_assets(mover, lot.assets)
    if lot.prepare is not None:
        yield from world.work(mover.log, "form up", lot.loads_at, world.value[lot.prepare], None)
    yield from world.use(mover, lot.gate, "gate", lot.origin)
    world.leave_yard(mover)
    yield from march(world, mover, lot.trip)
