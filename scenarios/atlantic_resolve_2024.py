"""Does the model reproduce the transit of autumn 2024? Run: python scenarios/atlantic_resolve_2024.py"""

from pathlib import Path

import polars as pl

import nfm_sim as nfm

scenario = nfm.read_scenario(Path(__file__).with_suffix(".toml"))
run = nfm.replicate(scenario, replications=20, seed=2024, keep="all")

last_day = nfm.closure(run).get_column("last_h") / 24
leaving = nfm.measures.departures_by_day(run).group_by("replication", "mode", "day").agg(pl.col("movements").sum())
trucks = leaving.filter(pl.col("mode") == "truck")
total = pl.col("movements").cum_sum().over("replication", order_by="day") / pl.col("movements").sum().over(
    "replication"
)
busy = trucks.filter(total.is_between(0.1, 0.9))
trains = leaving.filter(pl.col("mode") == "train").group_by("replication").agg(pl.col("movements").sum())
moves = run.subjects.filter(pl.col("what") == "movement")
by_mode = moves.filter(pl.col("replication") == 0).group_by("mode").agg(pl.col("pieces").sum()).sort("mode")

print("                                     model (20 replications)        record")
print(
    f"last piece over the border, day      {last_day.median():.1f} "
    f"(10-90 %: {last_day.quantile(0.1):.1f}-{last_day.quantile(0.9):.1f})         23 (20 November)"
)
print(
    f"trucks a day in the busy period     median {busy['movements'].median():.0f}, "
    f"quartiles {busy['movements'].quantile(0.25):.0f}-{busy['movements'].quantile(0.75):.0f}      30-50"
)
print(f"trains                               {trains['movements'].median():.0f}                             several")
print("pieces by mode                       " + ", ".join(f"{mode} {n}" for mode, n in by_mode.iter_rows()))
