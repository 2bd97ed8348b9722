"""The stored answers of the shipped scenarios, so that drift is seen: `python -m tests.stored_answers` refreshes them.

A change that moves numbers refreshes the table, and CHANGELOG.md says why.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import nfm_sim as nfm

ROOT = Path(__file__).parents[1]
TABLE = Path(__file__).with_suffix(".csv")
SEED = 2027
Answer = tuple[str, str, float | None]


def scenarios() -> list[Path]:
    """The shipped scenarios that move something; the sheets of means are for others to extend."""
    files = [*(ROOT / "scenarios").glob("*.toml"), *(ROOT / "scenarios/records").glob("*.toml")]
    return sorted(file for file in files if not file.stem.endswith("means"))


def run_of(file: Path) -> nfm.Run:
    """The replication of a scenario whose answers are stored."""
    return nfm.simulate(nfm.read_scenario(file), seed=SEED, sampling="independent")


def answers_of(scenario: str, run: nfm.Run) -> Iterator[Answer]:
    """The answers of a replication of a scenario: its name, the answer, and its value (None: not reached)."""
    for table in ("subjects", "spans", "departures", "holdings", "duties"):
        yield scenario, f"rows of {table}", float(run.table(table).height)
    for row in nfm.closure(run).rows(named=True):
        for column in ("first_h", "median_h", "last_h"):
            yield scenario, f"closure {row['flow']} {column}", row[column]
    for row in nfm.measures.readiness_by_tier(run).rows(named=True):
        for column in ("ready_by_deadline", "ready_median_h", "in_place_median_h", "effective_median_h"):
            yield scenario, f"tier {row['tier']} {column}", row[column]
    for row in nfm.bottlenecks(run).head(3).rows(named=True):
        yield scenario, f"piece-hours {row['kind']} {row['name']}", row["piece_hours"]


def stored() -> dict[str, list[Answer]]:
    """The stored answers by scenario."""
    found: dict[str, list[Answer]] = {}
    with TABLE.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            value = float(row["value"]) if row["value"] else None
            found.setdefault(row["scenario"], []).append((row["scenario"], row["answer"], value))
    return found


if __name__ == "__main__":
    with TABLE.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("scenario", "answer", "value"))
        for scenario in scenarios():
            for name, answer, value in answers_of(scenario.stem, run_of(scenario)):
                writer.writerow((name, answer, "" if value is None else f"{value:.6g}"))
