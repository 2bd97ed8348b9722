"""What is made of what is stored, or played with: `nfm-sim plot, report, verify, sign, export, desk`."""

from __future__ import annotations

import webbrowser
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

import nfm_sim as nfm
from nfm_sim.cli.app import answered, app, complain, err, own_command, people_look, say, say_written
from nfm_sim.cli.options import levels, numbers, once, read_changed, spare
from nfm_sim.files import writing
from nfm_sim.problems import InputError, one_of, plain

if TYPE_CHECKING:
    from nfm_sim.record import Record


SUFFIXES = ("png", "svg", "pdf")


def draw(
    record: Record, folder: Path, names: Sequence[str] = (), suffix: str = "png", out: Path | None = None
) -> list[Path]:
    """Draw the figures of a run or study that have something to show, into the folder of figures in its own, in which
    no link is followed, or into another; return their files."""
    from nfm_sim.study.records import inside

    written = []
    with writing(out or folder, "choose another --out"):
        for name, ax in nfm.plots.drawn(record, names or tuple(nfm.plots.FIGURES)):
            file = f"{name}.{suffix}"
            to = inside(folder, f"figures/{file}") if out is None else out / file
            to.parent.mkdir(parents=True, exist_ok=True)
            nfm.plots.save(ax, to)
            written.append(to)
    return written


@app.command()
def plot(
    folder: Path,
    names: list[str] | None = None,
    out: Path | None = None,
    suffix: Annotated[str, typer.Option("--format", help=f"One of {', '.join(SUFFIXES)}.")] = "png",
) -> None:
    """Draw the figures of a stored run or study."""
    one_of(SUFFIXES, suffix, "plot", "--format")
    written = draw(nfm.open_study(folder), folder, names or (), suffix, out)
    if not written:
        raise InputError.of(folder, "figures", ", ".join(names or ()), "have nothing to show of this study")
    say_written(written)


# One offline page of a stored run, study or comparison


@app.command()
def report(
    folders: list[Path],
    out: Path | None = None,
    prices: int = 0,
    record: Path | None = None,
    quantity: list[str] | None = None,
    levers: list[str] | None = None,
    jobs: int | None = None,
    force: bool = False,
) -> None:
    """Write one HTML page with everything in it, to be mailed, printed, believed and checked."""
    from nfm_sim.reports import SEAL
    from nfm_sim.reports.levers import grid
    from nfm_sim.scenario.on_record import read_record
    from nfm_sim.study.compare import COMPARISON

    def opened(folder: Path) -> tuple[str, nfm.Study | nfm.Comparison]:
        is_comparison = (folder / COMPARISON).exists()
        return folder.name, nfm.open_comparison(folder) if is_comparison else nfm.open_study(folder)

    records = once(folders, "FOLDER", opened)
    to = folders[0].with_suffix(".html") if out is None else out
    if to.is_dir():
        raise InputError.of(to, "--out", "", "is a folder; name a file, such as page.html")
    spare(to, "--out", force, ours=SEAL.encode())
    on_record = read_record(record) if record is not None else None
    values, shown = levels(levers or (), "--levers"), records if len(records) > 1 else next(iter(records.values()))
    if values and not isinstance(shown, nfm.Study):
        raise InputError.of(folders[0], "--levers", "", "move a study; this is a comparison")
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not people_look()) as bar:
        task = bar.add_task("reading")
        with writing(to, "choose another --out"):
            told = grid(shown, values, jobs) if values and isinstance(shown, nfm.Study) else shown
            asked: Any = {"prices": prices, "on_record": on_record, "quantities": quantity or (), "jobs": jobs}
            asked |= {"command": own_command(), "tell": lambda what: bar.update(task, description=what)}
            page = nfm.report(told, to, **asked)
    say_written([page])


# What was handed on


@app.command()
def verify(
    path: Path,
    replications: str = "",
    whole: bool = False,
    seed: int | None = None,
    key: Path | None = None,
    jobs: int | None = None,
) -> None:
    """Check what lies in a run, study or page against its digests, simulate replications of it again, and compare."""
    ways = {"--all": whole, "--replications": replications, "--seed": seed is not None}
    chosen_by = [option for option, given in ways.items() if given]
    if len(chosen_by) > 1:
        raise InputError.of("nfm-sim", chosen_by[1], "", f"is not read with {chosen_by[0]}; give one of them")
    signed_by = nfm.study.signer(path, key) if key is not None else None
    if path.is_file():
        if replications or seed is not None:
            raise InputError.of(path, chosen_by[0], "", "is for studies; a page names its own replications")
        _verify_page(path, whole, jobs, signed_by)
        return
    if jobs is not None:
        raise InputError.of("nfm-sim", "--jobs", jobs, "is read of a page alone")
    chosen = numbers(replications, "--replications") if replications else None
    found = nfm.verify(path, "all" if whole else chosen, seed=seed)
    _tell({**asdict(found), "signed_by": signed_by})
    again = "all replications" if whole else f"replications {', '.join(map(str, found.replications))}"
    drawn = "" if found.seed is None else f" (drawn with --seed {found.seed})"
    say(f"{path}: {found.files} files are as written; {again}{drawn} made again are the same, bit for bit")


def _verify_page(page: Path, whole: bool, jobs: int | None, signed_by: str | None) -> None:
    from nfm_sim.reports import verify_page

    found = verify_page(page, whole=whole, jobs=jobs)
    _tell({**asdict(found), "signed_by": signed_by})
    if whole:
        say(f"{page}: the whole page, made again from its scenario, is the same letter by letter")
        return
    again = ", ".join(f"{number} of {plain(name)}" for name, number in found.replications)
    say(f"{page}: is as its digest says, which is no signature (--all makes the whole page again)")
    say(f"{page}: replications made again from its scenario are the same, bit for bit: {again}")


def _tell(found: Mapping[str, Any]) -> None:
    """Say what was found, and end here when it is unsound, or all is said as JSON."""
    sound = not found["faults"]
    if answered({**found, "sound": sound}):
        raise typer.Exit(0 if sound else 1)
    for line in (*found["faults"], *found.get("remarks", ())):
        complain(line)
    if not sound:
        raise typer.Exit(1)
    if found["signed_by"]:
        say(f"signed with the key {found['signed_by']}")


@app.command()
def sign(path: Path, key: Path) -> None:
    """Sign a run, study or page as it is now, so that `verify --key` can say whose it is. Needs ssh-keygen."""
    say_written(nfm.study.sign(path, key))


# Levers to play with


@app.command(without=("as_json",))
def desk(
    scenario: Path,
    replications: int = 64,
    seed: int = 0,
    jobs: int = 1,
    options: Path | None = None,
    out: Path = Path(),
    change: list[str] | None = None,
    no_browser: bool = False,
) -> None:
    """Play with a scenario: a page on this machine alone, on which levers are moved and differences stream in."""
    from nfm_sim.desk import serve

    asked = read_changed(scenario, change)
    bought = nfm.decide.read_options(options, scenario=asked) if options is not None else None
    served = serve(nfm.Desk(asked, replications=replications, seed=seed, jobs=jobs, options=bought), out)
    say(f"The desk is at {served.url}")
    say("Only this machine reaches it, and who has this address. Ctrl-C ends it.")
    if not no_browser:
        webbrowser.open(served.url)
    served.server.serve_forever()


@app.command("export")
def export_study(folder: Path, out: Path, to: str = "csv") -> None:
    """Write a run or study for others: answers with units, an event log, or loads and passages as lines on a map."""
    say_written(nfm.study.export(nfm.open_study(folder), out, to=to))
