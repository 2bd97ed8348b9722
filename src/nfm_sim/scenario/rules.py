"""Means, and the rules of movement by mode.

The defaults are planning factors. Each says where it comes from, or that it is assumed.
"""

import math
from functools import cache
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from nfm_sim.beside import rows_beside
from nfm_sim.kinds import MODES
from nfm_sim.kinds.modes import BARGES, YARD
from nfm_sim.limits import LEAST_AMOUNT, LEAST_RATE, MOST_RATE, MOST_YARD_M2
from nfm_sim.network.network import CemtClass
from nfm_sim.scenario import values
from nfm_sim.scenario.values import NUMBER, Hours, Model, Name, OpenModel, Text, bounds

# Means: pieces and what carries them, pools, and facilities of places.
#
# The defaults are planning factors. Each says where it comes from, or that it is assumed.


class PieceClass(Model):
    """The demands of one piece of a class on yards, wagons, roads and tunnels."""

    yard_m2: Annotated[float, bounds(LEAST_AMOUNT, MOST_YARD_M2), NUMBER] = 45
    """Staging area with its lanes. 12-13 ha for about 2,800 pieces at Antwerp in 2019 (icoterminals.com)."""
    yard: Name = YARD
    """The facility of the port where it stands: a yard of its own for containers or ammunition. A port without
    that yard puts it with the rest."""
    weight_t: values.Tonnes = 15
    """Of itself: what carries it is added. Assumed."""
    height_m: values.Metres = 0
    """On its wheels or tracks: the deck of what carries it is added; 0: nothing is too low for it."""
    width_m: values.Metres = 0
    """0: no road is too narrow for it."""
    out_of_gauge: bool = False
    """On a wagon it is wider or higher than the loading gauge: slower, and nothing may meet it."""
    dangerous: bool = False
    """Ammunition or fuel: the piece goes around road tunnels other than those of ADR category A, is loaded apart from
    other classes, and by train only in the hours that are for it."""
    explosive_kg: values.Amount = 0
    """Its net explosive mass, of which a place may have a limit: the facility `explosive_kg`."""
    trucks: Annotated[tuple[Name, ...], Field(min_length=1)] = ("trucks",)
    """The pools of lorries that may carry it, such as low-loaders: of the first, and where that has too few, of the
    next."""
    wagons: Annotated[tuple[Name, ...], Field(min_length=1)] = ("flat_wagons",)
    """The pools of wagons that may carry it, likewise: a train has several kinds where the first has too few."""
    barges: Annotated[tuple[Name, ...], Field(min_length=1)] = (BARGES,)
    """The pools of barges that may carry it, likewise: what was to go on one goes on two smaller ones together."""
    pieces_per_wagon: values.Factor | dict[Name, values.Factor] = 2
    """On each of these, or by pool. Assumed; Bradleys stood two to a wagon at Kallo in 2019 (hln.be), a tank stands
    alone."""
    handling: values.Factor = 1
    """Time to handle one, as a multiple of the facility's time for a piece. Assumed."""

    @property
    def carriers(self) -> tuple[str, ...]:
        """All pools that may carry it."""
        return (*self.trucks, *self.wagons, *self.barges)

    def on_wagon(self, pool: str) -> float:
        """How many stand on one wagon of a pool; one where nothing says it."""
        of = self.pieces_per_wagon
        return of.get(pool, 1.0) if isinstance(of, dict) else of


@cache
def default_classes() -> dict[str, PieceClass]:
    """The usual classes, as `classes.csv` has them."""
    found = {}
    for row in rows_beside(__file__, "classes.csv"):
        keys = {key: (cell,) if key in ("wagons", "trucks") else cell for key, cell in row.items()}
        del keys["name"], keys["source"]
        found[row["name"]] = PieceClass.model_validate(keys)
    return found


def _over_the_usual(given: object) -> Any:
    if not isinstance(given, dict):
        return given
    usual: dict[str, Any] = {name: c.model_dump(exclude_unset=True) for name, c in default_classes().items()}
    for name, keys in given.items():
        usual[name] = {**usual.get(name, {}), **keys} if isinstance(keys, dict) else keys
    return usual


Classes = Annotated[
    dict[Name, PieceClass], BeforeValidator(_over_the_usual, json_schema_input_type=dict[str, PieceClass])
]


def usual_pools() -> list[str]:
    """The national pools that the usual rules draw on; one that [pools] does not give is not scarce."""
    of_classes = (pool for piece in default_classes().values() for pool in piece.carriers)
    return list(dict.fromkeys([*of_classes, *(mode.pool for mode in MODES.values() if mode.pool)]))


class Carrier(Model):
    """What pieces stand on: its weight and that of its load, its deck and the height of its load count together."""

    tare_t: values.Tonnes = 0
    """What it weighs empty."""
    deck_m: values.Metres = 0
    """Height of its deck."""


class Wagon(Carrier):
    """One kind of wagon."""

    length_m: values.SomeMetres = 15.6
    """900 wagons over 14 km at Bremerhaven in 2017; 300 m for 19 at Kallo in 2019."""
    tare_t: values.Tonnes = 29
    """1,700 t for 19 wagons with 38 Bradleys of about 30 t at Kallo in 2019."""
    axles: values.SomeCount = 4
    """Six of the wagons for heavy tracked vehicles."""
    deck_m: values.Metres = 1.25
    """Above the rails. Assumed."""


class Lorry(Carrier):
    """One kind of lorry."""

    pieces: values.SomeCount | None = None
    """On one; without it `movement.truck.pieces`."""

    tare_t: values.Tonnes = 15
    """Tractor and semi-trailer. Assumed."""
    deck_m: values.Metres = 1.2
    """Assumed."""


USUAL_CARRIER, USUAL_WAGON, USUAL_LORRY = Carrier(), Wagon(), Lorry()


class Arrival(Model):
    """An amount that a pool gains for good."""

    day: values.Days
    """Days after hour 0, or after the call-up."""
    amount: values.SomeAmount
    """How much comes in, in the unit of the pool."""


class Pool(Model):
    """Something held for a while and given back: escort teams, wagons, workshop bays."""

    capacity: values.Amount
    """How much there is of it at hour 0."""
    unit: Text = ""
    """What one of it is: "team", "wagon"."""
    arrivals: tuple[Arrival, ...] = ()
    """Amounts that come in later: spare parts, waves of reservists."""
    call_up: bool = False
    """These are reservists: the days of `arrivals` count from the first hour at which they may be called up."""
    people: values.Amount = 0
    """People who man one unit of it, such as the drivers of a truck."""
    source: Text = "assumed"
    """Where the capacity comes from, or "assumed"."""


class PlaceChange(Model):
    """A facility of the network as this scenario has it; what is not given stays as it is."""

    capacity: values.Amount | None = None
    """How many there are, or how much: berths, ramps, square metres."""
    rate_per_h: values.Rate | None = None
    """What one of them handles in an hour: pieces, or barges at a lock."""
    open: tuple[values.Opening, ...] = ()
    """Shift hours; empty means day and night."""
    length_m: values.SomeMetres | None = None
    """Length of one of them: a loading track."""
    needs: dict[Name, values.Amount] | None = None
    """By pool: those who work at one unit of it while it is used; without it, as [needs] has it."""


def _number_is_capacity(value: object) -> Any:
    return {"capacity": value} if isinstance(value, int | float) and not isinstance(value, bool) else value


FacilityValue = Annotated[PlaceChange, BeforeValidator(_number_is_capacity, json_schema_input_type=float | PlaceChange)]


KINDS_OF_LINK = ("motorway", "trunk", "local", "rail", "waterway", "sea")
"""Types of link that the usual rules give speeds for."""


class RestRule(Model):
    """A stop that is due after so many hours of driving; who has stood as long anyhow has had it."""

    activity: Name
    """Name of the stop: "technical halt", "rest", "overnight"."""
    after_h: values.SomeHours
    """Driving without such a stop, or a longer one, at most."""
    hours: values.SomeHours
    """How long it takes."""
    facility: Text = ""
    """Where it must be had, such as "beds" of a convoy support centre; without it, at any holding node. A way
    that passes no such place is driven without."""
    per_vehicle: values.Amount = 0
    """How much of the facility a vehicle takes."""


class Manned(Model):
    """Who works at each movement of a mode while it is loaded, or a column formed up."""

    needs: dict[Name, values.Amount] = {}
    """By pool: how many each movement needs. With fewer it takes longer; a pool that is not listed is not scarce."""
    needs_per_piece: dict[Name, values.Amount] = {}
    """The same, for each of its pieces."""
    lot_of: ClassVar[tuple[str, ...]] = ("pieces",)
    """Keys that, one times the other, say how many pieces one movement takes at most, about."""

    @property
    def lot_pieces(self) -> float:
        """Pieces that one movement takes at most, about."""
        return float(math.prod(getattr(self, key) for key in self.lot_of))


class ColumnRules(Manned):
    """How march columns are formed, escorted and driven."""

    lot_of = ("vehicles",)

    vehicles: values.SomeCount = 20
    """Vehicles in a column at most. A Dutch march unit has 10-25 (Handleiding militair wegverkeer, 2015)."""
    march_unit: values.SomeCount = 20
    """Vehicles in a march unit at most; a larger column is made of several, with gaps between them."""
    serial_units: values.SomeCount = 5
    """March units in a serial at most (FM 55-65)."""
    unit_gap_min: values.Minutes = 10
    """Gap between march units, minutes: of one column, and behind a column that is one march unit. With 20 vehicles it
    makes some 100 an hour. Assumed from US practice."""
    serial_gap_min: values.Minutes = 30
    """Gap behind a serial, between those of one column too: 30 minutes in Dragoon Ride 2015 (army.mil 173420)."""
    density_per_km: Annotated[float, bounds(0.1, 500), NUMBER] = 10
    """Vehicles per km of road: 100 m apart (ST 100-3)."""
    column_gap_h: values.FixedHours | None = None
    """Gap behind every column. Without it, a column of one march unit keeps the gap of a march unit, and a longer one
    that of a serial."""
    speed_kmh: dict[Name, values.Kmh] = {"motorway": 70, "trunk": 50, "local": 24}
    """Rate of march by kind of road: German columns 70 and 50 (press), built-up 24 (FM 11-43)."""
    driving: tuple[values.Opening, ...] = ()
    """Hours in which columns may drive; empty means always."""
    form_up_h: Hours = Field(default=1, validate_default=True)
    """Forming up and briefing. Assumed."""
    rests: tuple[RestRule, ...] = (RestRule(activity="rest", after_h=5.5, hours=2),)
    """In rising order. Two hours each 5-6 hours (German marshals' guide); the rate of march includes short halts
    (FM 55-10), so technical halts are given only with a higher rate."""
    breakdown_per_vehicle_km: Annotated[float, bounds(0, 100), NUMBER] = 0
    """Breakdowns in a kilometre of one vehicle; 0.0001 is a prior (unconfirmed)."""
    recovery_h: Hours = Field(default=0.75, validate_default=True)
    """How long a column loses by a breakdown. Median of incidents, assumed."""
    recovery_vehicles: Name = ""
    """The pool of which each breakdown takes one for as long as recovery takes; without one, they are not scarce."""
    leaves_behind_h: values.SomeHours | None = None
    """A column waits for a broken vehicle no longer than this, and goes on; the vehicle follows by itself when it is
    recovered. Without it, the column waits in any case."""
    lost_share: values.Share = 0
    """Share of broken vehicles that are lost for the operation: the column goes on without, and they never close."""
    lane_blocked_share: values.Share = 0
    """Share of breakdowns that leave half of the road to others until the vehicle is recovered."""
    escort_above: values.Count = 10
    """A column of more vehicles needs an escort team; small packets need none (blikopnieuws.nl 302774); ten
    is the German threshold for a march credit (bundeswehr.de)."""


class TrainRules(Manned):
    """How trains are made up and run."""

    lot_of = ("max_wagons",)

    max_wagons: values.SomeCount = 30
    """Wagons in a train at most: 900 wagons in about 30 trains, Bremerhaven 2017."""
    least_wagons: values.SomeCount = 5
    """With which a train leaves when others are not there; the rest of its load follows. Assumed: a path and a
    locomotive are not taken for fewer."""
    max_m: values.SomeMetres = 740
    """With its locomotive: the European target length (prorail.nl). A loading track or a route may be shorter."""
    locomotive_m: values.Metres = 20
    """Assumed."""
    max_t: values.SomeTonnes = 2700
    """Trailing weight: thirty wagons as at Kallo. Assumed."""
    electric: bool = False
    """Locomotives need the wire: trains keep to lines that have one, terminal tracks of unknown kind included."""
    wagons: dict[values.PoolName, Wagon] = {}
    """By pool, where they differ from the usual."""
    out_of_gauge_kmh: values.Kmh = 50
    """Assumed."""
    rests: tuple[RestRule, ...] = (RestRule(activity="driver's relief", after_h=8, hours=0.5),)
    """Duty of a driver. Assumed."""
    border_h: Hours = Field(default=0, validate_default=True)
    """Exchange of locomotive and driver at the border: how long it takes. They turn back there."""
    through: bool = False
    """Locomotives and drivers go on beyond the border instead, and come back with their wagons."""
    speed_kmh: dict[Name, values.Kmh] = {"rail": 60}
    """Mean speed under way between stops. Assumed; commercial mean 30-50 with stops, at most 100."""
    headway_h: values.FixedHours = 0.25
    """Between two trains that follow each other on a track. Assumed; block sections on single tracks too."""
    running: tuple[values.Opening, ...] = ()
    """Hours in which military trains may run; empty means always."""
    running_dangerous: tuple[values.Opening, ...] = ()
    """Likewise trains with dangerous goods, such as only at night; empty means as all others."""
    turn_h: values.FixedHours | None = None
    """Unloading and turning at the far end; without it, as long as loading took here. Assumed."""
    loading: tuple[values.Opening, ...] = ()
    """Hours in which trains are loaded; empty means always."""

    def wagon(self, pool: str) -> Wagon:
        """The kind of wagon that a pool has."""
        return self.wagons.get(pool, USUAL_WAGON)


class TruckRules(Manned):
    """Civil line-haul: trucks drive among the traffic and need no credit."""

    lot_of = ("pieces", "trucks")

    pieces: values.SomeCount = 1
    """On one truck."""
    lorries: dict[values.PoolName, Lorry] = {}
    """By pool, where they differ from the usual."""
    trucks: values.SomeCount = 1
    """Trucks that are loaded one after another and leave together."""
    least_trucks: values.SomeCount = 1
    """With which a packet leaves when others are not there; the rest follows. Assumed."""
    speed_kmh: dict[Name, values.Kmh] = {"motorway": 80, "trunk": 60, "local": 30}
    """Legal limit for trucks on motorways; the rest assumed."""
    loading: tuple[values.Opening, ...] = ()
    """Hours in which trucks are loaded; empty means always."""
    break_after_h: values.SomeHours = 4.5
    """Hours at the wheel after which a break is due."""
    break_h: values.FixedHours = 0.75
    """Regulation (EC) 561/2006: 45 minutes after 4.5 hours at the wheel."""
    turn_h: values.FixedHours | None = None
    """Unloading and turning at the far end; without it, as long as loading took here. Assumed."""
    day_h: Annotated[float, bounds(0.25, 24), NUMBER] = 9
    """Hours at the wheel in a day at most."""
    night_h: values.FixedHours = 11
    """Regulation (EC) 561/2006: 9 hours at the wheel in a day, and 11 hours of rest."""

    def lorry(self, pool: str) -> Lorry:
        """The kind of lorry that a pool has."""
        return self.lorries.get(pool, USUAL_LORRY)

    def on_lorry(self, pool: str) -> int:
        """How many pieces stand on one lorry of a pool."""
        return self.lorry(pool).pieces or self.pieces

    def rest_h(self, driving_h: float) -> float:
        """Hours of breaks and of nights on a journey of so many hours at the wheel; a break that would fall at its end,
        or at that of a day, is none."""
        days = max(0, math.ceil(driving_h / self.day_h - 1e-9) - 1)
        stretches = [self.day_h] * days + [driving_h - days * self.day_h]
        breaks = sum(max(0, math.ceil(hours / self.break_after_h - 1e-9) - 1) for hours in stretches)
        return days * self.night_h + breaks * self.break_h


class ModeRules(Manned):
    """The rules of a mode whose movements are loaded, go over links and are unloaded."""

    pieces: values.SomeCount = 1
    """On one of its vehicles or vessels."""
    speed_kmh: dict[Name, values.Kmh] = {}
    """By kind of link; without one, that of the network's links. A mode without a network flies at that by "air"."""
    headway_h: values.FixedHours = 0
    """Time that one of them takes of a link."""
    turn_h: values.FixedHours | None = None
    """Unloading and turning at the far end; without it, as long as loading took here. Assumed."""
    loading: tuple[values.Opening, ...] = ()
    """Hours in which they are loaded; empty means always."""


class BargeRules(ModeRules):
    """Inland barges, loaded by crane."""

    pieces: values.SomeCount = 40
    """About 20 prime movers and 20 trailers on 2,500 t (thefreelibrary.com, 2004)."""
    pieces_by_pool: dict[values.PoolName, values.SomeCount] = {}
    """On barges of other sizes, by their pool."""
    headway_h: values.FixedHours = 0.1
    """Assumed."""
    cemt: CemtClass = "Va"
    """Class of the barge: it goes on fairways of that class and above. About 2,500 t is Va."""
    civil_queue_h: Hours = Field(default=0, validate_default=True)
    """Wait behind civil barges at each lock; up to 10 hours at Kreekrak in August 2024 (schuttevaer.nl)."""

    def on_barge(self, pool: str) -> int:
        """How many pieces go on one barge of a pool."""
        return self.pieces_by_pool.get(pool, self.pieces)


class FlightRules(Manned):
    """Helicopters made ready on the quay and flown off."""

    pieces: values.SomeCount = 1
    """Aircraft that leave together."""
    speed_kmh: values.Kmh = 220
    """Assumed cruise speed of a mixed formation."""
    daylight: tuple[values.Opening, ...] = ("08:00-17:00",)
    """Assumed; winter daylight."""
    make_ready_h: Hours = Field(default=8, validate_default=True)
    """Unfolding and checks before the first flight. Assumed."""


class DischargeRules(Model):
    """How ships are discharged."""

    shifts: tuple[values.Opening, ...] = ("06:00-02:00",)
    """Two shifts of ten hours a day (JP 4-01.5)."""


# Civil traffic: volumes on the roads and the train paths that its timetable leaves, by hour of the week


def _none_or_some(value: float) -> float:
    if 0 < value < LEAST_RATE:
        raise ValueError(f"must be 0, or at least {LEAST_RATE:g}")
    return value


PerHour = Annotated[float, bounds(0, MOST_RATE), AfterValidator(_none_or_some), NUMBER]
Day = Annotated[tuple[PerHour, ...], Field(min_length=24, max_length=24)]
"""A value for each hour of a day, from 00:00."""


class Week(Model):
    """A value for each hour of the week."""

    weekday: Day
    """Monday to Friday."""
    saturday: Day | None = None
    """Without one, as on a weekday."""
    sunday: Day | None = None
    """Without one, as on Saturday."""

    def hours(self) -> list[float]:
        """The values of the hours of a week, from Monday 00:00."""
        saturday = self.saturday or self.weekday
        return [*5 * self.weekday, *saturday, *(self.sunday or saturday)]


# Shape of a Dutch day: a peak before nine and one at about 17:30 (nu.nl 2018); the numbers are assumed, and
# are made to average 1 over the week when they are read.
_HOURS = rows_beside(__file__, "road_week.csv")
ROAD_WEEK = Week.model_validate({day: [hour[day] for hour in _HOURS] for day in Week.model_fields})


class CivilTraffic(Model):
    """Civil traffic beside the movements. Without values it is not modelled: roads and tracks are free."""

    mean_per_h: dict[Name, PerHour] = {}
    """Vehicles an hour and direction, mean of the week, by kind of road. The national mean of the main roads
    was 2,261 in 2017 (CBS); taken as one direction."""
    road: Week = ROAD_WEEK
    """Volume by hour of the week, as any multiple of the mean."""
    lane_capacity_per_h: Annotated[float, bounds(1, MOST_RATE), NUMBER] = 2205
    """4,410 on two lanes with 10 % trucks (ROA 2017)."""
    delay_a: Annotated[float, bounds(0, 10), NUMBER] = 0.15
    """The factor of the delay, a in the function of `delay_b`."""
    delay_b: Annotated[float, bounds(1, 12), NUMBER] = 4
    """Volume-delay function of the Bureau of Public Roads (1964): hours = free hours (1 + a (v/c)^b)."""
    paths: dict[Name, Week] = {}
    """Train paths an hour and direction that the civil timetable leaves, by line, and "other"; 0 is none."""

    @model_validator(mode="after")
    def _some_traffic(self) -> Self:
        if not any(self.road.hours()):
            raise ValueError("must have traffic in some hour of its week `road`")
        return self

    def road_factors(self) -> list[float]:
        """Volume in each hour of the week, from Monday 00:00, as a multiple of its mean."""
        week = self.road.hours()
        total = sum(week)
        return [volume * len(week) / total if self.mean_per_h else 0.0 for volume in week]


# All rules


class Movement(OpenModel):
    """The rules of movement by mode."""

    discharge: DischargeRules = DischargeRules()
    """When ships are discharged."""
    column: ColumnRules = ColumnRules()
    """March columns: size, gaps, speeds, rests, escorts."""
    train: TrainRules = TrainRules()
    """Trains: size, speeds, paths, loading."""
    truck: TruckRules = TruckRules()
    """How line-haul trucks are loaded and driven."""
    barge: BargeRules = BargeRules()
    """How inland barges are loaded and sail."""
    flight: FlightRules = FlightRules()
    """How helicopters fly off."""
    civil: CivilTraffic = CivilTraffic()
    """Civil traffic beside the movements."""
    empties: bool = True
    """Trains, lorries and barges come back empty as movements of their own, which take paths, chambers and time on the
    network; else in the running time of a free way."""

    @classmethod
    def own_fields(cls) -> dict[str, Any]:
        return {mode.name: (mode.rules or ModeRules, (mode.rules or ModeRules)()) for mode in MODES.own.values()}

    def of(self, mode: str) -> Any:
        """The rules of a mode."""
        return getattr(self, mode)

    def rests(self) -> list[tuple[str, RestRule]]:
        """All rests, each with its mode."""
        return [(mode, rest) for mode in MODES for rest in getattr(self.of(mode), "rests", ())]
