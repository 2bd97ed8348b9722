"""`python -m nfm_sim`, the same as `nfm-sim`."""

from nfm_sim.cli import main

main()
