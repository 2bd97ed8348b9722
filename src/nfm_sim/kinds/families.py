"""Families of distributions of hours, and a distribution: a family with its parameters."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

from nfm_sim.kinds.registry import Declaration, Registry
from nfm_sim.limits import LEAST_HOURS, MOST_HOURS

Floats = NDArray[np.float64]


class Parameter(NamedTuple):
    """A number that a scenario gives of a family, with its bounds."""

    meaning: str
    low: float = LEAST_HOURS
    high: float = MOST_HOURS
    is_hours: bool = True
    """A factor on the hours multiplies it; a shape stays as it is."""


class Family(Declaration):
    """A family of distributions.

    Those of users give `name`, `parameters`, `quantile` and, as their docstring, their meaning; and the rest where the
    usual does not fit. All functions take the parameters in their order: `quantile` as arrays, the others as numbers.
    """

    parameters: ClassVar[Mapping[str, Parameter]]
    written: ClassVar[Literal["number", "list", "table"]] = "table"
    """How a scenario gives the parameters; those of a list rise."""

    def __init_subclass__(cls) -> None:
        cls.meaning = inspect.getdoc(cls) or ""

    def quantile(self, u: Floats, *args: Any, **kwargs: Any) -> Floats:
        """Return the hours below which shares `u`, between 0 and 1, of all draws lie."""
        raise NotImplementedError

    def fault(self, *args: Any, **kwargs: Any) -> str:
        """Say what is wrong with parameters that are within their bounds; empty when nothing is."""
        return ""

    def nominal(self, *args: Any, **kwargs: Any) -> float:
        """Return the value that stands for the distribution where one number is asked for: here the median."""
        return float(self.quantile(np.array([0.5]), *(np.array([value]) for value in args))[0])

    def ends(self, *args: Any, **kwargs: Any) -> tuple[float, float] | None:
        """Return the least and the most that it gives; None when it has no end."""
        return None

    def scaled(self, factor: float, *args: Any, **kwargs: Any) -> tuple[float, ...]:
        """Return the parameters of the distribution whose hours are so many times as long."""
        given = zip(self.parameters.values(), args, strict=True)
        return tuple(value * factor if parameter.is_hours else value for parameter, value in given)


@dataclass(frozen=True, slots=True)
class Distribution:
    """An uncertain number of hours, never below 0."""

    family: str
    parameters: tuple[float, ...]
    zero_share: float = 0.0
    """Share of draws that are 0 (a ship on time); the rest follow the family."""

    def quantiles(self, u: Floats) -> Floats:
        """Return the quantiles at shares `u`, 0 to 1, leaving aside its share of zeros."""
        return FAMILIES[self.family].quantile(u, *(np.full(len(u), value) for value in self.parameters))

    @property
    def median_h(self) -> float:
        """The median, leaving aside its share of zeros."""
        return float(self.quantiles(np.array([0.5]))[0])

    @property
    def nominal(self) -> float:
        """The value that stands for it where one number is asked for: the most likely, the median, or the mean."""
        return FAMILIES[self.family].nominal(*self.parameters)

    @property
    def ends(self) -> tuple[float, float] | None:
        """The least and the most that it gives; None when it has no end."""
        return FAMILIES[self.family].ends(*self.parameters)

    @property
    def may_reach_h(self) -> float:
        """The hours that it may well reach: its end, or its 95th percentile."""
        return float(self.quantiles(np.array([0.95]))[0]) if self.ends is None else self.ends[1]

    @property
    def is_zero(self) -> bool:
        """Whether it never takes any time."""
        return self.ends == (0.0, 0.0)

    def scaled(self, factor: float) -> Distribution:
        """Return the distribution of hours that are so many times as long."""
        return replace(self, parameters=FAMILIES[self.family].scaled(factor, *self.parameters))

    def moved(self, by: float) -> Distribution:
        """Return the distribution of what is so much more: its corners are moved; one without corners is stretched."""
        if FAMILIES[self.family].written == "table":
            return self.scaled(1 + by / self.nominal)
        return replace(self, parameters=tuple(corner + by for corner in self.parameters))

    def as_written(self) -> Any:
        """Return it as a scenario gives it: a number, or a table such as {"pert": [1, 2, 4]}."""
        family = FAMILIES[self.family]
        given: Any = list(self.parameters)
        if self.family == Fixed.name and not self.zero_share:
            return given[0]
        if family.written == "number":
            (given,) = self.parameters
        elif family.written == "table":
            given = dict(zip(family.parameters, self.parameters, strict=True))
        return {self.family: given, **({"zero_share": self.zero_share} if self.zero_share else {})}


HOURS, SOME = Parameter("Hours.", low=0), Parameter("Hours.")


class _Corners(Family):
    """Between the first of its corners and the last."""

    written: ClassVar[Literal["number", "list", "table"]] = "list"

    def ends(self, *corners: float) -> tuple[float, float]:
        return float(corners[0]), float(corners[-1])


class Fixed(_Corners):
    """Always this many hours."""

    name = "fixed"
    parameters: ClassVar[Mapping[str, Parameter]] = {"hours": HOURS}
    written = "number"

    def quantile(self, u: Floats, hours: Floats) -> Floats:
        return hours + 0 * u


class Uniform(_Corners):
    """[low, high]"""

    name = "uniform"
    parameters: ClassVar[Mapping[str, Parameter]] = {"low": HOURS, "high": HOURS}

    def quantile(self, u: Floats, low: Floats, high: Floats) -> Floats:
        return low + u * (high - low)

    def nominal(self, low: float, high: float) -> float:
        return (low + high) / 2


class _ThreeCorners(_Corners):
    """Between a low and a high end, with a most likely value."""

    parameters: ClassVar[Mapping[str, Parameter]] = {"low": HOURS, "mode": HOURS, "high": HOURS}

    def nominal(self, low: float, mode: float, high: float) -> float:
        return float(mode)


class Triangular(_ThreeCorners):
    """[low, most likely, high]"""

    name = "triangular"

    def quantile(self, u: Floats, low: Floats, mode: Floats, high: Floats) -> Floats:
        rising = (mode - low) / (high - low)
        left = low + np.sqrt(u * (high - low) * (mode - low))
        right = high - np.sqrt((1 - u) * (high - low) * (high - mode))
        return np.where(u < rising, left, right)


class Pert(_ThreeCorners):
    """[low, most likely, high]: a beta distribution with weight 4 on the most likely value."""

    name = "pert"

    def quantile(self, u: Floats, low: Floats, mode: Floats, high: Floats) -> Floats:
        spread = high - low
        alpha = 1 + 4 * (mode - low) / spread
        unit = np.empty_like(u)
        tails = (u <= MIDDLE[0]) | (u >= MIDDLE[1])
        unit[tails] = scipy.special.betaincinv(alpha[tails], 6 - alpha[tails], u[tails])
        for shape in np.unique(alpha):
            inside = (alpha == shape) & ~tails
            unit[inside] = _pert_middle(float(shape))(u[inside])
        return low + spread * unit


NODES = 2048
"""Of the table of the inverse of a PERT distribution."""
MIDDLE = 0.02, 0.98


@lru_cache(maxsize=256)
def _pert_middle(alpha: float) -> Callable[[Floats], Floats]:
    """Return the inverse of a PERT distribution on 0 to 1 between its tails, from a table; right to 4e-10.

    The incomplete beta function takes two microseconds a draw, which was a tenth of a replication. The table holds
    the cubic between each two nodes that has their values and slopes (Hermite). It is evaluated here, because
    `scipy.interpolate` takes half a second to load, in every worker.
    """
    u = np.linspace(*MIDDLE, NODES)
    x = scipy.special.betaincinv(alpha, 6 - alpha, u)
    slope = scipy.special.beta(alpha, 6 - alpha) / (x ** (alpha - 1) * (1 - x) ** (5 - alpha))
    rise = np.diff(x) / np.diff(u)
    bend = (slope[:-1] + slope[1:] - 2 * rise) / np.diff(u)
    third, second = bend / np.diff(u), (rise - slope[:-1]) / np.diff(u) - bend

    def inverse(share: Floats) -> Floats:
        place = np.clip(((share - u[0]) / (u[1] - u[0])).astype(np.int64), 0, NODES - 2)
        step = share - u[place]
        return x[place] + step * (slope[place] + step * (second[place] + step * third[place]))  # type: ignore[no-any-return]

    return inverse


MOST_SPREAD = 100.0
"""The standard deviation over the mean of a gamma distribution, at most; at least it is one hundredth of it."""


class Gamma(Family):
    """By mean and standard deviation, which is between a hundredth of the mean and a hundred times it."""

    name = "gamma"
    parameters: ClassVar[Mapping[str, Parameter]] = {"mean": SOME, "sd": Parameter("Standard deviation, hours.")}

    def quantile(self, u: Floats, mean: Floats, sd: Floats) -> Floats:
        shape = (mean / sd) ** 2
        return scipy.special.gammaincinv(shape, u) * (mean / shape)  # type: ignore[no-any-return]

    def fault(self, mean: float, sd: float) -> str:
        if 1 / MOST_SPREAD <= sd / mean <= MOST_SPREAD:
            return ""
        return f"must have a sd between {1 / MOST_SPREAD:g} and {MOST_SPREAD:g} times its mean"

    def nominal(self, mean: float, sd: float) -> float:
        return float(mean)


class Lognormal(Family):
    """By median and 95th percentile, which lies above it."""

    name = "lognormal"
    parameters: ClassVar[Mapping[str, Parameter]] = {"median": SOME, "p95": Parameter("95th percentile, hours.")}

    def quantile(self, u: Floats, median: Floats, p95: Floats) -> Floats:
        sigma = np.log(p95 / median) / scipy.special.ndtri(0.95)
        return median * np.exp(sigma * scipy.special.ndtri(u))  # type: ignore[no-any-return]

    def fault(self, median: float, p95: float) -> str:
        return "must have a p95 above its median" if p95 <= median else ""


class Exponential(Family):
    """By mean."""

    name = "exponential"
    parameters: ClassVar[Mapping[str, Parameter]] = {"mean": SOME}

    def quantile(self, u: Floats, mean: Floats) -> Floats:
        return -mean * np.log1p(-u)

    def nominal(self, mean: float) -> float:
        return float(mean)


FAMILIES: Registry[Family] = Registry(
    "a family of distributions", Family, [Fixed(), Uniform(), Triangular(), Pert(), Gamma(), Lognormal(), Exponential()]
)

ALWAYS_ZERO = Distribution(Fixed.name, (0.0,))
"""Something that takes no time."""
UNIFORM = Distribution(Uniform.name, (0.0, 1.0))
"""A number between 0 and 1, to be held against a probability."""
