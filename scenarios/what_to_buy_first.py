"""What relieves an allied corps in transit best, for its price, and how sure is that?

Run: python scenarios/what_to_buy_first.py [REPLICATIONS] [OUT]

Replicates `corps_transit.toml` until its closure is known to 12 hours (at most REPLICATIONS, 200), gives it one
more of each capacity that holds it up, on the same random draws, divides the gain by a notional price, and forks
the study on day 6. The studies lie in OUT (runs/what_to_buy_first): stopped, it goes on where it was.
"""

import sys
from pathlib import Path

import polars as pl

import nfm_sim as nfm

MILLION_EUROS = {"heavy_wagons": 4.5, "flat_wagons": 4.5, "locomotives": 5.0, "low_loaders": 0.4, "trucks": 0.15}
MILLION_EUROS |= {"escort_teams": 0.4, "barges": 3.0, "gangs": 0.5, "beds": 1.0, "yard_m2": 0.3, "truck_ramps": 1.0}
MILLION_EUROS |= {"tracks": 15.0, "ramps": 8.0, "cranes": 12.0, "berths": 60.0, "customs": 0.5, "gates": 0.5}
"""Of one more, by pool or facility, to buy it or to hire it for a year: all of it notional, to show the
ranking."""

replications = int(sys.argv[1]) if len(sys.argv) > 1 else 200
out = Path(sys.argv[2] if len(sys.argv) > 2 else "runs/what_to_buy_first")
corps = nfm.read_scenario(Path(__file__).with_name("corps_transit.toml"))


def day(hours: float | None) -> str:
    return "never" if hours is None else f"{hours / 24:.1f}"


def tenths(number: float | None, sign: int = 1) -> str:
    return "?" if number is None else f"{round(sign * number, 1) + 0.0:.1f}"


study = nfm.replicate(corps, replications, seed=2027, out=out / "corps", targets=["closure.median ±12h"])
print(f"{study.about['title']}: {len(study.replications)} replications; all notional.")
print("\nDay on which the last piece crosses (95 % interval)")
for statistic in ("median", "p90"):
    for row in nfm.estimate(study, f"closure.{statistic}").rows(named=True):
        name, middle = f"{row['flow']:14}{statistic:8}", day(row["estimate"])
        span = f"{day(row['low'])} to {day(row['high'])}; {row['reached_share']:.0%} closed"
        print(f"    {name}{middle:>8}   ({span})")

prices = nfm.shadow_prices(corps, min(replications, 60), quantities=["closure"], seed=2027, out=out / "prices")
kind = pl.col("capacity").str.split(".").list.last()
ranked = prices.with_columns(kind.replace_strict(MILLION_EUROS, default=None).alias("price")).with_columns(
    (-pl.col("closure") / pl.col("price")).alias("hours_a_million")
)
print("\nOne more of each: hours by which the last piece of a flow crosses earlier (mean), and for a million euros")
for row in ranked.sort("hours_a_million", descending=True, nulls_last=True).rows(named=True):
    gain = f"{tenths(row['closure'], -1)} ({tenths(row['closure_high'], -1)} to {tenths(row['closure_low'], -1)})"
    price = "no price" if row["price"] is None else f"{row['price']:g} M"
    a_million = "" if row["hours_a_million"] is None else f"{tenths(row['hours_a_million'])} h a million"
    print(f"    {row['capacity']:34}+{row['more']:<5g}{row['unit']:16}{gain:24}{price:10}{a_million}")

wagons = corps.pools["heavy_wagons"].capacity
twice = {"pools.heavy_wagons.capacity": 2 * wagons}
forked = nfm.fork(study, 6, changes=twice, out=out / "twice_the_wagons_from_day_6")
difference = nfm.Comparison({"as planned": study, "twice the heavy wagons from day 6": forked}).difference()
print("\nTwice the heavy wagons from day 6 on: hours later (intervals hold together), and what pairing gains")
for row in difference.rows(named=True):
    gain = "" if row["gain"] is None else f"{row['gain']:.1f} times the replications saved"
    print(
        f"    {row['flow']:14}{tenths(row['difference']):>8} ({tenths(row['low'])} to {tenths(row['high'])})   {gain}"
    )

nfm.plots.save(nfm.plots.closure(study), out / "closure.png")
nfm.plots.save(nfm.plots.difference(difference), out / "fork.png")
print(f"\nFigures and studies in {out}")
