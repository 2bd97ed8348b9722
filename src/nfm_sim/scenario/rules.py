"""The rules of movement, and what a piece asks of them.

The defaults are planning factors. Each says where it comes from, or that it is assumed.
"""

from __future__ import annotations

from pydantic import Field

from nfm_sim.scenario.values import Hours, Model, Opening


class PieceClass(Model):
    """What one piece of a class asks of yards and wagons."""

    yard_m2: float = Field(default=45, gt=0)
    """Staging area with its lanes. 12-13 ha for about 2,800 pieces at Antwerp in 2019 (icoterminals.com)."""
    wagon: str = "flat_wagons"
    """The pool of wagons that carries it."""
    pieces_per_wagon: float = Field(default=2, gt=0)
    """Assumed; Bradleys stood two to a wagon at Kallo in 2019 (hln.be), a tank stands alone."""
    handling: float = Field(default=1, gt=0)
    """Time to handle one, as a multiple of the facility's time for a piece. Assumed."""


def default_classes() -> dict[str, PieceClass]:
    return {
        "wheeled": PieceClass(),
        "tracked": PieceClass(wagon="heavy_wagons", pieces_per_wagon=1.5),
        "trailer": PieceClass(),
        "container": PieceClass(yard_m2=30, wagon="container_wagons"),
        "outsized": PieceClass(yard_m2=90, wagon="heavy_wagons", pieces_per_wagon=1, handling=2),
        # 10.5 ha for 80 helicopters at Zeebrugge in 2018 (icoterminals.com)
        "helicopter": PieceClass(yard_m2=1312, handling=2),
    }


class ColumnRules(Model):
    """How march columns are formed, escorted and driven."""

    vehicles: int = Field(default=20, gt=0)
    """Vehicles in a column at most. A Dutch march unit has 10-25 (Handleiding militair wegverkeer, 2015)."""
    march_unit: int = Field(default=20, gt=0)
    unit_gap_min: float = Field(default=10, ge=0)
    """Gap between the march units of a column, minutes. Assumed from US practice."""
    density_per_km: float = Field(default=10, gt=0)
    """Vehicles per km of road: 100 m apart (ST 100-3)."""
    column_gap_h: float = Field(default=0.5, ge=0)
    """Gap behind a column. Serials ran 30 minutes apart in Dragoon Ride 2015 (army.mil 173420)."""
    speed_kmh: dict[str, float] = {"motorway": 70, "trunk": 50, "local": 24}
    """Rate of march by kind of road: German columns 70 and 50 (press), built-up 24 (FM 11-43)."""
    driving: tuple[Opening, ...] = ()
    """Hours in which columns may drive; empty means always."""
    form_up_h: Hours = Field(default=1, validate_default=True)
    """Forming up and briefing. Assumed."""
    escort_above: int = Field(default=10, ge=0)
    """A column of more vehicles needs an escort team; small packets need none (blikopnieuws.nl 302774); ten
    is the German threshold for a march credit (bundeswehr.de)."""


class TrainRules(Model):
    """How trains are made up and run."""

    max_wagons: int = Field(default=30, gt=0)
    """Wagons in a train at most: 900 wagons in about 30 trains, Bremerhaven 2017."""
    speed_kmh: dict[str, float] = {"rail": 60}
    """Mean speed under way between stops. Assumed; commercial mean 30-50 with stops, at most 100."""
    headway_h: float = Field(default=0.25, gt=0)
    """Time that a train takes from a double track. Assumed."""
    running: tuple[Opening, ...] = ()
    """Hours in which military trains may run; empty means always."""
    loading: tuple[Opening, ...] = ()


class TruckRules(Model):
    """Civil line-haul: lorries drive among the traffic and need no credit."""

    pieces: int = Field(default=1, gt=0)
    speed_kmh: dict[str, float] = {"motorway": 80, "trunk": 60, "local": 30}
    """Legal limit for lorries on motorways; the rest assumed."""
    loading: tuple[Opening, ...] = ()
    """Hours in which lorries are loaded; empty means always."""
    break_after_h: float = Field(default=4.5, gt=0)
    break_h: float = Field(default=0.75, ge=0)
    """Regulation (EC) 561/2006: 45 minutes after 4.5 hours at the wheel."""


class BargeRules(Model):
    """Inland barges, loaded by crane."""

    pieces: int = Field(default=40, gt=0)
    """About 20 prime movers and 20 trailers on 2,500 t (thefreelibrary.com, 2004)."""
    speed_kmh: dict[str, float] = {}
    headway_h: float = Field(default=0.1, gt=0)
    """Assumed."""
    loading: tuple[Opening, ...] = ()


class FlightRules(Model):
    """Helicopters made ready on the quay and flown off."""

    pieces: int = Field(default=1, gt=0)
    """Aircraft that leave together."""
    speed_kmh: float = Field(default=220, gt=0)
    """Assumed cruise speed of a mixed formation."""
    daylight: tuple[Opening, ...] = ("08:00-17:00",)
    """Assumed; winter daylight."""
    make_ready_h: Hours = Field(default=8, validate_default=True)
    """Unfolding and checks before the first flight. Assumed."""


class DischargeRules(Model):
    """How ships are discharged."""

    shifts: tuple[Opening, ...] = ("06:00-02:00",)
    """Two shifts of ten hours a day (JP 4-01.5)."""


class Movement(Model):
    """The rules of movement by mode."""

    discharge: DischargeRules = DischargeRules()
    column: ColumnRules = ColumnRules()
    train: TrainRules = TrainRules()
    truck: TruckRules = TruckRules()
    barge: BargeRules = BargeRules()
    flight: FlightRules = FlightRules()
