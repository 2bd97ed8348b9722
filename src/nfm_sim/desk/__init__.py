"""The desk: levers of a scenario, moved one after the other, and what each move does on the same random draws."""

from nfm_sim.desk.desk import Answer, Desk, Lever
from nfm_sim.desk.server import serve, widget

__all__ = ["Answer", "Desk", "Lever", "serve", "widget"]
