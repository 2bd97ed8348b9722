"""What was handed on: `nfm-sim verify, sign`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from nfm_sim.cli.app import AsJson, app, complain, print_json, say, say_written
from nfm_sim.cli.options import Jobs, numbers
from nfm_sim.problems import InputError, plain


@app.command()
def verify(
    path: Annotated[Path, typer.Argument(metavar="FOLDER|PAGE", help="A run or a study, or a page of `report`.")],
    replications: Annotated[
        str, typer.Option(help='Which to simulate again: "0,17"; else some that are drawn by chance.')
    ] = "",
    whole: Annotated[bool, typer.Option("--all", help="Simulate all again, and make a page again whole.")] = False,
    seed: Annotated[int | None, typer.Option(min=0, help="Draw those that are simulated again by this seed.")] = None,
    key: Annotated[
        Path | None, typer.Option(help="Who must have signed it: a file with public keys of OpenSSH (.pub).")
    ] = None,
    jobs: Jobs = None,
    as_json: AsJson = False,
) -> None:
    """Check what lies in a run, study or page against its digests, simulate replications of it again, and compare."""
    from nfm_sim.study import signer
    from nfm_sim.study import verify as verify_study

    signed_by = signer(path, key) if key is not None else None
    if path.is_file():
        _verify_page(path, replications, whole, jobs, signed_by, as_json)
        return
    chosen = numbers(replications, "--replications") if replications else None
    found = verify_study(path, "all" if whole else chosen, seed=seed)
    _tell({**asdict(found), "signed_by": signed_by}, as_json)
    again = "all replications" if whole else f"replications {', '.join(map(str, found.replications))}"
    drawn = "" if found.seed is None else f" (drawn with --seed {found.seed})"
    say(f"{path}: {found.files} files are as written; {again}{drawn} made again are the same, bit for bit")


def _verify_page(
    page: Path, replications: str, whole: bool, jobs: int | None, signed_by: str | None, as_json: bool
) -> None:
    from nfm_sim.reports import verify_page

    if replications:
        raise InputError.of(page, "--replications", replications, "is for studies; a page names its own")
    found = verify_page(page, whole=whole, jobs=jobs)
    _tell({**asdict(found), "signed_by": signed_by}, as_json)
    if whole:
        say(f"{page}: the whole page, made again from its scenario, is the same letter by letter")
        return
    again = ", ".join(f"{number} of {plain(name)}" for name, number in found.replications)
    say(f"{page}: is as its digest says, which is no signature (--all makes the whole page again)")
    say(f"{page}: replications made again from its scenario are the same, bit for bit: {again}")


def _tell(found: Mapping[str, Any], as_json: bool) -> None:
    """Say what was found, and end here when it is unsound, or all is said as JSON."""
    sound = not found["faults"]
    if as_json:
        print_json({**found, "sound": sound})
        raise typer.Exit(0 if sound else 1)
    for line in (*found["faults"], *found.get("remarks", ())):
        complain(line)
    if not sound:
        raise typer.Exit(1)
    if found["signed_by"]:
        say(f"signed with the key {found['signed_by']}")


@app.command()
def sign(
    path: Annotated[Path, typer.Argument(metavar="FOLDER|PAGE", help="A run or a study, or a page of `report`.")],
    key: Annotated[Path, typer.Option(help="The private key of OpenSSH to sign with, such as ~/.ssh/id_ed25519.")],
    as_json: AsJson = False,
) -> None:
    """Sign a run, study or page as it is now, so that `verify --key` can say whose it is. Needs ssh-keygen."""
    from nfm_sim.study import sign as sign_path

    say_written(sign_path(path, key), as_json)
