"""The bounds of what is read, in one place.

Sizes keep a file from taking more memory or time than any real one would; they are generous, and are said when they
are met. Numbers are held to what exists in the world, so that a slip of the pen (a speed in metres a second, days
where hours are asked for) is an error and not an answer.
"""

# -- sizes of files ------------------------------------------------------------------------------------------------

MOST_BYTES = 200_000_000
"""Of a table or a scenario file. The rail network of Europe as GMNS takes some 100 MB."""
TIMES_PACKED, SMALL_BYTES = 200, 2_000_000
"""What is packed takes up to so many times its room unpacked, or is small: 10 to 60 times is usual."""
MOST_CELL = 10_000_000
"""Characters in a cell: the geometry of a long coast has 131,000 and more."""
MOST_PROBLEMS = 200
"""Problems that a command prints; an `InputError` holds them all."""
MOST_EXTENDED = 10
"""Scenarios that extend each other in a row; more is taken for a circle."""
MOST_FILES = 100
"""Scenario files that one scenario is made of."""

MOST_NESTED = 30
"""Tables in tables of a scenario, and steps of a path: the deepest of ours has 9."""
MOST_PATH = 3_000
"""Characters of a dotted path."""
MOST_DIGITS = 400
"""Of a number; the largest that there is in floats has 309."""
MOST_CELLS = 5_000_000
"""Of the sheet of a workbook, the empty ones between others among them."""
MOST_CHARACTERS = 1_000_000_000
"""Of all cells of the sheet of a workbook, which keeps a text once that stands in many."""


def most_unpacked(size: int) -> int:
    """Bytes that may come out of so many that are packed."""
    return min(MOST_BYTES, max(SMALL_BYTES, TIMES_PACKED * size))


# -- sizes of scenarios and networks -------------------------------------------------------------------------------

MOST_NODES = 500_000
MOST_LINKS = 500_000
MOST_ELEMENTS = 20_000
MOST_PIECES = 10_000_000
"""All pieces of a scenario. A corps has some 25,000 vehicles and containers."""
MOST_MOVEMENTS = 200_000
"""All trains, columns, packets of trucks, barges and flights of a scenario, as far as its pieces tell. A corps makes
some 10,000."""
MOST_PEOPLE = 5_000_000
MOST_NAME = 200
"""Characters of a name."""
MOST_TEXT = 2_000
"""Characters of a title, a source or a unit."""
MOST_OUTAGES = 10_000
"""Times that all disruptions may happen together."""
MOST_DEMANDED = 20_000
"""Elements that all plans ask for together, as the target scales them."""
MOST_REPLICATIONS = 1_000_000

# -- numbers of the world ------------------------------------------------------------------------------------------

LEAST_HORIZON_DAYS = 0.05
"""Some more than an hour."""
MOST_DAYS = 1_000.0
"""The longest horizon: the regional plans look at 180 days."""
MOST_BEFORE_DAYS = 365.0
"""How long before hour 0 something may have begun."""
MOST_HOURS = 100_000.0
"""The longest duration, eleven years; a draw beyond it counts as so long."""
LEAST_HOURS = 0.001
"""The shortest mean or spread of an uncertain duration: four seconds."""
LEAST_KMH, MOST_KMH = 1.0, 1_500.0
MOST_LINK_KMH = 400.0
MOST_KM = 20_000.0
"""The longest link: half round the earth."""
LEAST_AMOUNT = 0.001
MOST_AMOUNT = 10_000_000.0
"""Of a pool or a facility: people, m2."""
LEAST_RATE, MOST_RATE = 0.001, 1e9
"""Handled in an hour by one; a thousand million an hour takes no time."""
MOST_M = 100_000.0
"""Length, width or height."""
MOST_T = 100_000.0
"""Weight."""
MOST_YARD_M2 = 100_000.0
"""That one piece stands on."""
LEAST_FACTOR, MOST_FACTOR = 0.001, 1_000.0
"""A multiple of something."""
MOST_COUNT = 100_000
MOST_TRACKS = 64
"""Tracks or lanes of a link."""
MOST_PRIORITY = 1_000_000.0
FIRST_YEAR, LAST_YEAR = 1950, 2150
"""Of hour 0."""
