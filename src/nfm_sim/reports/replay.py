"""What the replay of a replication needs, as plain data: where everything is at every hour."""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from nfm_sim import measures
from nfm_sim.kinds import MODES
from nfm_sim.measures.common import IN_QUEUE, KEYS, LENGTH_H, group_of, own_waits
from nfm_sim.network import Network
from nfm_sim.plots.style import MANY_COLOURS, OTHER, group_colours
from nfm_sim.record import Record
from nfm_sim.record.words import Activity, CauseKind, Kind, Milestone, What
from nfm_sim.sentences.names import cause_name, of_title

HOURS = 2
"""Decimals of an hour: half a minute."""
DEGREES = 4
"""Decimals of a degree: ten metres."""
TRIP = ("start_h", "leg", "mode", "pieces", "movement")
OTHERS = {What.SUPPLY: MANY_COLOURS[10], What.RELIEF: MANY_COLOURS[11]}
"""Owners that are neither flows nor tiers, and their colours."""
MOST_QUEUES = 40
"""Places whose queues are drawn; those with the most waiting."""


def replay_data(record: Record, replication: int, network: Network) -> dict[str, Any]:
    """Return the outline, the links, the legs that were driven, the departures over them, queues and berths by place,
    readiness by tier, and pieces over the border by flow, of one replication."""
    number = pl.col("replication") == replication
    departures, legs = record.departures.filter(number), record.legs.filter(number)
    used = legs["link"].unique(maintain_order=True).to_list()
    other = [name for name, link in network.links.items() if link.kind != "local" and name not in set(used)]
    place_of = {name: place for place, name in enumerate([*used, *other])}
    subjects = record.subjects.filter(number)
    moved = subjects.filter(pl.col("what").is_in(What.LOADED), pl.col("mode") != "")
    moved = moved.select("mode", pl.col("pieces").fill_null(1), "what", movement="subject")
    groups = sorted({*moved["mode"]})
    owner_of = dict(group_of(record).filter(number).select("subject", "group").iter_rows())
    owner_of |= {name: what for name, what in moved.select("movement", "what").iter_rows() if what != What.MOVEMENT}
    colours, moving = {**group_colours(record), **OTHERS}, {owner_of[name] for name in moved["movement"]}
    ways: dict[int, list[float]] = {}
    for leg, link, forward, enter_h, leave_h in legs.select("leg", "link", "forward", "enter_h", "leave_h").iter_rows():
        ways.setdefault(leg, []).extend((place_of[link] * 2 + int(forward), *_hours(enter_h, leave_h)))
    order = {leg: place for place, leg in enumerate(ways)}
    trips = departures.join(moved, on="movement", maintain_order="left").sort("start_h")
    return {
        "end_h": round(record.horizon_h, HOURS),
        "start": f"{record.about['g_day']}Z",  # the page shows its date as it stands
        "outline": [
            [country, [_point(point) for point in ring]] for country, rings in network.outline.items() for ring in rings
        ],
        "links": [[_point(point) for point in network.course(network.links[name])] for name in place_of],
        "used": len(used),
        "modes": [[MODES[mode].noun, MODES[mode].colour, MODES[mode].counts_pieces] for mode in groups],
        "legs": list(ways.values()),
        "trips": [
            [round(start_h, HOURS), order[leg], groups.index(mode), pieces, owner_of.get(movement, "")]
            for start_h, leg, mode, pieces, movement in trips.select(*TRIP).iter_rows()
            if leg in order
        ],
        "owners": {
            name: [of_title(record.called("flows", name)), "#a6a6a6" if colour == OTHER else colour]
            for name, colour in colours.items()
            if name in moving
        },
        "queues": list(_queues(record, number, network)),
        "lost": _lost(record, replication, network, place_of),
        "gone": _gone(record, number, network),
        "berths": _berths(record, number, network),
        "tiers": _tiers(record, replication),
        "flows": _flows(record, replication),
    }


def _point(point: tuple[float, float]) -> list[float]:
    return [round(point[0], DEGREES), round(point[1], DEGREES)]


def _hours(*hours: float) -> list[float]:
    return [round(hour, HOURS) for hour in hours]


def _at(network: Network, place: str) -> list[float]:
    return _point((network.nodes[place].lon, network.nodes[place].lat))


def _queues(record: Record, number: pl.Expr, network: Network) -> Iterator[dict[str, Any]]:
    """By place: its title, where it is, and the pieces in queues from each hour on, as `nfm.measures.queue` counts
    them, and of these what is still aboard; and when for a disruption."""
    waits = own_waits(record).filter(number, IN_QUEUE, pl.col("place").is_in(list(network.nodes)))
    by_ship = pl.col("activity").is_in([Activity.ARRIVE, Activity.DISCHARGE])
    pieces = pl.col("pieces").cast(pl.Int64)
    waits = waits.with_columns(pieces, aboard=pl.when(by_ship).then(pieces).otherwise(0))
    hours = (LENGTH_H * pl.col("pieces")).sum()
    worst = waits.group_by("place").agg(hours=hours).sort("hours", "place", descending=[True, False])
    for place in worst["place"].head(MOST_QUEUES):
        mine = waits.filter(pl.col("place") == place)
        came = mine.select("pieces", "aboard", hour="start_h")
        left = mine.select(-pl.col("pieces", "aboard"), hour="end_h")
        steps = pl.concat([came, left]).group_by(pl.col("hour").round(HOURS)).sum().sort("hour")
        line = steps.with_columns(pl.col("pieces", "aboard").cum_sum())
        causes = mine.group_by("cause_kind", "cause").agg(hours=hours).sort("hours", "cause", descending=[True, False])
        disrupted = mine.filter(pl.col("cause_kind") == CauseKind.DISRUPTION).select("start_h", "end_h").unique()
        yield {
            "title": network.nodes[place].title,
            "for": cause_name(record, *causes.row(0)[:2]),
            "at": _at(network, place),
            "hours": line["hour"].to_list(),
            "pieces": line["pieces"].to_list(),
            "aboard": line["aboard"].to_list(),
            "disrupted": [_hours(*times) for times in disrupted.sort("start_h", "end_h").iter_rows()],
        }


def _lost(record: Record, replication: int, network: Network, number_of: Mapping[str, int]) -> list[dict[str, Any]]:
    """What each disruption took, each time: its title, from when to when, the numbers of links, and the places."""
    rows = measures.outages(record).filter(pl.col("replication") == replication)
    times = rows.group_by("disruption", "start_h", "end_h").agg("name", "place").sort("start_h", "disruption")
    return [
        {
            "title": record.called("disruptions", row["disruption"]),
            "from": round(row["start_h"], HOURS),
            "to": round(row["end_h"], HOURS),
            "links": sorted(number_of[name] for name in row["name"] if name in number_of),
            "at": [_at(network, place) for place in sorted({*row["place"]} & network.nodes.keys())],
        }
        for row in times.rows(named=True)
    ]


def _gone(record: Record, number: pl.Expr, network: Network) -> list[list[Any]]:
    """What was lost itself: the hour, the place, its pieces and to what."""
    lost = record.spans.filter(number, pl.col("activity") == Milestone.LOST, pl.col("kind") == Kind.MILESTONE)
    rows = lost.filter(pl.col("place").is_in(list(network.nodes))).join(record.subjects, on=KEYS).sort("start_h")
    return [
        [round(start_h, HOURS), _at(network, place), pieces, record.called("disruptions", cause)]
        for start_h, place, pieces, cause in rows.select("start_h", "place", "pieces", "cause").iter_rows()
    ]


def _berths(record: Record, number: pl.Expr, network: Network) -> list[dict[str, Any]]:
    held = record.holdings.filter(number & (pl.col("pool") == "berths") & pl.col("place").is_in(list(network.nodes)))
    return [
        {
            "title": network.nodes[place].title,
            "at": _at(network, place),
            "ships": [[name, *_hours(*times)] for name, *times in rows.select("subject", "start_h", "end_h").rows()],
        }
        for (place,), rows in held.sort("place", "start_h").group_by("place", maintain_order=True)
    ]


def _tiers(record: Record, replication: int) -> list[dict[str, Any]]:
    table = measures.readiness(record).filter(pl.col("replication") == replication)
    return [
        {"tier": tier, "all": len(rows), "ready": _hours(*rows["ready_h"].drop_nulls().sort())}
        for (tier,), rows in table.sort("tier").group_by("tier", maintain_order=True)
    ]


def _flows(record: Record, replication: int) -> list[dict[str, Any]]:
    table = measures.closure_curve(record).filter(pl.col("replication") == replication)
    pieces = dict(measures.closure(record).select("flow", "pieces").unique().iter_rows())
    return [
        {
            "flow": of_title(record.called("flows", flow)),
            "all": pieces[flow],
            "hours": rows["hour"].to_list(),
            "pieces": rows["pieces"].to_list(),
        }
        for (flow,), rows in table.sort("flow", "hour").group_by("flow", maintain_order=True)
    ]
