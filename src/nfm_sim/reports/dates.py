"""Days with their dates, wherever a page names a day."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from markupsafe import Markup, escape

DAY = re.compile(r"\bday (-?\d+(?:\.\d)?)(?: to (-?\d+(?:\.\d)?))?(?! days)")


def dated(text: str, g_day: str) -> Markup:
    """Return a text with the date behind each day that it names, and its hour for who points at it.

    >>> dated("closed on day 2.5", "2027-03-01T06:00:00")
    Markup('closed on <abbr title="hour 60 after Mon 01 Mar 2027, 06:00">day 2.5 (03 Mar)</abbr>')
    """
    zero = datetime.fromisoformat(g_day)

    def with_date(found: re.Match[str]) -> str:
        days = [float(day) for day in found.groups() if day]
        dates = " to ".join(f"{zero + timedelta(days=day):%d %b}" for day in days)
        hours = " to ".join(f"{24 * day:g}" for day in days)
        return f'<abbr title="hour {hours} after {zero:%a %d %b %Y, %H:%M}">{found[0]} ({dates})</abbr>'

    return Markup(DAY.sub(with_date, str(escape(text))))
