"""Compile what moves together: how many pieces a train or column takes, what it needs, and its trip."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from nfm_sim.engine.compiler import Compiler
from nfm_sim.engine.lots import Counts, form_lots
from nfm_sim.engine.plan import Breakdown, Leg, Lot, Rest, Trip, Way, Work
from nfm_sim.engine.pools import Rank
from nfm_sim.engine.ticks import whole_ticks
from nfm_sim.network import NoRouteError
from nfm_sim.problems import Problem
from nfm_sim.scenario.model import LOADED_AT, Flow, Mode
from nfm_sim.scenario.rules import PieceClass
from nfm_sim.scenario.values import Distribution

ESCORTS, LOCOMOTIVES, BARGES = "escort_teams", "locomotives", "barges"
"""The pools that modes draw on, beside the wagons and lorries that the classes name."""
UNIFORM = Distribution(uniform=(0, 1))


@dataclass(frozen=True, slots=True)
class Load:
    """Pieces that are to move together, from where to where, and for whom."""

    name: str
    part_of: str
    mode: Mode
    pieces: Counts
    rank: Rank
    origin: str
    loads_at: str
    destination: str
    required_h: float | None
    task: str
    discharge_per_h: float = math.inf
    flow: Flow | None = None
    """Of an allied movement, which has formalities at the port."""


def lots_of(compiler: Compiler, mode: Mode, pieces: Counts, loads_at: str, exit_node: str) -> list[Counts]:
    """Cut the pieces of a mode into what one movement takes."""
    rules = compiler.rules
    if mode == "truck":
        return form_lots(
            pieces,
            lambda lot: max(
                sum(lot.values()) / (rules.truck.pieces * rules.truck.lorries),
                *(number / compiler.pool_size(pool) for pool, number in lorries_of(compiler, lot).items()),
            ),
        )
    if mode != "train":
        limits = {
            "column": rules.column.vehicles,
            "barge": rules.barge.pieces,
            "flight": rules.flight.pieces,
        }
        return form_lots(pieces, lambda lot: sum(lot.values()) / limits[mode])
    track = compiler.there(loads_at, "tracks")
    way = compiler.network.route(loads_at, exit_node, "rail").links if loads_at != exit_node else ()
    known = [rules.train.max_m, track.length_m if track else None, *(link.max_train_m for link in way)]
    limit_m = min(m for m in known if m is not None) - rules.train.locomotive_m

    def fullness(lot: Counts) -> float:
        wagons = wagons_of(compiler, lot)
        return max(
            sum(wagons.values()) / rules.train.max_wagons,
            train_m(compiler, wagons) / limit_m,
            trailing_t(compiler, wagons, lot) / rules.train.max_t,
            *(number / compiler.pool_size(pool) for pool, number in wagons.items()),
        )

    return form_lots(pieces, fullness)


def wagons_of(compiler: Compiler, pieces: Counts) -> dict[str, float]:
    """Whole wagons by pool for the pieces of a train."""
    wagons: dict[str, float] = {}
    for name, number in pieces.items():
        wanted = compiler.scenario.classes[name]
        wagons[wanted.wagon] = wagons.get(wanted.wagon, 0.0) + number / wanted.pieces_per_wagon
    return {pool: math.ceil(number - 1e-9) for pool, number in wagons.items()}


def lorries_of(compiler: Compiler, pieces: Counts) -> dict[str, float]:
    """Whole lorries by pool for the pieces of a packet."""
    loads: Counter[str] = Counter()
    for name, number in pieces.items():
        loads[compiler.scenario.classes[name].lorry] += number
    return {pool: float(math.ceil(number / compiler.rules.truck.pieces)) for pool, number in loads.items()}


def train_m(compiler: Compiler, wagons: Mapping[str, float]) -> float:
    """Length of the wagons."""
    return sum(number * compiler.wagon(pool).length_m for pool, number in wagons.items())


def trailing_t(compiler: Compiler, wagons: Mapping[str, float], pieces: Counts) -> float:
    """Weight behind the locomotive: the wagons and what stands on them."""
    classes = compiler.scenario.classes
    tare = sum(number * compiler.wagon(pool).tare_t for pool, number in wagons.items())
    return tare + sum(number * classes[name].weight_t for name, number in pieces.items())


def compile_lot(compiler: Compiler, load: Load, planned: bool = True) -> Lot:
    """Compile a load. One that is not `planned` is the same pieces moved otherwise: from another port."""
    mode, name, origin, loads_at = load.mode, load.name, load.origin, load.loads_at
    classes = compiler.scenario.classes
    count = sum(load.pieces.values())
    handling = sum(number * classes[piece].handling for piece, number in load.pieces.items())
    goal = compiler.scenario.destinations[load.destination]
    exit_node = goal.exits[mode]
    beyond = goal.beyond_h.get(mode)
    beyond_draw = None if beyond is None else compiler.sheet.ask("beyond", name, beyond)
    border_h = compiler.rules.train.border_h if mode == "train" else None
    trip = _trip(compiler, load, _way(compiler, mode, load.pieces), loads_at, exit_node)
    if planned:
        compiler.subject(
            *(name, "movement", load.part_of, mode, None, count, origin, exit_node, None, load.required_h),
            task=load.task,
        )
    approach = None
    if origin != loads_at:
        approach = _trip(compiler, load, _way(compiler, "column", load.pieces), origin, loads_at)
    allied = load.flow is not None
    crews = load.flow is not None and load.flow.airlifts and mode == "column"
    return Lot(
        subject=name,
        mode=mode,
        rank=load.rank,
        origin=origin,
        loads_at=loads_at,
        exit=exit_node,
        pieces=count,
        yards=_yards(compiler, load) if allied else (),
        discharge_h=whole_ticks(handling / load.discharge_per_h),
        documents=_at_facility(compiler, origin, "customs", count) if allied else None,
        permit=load.part_of if load.flow is not None and load.flow.permit_applied_day is not None else "",
        crew=((f"{load.part_of}.crews", load.flow.crew_per_vehicle * count),) if crews and load.flow else (),
        load=_loading(compiler, mode, loads_at, handling),
        unload=_at_facility(compiler, exit_node, LOADED_AT[mode], handling) if LOADED_AT[mode] else None,
        gate=_at_facility(compiler, origin, "gates", count) if mode in ("column", "truck") else None,
        assets=_assets(compiler, mode, load.pieces),
        engines=((LOCOMOTIVES, 1.0),) if mode == "train" else (),
        approach=approach,
        trip=trip,
        civil_queue=_civil_queue(compiler, name) if mode == "barge" else {},
        breakdown=_breakdown(compiler, name, count, trip) if mode == "column" else None,
        prepare=_preparation(compiler, mode, name),
        border=None if border_h is None else compiler.sheet.ask("border", name, border_h),
        beyond=beyond_draw,
        beyond_assets=None if mode == "column" else beyond_draw,
        back_h=sum(leg.hours for leg in trip.legs),
    )


def _way(compiler: Compiler, mode: Mode, pieces: Counts) -> Way:
    """What moves, as the network sees it."""
    classes = [compiler.scenario.classes[name] for name in pieces]
    way = Way(mode, ammunition=any(c.ammunition for c in classes))
    if mode == "train":
        length = train_m(compiler, wagons_of(compiler, pieces)) + compiler.rules.train.locomotive_m
        out_of_gauge = any(c.out_of_gauge for c in classes)
        return replace(way, out_of_gauge=out_of_gauge, electric=compiler.rules.train.electric, train_m=length)
    if mode == "barge":
        return replace(way, cemt=compiler.rules.barge.cemt)
    if mode == "flight":
        return way
    return replace(
        way,
        vehicles=sum(pieces.values()) if mode == "column" else 0,
        weight_t=max(c.weight_t for c in classes),
        height_m=max(c.height_m for c in classes),
        width_m=max(c.width_m for c in classes),
    )


def _trip(compiler: Compiler, load: Load, way: Way, start: str, goal: str) -> Trip:
    rules = {"column": compiler.rules.column.rests, "train": compiler.rules.train.rests}.get(way.mode, ())
    windows = {"column": compiler.driving, "train": compiler.running}.get(way.mode)
    way = compiler.known_limits(way)
    legs: tuple[Leg, ...] = ()
    try:
        legs = compiler.book.legs(way, start, goal)
    except NoRouteError as error:
        key = f"{'flows' if load.flow is not None else 'elements'}.{load.part_of}"
        mend = f"has pieces that no way can carry: {error} for what they weigh and need; change classes or modes"
        problem = Problem(compiler.scenario._file, key, ", ".join(load.pieces), mend)
        if problem not in compiler.problems:
            compiler.problems.append(problem)
    rests = tuple(Rest(r.activity, r.after_h, whole_ticks(r.hours), r.facility, r.per_vehicle) for r in rules)
    return Trip(way, start, goal, legs, windows, rests)


def _yards(compiler: Compiler, load: Load) -> tuple[tuple[str, float], ...]:
    """What it takes of each yard of its port, in one order for all."""
    areas: dict[str, float] = {}
    for name, number in load.pieces.items():
        piece: PieceClass = compiler.scenario.classes[name]
        yard = piece.yard if compiler.there(load.origin, piece.yard) is not None else "yard_m2"
        areas[yard] = areas.get(yard, 0.0) + number * piece.yard_m2
    for yard, area in areas.items():
        compiler.facility(load.origin, yard)
        there = compiler.pools.get(f"{load.origin}.{yard}")
        if there is not None and area > there.capacity:
            mend = f"is smaller than {load.name}, which needs {area:g} m2; make it larger or the loads smaller"
            key = f"places.{load.origin}.{yard}"
            compiler.problems.append(Problem(compiler.scenario._file, key, f"{there.capacity:g}", mend))
    return tuple((f"{load.origin}.{yard}", area) for yard, area in sorted(areas.items()))


def _loading(compiler: Compiler, mode: Mode, place: str, handling: float) -> Work | None:
    """The facility that a mode is loaded at, and how long it takes there."""
    if not LOADED_AT[mode]:
        return None
    openings = {
        "train": compiler.rules.train.loading,
        "truck": compiler.rules.truck.loading,
        "barge": compiler.rules.barge.loading,
        "flight": compiler.rules.flight.daylight,
    }[mode]
    return _at_facility(compiler, place, LOADED_AT[mode], handling, openings)


def _at_facility(
    compiler: Compiler, place: str, facility: str, amount: float, openings: tuple[str, ...] = ()
) -> Work | None:
    """So much work at a facility, at its rate; None when the place has none."""
    if compiler.there(place, facility) is None:
        return None
    rate = compiler.facility(place, facility) or math.inf
    return Work(f"{place}.{facility}", whole_ticks(amount / rate), compiler.opening(place, facility, openings))


def _assets(compiler: Compiler, mode: Mode, pieces: Counts) -> tuple[tuple[str, float], ...]:
    """What goes along, in one order for all, so that two movements never wait for each other."""
    if mode == "train":
        return tuple(sorted(wagons_of(compiler, pieces).items()))
    if mode == "column":
        return ((ESCORTS, 1.0),) if sum(pieces.values()) > compiler.rules.column.escort_above else ()
    if mode == "truck":
        return tuple(sorted(lorries_of(compiler, pieces).items()))
    return ((BARGES, 1.0),) if mode == "barge" else ()


def _preparation(compiler: Compiler, mode: Mode, name: str) -> int | None:
    hours = {"column": compiler.rules.column.form_up_h, "flight": compiler.rules.flight.make_ready_h}.get(mode)
    return None if hours is None else compiler.sheet.ask("prepare", name, hours)


def _civil_queue(compiler: Compiler, name: str) -> dict[str, int]:
    hours = compiler.rules.barge.civil_queue_h
    if hours.fixed == 0:
        return {}
    locks = [node for node, facility in compiler.network.facilities if facility == "chambers"]
    return {lock: compiler.sheet.ask(f"civil queue {lock}", name, hours) for lock in locks}


def _breakdown(compiler: Compiler, name: str, vehicles: int, trip: Trip) -> Breakdown | None:
    rules = compiler.rules.column
    if not rules.breakdown_per_vehicle_km:
        return None
    links = [link for leg in trip.legs for link in compiler.book.leg_links[leg.number]]
    km = sum(compiler.network.links[link.link].km for link in links)
    ask = compiler.sheet.ask
    return Breakdown(
        happens=ask("breakdown", name, UNIFORM),
        chance=1 - math.exp(-rules.breakdown_per_vehicle_km * vehicles * km),
        after_h=ask("breakdown after", name, Distribution(uniform=(0, sum(leg.hours for leg in trip.legs) or 1))),
        recovery=ask("recovery", name, rules.recovery_h),
        blocks=ask("breakdown blocks", name, UNIFORM),
        blocked_share=rules.lane_blocked_share,
    )
