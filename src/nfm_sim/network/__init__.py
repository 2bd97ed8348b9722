"""Nodes, links and facilities as GMNS tables; checks; routes over them.

Its face is listed in `__init__.pyi`, once.
"""

from nfm_sim.beside import face

_FACE = face(__file__)
globals().update(_FACE)
__all__ = sorted(_FACE)
