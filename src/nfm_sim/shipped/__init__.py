"""What comes with the package: examples, with what each needs to run, and folders to start from."""

from nfm_sim.shipped.examples import NETHERLANDS, STARTS, copy_example, example, examples, start
from nfm_sim.shipped.papers import helps_with, look_up

__all__ = ["NETHERLANDS", "STARTS", "copy_example", "example", "examples", "helps_with", "look_up", "start"]
