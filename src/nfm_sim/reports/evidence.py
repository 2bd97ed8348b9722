"""What the page rests on: its scenario, the digests of replications, and how they are made again."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nfm_sim.compile import compile_scenario
from nfm_sim.engine import simulate
from nfm_sim.files import read_text
from nfm_sim.limits import MOST_BYTES
from nfm_sim.measures import KEPT
from nfm_sim.problems import InputError, Problem
from nfm_sim.record import Record
from nfm_sim.scenario import Scenario, scenario_from_data

EVIDENCE = re.compile(r'<script type="application/json" id="evidence">(.*?)</script>', flags=re.DOTALL)
SCENARIO = re.compile(r'<script type="text/plain" id="scenario-([0-9a-f]{64})">([A-Za-z0-9+/=\s]*)</script>')
NO_PAGE = "is no page of `nfm-sim report`: it holds no evidence that can be read"


@dataclass(frozen=True)
class PageVerification:
    """What `verify_page` found: the replications that were made again, of which study, and what differs."""

    replications: tuple[tuple[str, int], ...]
    faults: tuple[str, ...]

    @property
    def sound(self) -> bool:
        return not self.faults


def digest_of(run: Record) -> str:
    """Return the digest of all answers of one replication, bit for bit: the same numbers give the same, whatever wrote
    them."""
    said = hashlib.sha256()
    for name, measure in sorted(KEPT.items()):
        said.update(name.encode())
        said.update(measure(run).write_csv().encode())
    return said.hexdigest()


def packed(scenario: Scenario) -> tuple[str, str]:
    """Return a scenario with its network as text for a page, and the digest of that."""
    data = json.dumps(scenario.to_data(), ensure_ascii=False, separators=(",", ":")).encode()
    return base64.b64encode(gzip.compress(data, mtime=0)).decode(), hashlib.sha256(data).hexdigest()


def rerun_digests(scenario: Scenario, seed: int, sampling: str, replications: Iterable[int]) -> dict[int, str]:
    """Simulate replications again, and return their digests."""
    plan = compile_scenario(scenario)
    return {number: digest_of(simulate(plan, seed, number, sampling=sampling)) for number in replications}


def verify_page(page: str | Path) -> PageVerification:
    """Simulate the replications that a page names again, from the scenario in it, and compare their answers bit for
    bit.

    Nothing of the page is executed. Raises `InputError` when it is no page of `nfm.report`.
    """
    path = Path(page)
    text = read_text(path)
    found = EVIDENCE.search(text)
    try:
        evidence: dict[str, Any] = json.loads(found[1]) if found else {}
        studies = list(evidence["studies"])
        if not studies:
            raise ValueError("no study")
        scenarios = {digest: _unpacked(path, digest, content) for digest, content in SCENARIO.findall(text)}
        faults: list[str] = []
        done: list[tuple[str, int]] = []
        for study in studies:
            if not study["scenario"]:
                faults.append(f"{path}: {study['name']} is a fork, which no page can make again; verify its folder")
                continue
            scenario = scenarios[study["scenario"]]
            digests = {int(number): str(digest) for number, digest in study["replications"].items()}
            again = rerun_digests(scenario, int(study["seed"]), str(study["sampling"]), digests)
            for number, digest in digests.items():
                done.append((str(study["name"]), number))
                if again[number] != digest:
                    faults.append(f"{path}: replication {number} of {study['name']} is not what its scenario gives")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError([Problem(str(path), "", "", NO_PAGE)]) from None
    return PageVerification(tuple(done), tuple(faults))


def _unpacked(path: Path, digest: str, content: str) -> Scenario:
    """The scenario that a page holds. Raises `InputError` when it is not the one that its digest says."""
    try:
        inflated = zlib.decompressobj(wbits=31)
        data = inflated.decompress(base64.b64decode(content), MOST_BYTES)
    except (ValueError, zlib.error):
        raise InputError([Problem(str(path), "scenario", digest[:12], "cannot be read")]) from None
    if inflated.unconsumed_tail or hashlib.sha256(data).hexdigest() != digest:
        raise InputError([Problem(str(path), "scenario", digest[:12], "is not what its digest says; it was changed")])
    return scenario_from_data(json.loads(data))
