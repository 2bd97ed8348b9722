"""Does the model reproduce the transit of autumn 2024? Run: python scenarios/atlantic_resolve_2024.py"""

from pathlib import Path

import polars as pl

import nfm_sim as nfm

scenario = nfm.read_scenario(Path(__file__).with_suffix(".toml"))
study = nfm.replicate(scenario, replications=120, seed=2024)

whole = study.scan("operation").collect()
rows = {
    "lorries a day in the busy period": ("trucks_a_day", "30-50"),
    "days from the first ship to the last piece": ("closed_days", "21-23 (18 or 20 November)"),
    "pieces a day": ("pieces_a_day", "87"),
    "trains": ("trains", "several"),
}

print(f"{'':44}model, 120 replications    record")
for name, (column, record) in rows.items():
    low, high = ("never" if end is None else f"{end:.0f}" for end in nfm.measures.likely(whole[column]))
    print(f"{name:44}{whole[column].median():<5.0f}(10-90 %: {low}-{high})".ljust(71) + record)

split = nfm.study.variance_split(study, "closure").sort("share", descending=True).head(4)
print("\nWhat the spread of the days to closure goes with")
for source, share in split.select("source", pl.col("share").fill_null(0)).iter_rows():
    print(f"{source:44}{share:.0%}")
