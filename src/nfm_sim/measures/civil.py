"""The cost of movements to civil traffic."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from nfm_sim.kinds import MODES
from nfm_sim.kinds.modes import ROAD
from nfm_sim.measures.columns import COUNT, KEY, VEHICLE_HOURS
from nfm_sim.measures.common import KEYS, answers
from nfm_sim.record import Record
from nfm_sim.scenario import Scenario
from nfm_sim.scenario.values import TIMEZONE

CAR_EQUIVALENT = 2.0
"""Passenger cars that a heavy vehicle counts for on level road (Highway Capacity Manual, 6th edition, 2016)."""


@answers(link=KEY, forward=KEY, hour=KEY, vehicles=COUNT, civil_vehicles=COUNT, vehicle_hours=VEHICLE_HOURS)
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
    links = scenario.loaded_network.links
    roads = pl.DataFrame(
        [
            (
                name,
                link.km / link.free_speed_kmh,
                civil.mean_per_h[link.kind],
                civil.lane_capacity_per_h * (link.lanes or 1),
            )
            for name, link in links.items()
            if link.kind in civil.mean_per_h
        ],
        schema={"link": pl.String, "free_h": pl.Float64, "mean": pl.Float64, "capacity": pl.Float64},
        orient="row",
    )
    by_road = [name for name, mode in MODES.items() if mode.network == ROAD]
    moving = run.subjects.filter(pl.col("mode").is_in(by_road)).select(*KEYS, "pieces")
    entered = (
        run.passages.join(moving, left_on=["replication", "movement"], right_on=KEYS)
        .with_columns(pl.col("enter_h").floor().cast(pl.Int32).alias("hour"))
        .group_by("replication", "link", "forward", "hour")
        .agg(pl.col("pieces").sum().alias("vehicles"))
        .join(roads, on="link")
    )
    hours = entered["hour"].unique().to_list()
    g_day = datetime.fromisoformat(run.about["g_day"])
    factors = [civil.road_factor(*_day_and_hour(g_day, hour)) for hour in hours]
    at = pl.DataFrame({"hour": hours, "factor": factors}, schema={"hour": pl.Int32, "factor": pl.Float64})
    volume = pl.col("civil_vehicles")
    load = (volume / pl.col("capacity")).pow(civil.delay_b)
    with_them = ((volume + CAR_EQUIVALENT * pl.col("vehicles")) / pl.col("capacity")).pow(civil.delay_b)
    return (
        entered.join(at, on="hour")
        .with_columns((pl.col("mean") * pl.col("factor")).alias("civil_vehicles"))
        .with_columns((volume * pl.col("free_h") * civil.delay_a * (with_them - load)).alias("vehicle_hours"))
        .select("replication", "link", "forward", "hour", "vehicles", "civil_vehicles", "vehicle_hours")
        .sort("replication", "link", "forward", "hour")
    )


def _day_and_hour(g_day: datetime, hour: float) -> tuple[int, int]:
    """Return the day of the week (Monday 0) and the hour of the day in local time, so long after hour 0."""
    local = (g_day.replace(tzinfo=TIMEZONE).astimezone(UTC) + timedelta(hours=hour)).astimezone(TIMEZONE)
    return local.weekday(), local.hour
