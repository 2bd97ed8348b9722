"""Movement tables of others, made into force elements or flows: units by item, and lines with ports and dates."""

from nfm_sim.scenario.movement_tables.mapping import MovementMap
from nfm_sim.scenario.movement_tables.reading import Forces, read_movements

__all__ = ["Forces", "MovementMap", "read_movements"]
