"""What numbers usually are: one row for each kind, so that a slip of the pen (cm for m, days for hours, percent for a
factor) is a doubt. What cannot be at all is a fault: `limits` has those bounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nfm_sim.kinds import Distribution
from nfm_sim.network import Network
from nfm_sim.scenario.free_names import Fault
from nfm_sim.scenario.model import Fields
from nfm_sim.scenario.uncertain import numbers_at


@dataclass(frozen=True, slots=True)
class Usual:
    """The usual range of numbers or hours: the path where they stand, "*" for each of what there is; its ends and unit;
    what another number is likely mistaken for; and where the range comes from. 0 is no doubt: it means none."""

    path: str
    low: float
    high: float
    unit: str
    slip: str = ""
    source: str = "assumed"


PERCENT, DAYS, MS, CM = "is it in percent?", "is it in days?", "is it in m/s?", "is it in cm?"
USUAL = (
    Usual("uncertainty.*.value", 0.05, 5, "times", PERCENT),
    Usual("targets.*.factors.*", 0.05, 10, "times", PERCENT),
    Usual("regimes.*.recall_factor", 0.05, 10, "times", PERCENT),
    Usual("classes.*.width_m", 1, 6, "m", CM, "2.55 m without a permit (Regeling voertuigen); assumed"),
    Usual("classes.*.height_m", 1, 7, "m", CM, "4 m without a permit (Regeling voertuigen); assumed"),
    Usual("classes.*.weight_t", 0.1, 200, "t", "is it in kg?"),
    Usual("classes.*.yard_m2", 2, 3_000, "m2"),
    Usual("classes.*.pieces_per_wagon", 0.1, 20, "pieces"),
    Usual("classes.*.handling", 0.05, 20, "times", PERCENT),
    Usual("destinations.*.beyond_h.train", 8, 1_000, "h", DAYS, "five days to Rukla (Bundeswehr); assumed"),
    Usual("destinations.*.beyond_h.column", 4, 1_000, "h", DAYS, "four days (blikopnieuws.nl 302376); assumed"),
    Usual("destinations.*.beyond_h.truck", 2, 1_000, "h", DAYS),
    Usual("destinations.*.beyond_h.barge", 2, 1_000, "h", DAYS),
    Usual("movement.train.speed_kmh.*", 20, 160, "km/h", MS, "commercial mean 30-50; assumed"),
    Usual("movement.train.out_of_gauge_kmh", 10, 120, "km/h", MS),
    Usual("movement.train.max_wagons", 5, 60, "wagons"),
    Usual("movement.train.max_m", 150, 1_500, "m", "is it in km, or in feet?", "740 m (prorail.nl); assumed"),
    Usual("movement.train.max_t", 300, 10_000, "t", "is it in kg?"),
    Usual("movement.column.speed_kmh.*", 10, 100, "km/h", MS, "24 to 70 by kind of road; assumed"),
    Usual("movement.column.vehicles", 2, 500, "vehicles"),
    Usual("movement.column.density_per_km", 1, 100, "vehicles a km", "is it the gap in m?"),
    Usual("movement.truck.speed_kmh.*", 10, 100, "km/h", MS, "80 at most, by law; assumed"),
    Usual("movement.truck.pieces", 1, 10, "pieces"),
    Usual("movement.truck.lorries.*.tare_t", 5, 80, "t", "is it in kg?"),
    Usual("movement.truck.lorries.*.deck_m", 0.2, 2, "m", CM),
    Usual("movement.train.wagons.*.tare_t", 10, 100, "t", "is it in kg?"),
    Usual("movement.train.wagons.*.deck_m", 0.2, 2, "m", CM),
    Usual("movement.barge.speed_kmh.*", 4, 30, "km/h", MS),
    Usual("movement.flight.speed_kmh", 60, 900, "km/h", MS),
    Usual("flows.*.crew_per_vehicle", 0.2, 12, "people"),
    Usual("flows.*.ships.*.length_m", 40, 400, "m", "is it in feet?"),
    Usual("flows.*.ships.*.calls.*.sail_h", 0.2, 1_000, "h", DAYS),
    Usual("flows.*.diverts_to.*", 0.5, 500, "h", DAYS),
    Usual("pools.*.people", 0.1, 100, "people", "is it for all of them?"),
    Usual("deadline_days.*", 1, 400, "days", "is it in hours?", "10, 30 and 180 days (NATO Force Model)"),
)


def unusual(scenario: Fields, network: Network) -> Iterator[Fault]:
    """Yield the numbers beyond what is usual; of several by one path the first, and how many more there are."""
    for row in USUAL:
        found = numbers_at(scenario, network, row.path)
        beyond = [path for path, value in found.items() if not all(row.low <= end <= row.high for end in _reach(value))]
        if beyond:
            others = f" (and so {len(beyond) - 1:,} others)" if len(beyond) > 1 else ""
            slip = f"; {row.slip}" if row.slip else ""
            remedy = f"is unusual: {row.low:g} to {row.high:,g} {row.unit} ({row.source}){slip}{others}"
            yield beyond[0], " to ".join(f"{end:g}" for end in _reach(found[beyond[0]])), remedy


def _reach(value: Any) -> list[float]:
    """The ends of a number or distribution; of one without an end, what stands for it. 0 is left out."""
    reach = (value.ends or (value.nominal,)) if isinstance(value, Distribution) else (float(value),)
    return [end for end in dict.fromkeys(reach) if end]
