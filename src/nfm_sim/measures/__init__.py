"""Tables of spans in, tables of answers out. A measure is a plain function from a `Run` to a table.

Its face is listed in `__init__.pyi`, once.
"""

from nfm_sim.beside import face

_FACE = face(__file__)
globals().update(_FACE)
__all__ = sorted(_FACE)
