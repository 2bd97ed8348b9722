"""Levers to play with: `nfm-sim desk`."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from nfm_sim.cli.app import ScenarioFile, Seed, app, say
from nfm_sim.cli.options import Changes, read_changed


@app.command()
def desk(
    scenario: ScenarioFile,
    replications: Annotated[int, typer.Option(min=1, help="Pairs of replications of each move, at most.")] = 64,
    seed: Seed = 0,
    jobs: Annotated[int, typer.Option(min=1, help="Worker processes; 1: the desk's own.")] = 1,
    options: Annotated[Path | None, typer.Option(help="A file of options that can be bought.")] = None,
    out: Annotated[Path, typer.Option(help="The folder for what is saved at the desk.")] = Path(),
    change: Changes = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Print the address and open nothing.")] = False,
) -> None:
    """Play with a scenario: a page on this machine alone, on which levers are moved and differences stream in."""
    from nfm_sim.decide import read_options
    from nfm_sim.desk import Desk, serve

    asked = read_changed(scenario, change)
    bought = read_options(options, scenario=asked) if options is not None else None
    served = serve(Desk(asked, replications=replications, seed=seed, jobs=jobs, options=bought), out)
    say(f"The desk is at {served.url}")
    say("Only this machine reaches it, and who has this address. Ctrl-C ends it.")
    if not no_browser:
        webbrowser.open(served.url)
    served.server.serve_forever()
