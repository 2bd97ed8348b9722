"""Classes of supply: how much of each a force uses, what carries it, and what an element without it cannot do.

The numbers are planning factors, of which each says where it comes from or that it is assumed. A scenario overrides
them in [supply.classes].
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from nfm_sim.kinds.registry import Listed, Registry, declared, rows_of


@dataclass(frozen=True, kw_only=True)
class SupplyKind(Listed):
    """A class of supply."""

    nato_class: str = ""
    """Its class of supply: "I", "III"; empty for what has none, such as mail."""
    kg_a_person_day: float = 0.0
    kg_a_piece_day: Mapping[str, float] = field(default_factory=dict)
    """By class of pieces."""
    kg_a_weapon_day: float = 0.0
    """What is required."""
    controlled_kg_a_weapon_day: float = math.inf
    """What is allowed, where that is less: the controlled supply rate, which a scenario may give."""
    piece: str = "container"
    """The class of the pieces in which it moves. Classes of one such class share their loads."""
    load_t: float = 22.0
    """Tonnes in one of these. 22 t on a lorry: judgement; a 20 ft container takes 28.1 t (thinkdefence 2014)."""
    stops_effect: bool = False
    """An element that has none is not effective."""
    usual: bool = True
    """It is brought unless a scenario says which classes are."""
    source: str = "assumed"

    @property
    def weapon_kg(self) -> float:
        """What a weapon uses in a day: what it requires, or is allowed where that is less."""
        return min(self.kg_a_weapon_day, self.controlled_kg_a_weapon_day)


DIESEL_KG_A_LITRE = 0.84
# of supply.csv by a person: 5.50, 1.6, 1.2, 3.962, 2.06 and 2.0 lb, 16.322 lb or 7.40 kg a day in all


def _kind(row: Mapping[str, str]) -> SupplyKind:
    """A class of supply of a row, in which fuel stands in litres."""
    fuel = {name.removesuffix("_l"): float(cell) * DIESEL_KG_A_LITRE for name, cell in row.items() if name[-2:] == "_l"}
    own = {name: cell for name, cell in row.items() if name[-2:] != "_l"}
    return declared(SupplyKind, own, kg_a_piece_day=fuel)


SUPPLIES: Registry[SupplyKind] = Registry("a class of supply", SupplyKind, map(_kind, rows_of("supply")))
