"""What held movements up, what holders of pools did meanwhile, and where the delay comes from."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from nfm_sim.kinds.modes import YARD
from nfm_sim.measures import common
from nfm_sim.measures.congestion import waits
from nfm_sim.record import Record
from nfm_sim.record.words import CauseKind, Kind, Milestone, Rule, What

COME_BACK = "come back"
"""What a holder does that has closed and still holds: its wagons, trucks or escorts are on their way back."""
SERVE = "serve"
"""What a task does with the amounts that it holds."""


def pool_use(run: Record) -> pl.DataFrame:
    """Return what the holders of each pool did while they held it.

    Columns: replication, pool, place, activity and kind (work, move, wait, blocked) of the holder, cause (of a wait,
    else empty), unit_hours (the amount held times hours), and share of all unit_hours of the pool. "come back" is the
    time after the holder closed, "serve" that of tasks. Sorted by unit_hours within a pool, the most first.

    >>> nfm.measures.pool_use(run).filter(pl.col("pool") == "trucks").select("activity", "kind", "unit_hours").row(0)
    ('come back', 'move', 12.0)
    """
    waited_for = pl.when(pl.col("kind").is_in([Kind.WAIT, Kind.BLOCKED])).then("cause").otherwise(pl.lit(""))
    spans = run.spans.filter(pl.col("kind") != Kind.MILESTONE)
    spans = spans.select(*common.KEYS, "activity", "kind", cause=waited_for, from_h="start_h", until_h="end_h")
    back = spans.group_by(common.KEYS).agg(from_h=pl.col("until_h").max())
    back = back.with_columns(activity=pl.lit(COME_BACK), kind=pl.lit(Kind.MOVE))
    tasks = run.holdings.select(common.KEYS).unique().join(spans, on=common.KEYS, how="anti")
    tasks = tasks.with_columns(activity=pl.lit(SERVE), kind=pl.lit(Kind.WORK), from_h=pl.lit(-np.inf))
    rest = pl.concat([back, tasks], how="diagonal").with_columns(cause=pl.lit(""), until_h=pl.lit(np.inf))
    doing = pl.concat([spans, rest], how="diagonal")
    held = run.holdings.filter(pl.col("amount") > 0)  # nothing of a pool may be held too
    doings = [*common.POOL, "activity", "kind", "cause"]
    unit_hours = (pl.col("amount") * common.LENGTH_H).sum()
    used = _cut_to_hours(held.join(doing, on=common.KEYS)).group_by(doings).agg(unit_hours=unit_hours)
    # sorted, so that the shares of many replications are to the last bit those of each alone
    used = used.sort(*doings, "unit_hours")
    used = used.with_columns(share=pl.col("unit_hours") / pl.col("unit_hours").sum().over(common.POOL))
    return used.sort(*common.POOL, "unit_hours", "activity", descending=[False, False, False, True, False])


LEAST = 1e-6
"""Unit-hours and piece-hours below which a rest is but rounding."""
STEP_H = 24
"""Within such a step, what holders wait for counts as waited for by all who wait for the pool."""


def passed_on(run: Record) -> pl.DataFrame:
    """Return to what the waits for each pool and facility are passed on: to what its holders wait for meanwhile.

    Columns: replication, kind and name of the pool or facility, to_kind and to_name of what its holders wait for, and
    share: of what was held while something waited for it, weighted by the pieces that waited, by day. What is missing
    to 1 stays with it: its holders work, move, or come back.

    >>> nfm.measures.passed_on(run).select("name", "to_name", pl.col("share").round(2)).rows()
    [('trucks', 'harbour.truck_ramps', 0.02)]
    """
    to = [pl.col("cause_kind").alias("to_kind"), common.named_cause().alias("to_name")]
    number = pl.int_range(pl.len(), dtype=pl.UInt32)
    names = run.pools.select("replication", *common.pool_kind_and_name(), number=number)
    waited_for = ["replication", "kind", "name"]
    wanted = common.own_waits(run).select("replication", "start_h", "end_h", *to, amount="pieces")
    wanted = wanted.join(names, left_on=["replication", "to_kind", "to_name"], right_on=waited_for)
    wanting = common.by_step(wanted, ["number"], STEP_H).rename({"used": "wanting"})
    while_wanted = wanting.group_by("number").agg(
        from_h=(pl.col("step").min() * STEP_H).cast(pl.Float64),
        until_h=((pl.col("step").max() + 1) * STEP_H).cast(pl.Float64),
    )
    spans = run.spans.filter(pl.col("kind").is_in([Kind.WAIT, Kind.BLOCKED]) & (pl.col("cause") != ""))
    held = _cut_to_hours(common.held_by_pool(run).join(while_wanted, on="number"))
    of_holders = spans.select(*common.KEYS, *to, from_h="start_h", until_h="end_h")
    waiting = _cut_to_hours(held.join(of_holders, on=common.KEYS))
    in_all = common.by_step(held, ["number"], STEP_H).rename({"used": "held"})
    in_all = in_all.filter(pl.col("held") > 0)  # nothing of a pool may be held too
    by, share = ["number", "to_kind", "to_name"], pl.col("wanting") * pl.col("used") / pl.col("held")
    steps = common.by_step(waiting, by, STEP_H)
    for others in (in_all, wanting):
        steps = steps.join(others, on=["number", "step"])
    passed = steps.sort(*by, "step").group_by(by, maintain_order=True).agg(share=share.sum())
    wanted = wanting.sort("number", "step").group_by("number", maintain_order=True).agg(pl.col("wanting").sum())
    passed = passed.join(wanted, on="number").join(names, on="number")
    passed = passed.filter((pl.col("to_kind") != pl.col("kind")) | (pl.col("to_name") != pl.col("name")))
    passed = passed.select(*waited_for, "to_kind", "to_name", pl.col("share") / pl.col("wanting"))
    order = [False, False, False, True, False, False]
    return passed.sort(*waited_for, "share", "to_kind", "to_name", descending=order)


def _cut_to_hours(rows: pl.DataFrame) -> pl.DataFrame:
    """Cut what holds from `start_h` to `end_h` to what lies between `from_h` and `until_h`."""
    cut = rows.with_columns(pl.max_horizontal("start_h", "from_h"), pl.min_horizontal("end_h", "until_h"))
    return cut.drop("from_h", "until_h").filter(common.LENGTH_H > 0)


# Bottlenecks: what held movements up, how much, and which capacity was full first


@common.kept
def bottlenecks(run: Record) -> pl.DataFrame:
    """Return what held movements and elements up, ranked by the delay that it caused.

    A wait for a pool or facility is passed on to what its holders wait for meanwhile: when wagons stand under trains
    that wait for a locomotive, the locomotives caused it (`passed_on`). What holders work on or carry stays with it.
    Columns: replication, kind, name, hours (waited for it, summed over what waited), piece_hours (caused by it: each
    wait weighted by its pieces, one at least, with what was passed on to it and without what it passed on), share (of
    all piece_hours of the replication), waited_piece_hours (waited for it) and first_h (the hour at which the first
    waited; null where nothing did). The kind is "facility" (name "place.facility"), "pool", "link" (its name; `waits`
    says where they stood), "disruption", "task", "element", "partner", "movement" (one that bumped others), or "rule"
    (driving windows, closed hours, timetables, permits, lateness, breakdowns, the ship's own gangs).

    >>> nfm.bottlenecks(run).select("kind", "name").rows()
    [('pool', 'trucks'), ('rule', 'gangs of the ship'), ('facility', 'harbour.truck_ramps')]
    """
    keys = ["replication", "kind", "name"]
    named = waits(run).filter(pl.col("cause") != "").with_columns(kind="cause_kind", name=common.named_cause())
    sums = [pl.col("hours").sum(), pl.col("piece_hours").sum().alias("waited_piece_hours"), pl.col("first_h").min()]
    waited = named.group_by(keys, maintain_order=True).agg(sums).sort(keys)
    to = passed_on(run)
    passed = to.partition_by("replication", as_dict=True)
    caused = [
        (replication[0], *row)
        for replication, rows in waited.partition_by("replication", as_dict=True, maintain_order=True).items()
        for row in _caused(rows, passed.get(replication, to.clear()))
    ]
    schema = waited.select(*keys, piece_hours=pl.lit(0.0)).schema
    found = pl.DataFrame(caused, schema=schema, orient="row").join(waited, on=keys, how="left", maintain_order="left")
    found = found.filter((pl.col("piece_hours") > LEAST) | pl.col("hours").is_not_null())
    share = pl.col("piece_hours") / pl.col("piece_hours").sum().over("replication")
    found = found.with_columns(pl.col("hours", "waited_piece_hours").fill_null(0.0), share=share)
    found = found.select(*keys, "hours", "piece_hours", "share", "waited_piece_hours", "first_h")
    return found.sort("replication", "piece_hours", "name", "kind", descending=[False, True, False, False])


def held_up(run: Record) -> pl.DataFrame:
    """What held up over all replications: kind, name, piece_hours (a replication, in the mean) and first_h, the worst
    first."""
    causes = bottlenecks(run).group_by("kind", "name")
    hours = causes.agg(pl.col("piece_hours").sum() / run.about["replications"], pl.col("first_h").min())
    return hours.sort("piece_hours", "name", descending=[True, False])


OWN_SHARE = 0.02
"""What a pool keeps at least of the waits for it: those who wait for each other would pass them on without an end."""


def _caused(waited: pl.DataFrame, to: pl.DataFrame) -> Iterator[tuple[str, str, float]]:
    """Pass the waits of one replication on; yield kind, name and what comes to each, of what waited for it and of what
    others pass on to it, less what it passes on itself."""
    things = dict.fromkeys([*waited.select("kind", "name").iter_rows(), *to.select("to_kind", "to_name").iter_rows()])
    number = {thing: place for place, thing in enumerate(things)}
    came = np.zeros(len(number))
    for kind, name, amount in waited.select("kind", "name", "waited_piece_hours").iter_rows():
        came[number[kind, name]] = amount
    share = np.zeros((len(number), len(number)))
    for kind, name, to_kind, to_name, part in to.drop("replication").iter_rows():
        share[number[kind, name], number[to_kind, to_name]] += part
    all_passed = share.sum(axis=1)
    share *= np.minimum(1, (1 - OWN_SHARE) / np.maximum(all_passed, LEAST))[:, None]
    in_all = np.linalg.solve(np.eye(len(number)) - share.T, came)
    caused = in_all * (1 - share.sum(axis=1))
    yield from ((kind, name, hours) for (kind, name), hours in zip(number, caused.tolist(), strict=True))


def saturation(run: Record, share: float = 0.95) -> pl.DataFrame:
    """Return when each capacity was first full for a day: the first to saturate stands first.

    A capacity is full on a day when at least this share of it was held, or of a link's calendar taken. Columns:
    replication, kind ("facility", "pool", "link"), name, first_day (0 is the day from hour 0), days (how many),
    used_share (mean over the days from first to last on which it was full). What never was full has no row. A
    link counts by its busier direction, and a single track, which both directions share, by both together.

    >>> nfm.measures.saturation(run, 0.2).select("kind", "name", "first_day").rows()
    [('pool', 'trucks', 0)]
    """
    full = full_days(run, share).group_by("replication", "kind", "name")
    found = full.agg(pl.col("day").min().alias("first_day"), pl.len().alias("days"), pl.col("used_share").mean())
    return found.sort("replication", "first_day", "days", "name", descending=[False, False, True, False])


def full_days(run: Record, share: float = 0.95) -> pl.DataFrame:
    """Return the days on which capacities were full, as `saturation` has it: a row for each.

    Columns: replication, kind ("facility", "pool", "link"), name, day (0 is the day from hour 0), used_share.

    >>> nfm.measures.full_days(run, 0.2).select("kind", "name", "day").rows()
    [('pool', 'trucks', 0)]
    """
    used = pl.concat([_held_by_day(run), _booked_by_day(run)]).rename({"used": "used_share"})
    return used.filter(pl.col("used_share") >= share).sort("replication", "kind", "name", "day")


def _held_by_day(run: Record) -> pl.DataFrame:
    """Share of each pool and facility that was held, by day."""
    held = run.pools.filter(pl.col("capacity") > 0).select(*common.POOL, "capacity").join(run.holdings, on=common.POOL)
    used = common.by_step(held.with_columns(pl.col("amount") / pl.col("capacity")), common.POOL, 24)
    return used.select("replication", *common.pool_kind_and_name(), pl.col("step").alias("day"), "used")


def _booked_by_day(run: Record) -> pl.DataFrame:
    """Share of each link's calendar that was taken, by day: of the busier direction, or of a single track, which both
    directions share, in both. A train takes a single track for the headway when the next one follows it, and for as
    long as it is there when the next one comes against it, or none does."""
    network, used = run.network, pl.col("used")
    twins = {} if network is None else {name: min(name, twin) for name, twin in network.single_tracks.items()}
    single = [] if network is None else [name for name, link in network.links.items() if link.tracks == 1]
    track, way = pl.col("link").replace(twins), pl.struct("link", "forward")
    follows = (way == way.shift(-1)).over("replication", track, order_by="enter_h").fill_null(False)
    is_single, after = pl.col("link").is_in(single), pl.col("enter_h") + pl.col("slot_h")
    until = pl.when(is_single & ~follows).then(pl.col("leave_h")).otherwise(after)
    slots = run.passages.filter(pl.col("slot_h") > 0)
    slots = slots.select("replication", track, "forward", start_h="enter_h", end_h=until, amount=pl.lit(1.0))
    by_way = common.by_step(slots, ["replication", "link", "forward"], 24).rename({"step": "day"})
    busier = pl.when(is_single.first()).then(used.sum()).otherwise(used.max())
    days = by_way.group_by("replication", "link", "day").agg(busier)
    return days.select("replication", pl.lit(CauseKind.LINK).alias("kind"), pl.col("link").alias("name"), "day", "used")


def stock(run: Record, facility: str = YARD) -> pl.DataFrame:
    """Return how full a facility or pool is over time: a row at each hour at which that changes.

    Columns: replication, place, hour, held (as it is from then on), capacity. Use it for yards, beds and wagons.

    >>> nfm.measures.stock(run, "trucks").select("hour", "held", "capacity").row(0)
    (0.10000038146972656, 1.0, 2.0)
    """
    keys = ["replication", "place"]
    held = run.holdings.filter(pl.col("pool") == facility)
    capacity = run.pools.filter(pl.col("pool") == facility).select(*keys, "capacity")
    return common.stacked(held, keys, "amount").rename({"amount": "held"}).join(capacity, on=keys).sort(*keys, "hour")


# Where the delay comes from: ships, ports, the network, means, the far end, rules, tasks


SHIPS, PORTS, NETWORK, RULES = "ships", "ports and terminals", "network", "rules"
MEANS, FAR_END, TASKS = "means", "far end", "tasks and elements"
OF_RULE = {
    **dict.fromkeys((name for _, name in (Rule.CIVIL_TIMETABLE, Rule.CIVIL_BARGES, Rule.BREAKDOWN)), NETWORK),
    **{name: SHIPS for _, name in (Rule.LATENESS, Rule.AHEAD_OF_PLAN, Rule.GANGS_OF_SHIP, Rule.SHIP, Rule.CARGO)},
}
OF_KIND = {
    CauseKind.FACILITY: PORTS,
    CauseKind.POOL: MEANS,
    CauseKind.LINK: NETWORK,
    CauseKind.DISRUPTION: NETWORK,
    **dict.fromkeys((CauseKind.TASK, CauseKind.ELEMENT, CauseKind.PARTNER, CauseKind.MOVEMENT), TASKS),
}


@common.kept
def delay_shares(run: Record) -> pl.DataFrame:
    """Return which share of the delay comes from where: what `bottlenecks` says, put together.

    Columns: replication, source, piece_hours, and share (of all piece_hours of the replication). The sources are
    "ships" (late, or their own gangs), "ports and terminals" (all facilities), "network" (links, disruptions, civil
    timetables and barges, breakdowns), "means" (pools), "far end" (of the waits for wagons, trucks and the like, the
    share of what is held of them by movements that have closed: on their way beyond the border, unloaded there, on
    their way back), "rules" (permits, hours, programmes, decisions), and "tasks and elements". Sorted by piece_hours,
    the most first.

    >>> nfm.measures.delay_shares(run).select("source", pl.col("share").round(2)).rows()
    [('means', 0.5), ('far end', 0.42), ('ships', 0.04), ('ports and terminals', 0.04)]
    """
    by_rule = pl.col("name").replace_strict(OF_RULE, default=pl.lit(RULES))
    source = pl.col("kind").replace_strict(OF_KIND, default=by_rule)
    away = _away(run).with_columns(source=pl.lit(MEANS))
    by, hours = ["replication", "source"], pl.col("piece_hours")
    rows = bottlenecks(run).with_columns(source=source).join(away, on=[*by, "name"], how="left", maintain_order="left")
    rows = rows.with_columns(beyond=hours * pl.col("away").fill_null(0.0))
    here = rows.select(*by, piece_hours=hours - pl.col("beyond"))
    there = rows.select("replication", source=pl.lit(FAR_END), piece_hours="beyond")
    found = pl.concat([here, there]).group_by(by, maintain_order=True).agg(hours.sum()).filter(hours > 0).sort(by)
    found = found.with_columns(share=hours / hours.sum().over("replication"))
    return found.sort("replication", "piece_hours", "source", descending=[False, True, False])


def _away(run: Record) -> pl.DataFrame:
    """By national pool that movements hold, as `name`: the share of what they hold of it after they have closed."""
    moved = run.subjects.filter(pl.col("what") == What.MOVEMENT).select(common.KEYS)
    closed = common.milestones(run).select(*common.KEYS, closed_h=pl.col(Milestone.CLOSED))
    held = run.holdings.filter(pl.col("place") == "")
    held = held.join(moved, on=common.KEYS, how="semi", maintain_order="left")
    held = held.join(closed, on=common.KEYS, how="left", maintain_order="left")
    amount = pl.col("amount")
    after = (pl.col("end_h") - pl.max_horizontal("start_h", "closed_h")).clip(lower_bound=0.0)
    unit_hours = [(amount * common.LENGTH_H).sum().alias("all"), (amount * after).fill_null(0.0).sum().alias("after")]
    held = held.with_columns(pl.col("closed_h").fill_null(run.horizon_h))
    pools = held.group_by("replication", name="pool", maintain_order=True).agg(unit_hours).filter(pl.col("all") > 0)
    return pools.select("replication", "name", away=pl.col("after") / pl.col("all"))


def held_by_day(run: Record, pool: str = "") -> pl.DataFrame:
    """Return how much of a pool or facility, or of each of them, every flow, tier or task held on each day, and what
    there was of it.

    Columns: replication, pool, place, whose (the flow, "tier 1", or the task), day (0 is the first), held and capacity,
    both as means over the hours of the day. Days on which one holds nothing have no row.

    >>> nfm.measures.held_by_day(run, "trucks").select("whose", "day", "capacity").rows()
    [('division', 0, 2.0)]
    """
    keys, mine = common.POOL, (pl.col("pool") == pool) | (pool == "")
    end_h = pl.col("end_h").clip(upper_bound=run.horizon_h)
    held = common.owned_holdings(run).filter(mine).with_columns(end_h)
    until = pl.col("hour").shift(-1).over(keys).fill_null(run.horizon_h)
    there = run.capacities.filter(mine).sort(*keys, "hour").with_columns(start_h="hour", end_h=until, amount="capacity")
    used = common.by_step(held, [*keys, "whose"], 24).filter(pl.col("used") > 0)
    capacity = common.by_step(there, keys, 24).rename({"used": "capacity"})
    both = used.join(capacity, on=[*keys, "step"], how="left")
    return both.select(*keys, "whose", day="step", held="used", capacity="capacity").sort(*keys, "whose", "day")
