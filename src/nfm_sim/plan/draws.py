"""Random draws that are addressed, not sequenced.

Every draw has an owner: (seed, replication, purpose, subject). Its uniform number is a pure function of these,
so adding a convoy or closing a bridge changes no other draw, and any replication can be run alone. The function
is Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11), evaluated over the array
of owners at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from nfm_sim.record.ticks import TICKS_PER_HOUR
from nfm_sim.scenario.values import Distribution

UNIFORM = Distribution(uniform=(0, 1))
"""A number between 0 and 1, to be held against a probability."""

Floats = NDArray[np.float64]
Words = NDArray[np.uint64]

_MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)


def philox4x32(counter: tuple[Words, Words, Words, Words], key: tuple[int, int]) -> tuple[Words, ...]:
    """Return the four 32-bit words of Philox4x32-10 for arrays of counters, each word in a uint64."""
    c0, c1, c2, c3 = counter
    k0, k1 = np.uint64(key[0]), np.uint64(key[1])
    for _ in range(10):
        product0, product1 = c0 * _MULTIPLIERS[0], c2 * _MULTIPLIERS[1]
        c0, c1, c2, c3 = (
            (product1 >> _SHIFT) ^ c1 ^ k0,
            product1 & _LOW,
            (product0 >> _SHIFT) ^ c3 ^ k1,
            product0 & _LOW,
        )
        k0, k1 = (
            np.uint64((int(k0) + int(_WEYL[0])) & 0xFFFFFFFF),
            np.uint64((int(k1) + int(_WEYL[1])) & 0xFFFFFFFF),
        )
    return c0, c1, c2, c3


def owner_address(purpose: str, subject: str) -> int:
    """Return the 64-bit address of an owner of draws."""
    return int.from_bytes(blake2b(f"{purpose}\0{subject}".encode(), digest_size=8).digest(), "little")


def uniforms(addresses: Words, seed: int, replication: int) -> tuple[Floats, Floats]:
    """Return two independent uniforms in (0, 1) per owner, of 53 bits each."""
    filler = np.full_like(addresses, replication)
    counter = (addresses & _LOW, addresses >> _SHIFT, filler, np.zeros_like(addresses))
    words = philox4x32(counter, (seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF))
    return _unit(words[0], words[1]), _unit(words[2], words[3])


def _unit(high: Words, low: Words) -> Floats:
    bits = (high << np.uint64(21)) | (low >> np.uint64(11))
    return (bits.astype(np.float64) + 0.5) * 2.0**-53


MANY = 100
"""Draws of one shape for which its inverse is tabulated."""
MIDDLE = 0.02, 0.98
NODES = 4096


def _pert(u: Floats, low: Floats, mode: Floats, high: Floats) -> Floats:
    spread = high - low
    alpha = 1 + 4 * (mode - low) / spread
    unit = np.empty_like(u)
    exact = np.ones(len(u), dtype=bool)
    shapes, counts = np.unique(alpha, return_counts=True)
    for shape in shapes[counts >= MANY]:
        inside = (alpha == shape) & (u > MIDDLE[0]) & (u < MIDDLE[1])
        unit[inside] = _pert_middle(float(shape))(u[inside])
        exact &= ~inside
    unit[exact] = special.betaincinv(alpha[exact], 6 - alpha[exact], u[exact])
    return low + spread * unit


@lru_cache(maxsize=256)
def _pert_middle(alpha: float) -> Callable[[Floats], Floats]:
    """Return the inverse of a PERT distribution on 0 to 1 between its tails, from a table; right to 2e-11.

    The incomplete beta function takes two microseconds a draw, which was a tenth of a replication. The table holds
    the cubic between each two nodes that has their values and slopes (Hermite). It is evaluated here, because
    `scipy.interpolate` takes half a second to load, in every worker.
    """
    u = np.linspace(*MIDDLE, NODES)
    x = special.betaincinv(alpha, 6 - alpha, u)
    slope = special.beta(alpha, 6 - alpha) / (x ** (alpha - 1) * (1 - x) ** (5 - alpha))
    rise = np.diff(x) / np.diff(u)
    bend = (slope[:-1] + slope[1:] - 2 * rise) / np.diff(u)
    third, second = bend / np.diff(u), (rise - slope[:-1]) / np.diff(u) - bend

    def inverse(share: Floats) -> Floats:
        place = np.clip(np.searchsorted(u, share, side="right") - 1, 0, NODES - 2)
        step = share - u[place]
        return x[place] + step * (slope[place] + step * (second[place] + step * third[place]))  # type: ignore[no-any-return]

    return inverse


def _triangular(u: Floats, low: Floats, mode: Floats, high: Floats) -> Floats:
    rising = (mode - low) / (high - low)
    left = low + np.sqrt(u * (high - low) * (mode - low))
    right = high - np.sqrt((1 - u) * (high - low) * (high - mode))
    return np.where(u < rising, left, right)


def _gamma(u: Floats, mean: Floats, sd: Floats) -> Floats:
    shape = (mean / sd) ** 2
    return special.gammaincinv(shape, u) * (mean / shape)  # type: ignore[no-any-return]


def _lognormal(u: Floats, median: Floats, p95: Floats) -> Floats:
    sigma = np.log(p95 / median) / special.ndtri(0.95)
    return median * np.exp(sigma * special.ndtri(u))  # type: ignore[no-any-return]


INVERSE: dict[str, Callable[..., Floats]] = {
    "fixed": lambda u, hours: hours + 0 * u,
    "uniform": lambda u, low, high: low + u * (high - low),
    "triangular": _triangular,
    "pert": _pert,
    "gamma": _gamma,
    "lognormal": _lognormal,
    "exponential": lambda u, mean: -mean * np.log1p(-u),
}
"""By family: the inverse distribution function, of uniforms and arrays of parameters, giving hours."""


def _parameters(distribution: Distribution) -> tuple[float, ...]:
    given: Any = getattr(distribution, distribution.family)
    if isinstance(given, tuple):
        return given
    return tuple(given.model_dump().values()) if hasattr(given, "model_dump") else (float(given),)


def quantiles(distribution: Distribution, u: Floats) -> Floats:
    """The quantiles of a distribution at shares `u`, 0 to 1, leaving aside its share of zeros."""
    parameters = (np.full(len(u), value) for value in _parameters(distribution))
    return INVERSE[distribution.family](u, *parameters)


def median_h(distribution: Distribution) -> float:
    """The median of a distribution, leaving aside its share of zeros."""
    return float(quantiles(distribution, np.array([0.5]))[0])


@dataclass
class DrawSheet:
    """All draws that a replication will need, gathered while a scenario is compiled."""

    _addresses: list[int] = field(default_factory=list)
    _distributions: list[Distribution] = field(default_factory=list)

    def ask(self, purpose: str, subject: str, distribution: Distribution) -> int:
        """Ask for a draw in hours, and return its number on the sheet."""
        self._addresses.append(owner_address(purpose, subject))
        self._distributions.append(distribution)
        return len(self._addresses) - 1

    def freeze(self) -> Callable[[int, int], list[float]]:
        """Return the function from (seed, replication) to all draws of the sheet: hours, in whole ticks."""
        addresses = np.array(self._addresses, dtype=np.uint64)
        zero_share = np.array([d.zero_share for d in self._distributions])
        families: dict[str, list[int]] = {}
        for number, distribution in enumerate(self._distributions):
            families.setdefault(distribution.family, []).append(number)
        groups = [
            (
                np.array(numbers),
                INVERSE[family],
                np.array([_parameters(self._distributions[n]) for n in numbers]).T,
            )
            for family, numbers in families.items()
        ]

        def draw(seed: int, replication: int) -> list[float]:
            values, whether = uniforms(addresses, seed, replication)
            hours = np.empty(len(addresses))
            for numbers, inverse, parameters in groups:
                hours[numbers] = inverse(values[numbers], *parameters)
            hours[whether < zero_share] = 0.0
            ticks: list[float] = (np.round(hours * TICKS_PER_HOUR) / TICKS_PER_HOUR).tolist()
            return ticks

        return draw
