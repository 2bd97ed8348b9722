"""What units are in ours: metres, tonnes, kilometres, km/h."""

from __future__ import annotations

from collections.abc import Mapping

METRES: Mapping[str, float] = {
    **dict.fromkeys(("m", "meter", "meters", "metre", "metres"), 1.0),
    **dict.fromkeys(("km", "kilometer", "kilometers", "kilometre", "kilometres"), 1000.0),
    "cm": 0.01,
    "mm": 0.001,
    "in": 0.0254,
    **dict.fromkeys(("ft", "foot", "feet"), 0.3048),
    **dict.fromkeys(("yd", "yard", "yards"), 0.9144),
    **dict.fromkeys(("mi", "mile", "miles"), 1609.344),
    **dict.fromkeys(("nmi", "nautical mile", "nautical miles"), 1852.0),
}
TONNES: Mapping[str, float] = {
    "t": 1.0,
    "kg": 0.001,
    **dict.fromkeys(("lb", "lbs"), 0.00045359237),
    **dict.fromkeys(("STON", "st"), 0.90718474),
    **dict.fromkeys(("LTON", "lt"), 1.0160469088),
}
"""The short and the long ton stand in movement tables as STON and LTON, in OpenStreetMap as st and lt. A measurement
ton (MTON) is a volume."""
KMH: Mapping[str, float] = {
    **dict.fromkeys(("km/h", "kmh", "kph", "kmph"), 1.0),
    **dict.fromkeys(("mph", "mi/h", "miles/h"), 1.609344),
    **dict.fromkeys(("m/s", "mps"), 3.6),
    **dict.fromkeys(("knots", "knot", "kn"), 1.852),
}
IMPERIAL = ("mi", "mile", "miles", "yd", "yard", "yards", "ft", "foot", "feet")
"""Lengths beside which speeds without a unit may be miles an hour."""
