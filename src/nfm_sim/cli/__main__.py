"""`python -m nfm_sim.cli`, the same as `nfm-sim`."""

from nfm_sim.cli import main

main()
