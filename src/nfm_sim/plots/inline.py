"""Figures as inline SVG: text stays text, and no two figures share an id."""

from __future__ import annotations

import re
from io import StringIO

from matplotlib import rcParams
from matplotlib.axes import Axes

from nfm_sim.plots.frame import let_go

IDS = re.compile(r'(\bid="|url\(#|href="#)')


def inline_svg(name: str, ax: Axes) -> str:
    """Return the figure of these axes as an SVG element for a page, and let go of it.

    >>> nfm.plots.inline_svg("waits", nfm.plots.waits(run))[:4]
    '<svg'
    """
    whole = ax.get_figure(root=True)
    assert whole is not None
    kind, salt = rcParams["svg.fonttype"], rcParams["svg.hashsalt"]
    rcParams["svg.fonttype"], rcParams["svg.hashsalt"] = "none", name
    try:
        whole.savefig(text := StringIO(), format="svg", metadata={"Date": None, "Creator": None})
    finally:
        rcParams["svg.fonttype"], rcParams["svg.hashsalt"] = kind, salt
        let_go(ax)
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    return IDS.sub(rf"\g<1>{name}-", svg)
