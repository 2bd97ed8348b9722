"""What comes with the package: examples, with what each needs to run, and folders to start from."""

from nfm_sim.shipped.examples import NETHERLANDS, copy_example, example, examples, needed_by, shipped_folder
from nfm_sim.shipped.papers import helps_with, look_up
from nfm_sim.shipped.starts import start, starts

# fmt: off
__all__ = [
    "NETHERLANDS", "copy_example", "example", "examples", "helps_with", "look_up", "needed_by", "shipped_folder",
    "start", "starts",
]
# fmt: on
