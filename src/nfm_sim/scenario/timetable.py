"""A public timetable (GTFS), made into the train paths that it leaves: by line and hour of the week.

The General Transit Feed Specification (gtfs.org) has a row of `stop_times.txt` for each call of a trip at a stop, and
`calendar.txt` with `calendar_dates.txt` for the days on which a trip runs.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from statistics import mean
from typing import Annotated, Any, Self

import polars as pl
from pydantic import Field, model_validator

from nfm_sim.files import Table, read_table
from nfm_sim.limits import MOST_RATE
from nfm_sim.problems import InputError, Problem, counted, did_you_mean, explained_by, refuse
from nfm_sim.scenario.files import read_model
from nfm_sim.scenario.values import NUMBER, Model, Name, Text, bounds

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NAMES = ("stop_id", "stop_name", "parent_station")
"""What may name a stop."""
TIME = r"^(\d{1,3}):\d{2}:\d{2}$"
Stops = Annotated[tuple[Text, ...], Field(min_length=1)]


class LineRule(Model):
    """Which trips use a line, and how many paths it has."""

    first: Stops
    """Stops at one end of the stretch, by `stop_id`, `parent_station` or `stop_name`."""
    last: Stops
    """Stops at its other end: a trip that calls at both uses the line, in the direction in which it does."""
    paths_per_h: Annotated[float, bounds(0, MOST_RATE), NUMBER]
    """Paths an hour and direction that the line has for all its trains."""


class TimetableMap(Model):
    """How a timetable is read."""

    monday: date
    """The Monday of the week that is counted."""
    lines: dict[Name, LineRule] = Field(min_length=1)
    """By the name of the line in the network."""

    @model_validator(mode="after")
    def _is_monday(self) -> Self:
        if self.monday.weekday():
            raise ValueError(f"must have a monday that is one; {self.monday} is a {WEEKDAYS[self.monday.weekday()]}")
        return self


@dataclass
class PathsLeft:
    """What a timetable leaves."""

    trains: dict[str, pl.DataFrame] = field(default_factory=dict)
    """By line: trains by direction (the last stop of the stretch in it), day (0 is Monday) and hour."""
    weeks: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    """By line: `movement.civil.paths` of a scenario, the paths left in the busier direction; a weekday is the mean of
    five."""
    remarks: list[str] = field(default_factory=list)


@explained_by("paths")
def read_timetable(folder: str | Path, mapping: str | Path) -> PathsLeft:
    """Read a GTFS folder, and count the trains of one week on lines. Only trips by rail count (`route_type` 2, or 100
    to 117).

    Raises `InputError` with the faults of the mapping, or of the first table that cannot be read, or when no train runs
    on any line in that week.
    """
    folder, path = Path(folder), Path(mapping)
    rules = read_model(path, TimetableMap)
    if not folder.is_dir():
        raise InputError.of(folder, "", "", "is no folder; unpack the GTFS feed into one")
    trips, every = _rail_trips(folder)
    days = _days_of(folder, rules.monday)
    stops = read_table(folder / "stops.txt", needs=("stop_id",))
    known = {row.cells.get(column, "") for row in stops.rows for column in NAMES}
    refuse(
        Problem(str(path), f"lines.{line}.{key}", name, f"is no stop of {stops.path}{did_you_mean(name, known)}")
        for line, rule in rules.lines.items()
        for key, names in (("first", rule.first), ("last", rule.last))
        for name in names
        if name not in known
    )
    ends = {line: (_ids(stops, rule.first), _ids(stops, rule.last)) for line, rule in rules.lines.items()}
    calls = _calls(folder / "stop_times.txt", frozenset().union(*(first | last for first, last in ends.values())))
    idle = sum(not days.get(service) for service in trips.values())
    left = PathsLeft()
    left.remarks.append(f"trips: {len(trips):,} by rail of {every:,}; {idle:,} of them run on no day of the week")
    for line, between in ends.items():
        (counts, without), most = _count(calls, trips, days, between), rules.lines[line].paths_per_h
        left.trains[line], left.weeks[line] = counts, _left(counts, most)
        numbers = counts["trains"].to_list()
        busiest = max(numbers, default=0)
        said = f"{line}: {counted(sum(numbers), 'train')} in the week, {busiest} in the busiest hour and direction"
        left.remarks.append(said + (f", where paths_per_h is {most:g}: none is left then" if busiest > most else ""))
        if without:
            left.remarks.append(f"{line}: {counted(without, 'trip')} without a departure time there, not counted")
    if not any(len(trains) for trains in left.trains.values()):
        remedy = "; ".join(["no train runs on these lines in the week from this day on", *left.remarks])
        raise InputError.of(path, "monday", rules.monday, remedy)
    if (folder / "frequencies.txt").exists():
        left.remarks.append("frequencies.txt is not read: trips that it repeats count once")
    return left


def _rail_trips(folder: Path) -> tuple[dict[str, str], int]:
    """By trip by rail: its service. And how many trips there are by all modes."""
    routes = read_table(folder / "routes.txt", needs=("route_id", "route_type")).rows
    rail = {row.cells["route_id"] for row in routes if row.cells["route_type"] in _RAIL}
    trips = read_table(folder / "trips.txt", needs=("route_id", "service_id", "trip_id")).rows
    services = {row.cells["trip_id"]: row.cells["service_id"] for row in trips if row.cells["route_id"] in rail}
    return services, len(trips)


_RAIL = {"2", *map(str, range(100, 118))}


def _days_of(folder: Path, monday: date) -> dict[str, set[int]]:
    """By service: the days of the week, from 0, on which it runs; the last of the week before is -1."""
    days: dict[str, set[int]] = defaultdict(set)
    dates = {(monday + timedelta(days=day)).strftime("%Y%m%d"): day for day in range(-1, 7)}
    weekly, single = folder / "calendar.txt", folder / "calendar_dates.txt"
    if not weekly.exists() and not single.exists():
        raise InputError.of(folder, "calendar.txt", "", "is missing, and so is calendar_dates.txt")
    if weekly.exists():
        for row in read_table(weekly, needs=("service_id", "start_date", "end_date", *WEEKDAYS)).rows:
            cells = row.cells
            days[cells["service_id"]] |= {
                day
                for text, day in dates.items()
                if cells["start_date"] <= text <= cells["end_date"] and cells[WEEKDAYS[day % 7]] == "1"
            }
    if single.exists():
        for row in read_table(single, needs=("service_id", "date", "exception_type")).rows:
            day = dates.get(row.cells["date"])
            if day is not None:
                there = days[row.cells["service_id"]]
                (there.add if row.cells["exception_type"] == "1" else there.discard)(day)
    return days


def _ids(stops: Table, names: Iterable[str]) -> frozenset[str]:
    """The stops that names mean: by id, by station, or by name."""
    wanted = {*names}
    return frozenset(row.cells["stop_id"] for row in stops.rows if not wanted.isdisjoint(map(row.cells.get, NAMES)))


def _calls(path: Path, stops: frozenset[str]) -> pl.DataFrame:
    """The calls of trips at some stops, in their order. A national feed has millions of rows, so polars reads it and
    keeps these alone."""
    columns = ["trip_id", "stop_id", "stop_sequence", "departure_time"]
    try:
        table = pl.scan_csv(path, infer_schema=False).select(pl.col(columns).str.strip_chars())
        calls = table.filter(pl.col("stop_id").is_in(sorted(stops))).collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError.of(path, "", "", f"cannot be read ({str(error).splitlines()[0]})") from None
    number = pl.col("stop_sequence").cast(pl.UInt64, strict=False)
    for trip, _, sequence, _ in calls.filter(number.is_null()).rows()[:1]:
        raise InputError.of(path, "stop_sequence", sequence, f"must be a whole number (trip {trip})")
    return calls.sort("trip_id", number, "stop_id", "departure_time")


Ends = tuple[frozenset[str], frozenset[str]]
"""The stops at the two ends of a line."""


def _count(
    calls: pl.DataFrame, trips: Mapping[str, str], days: Mapping[str, set[int]], ends: Ends
) -> tuple[pl.DataFrame, int]:
    """Trains on a stretch by direction, day and hour: that at which they leave its end. And how many trips say no
    time there, and are not counted."""
    at_last, backward = pl.col("stop_id").is_in(sorted(ends[1])), pl.col("at_last").first()
    leaves = pl.col("departure_time").filter(pl.col("at_last") == backward).last().str.extract(TIME)
    there = calls.filter(pl.col("trip_id").is_in(list(trips)), pl.col("stop_id").is_in(sorted(ends[0] | ends[1])))
    by_trip = there.with_columns(at_last=at_last).group_by("trip_id", maintain_order=True)
    of_trips = by_trip.agg(backward=backward, ends=pl.col("at_last").n_unique(), leaves=leaves.cast(pl.Int32))
    through = of_trips.filter(pl.col("ends") == 2)
    runs = [(trip, day) for trip, service in trips.items() for day in days.get(service, ())]
    dated = through.join(pl.DataFrame(runs, {"trip_id": pl.String, "day": pl.Int32}, orient="row"), on="trip_id")
    trains = dated.drop_nulls("leaves").select(
        direction=pl.when("backward").then(pl.lit("backward")).otherwise(pl.lit("forward")),
        day=pl.col("day") + pl.col("leaves") // 24,
        hour=pl.col("leaves") % 24,
    )
    counts = trains.filter(pl.col("day").is_between(0, 6)).group_by(trains.columns).agg(trains=pl.len().cast(pl.Int32))
    return counts.sort(trains.columns), through["leaves"].null_count()


def _left(counts: pl.DataFrame, paths_per_h: float) -> dict[str, list[float]]:
    """The paths left by hour, in the busier direction."""
    of_hours = counts.group_by("day", "hour").agg(pl.col("trains").max()).rows()
    busiest = {(day, hour): trains for day, hour, trains in of_hours}
    spans: dict[str, range] = {"weekday": range(5), "saturday": range(5, 6), "sunday": range(6, 7)}
    return {
        name: [round(mean(max(0.0, paths_per_h - busiest.get((day, hour), 0)) for day in of), 2) for hour in range(24)]
        for name, of in spans.items()
    }


def civil_paths(left: PathsLeft) -> dict[str, Any]:
    """Return the part of a scenario that has these paths."""
    return {"movement": {"civil": {"paths": left.weeks}}}
