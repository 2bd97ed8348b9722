"""What units are in ours: metres, tonnes, kilometres, km/h."""

from nfm_sim.beside import rows_beside

ROWS = rows_beside(__file__, "units.csv")
METRES, TONNES, KMH = (
    {name: float(row["factor"]) for row in ROWS if row["of"] == of for name in row["names"].split("|")}
    for of in ("m", "t", "km/h")
)
"""What each unit is in ours. The short and the long ton stand in movement tables as STON and LTON, in OpenStreetMap as
st and lt. A measurement ton (MTON) is a volume."""
IMPERIAL = ("mi", "mile", "miles", "yd", "yard", "yards", "ft", "foot", "feet")
"""Lengths beside which speeds without a unit may be miles an hour."""
