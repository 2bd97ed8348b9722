"""Kinds: each thing is declared once here, and every floor reads the declarations; users add theirs by `extend`."""

# fmt: off
# isort: off
from nfm_sim.kinds.choices import (
    DIVERSIONS, MODE_CHOICES, POLICIES, ROUTINGS, TARGETS, Diversion, Hits, ModeChoice, Policy, Routing, TargetKind,
)
from nfm_sim.kinds.families import ALWAYS_ZERO, FAMILIES, UNIFORM, Distribution, Family, Parameter
from nfm_sim.kinds.modes import FACILITIES, MODES, NETWORKS, SHIPS, FacilityKind, ModeKind, ShipKind
from nfm_sim.kinds.registry import Declaration, Extension, Registry, adopt, extend, own
from nfm_sim.kinds.supply import SUPPLIES, SupplyKind
# isort: on
# fmt: on

# fmt: off
__all__ = [
    "ALWAYS_ZERO", "DIVERSIONS", "FACILITIES", "FAMILIES", "MODES", "MODE_CHOICES", "NETWORKS", "POLICIES", "ROUTINGS",
    "SHIPS", "SUPPLIES", "TARGETS", "UNIFORM", "Declaration", "Distribution", "Diversion", "Extension",
    "FacilityKind", "Family", "Hits", "ModeChoice", "ModeKind", "Parameter", "Policy", "Registry", "Routing",
    "ShipKind", "SupplyKind", "TargetKind", "adopt", "extend", "own",
]
# fmt: on
