"""Each package of the lock file has its hashes beside it, so that what is downloaded is what was tried."""

import re
from importlib.metadata import requires

from packaging.requirements import Requirement

from tests.conftest import ROOT

PINNED = re.compile(r"^([A-Za-z0-9_.-]+)==([\w.]+)")


def pinned(name: str) -> dict[str, str]:
    """The versions of a file of requirements, by the names of packages as indexes write them."""
    found = [match for line in (ROOT / name).read_text().splitlines() if (match := PINNED.match(line))]
    return {re.sub(r"[-_.]+", "-", match[1]).lower(): match[2] for match in found}


def test_the_hashes_are_of_the_packages_of_the_lock() -> None:
    """When this fails: the command of CONTRIBUTING.md that writes them."""
    assert pinned("requirements.hashes") == pinned("requirements.lock")


def test_each_package_has_hashes_and_nothing_else() -> None:
    lines = (ROOT / "requirements.hashes").read_text().splitlines()
    packages = "\n".join(lines).replace(" \\\n", "").splitlines()
    assert len(packages) == len(pinned("requirements.lock"))
    for package in packages:
        assert re.fullmatch(r"[\w.-]+==[\w.]+(    --hash=sha256:[0-9a-f]{64})+", package), package


def test_all_that_is_needed_is_pinned() -> None:
    """What nfm_sim and its extras need, what that needs, and so on; and what builds the wheel."""
    needed, open_ends = {"hatchling", "editables"}, [Requirement("nfm_sim[test]"), Requirement("hatchling")]
    while open_ends:
        package = open_ends.pop()
        for line in requires(package.name) or ():
            requirement = Requirement(line)
            extras = [{"extra": extra} for extra in package.extras] or [{"extra": ""}]
            asked = requirement.marker is None or any(requirement.marker.evaluate(extra) for extra in extras)
            name = re.sub(r"[-_.]+", "-", requirement.name).lower()
            if asked and (name not in needed or requirement.extras):
                needed.add(name)
                open_ends.append(requirement)
    assert needed - {"nfm-sim"} <= {*pinned("requirements.lock")}
