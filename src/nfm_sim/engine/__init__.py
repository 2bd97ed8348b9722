"""One replication: activation, transit, pools, credits, draws, and the record they leave."""

from nfm_sim.engine.simulate import simulate

__all__ = ["simulate"]
