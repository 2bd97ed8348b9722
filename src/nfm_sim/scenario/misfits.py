"""What is unusual: numbers beyond their range, and what does not go together (a day before another, a place where
nothing comes, a name that nothing reads).
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from nfm_sim.beside import rows_beside
from nfm_sim.kinds import MODES, Distribution
from nfm_sim.network import Network, NoRouteError
from nfm_sim.problems import did_you_mean, some_of
from nfm_sim.scenario.distributions import numbers_at
from nfm_sim.scenario.model import OPERATION, Fields
from nfm_sim.scenario.names import Fault, of_some


class Usual(NamedTuple):
    """The usual range of numbers or hours: the path where they stand, "*" for each of what there is; its ends and unit;
    what another number is likely mistaken for; and where the range comes from. 0 is no doubt: it means none."""

    path: str
    low: float
    high: float
    unit: str
    source: str
    slip: str = ""


USUAL = tuple(
    Usual(low=float(row.pop("low")), high=float(row.pop("high")), **row) for row in rows_beside(__file__, "usual.csv")
)
"""One for each kind of number, so that a slip of the pen (cm for m, days for hours, percent for a factor) is a doubt.
What cannot be at all is a fault: `limits` has those bounds."""


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


YEARS = (1990, 2050)
"""Of hour 0, from the first operations on record to the targets that are planned for. Assumed."""
ON_THE_WAY = ("motorway_junction", "road_junction", "rail_node", "waterway_node", "lock")
"""Nodes at which no journey ends."""
TASKS = ("host_nation_support", "regional_plans")
"""The tasks that flows and elements have when nothing else is said."""
FAR_TIMES, FAR_KM = 1.5, 100.0
"""A way over given nodes is doubted when it is longer than so many times the direct one, and so much more. Assumed."""
FEW_TIMES = 10.0
"""How many times as long one mode takes beyond the border as another, at most. Assumed."""


def _hour_0(scenario: Fields, network: Network) -> Iterator[Fault]:
    if not YEARS[0] <= scenario.g_day.year <= YEARS[1]:
        yield "g_day", str(scenario.g_day.year), f"is unusual: {YEARS[0]} to {YEARS[1]}; is it a slip of the pen?"


def _flows(scenario: Fields, network: Network) -> Iterator[Fault]:
    for name, flow in scenario.flows.items():
        for lift, airlift in flow.airlifts.items():
            kind = network.nodes[airlift.airport].kind
            if kind and kind != "airport":
                remedy = f"is no airport: its node_type is {kind}"
                yield f"flows.{name}.airlifts.{lift}.airport", airlift.airport, remedy
        first = min((cargo.day for _, _, cargo in flow.cargoes()), default=None)
        if flow.required_day is not None and first is not None and flow.required_day <= first:
            remedy = f"is no later than day {first:g}, on which the first of it comes: it cannot be kept"
            yield f"flows.{name}.required_day", f"{flow.required_day:g}", remedy
        calls = {call.port for ship in flow.ships.values() for call in ship.calls}
        if len(calls) == 1 and {*flow.diverts_to} == calls:
            yield f"flows.{name}.diverts_to", some_of(calls), "is where its ships call: there is no other to divert to"
        if not scenario.tasks and flow.task not in TASKS:
            remedy = f"is a task that nothing reads, as there are no [tasks]{did_you_mean(flow.task, TASKS)}"
            yield f"flows.{name}.task", flow.task, remedy


def _programmes(scenario: Fields, network: Network) -> Iterator[Fault]:
    keys = {**{name: f"programmes.{name}" for name in scenario.programmes}, OPERATION: "programme"}
    for name, programme in scenario.programmes_by_name.items():
        key = keys.get(name, f"flows.{name}.programme")
        flows = [flow for flow in scenario.flows if scenario.programme_name(flow) == name]
        if scenario.flows and not flows:
            yield key, "", "books for no flow: each has another programme"
        places = {place for flow in flows for _, place, _ in scenario.flows[flow].cargoes()}
        places.update(port for flow in flows for port in scenario.flows[flow].diverts_to)
        slots = dict.fromkeys(slot.port for slot in programme.slots if slot.port)
        for where, ports in (("slots", slots), ("per_day_at", programme.per_day_at)):
            idle = [port for port in ports if flows and port not in places]
            yield from of_some(f"{key}.{where}", idle, "is booked at, and nothing comes there")
        cargoes = [(scenario.flows[flow], cargo) for flow in flows for _, _, cargo in scenario.flows[flow].cargoes()]
        shares = [({**scenario.shares, **flow.shares, **cargo.shares}, cargo) for flow, cargo in cargoes]
        going = {mode for by, cargo in shares for name in cargo.pieces for mode, share in by[name].items() if share}
        idle = sorted({slot.mode for slot in programme.slots if flows} - going)
        yield from of_some(f"{key}.slots", idle, "is booked, and nothing goes so")
        rates = {*programme.per_day}.union(*programme.per_day_at.values())
        if flows and rates.isdisjoint(going):  # rates of a sheet of means are of all that may go
            yield from of_some(key, sorted(rates), "is booked, and nothing goes so")


def _elements(scenario: Fields, network: Network) -> Iterator[Fault]:
    late = [
        name
        for name, element in scenario.elements.items()
        if element.tier is not None
        and element.notice_to_move_days is not None
        and element.notice_to_move_days > scenario.deadline_days.get(element.tier, element.notice_to_move_days)
    ]
    if late:
        first = scenario.elements[late[0]]
        remedy = f"is more than its tier, {first.tier}, has until its deadline: of {some_of(late)}"
        yield f"elements.{late[0]}.notice_to_move_days", f"{first.notice_to_move_days:g}", remedy
    if not scenario.tasks and scenario.activation.task not in TASKS:
        remedy = f"is a task that nothing reads, as there are no [tasks]{did_you_mean(scenario.activation.task, TASKS)}"
        yield "activation.task", scenario.activation.task, remedy


def _disruptions(scenario: Fields, network: Network) -> Iterator[Fault]:
    for name, disruption in scenario.disruptions.items():
        start, lasts = disruption.start_h.ends, disruption.duration_h
        duration = None if lasts is None else lasts.ends
        if start is not None and start[0] >= scenario.horizon_h:
            remedy = f"is not before the horizon, hour {scenario.horizon_h:g}"
            yield f"disruptions.{name}.start_h", f"{start[0]:g}", remedy
        if duration is not None and duration[1] == 0:
            yield f"disruptions.{name}.duration_h", "0", "is no time, so nothing happens"
        if disruption.chance == 0:
            yield f"disruptions.{name}.chance", "0", "is no chance, so nothing happens"
        there = {pool: scenario.pools[pool].capacity for pool in disruption.pools}
        facilities = {of: scenario.facility_of(network, *of.split(".", 1)) for of in disruption.facilities}
        there |= {of: facility.capacity for of, facility in facilities.items() if facility is not None}
        taken = 1 - disruption.left_share
        if kept := [of for of, capacity in there.items() if disruption.left_share and 0 < capacity * taken < 1 - 1e-9]:
            remedy = f"takes nothing of {some_of(kept)}: that would be less than one, and whole ones are taken"
            yield f"disruptions.{name}.left_share", f"{disruption.left_share:g}", remedy


def _exits(scenario: Fields, network: Network) -> Iterator[Fault]:
    for name, destination in scenario.destinations.items():
        for mode, node in destination.exits.items():
            kind = network.nodes[node].kind
            if kind in ON_THE_WAY:
                remedy = f"is a {kind.replace('_', ' ')} on the way, where no journey ends; is it for `via`?"
                yield f"destinations.{name}.exits.{mode}", node, remedy
        hours = {mode: of.nominal for mode, of in destination.beyond_h.items() if MODES[mode].network and of.nominal}
        if hours and max(hours.values()) > FEW_TIMES * min(hours.values()):
            least, most = min(hours, key=hours.__getitem__), max(hours, key=hours.__getitem__)
            remedy = f"is less than a tenth of the {hours[most]:g} hours by {most}; is it in days?"
            yield f"destinations.{name}.beyond_h.{least}", f"{hours[least]:g}", remedy


def _ways(scenario: Fields, network: Network) -> Iterator[Fault]:
    """Ways over given nodes that are far longer than the direct one."""
    starts: dict[str, dict[str, None]] = {}
    for flow in scenario.flows.values():
        for _, place, cargo in flow.cargoes():
            starts.setdefault(cargo.destination or flow.destination, {})[place] = None
    for name, destination in scenario.destinations.items():
        for mode, via in destination.via.items():
            exit_node = destination.exits.get(mode)
            for start in starts.get(name, ()) if exit_node is not None and MODES[mode].network else ():
                try:
                    direct = network.route(start, str(exit_node), MODES[mode].network).km
                    steps = pairwise((start, *via, str(exit_node)))
                    around = sum(network.route(*step, MODES[mode].network).km for step in steps)
                except NoRouteError:
                    continue
                if around > FAR_TIMES * direct and around > direct + FAR_KM:
                    remedy = f"makes {around:,.0f} km of the {direct:,.0f} km from {start} to {exit_node}"
                    yield f"destinations.{name}.via.{mode}", some_of(via), remedy
                    break


MISFITS = (_hour_0, _flows, _programmes, _elements, _disruptions, _exits, _ways)
"""What yields what does not go together."""
