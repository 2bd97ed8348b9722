"""Means: pieces and what carries them, pools, and facilities of places.

The defaults are planning factors. Each says where it comes from, or that it is assumed.
"""

from functools import cache
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from nfm_sim.beside import rows_beside
from nfm_sim.kinds import MODES
from nfm_sim.kinds.facilities import YARD
from nfm_sim.kinds.modes import BARGES
from nfm_sim.limits import LEAST_AMOUNT, MOST_YARD_M2
from nfm_sim.scenario import values
from nfm_sim.scenario.values import NUMBER, Model, Name, Text, bounds


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
