"""What a notebook shows of an object: a small card, with every text escaped."""

from collections.abc import Mapping
from html import escape

from nfm_sim.problems import plain


def card(kind: str, title: str, facts: Mapping[str, object]) -> str:
    """Return a card as HTML: what it is, its title, and what is known of it; facts that are empty are left out.

    >>> from nfm_sim.cards import card
    >>> "<td>a &lt;b&gt;</td>" in card("Run", "mine", {"seed": 1, "flow": "a <b>"})
    True
    """
    rows = "".join(
        f'<tr><th style="text-align:left">{_html(name)}</th><td>{_html(value)}</td></tr>'
        for name, value in facts.items()
        if value not in ("", None)
    )
    return f"<div><strong>{_html(kind)}</strong> {_html(title)}<table>{rows}</table></div>"


MOST = 400
"""Characters of a fact; a longer one is cut."""


def _html(value: object) -> str:
    text = plain(" ".join(str(value).split()))
    return escape(text if len(text) <= MOST else f"{text[:MOST]} ...")
