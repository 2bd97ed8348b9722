"""Classes of supply: how much of each a force uses, what carries it, and what an element without it cannot do.

The numbers are planning factors, of which each says where it comes from or that it is assumed. A scenario overrides
them in [supply.classes].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from nfm_sim.kinds.registry import Declaration, Registry


@dataclass(frozen=True, kw_only=True)
class SupplyKind(Declaration):
    """A class of supply."""

    registry: ClassVar[Registry[SupplyKind]]
    name: str
    meaning: str
    nato_class: str = ""
    """Its class of supply: "I", "III"; empty for what has none, such as mail."""
    kg_a_person_day: float = 0.0
    kg_a_piece_day: Mapping[str, float] = field(default_factory=dict)
    """By class of pieces."""
    kg_a_weapon_day: float = 0.0
    """What is required; a scenario may give a controlled supply rate below it."""
    piece: str = "container"
    """The class of the pieces in which it moves. Classes of one such class share their loads."""
    load_t: float = 22.0
    """Tonnes in one of these. 22 t on a lorry: judgement; a 20 ft container takes 28.1 t (thinkdefence 2014)."""
    stops_effect: bool = False
    """An element that has none is not effective."""
    usual: bool = True
    """It is brought unless a scenario says which classes are."""
    source: str = "assumed"


ATP_4_90 = "ATP 4-90 (June 2020), appendix C"
DIESEL_KG_A_LITRE = 0.84

SUPPLIES: Registry[SupplyKind] = Registry(
    "a class of supply",
    SupplyKind,
    [
        # 5.50, 1.6, 1.2, 3.962, 2.06 and 2.0 lb: 16.322 lb or 7.40 kg a person and day in all
        SupplyKind(
            name="food",
            nato_class="I",
            meaning="Rations, as packs.",
            kg_a_person_day=2.495,
            stops_effect=True,
            source=ATP_4_90,
        ),
        SupplyKind(
            name="water",
            nato_class="I",
            meaning="Water, where it is not purified on the spot.",
            kg_a_person_day=23.1,
            stops_effect=True,
            usual=False,
            source="sustaining, temperate: ATP 5-0.2-1, table G-27",
        ),
        SupplyKind(
            name="equipment", nato_class="II", meaning="Clothing and tools.", kg_a_person_day=0.726, source=ATP_4_90
        ),
        SupplyKind(
            name="lubricants", nato_class="III", meaning="Packaged oils.", kg_a_person_day=0.544, source=ATP_4_90
        ),
        SupplyKind(
            name="barrier",
            nato_class="IV",
            meaning="Construction and barrier material.",
            kg_a_person_day=1.797,
            source=ATP_4_90,
        ),
        SupplyKind(
            name="personal", nato_class="VI", meaning="Personal demand items.", kg_a_person_day=0.934, source=ATP_4_90
        ),
        SupplyKind(name="mail", meaning="Post of the troops.", kg_a_person_day=0.907, source=ATP_4_90),
        SupplyKind(
            name="medical",
            nato_class="VIII",
            meaning="Medical material.",
            kg_a_person_day=0.5,
            source="0.5 kg a person and day is unconfirmed",
        ),
        SupplyKind(
            name="parts",
            nato_class="IX",
            meaning="Spare parts.",
            kg_a_person_day=1.1,
            source="1.1 kg a person and day is unconfirmed (ATP 4-90 has no fixed rate)",
        ),
        SupplyKind(
            name="fuel",
            nato_class="III bulk",
            meaning="Diesel, by tank container.",
            # a brigade of some 1,400 vehicles takes 100 t on a combat day (Handelsblatt 2023): tracked 340 l and
            # wheeled 100 l a 100 km (mz.de 2025, strategypage); 50 km a day and the idling are assumed
            kg_a_piece_day={"tracked": 170 * DIESEL_KG_A_LITRE, "wheeled": 50 * DIESEL_KG_A_LITRE},
            piece="tank_container",
            load_t=7.6,
            stops_effect=True,
            source="a German tank container has 9 m3 (welt 2022); consumption by rule, 50 km a day assumed",
        ),
        SupplyKind(
            name="ammunition",
            nato_class="V",
            meaning="Artillery ammunition, in containers.",
            # 24 rounds a gun and day at 65 kg with charge, fuze and packing (judgement)
            kg_a_weapon_day=24 * 65.0,
            piece="ammunition_container",
            load_t=12.0,
            stops_effect=True,
            source="24 rounds a gun and day (FRS analyst via microgmx.com) at 65 kg (judgement); 12.0 t in a container "
            "(over 5,000 t in 415, stripes 2016)",
        ),
    ],
)
