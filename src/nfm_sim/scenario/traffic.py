"""Civil traffic: volumes on the roads and the train paths that its timetable leaves, by hour of the week."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from nfm_sim.beside import rows_beside
from nfm_sim.limits import LEAST_RATE, MOST_RATE
from nfm_sim.scenario.values import NUMBER, Model, Name, bounds


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

    def at(self, day: int, hour: int) -> float:
        """The value at an hour of a day; Monday is 0."""
        saturday = self.saturday or self.weekday
        return (self.weekday if day < 5 else saturday if day == 5 else self.sunday or saturday)[hour]


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
        if not any(self.road.at(day, hour) for day in range(7) for hour in range(24)):
            raise ValueError("must have traffic in some hour of its week `road`")
        return self

    def road_factors(self) -> list[float]:
        """Volume in each hour of the week, from Monday 00:00, as a multiple of its mean."""
        week = [self.road.at(day, hour) for day in range(7) for hour in range(24)]
        total = sum(week)
        return [volume * len(week) / total if self.mean_per_h else 0.0 for volume in week]
