"""Random draws that are addressed, not sequenced.

Every draw has an owner: (seed, replication, purpose, subject). Its uniform number is a pure function of these,
so adding a convoy or closing a bridge changes no other draw, and any replication can be run alone. The function
is Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11), evaluated over the array
of owners at once.

Replications are stratified in blocks (Latin hypercube sampling: McKay, Beckman and Conover 1979, Technometrics 21:239;
Owen 1992, J. R. Stat. Soc. B 54:541): in the `BLOCK` replications of a block each owner draws once from each of as
many equal parts of its distribution, in an order of its own. Each replication alone is what it would be without, and
blocks are independent of each other; but the mean over a block varies less, by all that owners add one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nfm_sim.kinds.families import Floats
from nfm_sim.limits import MOST_REPLICATIONS
from nfm_sim.memo import remembered
from nfm_sim.problems import InputError, one_of

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
        c0, c2 = (product1 >> _SHIFT) ^ c1 ^ k0, (product0 >> _SHIFT) ^ c3 ^ k1
        c1, c3 = product1 & _LOW, product0 & _LOW
        k0, k1 = (np.uint64((int(k0) + int(_WEYL[0])) & 0xFFFFFFFF), np.uint64((int(k1) + int(_WEYL[1])) & 0xFFFFFFFF))
    return c0, c1, c2, c3


def owner_address(purpose: str, subject: str) -> int:
    """Return the 64-bit address of an owner of draws."""
    return int.from_bytes(blake2b(f"{purpose}\0{subject}".encode(), digest_size=8).digest(), "little")


class Sampling(StrEnum):
    """How the draws of replications go together."""

    STRATIFIED = "stratified"
    INDEPENDENT = "independent"


def read_sampling(name: str) -> Sampling:
    """Return the sampling of a name. Raises `InputError` for what is none."""
    return Sampling(one_of(Sampling, name, "study", "sampling"))


SEEDS = 2**64
"""Seeds that there are: a seed is a key of two words."""
BLOCK = 16
"""Replications in which each owner draws once from each part of its distribution: a power of 2."""


class Stream(NamedTuple):
    """What a draw depends on besides its owner."""

    seed: int
    replication: int
    sampling: Sampling = Sampling.STRATIFIED

    @classmethod
    def of(cls, seed: int, replication: int = 0, sampling: str = Sampling.STRATIFIED) -> Stream:
        """The stream of a replication that somebody asks for. Raises `InputError` for a number that is none, and never
        takes one for another: beyond these bounds draws would be those of another seed."""
        return cls(read_seed(seed), _whole("replication", replication, MOST_REPLICATIONS), read_sampling(sampling))


def read_seed(seed: int) -> int:
    """Return a seed as a whole number. Raises `InputError` for what is none.

    >>> read_seed(-1)
    Traceback (most recent call last):
    ...
    nfm_sim.problems.InputError: draws: seed "-1" must be a whole number from 0 to 18446744073709551615
    """
    return _whole("seed", seed, SEEDS)


def _whole(name: str, number: object, end: int) -> int:
    if isinstance(number, bool) or not isinstance(number, int | np.integer) or not 0 <= number < end:
        raise InputError.of("draws", name, number, f"must be a whole number from 0 to {end - 1}")
    return int(number)


@dataclass(frozen=True, eq=False)
class Owners:
    """Owners of draws, by their addresses."""

    addresses: Words

    def uniforms(self, stream: Stream) -> tuple[Floats, Floats]:
        """Return two independent uniforms in (0, 1) for each owner, of 52 bits."""
        words = self._words(stream.seed, stream.replication, 0)
        values, others = _bits(*words[:2]), _bits(*words[2:])
        if stream.sampling == Sampling.STRATIFIED:
            block, place = divmod(stream.replication, BLOCK)
            for bits, parts in zip((values, others), self._parts_of(stream.seed, block), strict=True):
                np.bitwise_or(bits >> _PART, parts[place].astype(np.uint64) << _REST, out=bits)
        return _unit(values), _unit(others)

    def _words(self, seed: int, *counter: int) -> tuple[Words, ...]:
        rest = (np.full_like(self.addresses, number) for number in counter)
        key = (seed & 0xFFFFFFFF, seed >> 32)
        return philox4x32((self.addresses & _LOW, self.addresses >> _SHIFT, *rest), key)  # type: ignore[arg-type]

    @remembered(1)  # because the replications of a block come one after the other
    def _parts_of(self, seed: int, block: int) -> NDArray[np.uint8]:
        """Return from which part, 0 to `BLOCK` - 1, each owner draws its two numbers in each replication of a block:
        the ranks of keys of its own."""
        words = [self._words(seed, block, pair) for pair in range(1, BLOCK // 2 + 1)]
        keys = np.array([[w[first + odd] for w in words for odd in (0, 1)] for first in (0, 2)])
        order = np.argsort(keys, axis=1, kind="stable")
        return np.argsort(order, axis=1).astype(np.uint8)


_BITS = 52
"""Of a uniform: the middle of each of so many steps is a float below 1."""
_PART = np.uint64(BLOCK.bit_length() - 1)
_REST = np.uint64(_BITS) - _PART
"""Bits that say which part of a distribution a number is in, and where in it."""


def _bits(high: Words, low: Words) -> Words:
    return (high << np.uint64(20)) | (low >> np.uint64(12))


def _unit(bits: Words) -> Floats:
    return (bits.astype(np.float64) + 0.5) * 2.0**-_BITS
