"""One force, six tasks: what does each choice do to the tiers, the plans and the other tasks?

Run: python scenarios/one_force.py [REPLICATIONS] [OUT]

Runs `one_force.toml` and its variants on the same random draws, prints the answers, and writes tables (CSV) and
figures to OUT (runs/one_force).
"""

import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl

import nfm_sim as nfm

VARIANTS = {
    "base": "one_force",
    "HNS first": "hns_first",
    "Ukraine kept": "ukraine_kept",
    "pre-alert": "pre_alert",
    "partner": "partner_enablers",
    "2035": "target_2035",
}
BRIGADE_PASSAGE = "75-300 a brigade passage (the transits of 2019-2024)"
HNS, PLANS = "host_nation_support", "regional_plans"

replications = int(sys.argv[1]) if len(sys.argv) > 1 else 40
out = Path(sys.argv[2] if len(sys.argv) > 2 else "runs/one_force")
out.mkdir(parents=True, exist_ok=True)
folder = Path(__file__).parent
runs = {
    name: nfm.replicate(nfm.read_scenario(folder / f"{file}.toml"), replications, seed=2027, keep="all")
    for name, file in VARIANTS.items()
}
base = runs["base"]


def share(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"


def day(hours: pl.Series) -> str:
    """Median day with the 10-90 % band, when there are replications enough; what was not reached comes after all."""
    middle = hours.fill_null(float("inf")).quantile(0.5, "nearest")
    ends = (middle, *nfm.measures.likely(hours))
    at, low, high = ("never" if end in (None, float("inf")) else f"{end / 24:.0f}" for end in ends)
    return f"{at} ({low}-{high})" if len(hours) >= nfm.measures.needed_for() else at


def table(title: str, rows: dict[str, Callable[[nfm.Run], str]]) -> None:
    print(f"\n{title}\n{'':42}" + "".join(f"{name:>18}" for name in runs))
    for name, answer in rows.items():
        print(f"{name:42}" + "".join(f"{answer(run):>18}" for run in runs.values()))


def tier(number: int) -> Callable[[nfm.Run], str]:
    dutch = pl.col("element").str.starts_with("partner").not_()

    def answer(run: nfm.Run) -> str:
        on_time = nfm.readiness(run).filter(dutch & (pl.col("tier") == number))["on_time"]
        least, most = (share(on_time.fill_null(known).mean()) for known in (False, True))
        return least if least == most else f"{least}-{most}"  # the horizon leaves some open

    return answer


def formation(name: str) -> Callable[[nfm.Run], str]:
    return lambda run: day(nfm.measures.formations(run).filter(pl.col("formation") == name)["effective_h"])


def filled(task: str) -> Callable[[nfm.Run], str]:
    def answer(run: nfm.Run) -> str:
        mine = nfm.measures.commitments(run).filter((pl.col("task") == task) & (pl.col("pool") == ""))
        return share(1 - mine["short_days"].sum() / mine["asked_days"].sum())

    return answer


def met(run: nfm.Run) -> str:
    asked = nfm.measures.demands_met(run)
    return share(asked["on_time"].sum() / asked["asked"].sum())


def asked_twice(run: nfm.Run) -> str:
    return f"{nfm.measures.double_booking(run)['element_days'].sum():,.0f}"


def alerted(run: nfm.Run) -> str:
    early = run.spans.filter((pl.col("start_h") < 0) & (pl.col("kind") == "work"))
    return f"{early['subject'].n_unique()} elements"


print(f"{base.about['title']}: {replications} replications each, {base.horizon_h / 24:.0f} days; all notional")

table(
    "What becomes of the offer (days after hour 0: median, 10-90 %)",
    {
        "tier 1 ready by day 10": tier(1),
        "tier 2 ready by day 30": tier(2),
        "tier 3 ready by day 180": tier(3),
        "11 Airmobile Brigade effective, day": formation("11_amb"),
        "13 Light Brigade effective, day": formation("13_lt_bde"),
        "43 Mechanised Brigade effective, day": formation("43_mech_bde"),
        "1GNC headquarters effective, day": formation("1gnc"),
        "demands of the plans met by their day": met,
    },
)
table(
    "What becomes of each task (share of the element-days asked for)",
    {
        "defence of the kingdom": filled("kingdom"),
        "NATO regional plans, all that is offered": filled(PLANS),
        "Host Nation Support": filled(HNS),
        "support to Ukraine": filled("ukraine"),
        "European Union and United Nations": filled("eu_un"),
        "other regions": filled("other_regions"),
        "element-days asked for twice": asked_twice,
        "allied division, last piece, day": lambda run: day(nfm.closure(run)["last_h"]),
        "at work before hour 0": alerted,
    },
)

print("\nWhich Dutch units miss their tier's deadline most (base)")
by_element = nfm.measures.readiness_by_element(base)
for row in by_element.filter(pl.col("tier") < 3).sort("ready_by_deadline").head(10).to_dicts():
    late = "-" if row["ready_late_days"] is None else f"{row['ready_late_days']:.0f} days late when late"
    print(f"  tier {row['tier']}  {row['element']:20} ready in time {row['ready_by_deadline']:4.0%}, {late}")

print("\nWhat the time of a tier goes to (base, the largest)")
for row in nfm.measures.critical_share(base).group_by("tier", maintain_order=True).head(4).to_dicts():
    cause = f" ({row['cause']})" if row["cause"] else ""
    print(f"  tier {row['tier']}  {row['share']:4.0%}  {row['activity']}{cause}")

print("\nWho the headquarters of 1GNC waits for last, how surely, and what a day less of it buys")
for name in ("base", "partner"):
    for row in nfm.measures.last_enabler(runs[name]).filter(pl.col("subject") == "1gnc_hq").head(5).to_dicts():
        print(f"  {name:8} {row['share']:4.0%}  {row['day_buys_h']:4.1f} h  {row['last'] or 'nobody'}")

print("\nHow long commitments are held once filled (base, those that fall short: median of days held and asked)")
spells = nfm.measures.commitments(base).filter((pl.col("commitment") != "offers") & (pl.col("filled_share") < 0.95))
for row in (
    spells.group_by("task", "commitment", maintain_order=True)
    .agg(pl.col("held_days").median(), pl.col("asked_days").median(), pl.col("filled_share").mean())
    .to_dicts()
):
    held = "never filled" if row["held_days"] is None else f"{row['held_days']:.0f} days"
    print(f"  {row['task']}/{row['commitment']:20} {held}, {row['filled_share']:.0%} of {row['asked_days']:.0f}")

print("\nWhich units are asked for twice (days a replication)")
for name in ("base", "HNS first"):
    twice = (
        nfm.measures.double_booked(runs[name])
        .group_by("element", "task", "wanted_by")
        .agg(pl.col("days").sum() / replications)
    )
    for row in twice.sort("days", "element", descending=[True, False]).head(6).to_dicts():
        print(f"  {name:10} {row['days']:5.0f}  {row['element']:18} on {row['task']}, wanted by {row['wanted_by']}")

print(f"\nPeople that Host Nation Support keeps busy, against {BRIGADE_PASSAGE}; three brigades' worth pass here")
for name in ("base", "HNS first"):
    people = nfm.measures.task_people(runs[name]).filter(pl.col("task") == HNS)
    peak = people.group_by("replication").agg(pl.col("people").max())["people"]
    both = nfm.measures.double_booked(runs[name]).filter(
        pl.col("task").is_in([HNS, PLANS]) & pl.col("wanted_by").is_in([HNS, PLANS])
    )
    first = both.group_by("replication").agg(pl.col("first_h").min())["first_h"]
    when = f"day {first.median() / 24:.0f}" if len(first) else "never"
    print(
        f"  {name:10} median {people['people'].median():,.0f}, peak {peak.median():,.0f}; "
        f"wants what the plans want from {when} (in {len(first) / replications:.0%} of replications)"
    )

for name, run in runs.items():
    nfm.measures.readiness_by_element(run).write_csv(out / f"{name.replace(' ', '_')}_elements.csv")
    for figure in ("readiness", "duties", "double_booking"):
        nfm.plots.save(nfm.plots.FIGURES[figure](run), out / f"{name.replace(' ', '_')}_{figure}.png")
for capability in ("light infantry", "air defence", "military police"):
    nfm.plots.save(nfm.plots.supply(base, capability), out / f"supply_{capability.replace(' ', '_')}.png")
nfm.plots.save(nfm.plots.critical_path(base, "1gnc_hq"), out / "critical_path_1gnc_hq.png")
print(f"\nTables by element and figures: {out}")
