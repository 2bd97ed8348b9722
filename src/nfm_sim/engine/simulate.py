"""Run one replication and hand out its tables."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from nfm_sim.engine.activation import assemble
from nfm_sim.engine.compile import compile_scenario
from nfm_sim.engine.fork import plan_forks
from nfm_sim.engine.outages import plan_outages
from nfm_sim.engine.plan import Plan
from nfm_sim.engine.record import COMMITMENTS, DEMANDS, DUTIES, HOLDINGS, PASSAGES, POOLS, SPANS, Run, State
from nfm_sim.engine.shares import hold_share
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
        run = _run(world, seed, replication)
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


def _run(world: World, seed: int, replication: int) -> Run:
    """Close what is open at the horizon, and make tables of the record."""
    plan = world.plan
    if world.now < plan.horizon_h:
        world.env.run_to(plan.horizon_h)
    for log in sorted(world.logs.values(), key=lambda log: bool(log.parts)):  # parts first, then the whole
        log.close(plan.horizon_h)
    for duty in world.board.duties.values():
        duty.close(plan.horizon_h)
    with_replication = partial(_with_replication, replication=replication)
    return Run(
        about={**plan.about, "seed": seed, "replications": 1},
        subjects=_subjects(world).with_columns(pl.lit(replication, pl.Int32).alias("replication")),
        spans=_spans(world).select(pl.lit(replication, pl.Int32).alias("replication"), pl.all()),
        passages=_passages(world).select(pl.lit(replication, pl.Int32).alias("replication"), pl.all()),
        holdings=with_replication(_holdings(world), HOLDINGS),
        pools=with_replication(
            [(p.name, p.place, p.unit, world.pools[key].most, p.people) for key, p in plan.pools.items()], POOLS
        ),
        duties=with_replication(
            [(subject, *row) for subject, duty in world.board.duties.items() for row in duty.rows], DUTIES
        ),
        commitments=with_replication([tuple(row) for row in world.asked if row[-1] > row[-2]], COMMITMENTS),
        demands=with_replication(list(plan.demands), DEMANDS),
    )


def _subjects(world: World) -> pl.DataFrame:
    """The subjects as they moved: what came over another port than planned has that as its origin."""
    subjects = world.plan.subjects
    if not world.diverted:
        return subjects
    return subjects.with_columns(
        pl.coalesce(
            pl.col("subject").replace_strict(world.diverted, default=None, return_dtype=pl.String), "origin"
        ).alias("origin")
    )


def _holdings(world: World) -> list[tuple[Any, ...]]:
    """What was held, up to the horizon, in the order in which it was taken."""
    horizon_h = world.plan.horizon_h
    held = [
        (h.pool.name, h.pool.place, h.subject, h.amount, h.since, min(h.until, horizon_h))
        for h in world.holdings
        if h.until > h.since
    ]
    return held + world.lent


def _spans(world: World) -> pl.DataFrame:
    """Make columns of the logs. States recur, so each is written once and gathered."""
    rows = [row for log in world.logs.values() for row in log.rows]
    counts = [len(log.rows) for log in world.logs.values()]
    states, starts, ends = zip(*rows, strict=True) if rows else ((), (), ())
    numbers: dict[State, int] = {}
    codes = [numbers.setdefault(state, len(numbers)) for state in states]
    known = pl.DataFrame(
        list(numbers), schema={name: SPANS[name] for name in ("activity", "kind", "place", "cause")}, orient="row"
    )
    subjects = pl.Series("subject", list(world.logs), pl.String)
    table: pl.DataFrame = known[np.array(codes, dtype=np.int64)].select(
        subjects.gather(np.repeat(np.arange(len(counts)), counts)),
        pl.all(),
        pl.Series("start_h", starts, pl.Float64),
        pl.Series("end_h", ends, pl.Float64),
    )
    return table


def _with_replication(rows: list[tuple[Any, ...]], schema: dict[str, Any], replication: int) -> pl.DataFrame:
    columns = list(zip(*rows, strict=True)) or [()] * (len(schema) - 1)
    names = [name for name in schema if name != "replication"]
    table = pl.DataFrame(
        {name: pl.Series(name, column, schema[name]) for name, column in zip(names, columns, strict=True)}
    )
    return table.select(pl.lit(replication, pl.Int32).alias("replication"), pl.all())


def _passages(world: World) -> pl.DataFrame:
    """Spread the legs that were driven over their links."""
    passages = [passage for passage in world.passages if passage is not None]
    driven = {number: row for row, number in enumerate(dict.fromkeys(number for _, number, _ in passages))}
    legs = [world.plan.book.leg_links[number] for number in driven]
    sizes = np.array([len(links) for links in legs], dtype=np.int64)
    firsts = np.concatenate([[0], np.cumsum(sizes)[:-1]]) if len(legs) else sizes
    flat = [link for links in legs for link in links]
    subjects = [subject for subject, _, _ in passages]
    numbers = np.array([driven[number] for _, number, _ in passages], dtype=np.int64)
    starts = np.array([start for _, _, start in passages], dtype=np.float64)
    if not len(numbers):
        return pl.DataFrame(schema={k: v for k, v in PASSAGES.items() if k != "replication"})
    counts = sizes[numbers]
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    rows = np.repeat(firsts[numbers], counts) + within
    start = np.repeat(starts, counts)
    table = pl.DataFrame(
        {
            "link": [link.link for link in flat],
            "forward": [link.forward for link in flat],
            "enter_h": np.array([link.enter_h for link in flat]),
            "leave_h": np.array([link.leave_h for link in flat]),
            "slot_h": np.array([link.slot_h for link in flat]),
        }
    )[rows]
    spread: pl.DataFrame = table.select(
        pl.Series("movement", subjects, pl.String).gather(np.repeat(np.arange(len(subjects)), counts)),
        "link",
        "forward",
        pl.col("enter_h") + pl.Series(start),
        pl.col("leave_h") + pl.Series(start),
        "slot_h",
    )
    return spread
