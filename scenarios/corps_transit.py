"""An allied corps in transit: what binds first, what relieves it, and what happens when something is lost?

Run: python scenarios/corps_transit.py [REPLICATIONS] [OUT]

Runs `corps_transit.toml`, `allied_brigade.toml`, `transatlantic_surge.toml` and variants of them on the same
random draws, prints the answers to a planner's questions, and writes figures to OUT (runs/corps_transit).
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

import nfm_sim as nfm

BRIGADE = 2_500
"""Pieces of a US armoured brigade (2,500-3,000 in the transits of 2017-2024)."""

replications = int(sys.argv[1]) if len(sys.argv) > 1 else 16
out = Path(sys.argv[2] if len(sys.argv) > 2 else "runs/corps_transit")
out.mkdir(parents=True, exist_ok=True)
folder = Path(__file__).parent


def read(name: str) -> nfm.Scenario:
    return nfm.read_scenario(folder / f"{name}.toml")


def simulate(scenario: nfm.Scenario, changes: Mapping[str, Any] | None = None) -> nfm.Run:
    return nfm.replicate(scenario.with_changes(changes or {}), replications, seed=2027, keep="all")


def band(values: pl.Series, decimals: int = 1) -> str:
    """Median, and the least and most; what was not reached comes after all."""
    known = values.fill_null(float("inf"))
    low, middle, high = (known.quantile(q, "nearest") for q in (0, 0.5, 1))
    low, middle, high = ("never" if at == float("inf") else f"{at:,.{decimals}f}" for at in (low, middle, high))
    return f"{middle} ({low}-{high})"


def last_day(run: nfm.Run, flow: str | None = None) -> pl.Series:
    """Day on which the last piece of all flows, or of one, crossed the border, by replication."""
    closed = nfm.closure(run)
    if flow is not None:
        closed = closed.filter(pl.col("flow") == flow)
    last = pl.when(pl.col("last_h").is_null().any()).then(None).otherwise(pl.col("last_h").max() / 24)
    return closed.group_by("replication", maintain_order=True).agg(last.alias("day"))["day"]


def per_replication(table: pl.DataFrame, column: str) -> pl.Series:
    return table.group_by("replication", maintain_order=True).agg(pl.col(column).sum())[column]


def mean(values: pl.Series) -> float:
    return float(values.mean() or 0.0)


def table(title: str, columns: tuple[str, ...], rows: Mapping[str, tuple[str, ...]]) -> None:
    print(f"\n{title}\n{'':44}" + "".join(f"{name:>22}" for name in columns))
    for name, cells in rows.items():
        print(f"{name:44}" + "".join(f"{cell:>22}" for cell in cells))


def variants(scenario: nfm.Scenario, changes: Mapping[str, Mapping[str, Any]]) -> dict[str, nfm.Run]:
    return {name: simulate(scenario, change) for name, change in changes.items()}


corps, brigade = read("corps_transit"), read("allied_brigade")
base = simulate(corps)
print(f"{base.about['title']}: {replications} replications each; all notional. Days: median (least-most).")

# 4. How many brigades a week, and what binds first?
curve = (
    nfm.measures.closure_curve(base, 24)
    .group_by("replication", "hour", maintain_order=True)
    .agg(pl.col("pieces").sum())
)
week = curve.sort("replication", "hour").with_columns(
    (pl.col("pieces") - pl.col("pieces").shift(7).over("replication")).alias("week")
)
best = week.group_by("replication").agg(pl.col("week").max())["week"]
print(f"\n4. Most in a week: {band(best, 0)} pieces, or {band(best / BRIGADE)} brigades of {BRIGADE:,}")
first = nfm.measures.saturation(base).group_by("kind", "name").agg(pl.len().alias("in"), pl.col("first_day").median())
print("   full for a day, the first to be so (median day, share of replications):")
for row in first.filter(pl.col("in") >= replications / 2).sort("first_day", "name").head(6).to_dicts():
    print(f"     day {row['first_day']:>4.0f}  {row['name']} ({row['kind']}), {row['in'] / replications:.0%}")
held_up = nfm.bottlenecks(base).filter(~pl.col("name").is_in(["lateness", "gangs of the ship"]))
ranked = held_up.group_by("kind", "name").agg(pl.col("piece_hours").sum() / replications)
print("   most delay (thousand piece-hours, mean):")
for row in ranked.sort("piece_hours", descending=True).head(6).to_dicts():
    print(f"     {row['piece_hours'] / 1000:>8,.0f}  {row['name']} ({row['kind']})")

# 5. One brigade by port and by mode
ports = {
    "Vlissingen": ("vlissingen_oost",) * 3,
    "Eemshaven": ("eemshaven",) * 3,
    "Rotterdam Maasvlakte": ("rotterdam_maasvlakte",) * 3,
    "split over the three": ("vlissingen_oost", "eemshaven", "rotterdam_maasvlakte"),
}
by_port = {
    name: {f"flows.brigade.ships.s{i + 1}.calls.0.port": port for i, port in enumerate(calls)}
    for name, calls in ports.items()
}
more_rail = {"shares.wheeled": {"train": 0.7, "column": 0.2, "truck": 0.1}}
more_road = {"shares.wheeled": {"train": 0.1, "column": 0.7, "truck": 0.2}}
cells = {
    name: tuple(
        band(last_day(simulate(brigade, {**change, **split})))
        for split in ({}, more_rail, more_road, {"mode_choice": "least_closure"})
    )
    for name, change in by_port.items()
}
table(
    "5. Closure day of one brigade",
    ("planned shares", "wheeled 70 % rail", "wheeled 70 % column", "least closure"),
    cells,
)

# 6. Trains, wagons, tracks
dutch_wagons = {"pools.heavy_wagons.capacity": 200, "pools.flat_wagons.capacity": 125}
rail = variants(
    corps,
    {
        "planned": {},
        "the Dutch wagons alone: 325 of the 448": dutch_wagons,
        "twice the heavy wagons": {"pools.heavy_wagons.capacity": 800},
        "trains of 740 m and 47 wagons": {"movement.train.max_wagons": 47, "movement.train.max_t": 4000},
        "trains of 400 m": {"movement.train.max_m": 400},
        "twice the loading tracks at Maasvlakte": {"places.rotterdam_maasvlakte.tracks": 4},
    },
)


def trains(run: nfm.Run) -> tuple[str, str, str]:
    leaving = nfm.measures.departures_by_day(run).filter(pl.col("mode") == "train")
    by_day = leaving.group_by("replication", "day").agg(pl.col("movements").sum())
    wagons = nfm.measures.utilisation(run).filter(pl.col("pool").is_in(["heavy_wagons", "flat_wagons"]))
    peak = wagons.group_by("replication").agg(pl.col("peak_held").sum())["peak_held"]
    most = by_day.group_by("replication").agg(pl.col("movements").max())["movements"]
    return f"{most.median():.0f}", f"{peak.median():,.0f}", band(last_day(run))


def waalhaven(tracks: int) -> tuple[str, str, str]:
    """A brigade over Waalhaven, which has one loading track of 740 m, and is to have six."""
    calls = {f"flows.brigade.ships.s{i}.calls.0.port": "rotterdam_waalhaven" for i in (1, 2, 3)}
    return trains(simulate(brigade, {**calls, **more_rail, "places.rotterdam_waalhaven.tracks": tracks}))


table(
    "6. Trains a day at most, wagons in use at most, and closure day of the corps",
    ("trains a day", "wagons", "last piece, day"),
    {
        **{name: trains(run) for name, run in rail.items()},
        "a brigade over Waalhaven, 1 track": waalhaven(1),
        "the same, 6 tracks": waalhaven(6),
    },
)

# 7. Night only, or day and night
hours = {
    "night only, 21:00-05:00": ["21:00-05:00"],
    "outside rush hours": ["09:30-15:30", "19:00-06:30"],
    "day and night": [],
}


def road(driving: list[str]) -> tuple[str, str, str]:
    scenario = corps.with_changes({"movement.column.driving": driving})
    run = simulate(scenario)
    columns = run.subjects.filter(pl.col("mode") == "column").select("replication", movement="subject")
    closed = run.spans.filter(pl.col("activity") == "closed").join(
        columns, left_on=["replication", "subject"], right_on=["replication", "movement"], how="semi"
    )
    wait = nfm.waits(run).filter(pl.col("cause") == "driving window")
    last = closed.group_by("replication").agg(pl.col("start_h").max() / 24)["start_h"]
    cost = per_replication(nfm.measures.civil_cost(run, scenario), "vehicle_hours")
    return band(last), f"{wait['hours'].sum() / replications:,.0f}", band(cost, 0)


table(
    "7. Columns: hours in which they may drive",
    ("last column, day", "hours waited for them", "civil vehicle-hours"),
    {name: road(driving) for name, driving in hours.items()},
)

# 8. Permits
permits = {"45 days": 1080, "5 days": 120, "3 days": 72, "6 hours (EMERS)": 6}
flows = ("division_1", "division_2", "division_3", "sustainment")


def permit(hours: float, emers: bool) -> tuple[str, ...]:
    """Asked for when hour 0 is known; without EMERS the regime of hour 0 goes on."""
    asked = {f"flows.{flow}.permit_applied_day": 0 for flow in flows}
    changes = {"regimes.crisis.permit_h": hours, "regimes.conflict.permit_h": 6 if emers else hours, **asked}
    run = simulate(corps, changes)
    return tuple(band(last_day(run, flow)) for flow in flows)


table(
    "8. Closure day when the permit is asked for at hour 0 and takes so long",
    flows,
    {
        **{name: permit(hours, emers=False) for name, hours in permits.items()},
        "45 days, EMERS from day 6": permit(1080, emers=True),
    },
)

# 9. Losing one asset
corps_lost = {name: read(name) for name in ("lost_vlissingen", "betuweroute_closed", "kreekrak_blocked")}
bridges = {
    "Moerdijk bridge closed from day 2 to 9": {"links": ["rd045"], "start_h": 48, "duration_h": 168},
    "Sloe line closed from day 6 to 16": {"lines": ["Sloelijn"], "start_h": 144, "duration_h": 240},
}
lost = {**corps_lost, **{name: corps.with_changes({"disruptions": {"lost": d}}) for name, d in bridges.items()}}
losses = {"nothing": (*(band(last_day(base, flow)) for flow in flows[1:]), "-", "-")}
for name, scenario in lost.items():
    run = simulate(scenario)
    if name in corps_lost:
        nfm.plots.save(nfm.plots.network_load(run), out / f"{name}.png")
    waits = nfm.waits(run).filter(pl.col("cause").is_in(list(scenario.disruptions)))
    stays = simulate(scenario, {"routing": "fixed"})
    earliest = simulate(scenario, {"routing": "earliest"})
    losses[name] = (
        *(band(last_day(run, flow)) for flow in flows[1:]),
        f"{waits['piece_hours'].sum() / replications / 1000:,.0f}",
        f"{mean(last_day(stays) - last_day(run)):+.1f} / {mean(last_day(earliest) - last_day(run)):+.1f}",
    )
table(
    "9. One asset lost (last piece of each flow, day; thousand piece-hours that waited for it; days later when "
    "routes are kept / sought by earliest arrival)",
    (*flows[1:], "waited", "fixed / earliest"),
    losses,
)

# 11. Yards and ships
stock = nfm.measures.stock(base).group_by("replication", "place").agg(pl.col("held").max(), pl.col("capacity").first())
blocked = base.spans.filter((pl.col("kind") == "blocked") & (pl.col("cause").str.ends_with("_m2")))
ships = base.subjects.filter(pl.col("what") == "ship").select("replication", "subject")
berth = base.spans.filter(pl.col("cause").is_in(["berths", "quay_m"])).join(ships, on=["replication", "subject"])
print("\n11. Yards: the most that stood there, of its area, and the hours in which a ship's gang had to stop")
for (place,), rows in stock.group_by("place", maintain_order=True):
    full = (rows["held"] / rows["capacity"] * 100).alias("share")
    stopped = blocked.filter(pl.col("place") == place)
    hours_stopped = (stopped["end_h"] - stopped["start_h"]).sum() / replications
    waited = berth.filter(pl.col("place") == place)
    ship_hours = (waited["end_h"] - waited["start_h"]).sum() / replications
    print(
        f"     {place:24}{band(full, 0):>16} %   stopped {hours_stopped:,.0f} h   "
        f"ships waited for a berth {ship_hours:,.0f} h in all"
    )

# 13. A later or a cancelled ship, and the Dutch offer
surge = read("transatlantic_surge")
late = {"a division's first ship five days later": {"flows.division_2.ships.s1.calls.0.day": 9.5}}
gone = {"that ship cancelled": {"flows.division_2.ships.s1.cancelled": True}}
alone = {f"flows.{flow}.ships.{ship}.cancelled": True for flow in flows for ship in surge.flows[flow].ships}
dutch = {"with the corps": {}, **late, **gone, "without the corps": alone}


def offer(run: nfm.Run) -> tuple[str, ...]:
    ready = nfm.readiness(run)
    moving = ready.filter(pl.col("in_place_h").is_not_null() | (pl.col("tier") < 3))
    days = moving.group_by("replication", maintain_order=True).agg(pl.col("in_place_h").mean() / 24)["in_place_h"]
    tiers = tuple(f"{mean(ready.filter(pl.col('tier') == t)['on_time'].cast(pl.Float64)):.0%}" for t in (1, 2))
    wagons = nfm.bottlenecks(run).filter(pl.col("name").is_in(["flat_wagons", "heavy_wagons", "locomotives"]))
    elements = run.subjects.filter(pl.col("what") == "element")["subject"].unique()
    mine = run.spans.filter(
        pl.col("subject").str.split("/").list.first().is_in(elements.to_list())
        & pl.col("cause").is_in(["flat_wagons", "heavy_wagons", "escort_teams", "trucks", "locomotives"])
        & pl.col("subject").str.contains("/")
    )
    waited = ((mine["end_h"] - mine["start_h"]).sum() or 0.0) / replications
    return (*tiers, band(days), f"{waited:,.0f}", f"{wagons['piece_hours'].sum() / replications / 1000:,.0f}")


table(
    "13. The Dutch offer beside the corps",
    ("tier 1 ready in time", "tier 2 ready in time", "in place, mean day", "h waited for lift", "k piece-h, all"),
    {name: offer(simulate(surge, change)) for name, change in dutch.items()},
)

for name in ("network_load", "ways", "queue", "occupation", "time_space"):
    nfm.plots.save(nfm.plots.FIGURES[name](base), out / f"{name}.png")
print(f"\nFigures in {out}")
