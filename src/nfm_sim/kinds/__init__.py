"""Kinds: each thing is declared once here, and every floor reads the declarations; users add theirs by `extend`.

Its face is listed in `__init__.pyi`, once.
"""

from nfm_sim.beside import face

_FACE = face(__file__)
globals().update(_FACE)
__all__ = sorted(_FACE)
