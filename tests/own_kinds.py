"""Kinds of one's own, as a user writes them in a file: a mode, a distribution, a policy, a routing, a diversion, a
choice of modes, a target of disruptions, a measure and a figure. `test_recipes.py` runs everything on them."""

import numpy as np
import polars as pl

import nfm_sim as nfm
from nfm_sim.compile.modes import Mode
from nfm_sim.kinds import Diversion, Family, Hits, ModeChoice, ModeKind, Parameter, Policy, Routing, TargetKind
from nfm_sim.measures import Column, answers
from nfm_sim.plots import figure
from nfm_sim.scenario import ModeRules


class ShuttleRules(ModeRules):
    """Ro-ro shuttles between ports."""

    pieces: int = 60
    """On one shuttle."""
    speed_kmh: dict[str, float] = {"sea": 28}


class Shuttles(Mode):
    """A shuttle takes two hours more at the far end than its rules say."""

    def turn_h(self):
        return 2.0 + super().turn_h()


SHUTTLE = ModeKind(
    name="shuttle",
    meaning="By ro-ro shuttle along the coast.",
    noun="shuttles",
    network="sea",
    loaded_at="ramps",
    colour="#56b4e9",
    pool="shuttles",
    rules=ShuttleRules,
    compiled=Shuttles,
)


class Weibull(Family):
    """By shape, and scale: the hours by which 63 % have passed."""

    name = "weibull"
    parameters = {"shape": Parameter("Below 1 most are short.", 0.1, 10, is_hours=False), "scale": Parameter("Hours.")}

    def quantile(self, u, shape, scale):
        return scale * (-np.log1p(-u)) ** (1 / shape)


def evenly(commitment, filled):
    """The commitment with the smallest share of what it asks for goes first."""
    return (commitment.task.priority, filled / commitment.number)


def stubborn(control, trip, at, legs):
    """Movements keep to their route, whatever happens."""
    return legs


def where_fewest_wait(ship):
    """A ship goes where it can be discharged first."""
    return min(ship.ports, key=lambda port: ship.ports[port].begins_h)


def all_by_shuttle(modes, place, cargo, shares, destination):
    """Every piece that may goes by shuttle, the others as their shares say."""
    by_mode = {}
    for name, count in cargo.pieces.items():
        mode = "shuttle" if "shuttle" in shares[name] else max(shares[name], key=shares[name].get)
        by_mode.setdefault(mode, {})[name] = count
    return by_mode


def bridges(names, network, pools):
    """Every link that touches a node whose name begins so."""
    touching = [link.name for link in network.links.values() if any(link.end.startswith(name) for name in names)]
    return Hits(links=touching)


KINDS = (
    SHUTTLE,
    Weibull(),
    Policy.of(evenly),
    Routing.of(stubborn),
    Diversion.of(where_fewest_wait),
    ModeChoice.of(all_by_shuttle),
    TargetKind.of(bridges),
)


@answers(mode=Column(key=True), pieces=Column("pieces", together="sum"))
def pieces_by_mode(run):
    """Return the pieces of all movements by mode."""
    moved = run.subjects.filter(pl.col("what") == "movement")
    return moved.group_by("replication", "mode").agg(pl.col("pieces").sum()).sort("replication", "mode")


@figure
def modes(run, ax=None):
    """Draw the pieces of each mode."""
    ax = ax or nfm.plots.style.axes_or_new(None)
    table = pieces_by_mode(run).group_by("mode").agg(pl.col("pieces").mean()).sort("mode")
    ax.bar(table["mode"].to_list(), table["pieces"].to_list())
    ax.set_title("Pieces by mode")
    return ax
