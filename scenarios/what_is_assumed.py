"""Which assumed inputs decide when an allied brigade closes? Run: python scenarios/what_is_assumed.py [REPLICATIONS]"""

import sys
from pathlib import Path

import polars as pl

import nfm_sim as nfm

scenario = nfm.read_scenario(Path(__file__).with_name("allied_brigade.toml"))
ranges = {
    "destinations.east.beyond_h.train": (60, 180),
    "pools.heavy_wagons.capacity": (200, 600),
    "pools.flat_wagons.capacity": (300, 900),
    "pools.locomotives.capacity": (20, 60),
    "pools.trucks.capacity": (450, 1350),
    "pools.escort_teams.capacity": (10, 30),
    "classes.tracked.pieces_per_wagon": (1, 2),
    "movement.train.turn_h": (6, 18),
    "movement.truck.trucks": (1, 5),
    "places.vlissingen_oost.tracks": (1, 3),
    "places.vlissingen_oost.gangs": (1, 3),
    "places.vlissingen_oost.customs.capacity": (1, 3),
    "places.vlissingen_oost.gates.capacity": (1, 3),
    "places.s_bolder.beds": (250, 750),
    "movement.column.breakdown_per_vehicle_km": (0, 0.0002),
}

replications = int(sys.argv[1]) if len(sys.argv) > 1 else 20
table = nfm.study.tornado(scenario, ranges, replications=replications, seed=2027, quantity="closure")
ends: dict[str, dict[str, str]] = {path: {} for path in ranges}
for row in table.rows(named=True):
    difference, least, most = (
        "?" if row[name] is None else f"{row[name]:+.0f}" for name in ("difference", "low", "high")
    )
    ends[row["path"]][row["end"]] = f"{difference} ({least} to {most})"

print("| assumed input | from, to | hours later at the low end | at the high end |")
print("|---|---|---|---|")
for path in table.sort(pl.col("difference").abs(), descending=True)["path"].unique(maintain_order=True):
    low, high = ranges[path]
    print(f"| `{path}` | {low:g}, {high:g} | {ends[path]['low']} | {ends[path]['high']} |")
