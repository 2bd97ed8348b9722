"""Congestion: waits by place and cause, the use of pools and links, and what that costs civil traffic."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from nfm_sim.kinds import MODES
from nfm_sim.kinds.modes import ROAD
from nfm_sim.measures import common
from nfm_sim.record import Record
from nfm_sim.record.words import Activity, Kind, What
from nfm_sim.scenario import Scenario
from nfm_sim.scenario.values import TIMEZONE


@common.kept
def waits(run: Record) -> pl.DataFrame:
    """Return the waits by place and cause.

    Columns: replication, place, cause_kind, cause, waits (their number), hours (summed over all that waited),
    piece_hours (the same, each weighted by its pieces, one at least), longest_h, and first_h: the hour at which the
    first waited. Sorted by piece_hours, worst first.

    >>> nfm.waits(run).select("place", "cause_kind", "cause", "waits", "hours").row(0)
    ('harbour', 'pool', 'trucks', 2, 12.999998092651367)
    """
    alike = common.own_waits(run).group_by("replication", "place", "cause_kind", "cause")
    found = alike.agg(
        waits=pl.len(),
        hours=common.LENGTH_H.sum(),
        piece_hours=(common.LENGTH_H * pl.col("pieces")).sum(),
        longest_h=common.LENGTH_H.max(),
        first_h=pl.col("start_h").min(),
    )
    return found.sort("replication", -pl.col("piece_hours"), "place", "cause", "cause_kind")


def queue(run: Record, step_h: float = 6) -> pl.DataFrame:
    """Return how many stand in queues at an hour, and with how many pieces.

    A queue is what waits at a place for something: of the `waits` all but those of ships and aircraft that are late,
    in a ship for its own gangs, and for the decision. Columns: replication, place, cause_kind, cause, hour, waiting (a
    ship before its berth, or whose gangs wait for a crane, is one, with all that it carries), pieces. Hours with none
    have 0.

    >>> nfm.measures.queue(run, 1).select("place", "cause", "hour", "waiting").row(0)
    ('harbour', 'truck_ramps', 0.0, 0)
    """
    by_ship = pl.col("activity").is_in([Activity.ARRIVE, Activity.DISCHARGE])
    # of what a ship carries none waits, but its pieces do
    spans = common.own_waits(run).filter(common.IN_QUEUE).with_columns(waiting=(~by_ship).cast(pl.Int64))
    is_ship = common.about_subjects(run, "what").filter(pl.col("what") == What.SHIP)
    ships = run.spans.filter(pl.col("kind").is_in([Kind.WAIT, Kind.BLOCKED]) & by_ship & common.IN_QUEUE)
    ships = ships.join(is_ship, on="subject", how="semi")
    keys = ["replication", "place", "cause_kind", "cause"]
    columns = [*keys, "start_h", "end_h", "waiting", "pieces"]
    one = ships.with_columns(waiting=pl.lit(1, pl.Int64), pieces=pl.lit(0, spans.schema["pieces"]))
    spans = pl.concat([spans.select(columns), one.select(columns)])
    level = common.stacked(spans.with_columns(pl.col("pieces").cast(pl.Int64)), keys, "waiting", "pieces")
    waiting = common.at_hours(level, keys, run, step_h)
    return waiting.select(*keys, "hour", pl.col("waiting", "pieces").fill_null(0)).sort(*keys, "hour")


def utilisation(run: Record, *, from_h: float | None = None, until_h: float | None = None) -> pl.DataFrame:
    """Return how full each pool, facility and yard was, from one hour to another.

    Without hours, each counts from when something of it was first held until all had come back, or to the horizon: so
    the answer does not depend on how long nothing happens afterwards. Columns: replication, pool, place, unit, capacity
    (its largest), mean_held, peak_held, used_share (what was held over the capacity that there was, hour by hour; what
    holders kept of a capacity that was closed meanwhile counts as there, so it is never above 1; null where there was
    none), from_h and until_h (null: it was never held). Raises `ValueError` for a time that ends before it begins.

    >>> nfm.measures.utilisation(run).select("pool", "place", "capacity", "peak_held").row(0)
    ('trucks', '', 2.0, 2.0)
    """
    known = run.answer("utilisation") if from_h is None and until_h is None else None
    if known is not None:
        return known
    if from_h is not None and until_h is not None and until_h <= from_h:
        raise ValueError(f"from_h {from_h:g} must come before until_h {until_h:g}")
    first_h = pl.col("start_h").min() if from_h is None else pl.lit(from_h)
    last_h = pl.col("end_h").clip(upper_bound=run.horizon_h).max() if until_h is None else pl.lit(until_h)
    time = common.held_by_pool(run).group_by("number").agg(from_h=first_h, until_h=last_h)
    hours = pl.min_horizontal("next_h", "until_h") - pl.max_horizontal("hour", "from_h")
    levels = _levels(run).join(time, on="number", maintain_order="left").filter(hours > 0)
    used = levels.group_by("number", maintain_order=True).agg(
        # products in the sum: polars adds a column up in parts, which are others with other replications beside
        held_hours=(hours * pl.col("held")).sum(),
        there_hours=(hours * pl.max_horizontal("there", "held")).sum(),
        peak_held=pl.col("held").max(),
    )
    share = pl.when(pl.col("there_hours") > 0).then(pl.col("held_hours") / pl.col("there_hours"))
    idle = pl.when(pl.col("from_h").is_null() & (pl.col("capacity") > 0)).then(0.0)
    mean = (pl.col("held_hours") / (pl.col("until_h") - pl.col("from_h"))).fill_null(0.0).alias("mean_held")
    pools = run.pools.with_row_index("number")
    pools = pools.join(used.join(time, on="number"), on="number", how="left", maintain_order="left")
    pools = pools.with_columns(mean, pl.col("peak_held").fill_null(0.0), used_share=pl.coalesce(share, idle))
    held = ("mean_held", "peak_held", "used_share", "from_h", "until_h")
    return pools.select(*common.POOL, "unit", "capacity", *held)


common.KEPT["utilisation"] = utilisation


def _levels(run: Record) -> pl.DataFrame:
    """What is held and what is there of each pool (by its number), from each hour at which one of them changes until
    the next."""
    number, nothing, capacity = pl.col("number"), pl.lit(0.0), pl.col("capacity")
    held, there = common.held_by_pool(run), common.numbered_by_pool(run, run.capacities).sort("number", "hour")
    changes = [
        held.select("number", hour="start_h", held="amount", there=nothing),
        held.select("number", hour="end_h", held=-pl.col("amount"), there=nothing),
        there.select("number", "hour", held=nothing, there=capacity - capacity.shift(1, fill_value=0.0).over(number)),
    ]
    next_h = pl.col("hour").shift(-1).over(number).fill_null(run.horizon_h)
    levels = pl.concat(changes).sort("hour", maintain_order=True)
    return levels.with_columns(pl.col("held", "there").cum_sum().over(number), next_h=next_h)


def link_load_by_hour(run: Record) -> pl.DataFrame:
    """Return the load of each link and direction by the hour in which movements enter it.

    Columns: replication, link, forward, hour (0 is the hour from hour 0), mode, movements, pieces, slot_h. Hours
    in which nothing enters have no row.

    >>> nfm.measures.link_load_by_hour(run).select("link", "hour", "mode", "pieces").row(0)
    ('road1', 0, 'truck', 1)
    """
    movements = run.subjects.select("replication", "subject", "mode", "pieces")
    by = ["replication", "link", "forward", "hour", "mode"]
    passed = run.passages.join(movements, left_on=["replication", "movement"], right_on=common.KEYS)
    loads = passed.with_columns(hour=pl.col("enter_h").floor().cast(pl.Int32)).group_by(by)
    return loads.agg(pl.len().alias("movements"), pl.col("pieces", "slot_h").sum()).sort(by)


@common.kept
def link_load(run: Record) -> pl.DataFrame:
    """Return the load of each link and direction that was used.

    Columns: replication, link, forward, movements, pieces, slot_h (hours of its calendar taken) and used_share
    (slot_h over the horizon). What trains on a single track shut out against them is not counted.

    >>> nfm.measures.link_load(run).select("link", "forward", "pieces").rows()
    [('road1', True, 4), ('road2', True, 4)]
    """
    by = ["replication", "link", "forward"]
    movements = run.subjects.select("replication", "pieces", movement="subject")
    left = run.departures.join(movements, on=["replication", "movement"]).group_by("replication", "leg")
    driven = left.agg(pl.len().alias("movements"), pl.col("pieces").sum())
    links = run.legs.join(driven, on=["replication", "leg"], maintain_order="left").group_by(by)
    loads = links.agg(pl.col("movements", "pieces").sum(), (pl.col("slot_h") * pl.col("movements")).sum())
    return loads.with_columns(used_share=pl.col("slot_h") * (1 / run.horizon_h)).sort(by)


# The cost of movements to civil traffic


CAR_EQUIVALENT = 2.0
"""Passenger cars that a heavy vehicle counts for on level road (Highway Capacity Manual, 6th edition, 2016)."""


def civil_cost(run: Record, scenario: Scenario) -> pl.DataFrame:
    """Return what columns and trucks cost civil traffic on the roads, by link, direction and hour.

    Columns: replication, link, forward, hour (0 is the hour from hour 0), vehicles (military, that entered in it),
    civil_vehicles (in it) and vehicle_hours: what these lose. It is the volume-delay function of the scenario
    (Bureau of Public Roads, 1964) with and without the military vehicles, each counted as two cars (HCM 2016):

        vehicle_hours = v T a (((v + 2 m) / c)^b - (v / c)^b)

    with v the civil volume, m the military vehicles, c the capacity of the link's lanes, T its hours when free.
    Raises ValueError when the scenario has no civil volumes (movement.civil.mean_per_h).

    >>> busy = scenario.with_changes({"movement.civil.mean_per_h.motorway": 3000})
    >>> nfm.measures.civil_cost(run, busy).select("link", "hour", "vehicles").row(0)
    ('road1', 0, 1)
    """
    civil = scenario.movement.civil
    if not civil.mean_per_h:
        raise ValueError("the scenario has no civil traffic; give movement.civil.mean_per_h the vehicles an hour")
    rows = [
        (name, of.km / of.free_speed_kmh, civil.mean_per_h[of.kind], civil.lane_capacity_per_h * (of.lanes or 1))
        for name, of in scenario.loaded_network.links.items()
        if of.kind in civil.mean_per_h
    ]
    numbers = dict.fromkeys(("free_h", "mean", "capacity"), pl.Float64)
    roads = pl.DataFrame(rows, schema={"link": pl.String, **numbers}, orient="row")
    by_road = [name for name, mode in MODES.items() if mode.network == ROAD]
    by = ["replication", "link", "forward", "hour"]
    loads = link_load_by_hour(run).filter(pl.col("mode").is_in(by_road))
    entered = loads.group_by(by).agg(vehicles=pl.col("pieces").sum()).join(roads, on="link")
    g_day, week = datetime.fromisoformat(run.about["g_day"]), civil.road_factors()
    factors = {hour: week[hour_of_week(g_day, hour)] for hour in entered["hour"].unique()}
    factor = pl.col("hour").replace_strict(factors, return_dtype=pl.Float64)
    volume = pl.col("civil_vehicles")
    load = (volume / pl.col("capacity")).pow(civil.delay_b)
    with_them = ((volume + CAR_EQUIVALENT * pl.col("vehicles")) / pl.col("capacity")).pow(civil.delay_b)
    lost = volume * pl.col("free_h") * civil.delay_a * (with_them - load)
    both = entered.with_columns(civil_vehicles=pl.col("mean") * factor)
    return both.select(*by, "vehicles", "civil_vehicles", vehicle_hours=lost).sort(by)


def hour_of_week(g_day: datetime, hour: float) -> int:
    """Return the hour of the week (from Monday, 00:00) in local time, so long after hour 0."""
    local = (g_day.replace(tzinfo=TIMEZONE).astimezone(UTC) + timedelta(hours=hour)).astimezone(TIMEZONE)
    return local.weekday() * 24 + local.hour
