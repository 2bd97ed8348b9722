"""The draw sheet: every draw that a replication will need, gathered while a scenario is compiled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from nfm_sim.kinds import FAMILIES, Distribution
from nfm_sim.plan.draws import Owners, Stream, owner_address
from nfm_sim.record.ticks import TICKS_PER_HOUR


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

    def freeze(self) -> Callable[[Stream], list[float]]:
        """Return the function to all draws of the sheet: hours, in whole ticks."""
        owners = Owners(np.array(self._addresses, dtype=np.uint64))
        zero_share = np.array([d.zero_share for d in self._distributions])
        families: dict[str, list[int]] = {}
        for number, distribution in enumerate(self._distributions):
            families.setdefault(distribution.family, []).append(number)
        groups = [
            (
                np.array(numbers),
                FAMILIES[family].quantile,
                np.array([self._distributions[n].parameters for n in numbers]).T,
            )
            for family, numbers in families.items()
        ]

        def draw(stream: Stream) -> list[float]:
            values, whether = owners.uniforms(stream)
            hours = np.empty(len(values))
            for numbers, quantile, parameters in groups:
                hours[numbers] = quantile(values[numbers], *parameters)
            hours[whether < zero_share] = 0.0
            ticks: list[float] = (np.round(hours * TICKS_PER_HOUR) / TICKS_PER_HOUR).tolist()
            return ticks

        return draw
