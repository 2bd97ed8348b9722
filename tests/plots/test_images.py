"""Figures look as they did when somebody last looked at them."""

from pathlib import Path

from matplotlib.testing.compare import compare_images
from matplotlib.testing.exceptions import ImageComparisonFailure

from nfm_sim import plots
from tests.plots.images import BASELINE, draw_all

TOLERANCE = 8.0
"""Root mean square of the difference of colours, of 255: letters may be set a little otherwise."""


def test_every_figure_is_as_it_was(tmp_path: Path) -> None:
    """When one is meant to look otherwise: `python -m tests.plots.images`, and look at it."""
    names = draw_all(tmp_path)
    drawn_by_hand = {"drawn", "figure", "save", "is_empty", "inline_svg", "FIGURES"}
    assert set(names) == set(plots.__all__) - drawn_by_hand
    assert {path.stem for path in BASELINE.glob("*.png")} == set(names)
    other = [compare_images(str(BASELINE / f"{name}.png"), str(tmp_path / f"{name}.png"), TOLERANCE) for name in names]
    assert not list(filter(None, other))


def test_the_comparison_sees_a_difference() -> None:
    pictures = [str(BASELINE / f"{name}.png") for name in ("closure", "queue")]
    try:
        found = compare_images(*pictures, TOLERANCE)
    except ImageComparisonFailure as error:  # they have not even one size
        found = str(error)
    assert found
