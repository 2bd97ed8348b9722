"""The colours of figures, each given once: a mode, a cause or a doing has its own everywhere, and in all figures of one
record so has a flow, a tier, a place and a task."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import polars as pl

from nfm_sim import measures
from nfm_sim.kinds.modes import BARGE, COLUMN, RAIL, ROAD, TRAIN, WATER
from nfm_sim.measures.common import WITHOUT_TIER
from nfm_sim.record import Record
from nfm_sim.record.words import CauseKind, Kind

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito (2008), in an order that keeps neighbours apart in grey too."""
MANY_COLOURS = (*COLOURS, "#882255", "#999933", "#332288", "#DDCC77", "#8C564B", "#B2DF8A", "#F0A0A0")
OTHER = "0.65"
"""Of what is too much to have a colour of its own."""
MOST_OWN = 12
"""Things that a figure tells apart; of more, one less and the others together."""

NETWORK_COLOURS = {RAIL: TRAIN.colour, ROAD: COLUMN.colour, WATER: BARGE.colour}
"""Of links on the map: those of what chiefly moves there."""
DOING_COLOURS = {Kind.WORK: COLOURS[0], Kind.MOVE: COLOURS[2], Kind.WAIT: COLOURS[1], Kind.BLOCKED: COLOURS[6]}
BACK = "after its close: on its way back, or kept"
BACK_COLOUR = COLOURS[5]
CAUSES = (
    *(CauseKind.FACILITY, CauseKind.POOL, CauseKind.LINK, CauseKind.RULE, CauseKind.TASK, CauseKind.ELEMENT),
    *(CauseKind.DISRUPTION, CauseKind.PARTNER, CauseKind.MOVEMENT, CauseKind.NEVER),
)
CAUSE_COLOURS = {**dict(zip(CAUSES, MANY_COLOURS, strict=False)), "": OTHER}


def colour_of(names: Iterable[str], known: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a colour for each name, in the order given: the one that is known of it, else one that none of them has;
    when there are no more, grey."""
    names = list(dict.fromkeys(names))
    own = {name: known[name] for name in names if name in known} if known else {}
    free = (colour for colour in MANY_COLOURS if colour not in own.values())
    return {name: own.get(name) or next(free, OTHER) for name in names}


WITHOUT_TIER_COLOUR = "#7F9CB5"


def tier_colours(run: Record) -> dict[str, str]:
    """Return the colours of the tiers, as `group_of` names them; no flow has one of these."""
    tiers = measures.readiness(run)["tier"].unique().drop_nulls().sort()
    return {**colour_of(f"tier {tier}" for tier in tiers), WITHOUT_TIER: WITHOUT_TIER_COLOUR}


def flow_colours(run: Record) -> dict[str, str]:
    """Return the colour of each flow: of more than a dozen, one for each of the latest to close, and grey for all
    others."""
    closed = measures.closure(run).select("flow", pl.col("last_h").fill_null(float("inf")), "pieces")
    latest = closed.group_by("flow").agg(pl.col("last_h").mean(), pl.col("pieces").first())
    ranked = latest.sort("last_h", "pieces", "flow", descending=[True, True, False])["flow"].to_list()
    return _first(ranked, taken=tier_colours(run).values())


def group_colours(run: Record) -> dict[str, str]:
    """Return the colours of flows and tiers: of the groups of `group_of`."""
    return {**tier_colours(run), **flow_colours(run)}


def place_colours(run: Record) -> dict[str, str]:
    """Return a colour for each port of a flow, and for the places with most waits."""
    ways = measures.ways_taken(run).group_by("origin").agg(pl.col("pieces").sum())
    ports = ways.sort("pieces", "origin", descending=[True, False])["origin"].to_list()
    waits = measures.waits(run).filter(pl.col("place") != "").group_by("place").agg(pl.col("piece_hours").sum())
    worst = waits.sort("piece_hours", "place", descending=[True, False])["place"].to_list()
    return dict(zip(dict.fromkeys([*ports, *worst]), MANY_COLOURS, strict=False))


def task_colours(run: Record) -> dict[str, str]:
    """Return the colour of each task."""
    return _first(sorted(measures.commitments(run)["task"].unique()))


def _first(ranked: Sequence[str], taken: Collection[str] = ()) -> dict[str, str]:
    """A colour for each of the first, in the order of their names; grey for the others."""
    free = [colour for colour in MANY_COLOURS if colour not in taken]
    most = min(MOST_OWN, len(free))
    own = ranked if len(ranked) <= most else ranked[: most - 1]
    colours = dict(zip(sorted(own), free, strict=False))
    return {name: colours.get(name, OTHER) for name in ranked}
