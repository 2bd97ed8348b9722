"""The fields of a scenario file, as frozen models: destinations, force elements, formations, tasks and plans."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import accumulate, pairwise
from math import floor
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from nfm_sim import limits
from nfm_sim.kinds import DIVERSIONS, MODE_CHOICES, POLICIES, ROUTINGS
from nfm_sim.network import Facility, Network
from nfm_sim.record.words import in_hours
from nfm_sim.scenario import values
from nfm_sim.scenario.activation import Activation, Regime, RegimeStart, Tier
from nfm_sim.scenario.disruptions import Disruption
from nfm_sim.scenario.flows import Flow, Pieces, Programme, SharedProgramme, Shares
from nfm_sim.scenario.rules import Classes, FacilityValue, Movement, PlaceChange, Pool, default_classes
from nfm_sim.scenario.supply import Attrition, Posture, Supply
from nfm_sim.scenario.values import NUMBER, Hours, Model, Name, Text, Uncertainty, bounds, split

# Tasks and regional plans: the calls on the one force, and what each asks of it over time.


Alternatives = Annotated[
    tuple[str, ...], BeforeValidator(partial(split, mark="|"), json_schema_input_type=tuple[str, ...] | str)
]
"""Capabilities of which one will do, the first by preference: "national reserve | light infantry"."""


class Commitment(Model):
    """A demand of a task over a time: force elements of a capability, or an amount of a pool."""

    title: Text = ""
    """What it is called in tables and figures."""
    capability: Alternatives = ()
    """The capability that is asked for, or several of which one will do: "national reserve | light infantry". Either
    this or `pool`."""
    pool: values.PoolName | None = None
    """The pool of which an amount is asked for."""
    number: Annotated[float, bounds(limits.LEAST_AMOUNT, limits.MOST_DEMANDED), NUMBER] = 1
    """Elements, or units of the pool."""
    from_day: values.Days | None = None
    """Without one, it runs already at hour 0."""
    until_day: values.SomeDays | None = None
    """When it ends, days after hour 0; without one, at the horizon."""
    travel_h: Hours = Field(default=0, validate_default=True)
    """From the order until an element serves there; with a destination, the way of its people by air or bus."""
    destination: values.DestinationName | None = None
    """Where it is, if the pieces of its elements go there and back over the network, by the shares of the scenario."""
    takes_over: bool = False
    """Relief takes over the pieces of who it relieves, so that only people travel."""
    overlap_days: values.Days = 0
    """After its relief has come, an element hands over for so long before it goes."""
    tour_days: values.SomeDays | None = None
    """After which an element is to be relieved; without one it serves to the end."""
    longest_tour_days: values.SomeDays | None = None
    """An element goes after so long though no relief has come; without one it goes when its tour is over."""
    rest_days: values.Days = 0
    """Recovery after a tour, in which an element serves no task."""
    staffs: dict[Name, values.SomeAmount] = {}
    """Amounts that each element that serves here adds to pools, such as escort teams or guards on post, or to a
    facility, as "place.facility"."""
    mends: Text = ""
    """A disruption that its elements mend. Without `from_day` it asks for them while that lasts."""
    source: Text = "notional"
    """Where the numbers come from."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if bool(self.capability) == (self.pool is not None):
            raise ValueError("must ask for either a capability or a pool")
        if self.capability and self.number != int(self.number):
            raise ValueError("must ask for a whole number of elements")
        if self.until_day is not None and self.until_day <= (self.from_day or 0):
            raise ValueError("must end after it begins")
        if self.longest_tour_days is not None and self.longest_tour_days < (self.tour_days or 0):
            raise ValueError("must have a longest tour no shorter than the tour")
        if self.pool is not None and self.destination is not None:
            raise ValueError("must ask for elements, if it has a destination where their pieces go")
        if self.takes_over and self.destination is None:
            raise ValueError("must have the destination of the pieces that relief takes over")
        if self.overlap_days and self.tour_days is None:
            raise ValueError("must have tour_days, as who is not relieved hands nothing over")
        return self


class Task(Model):
    """A call on the force. What goes first is for the scenario's policy to say."""

    title: Text = ""
    """What it is called in tables and figures."""
    priority: values.Priority = 1
    """A lower number goes first: for elements under strict order, and for pools under every policy."""
    weight: values.Factor = 1
    """Its part of the elements under the policy of weights."""
    reserved_share: dict[Name, values.Share] = {}
    """By capability, or "other": the share of the elements that is kept for it, under reserved shares."""
    may_withdraw: bool = True
    """Its elements may be withdrawn for another task."""
    breaks_rest: bool = False
    """The task may call on elements that rest after a tour."""
    redeploy_h: Hours = Field(default=0, validate_default=True)
    """For an element to come back from it."""
    stages: tuple[values.StageName, ...] = ()
    """Stages of activation that an element passes before it serves, if it has not passed them yet."""
    commitments: dict[Name, Commitment] = {}
    """What it asks for over time."""


class Demand(Model):
    """A number of force elements of a capability, in place in a region by a day."""

    capability: Name
    """What the elements that meet it must be able to do."""
    number: Annotated[int, bounds(1, limits.MOST_DEMANDED), NUMBER] = 1
    """Force elements, before the target scales it."""
    day: values.Days
    """Days after hour 0 by which they are to be in place."""
    region: Text = ""
    """Where, in words: it stands in tables, and elements are not chosen by it."""


class PlanVersion(Model):
    """A plan as it stood at a time, such as before and after the accession of Finland and Sweden."""

    title: Text = ""
    """What it is called in tables and figures."""
    demands: tuple[Demand, ...] = ()
    """What it asks for."""


class RegionalPlan(Model):
    """A regional plan with its versions, the newest last."""

    title: Text = ""
    """What it is called in tables and figures."""
    versions: dict[Name, PlanVersion] = Field(min_length=1)
    """By name, in the order of their time."""


class Targets(Model):
    """Capability targets of a year: how many times today's demand a plan asks for, by capability or "other"."""

    title: Text = ""
    """What it is called in tables and figures."""
    factors: dict[Name, Annotated[float, bounds(0, limits.MOST_FACTOR), NUMBER]] = {}
    """Multiples of today's demand, by capability or "other". A capability is scaled as a whole: three times 1.25 asks
    for 3.75 elements, the last of them for three quarters of one."""

    def factor(self, capability: str) -> float:
        """How many times today's demand is asked for of a capability."""
        return self.factors.get(capability, self.factors.get("other", 1.0))


def scaled(numbers: Sequence[int], factor: float) -> list[float]:
    """Return numbers of elements, in the order of their days, scaled as a whole: all are whole but the last, which has
    the fraction that is left, so that nothing is rounded.

    >>> scaled([1, 2], 1.25)
    [1, 2.75]
    """
    sums = [round(number * factor, DECIMALS) for number in accumulate(numbers)]
    steps = [0, *map(floor, sums[:-1]), *sums[-1:]]
    return [round(after - before, DECIMALS) for before, after in pairwise(steps)]


DECIMALS = 9
"""To which a demand is exact: 3 x 1.1 is 3.3, and not 3.3000000000000003."""


class Destination(Model):
    """Where movements leave the network, and how far their journey goes on from there."""

    title: Text = ""
    """What it is called in tables and figures."""
    exits: dict[values.Mode, values.ExitName]
    """By mode: a border crossing, or a port or barracks in the country."""
    via: dict[values.Mode, tuple[values.NodeName, ...]] = {}
    """By mode: the nodes that the way to the exit passes, in their order; also where something is closed."""
    beyond_h: dict[values.Mode, Hours] = {}
    """One way from the exit to the area of operations. Wagons, trucks and barges come back over it, escorts turn
    back at the exit; a force element is in place only after it; an allied flow closes at the exit."""


def _split_alternatives(value: object) -> Any:
    """Read "a; b | c" as: a, and b or c."""
    parts = split(value, ";")
    return tuple(split(part, "|") for part in parts) if isinstance(parts, list | tuple) else parts


Requirement = Annotated[
    tuple[Annotated[tuple[values.ElementName, ...], Field(min_length=1)], ...],
    BeforeValidator(_split_alternatives, json_schema_input_type=tuple[str, ...] | str),
]
"""Elements that are required: all of the parts, and of each part one; "a; b | c" or ["a", "b | c"]."""


class Element(Model):
    """A force element: the smallest thing that activates and closes as a whole."""

    title: Text = ""
    """What it is called in tables and figures."""
    nation: Text = "NL"
    """Whose it is."""
    capability: Text = ""
    """What it can do: plans and tasks ask for elements by this name."""
    tier: Tier | None = None
    """Its tier in the NATO Force Model; without one it is not offered, and serves tasks at home or elsewhere."""
    notice_to_move_days: values.Days | None = None
    """Days from the activation order in which it is to be ready to move."""
    personnel: Annotated[int, bounds(0, limits.MOST_PEOPLE), NUMBER] | None = None
    """People of its establishment; null where it is not known."""
    pieces: Pieces = {}
    """What it moves with, by class."""
    home: values.HomeName
    """The barracks, airport or port where it stands at hour 0."""
    railhead: values.NodeName | None = None
    """Where its trains are loaded; without one they are loaded at home."""
    destination: values.DestinationName | None = None
    """Without one it serves where it is: in place when it is ready and integrated."""
    deploys_h: Hours | None = None
    """Sailing or flying time of an element that moves itself, such as a frigate."""
    parent: Text = ""
    """The formation or larger unit that it belongs to."""
    requires: Requirement = ()
    """Its enablers: it is effective only when these are in place."""
    commitment: Text = ""
    """The commitment that it serves at hour 0, as "task/commitment"."""
    filled_share: values.Share = 1
    """Share of its establishment (`personnel`) that is present at hour 0; a cadre unit has few."""
    mission_capable_share: values.Share = 1
    """Share of its pieces of each class that need no repair."""
    depot: values.NodeName | None = None
    """Where it draws ammunition and supplies."""
    pre_alert_days: values.DaysBefore | None = None
    """How long before hour 0 it may begin with the stages that need no order; without one, as its tier."""
    partner: Text = ""
    """The partner that it serves with: a division, a detachment, a standing group. One that is an element itself, with
    a readiness of its own, is waited for as an enabler is."""
    partner_h: Hours | None = None
    """Hour at which a partner that is no element is in place; the first of the two waits for the other."""
    wanted_day: values.Days | None = None
    """Day by which the partner wants it in place."""
    priority: values.Priority | None = None
    """Pools serve elements with the lower number first. Without one, it is the tier."""
    hours: dict[Name, Hours] = {}
    """Instead of the hours of a stage, by stage."""
    weapons: values.Count = 0
    """Guns and launchers that use ammunition."""
    supply_t_a_day: dict[values.SupplyName, values.Amount] = {}
    """What it uses in a day in place, instead of what its people, pieces and weapons would."""
    supplied_from: values.StockName | None = None
    """The stock that it draws on; without it the last one of its destination."""
    source: Text = "notional"
    """Where the numbers come from."""


class Formation(Model):
    """Elements that close as a whole: a brigade, a corps.

    It is in place when a share of its elements is, and effective when its headquarters is effective and what it
    requires is in place too.
    """

    title: Text = ""
    """What it is called in tables and figures."""
    elements: tuple[values.ElementName, ...] = ()
    """Besides the elements that name it as their parent."""
    in_place_share: Annotated[float, bounds(0.001, 1), NUMBER] = 1
    """Share of its elements with which it is in place."""
    headquarters: values.ElementName | None = None
    """The element that commands it."""
    requires: Requirement = ()
    """Its enablers, besides those of its elements."""


def _as_it_is(value: object) -> Any:
    """Leave a value alone: the name of a table has been replaced by its rows before. It carries the JSON Schema."""
    return value


KG_A_T = 1000.0
OPERATION = "operation"
"""What the movement programme is called that all flows share."""


class Fields(Model):
    """The fields of a scenario file: the forces and flows, their means, their places and their times."""

    model_config = ConfigDict(title="Scenario")

    title: Text
    """What the scenario is called, in a line."""
    notional: Annotated[str, Field(max_length=10 * limits.MOST_TEXT)] = ""
    """Says which inputs of this scenario are not public facts; runs and `validate` print it."""
    network: str
    """Folder of the network, from the scenario's own folder."""
    g_day: values.LocalTime
    """Local time (Europe/Amsterdam) of hour 0, the activation order."""
    horizon_days: Annotated[float, bounds(limits.LEAST_HORIZON_DAYS, limits.MOST_DAYS), NUMBER]
    """When a replication ends, days after hour 0. What has not closed by then has no hour of closure."""
    classes: Classes = Field(default_factory=default_classes)
    """The demands of a piece of each class. The classes that a scenario gives are laid over the usual ones, key by
    key."""
    shares: dict[values.ClassName, Shares] = {}
    """How pieces of a class go, unless their flow says otherwise."""
    movement: Movement = Movement()
    """The rules of each mode, such as `movement.train.max_wagons`."""
    pools: dict[Name, Pool] = {}
    """National pools. A pool that is not listed is not scarce."""
    places: dict[values.NodeName, dict[Name, FacilityValue]] = {}
    """Facilities that differ from the network's, by place."""
    needs: dict[Name, dict[Name, values.Amount]] = {}
    """By facility, and by pool: those who work at one unit of it while it is used. `pieces` are those that ships have
    landed at a port, each with its guards; `terminal` is all that pieces are loaded at and leave by, whose team is
    shared out over its units. Movements have theirs in [movement]. With fewer than are needed, work takes longer; a
    pool that is not listed is not scarce."""
    destinations: dict[Name, Destination] = {}
    """Where movements leave the network."""
    flows: dict[Name, Flow] = {}
    """The allied movements through the country."""
    programme: Programme | None = None
    """The movement programme that all flows share which have none of their own and none of `programmes`."""
    programmes: dict[Name, SharedProgramme] = {}
    """Movement programmes that some flows share."""
    deadline_days: dict[Tier, values.Days] = {1: 10, 2: 30, 3: 180}
    """Readiness deadline of a tier (NATO Force Model)."""
    activation: Activation = Activation()
    """The chain of stages that force elements pass."""
    elements: Annotated[
        dict[Name, Element], BeforeValidator(_as_it_is, json_schema_input_type=dict[str, Element] | str)
    ] = {}
    """Force elements: a table here, or the name of a CSV file."""
    formations: dict[Name, Formation] = {}
    """Elements that close as a whole."""
    tasks: dict[Name, Task] = {}
    """The calls on the one force."""
    policy: Annotated[str, values.KindName(POLICIES)] = "strict"
    """Which task goes first for elements."""
    plans: dict[Name, RegionalPlan] = {}
    """The regional plans that ask for capabilities."""
    plan_versions: dict[Name, str] = {}
    """Which version of a plan holds, by plan; without one, its newest."""
    targets: dict[Name, Targets] = {}
    """Capability targets, by year or name."""
    target: values.TargetName | None = None
    """Which of the targets scales the demands; without one, they stand as written."""
    regimes: dict[Name, Regime] = {}
    """Peace, crisis, conflict: what each changes."""
    timeline: tuple[RegimeStart, ...] = ()
    """Which regime holds from which day; without one the values stand as they are written."""
    supply: Supply = Supply()
    """What elements in place use, and how it comes there."""
    attrition: dict[Name, Attrition] = {}
    """What falls out of elements in place, and where it goes."""
    postures: dict[Name, Posture] = {}
    """What elements do for a while, which changes what they use and what falls out of them."""
    disruptions: Annotated[
        dict[Name, Disruption], BeforeValidator(_as_it_is, json_schema_input_type=dict[str, Disruption] | str)
    ] = {}
    """What is closed or short for a while: a table here, or the name of a CSV file."""
    uncertainty: dict[Name, Uncertainty] = {}
    """Factors by which several numbers are off together, drawn once a replication."""
    routing: Annotated[str, values.KindName(ROUTINGS)] = "fastest"
    """Which way movements take when something is closed or booked."""
    diversion: Annotated[str, values.KindName(DIVERSIONS)] = "when_lost"
    """Whether a ship goes on to another port of the `diverts_to` of its flow: asked when it comes, and when its port is
    lost."""
    mode_choice: Annotated[str, values.KindName(MODE_CHOICES)] = "shares"
    """How many pieces of a class go by each mode: as the shares say, or, of the modes that have a share, by which
    each is expected to close first. Force elements move as the shares say."""
    bumping: bool = False
    """A movement of a higher task, or of a lower number of priority or tier, takes the credits of those behind it
    that have not started."""

    @property
    def horizon_h(self) -> float:
        """The horizon in hours, in whole ticks as all hours of the record are."""
        return in_hours(self.horizon_days)

    def facility_of(self, network: Network, node: str, name: str) -> Facility | None:
        """The facility of a node as this scenario has it: the network's, with the changes made here."""
        there = network.facilities.get((node, name))
        change = self.places.get(node, {}).get(name)
        if change is None:
            return there
        given = change.model_dump(include={"capacity", "rate_per_h", "length_m"}, exclude_none=True)
        return replace(there or Facility(node, name, 0.0, "", None), **given)

    def facilities_on(self, network: Network) -> dict[tuple[str, str], Facility]:
        """All facilities by place and name, the network's and its own, as this scenario has them."""
        own = ((node, name) for node, facilities in self.places.items() for name in facilities)
        found = {key: self.facility_of(network, *key) for key in dict.fromkeys([*network.facilities, *own])}
        return {key: there for key, there in found.items() if there is not None}

    def staff_of(self, node: str, name: str) -> dict[str, float]:
        """By pool: those who work at one unit of a facility of a node."""
        own = self.places.get(node, {}).get(name, PlaceChange()).needs
        return self.needs.get(name, {}) if own is None else own

    def used_t_a_day(self, element: Element, name: str) -> float:
        """Tonnes of a class of supply that an element uses in a day in place: by its people, pieces and weapons."""
        if name in element.supply_t_a_day:
            return element.supply_t_a_day[name]
        kind = self.supply.kind(name)
        pieces = sum(number * kind.kg_a_piece_day.get(piece, 0.0) for piece, number in element.pieces.items())
        people = (element.personnel or 0) * kind.kg_a_person_day
        return (people + pieces + element.weapons * kind.weapon_kg) / KG_A_T

    def concerned_by(self, attrition: Attrition) -> dict[str, int]:
        """By element that deploys: how many of its people or pieces an attrition concerns, where that is any."""
        numbers = {
            name: element.pieces.get(attrition.pieces, 0) if attrition.pieces else element.personnel or 0
            for name, element in self.elements.items()
            if element.destination and (not attrition.capabilities or element.capability in attrition.capabilities)
        }
        return {name: number for name, number in numbers.items() if number}

    def priority_of(self, task: str) -> float:
        """The priority of a task at pools: a lower number goes first."""
        return self.tasks[task].priority if task in self.tasks else 0.0

    @property
    def programmes_by_name(self) -> dict[str, Programme]:
        """All movement programmes: those of single flows by the flow, and what all others share as "operation"."""
        named: dict[str, Programme | None] = {flow: of.programme for flow, of in self.flows.items()}
        named |= {**self.programmes, OPERATION: self.programme}
        return {name: programme for name, programme in named.items() if programme is not None}

    def programme_name(self, flow: str) -> str:
        """The name of the movement programme of a flow: its own, one that it shares, or that of all."""
        shared = (name for name, programme in self.programmes.items() if flow in programme.flows)
        return flow if self.flows[flow].programme is not None else next(shared, OPERATION)

    def programme_of(self, flow: str) -> Programme | None:
        """The movement programme of a flow, if it has one."""
        return self.programmes_by_name.get(self.programme_name(flow))

    def demands(self) -> list[tuple[str, Demand, float]]:
        """Return what the plans ask for, by capability and day: plan, demand, and its number of elements as the target
        scales it."""
        target = Targets() if self.target is None else self.targets[self.target]
        asked: dict[str, list[tuple[str, Demand]]] = {}
        for name, plan in self.plans.items():
            newest = list(plan.versions.values())[-1]
            for demand in plan.versions.get(self.plan_versions.get(name, ""), newest).demands:
                asked.setdefault(demand.capability, []).append((name, demand))
        found = []
        for capability, rows in asked.items():
            rows.sort(key=lambda row: row[1].day)
            numbers = scaled([demand.number for _, demand in rows], target.factor(capability))
            found += [(*row, number) for row, number in zip(rows, numbers, strict=True)]
        return found

    def pre_alert_days(self, element: Element) -> float:
        """How long before hour 0 an element begins with the stages that need no order."""
        if element.tier is None:
            return 0.0
        by_tier = self.activation.pre_alert_days.get(element.tier, 0.0)
        return by_tier if element.pre_alert_days is None else element.pre_alert_days
