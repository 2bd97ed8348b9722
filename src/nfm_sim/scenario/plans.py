"""Regional plans: which capabilities they ask for, where and by when, and the targets that scale them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from nfm_sim.scenario.values import Model


class Demand(Model):
    """A number of force elements of a capability, in place in a region by a day."""

    capability: str
    number: int = Field(default=1, gt=0, le=10_000)
    day: float = Field(ge=0)
    region: str = ""


class PlanVersion(Model):
    """A plan as it stood at a time, such as before and after the accession of Finland and Sweden."""

    title: str = ""
    demands: tuple[Demand, ...] = ()


class RegionalPlan(Model):
    """A regional plan with its versions, the newest last."""

    title: str = ""
    versions: dict[str, PlanVersion] = Field(min_length=1)


class Targets(Model):
    """Capability targets of a year: how many times today's demand a plan asks for, by capability or "other"."""

    title: str = ""
    factors: dict[str, Annotated[float, Field(ge=0, le=100)]] = {}
