"""Replications of a scenario: made in batches by any number of workers, kept on disk, and read as one run.

Its face is listed in `__init__.pyi`, once.
"""

from nfm_sim.beside import face

_FACE = face(__file__)
globals().update(_FACE)
__all__ = sorted(_FACE)
