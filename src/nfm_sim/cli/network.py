"""Networks: `nfm-sim network check, route`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from nfm_sim.cli.app import app, out
from nfm_sim.network import check_network, count_network, read_network
from nfm_sim.problems import InputError

network_app = typer.Typer(help="Check a network and route over it.", no_args_is_help=True)
app.add_typer(network_app, name="network")


@network_app.command("check")
def network_check(folder: Annotated[Path, typer.Argument(metavar="NETWORK")]) -> None:
    """Prove that a network holds together, and count what it has by mode."""
    network = read_network(folder)
    problems = check_network(network)
    table = Table(title=str(folder))
    counts = count_network(network)
    table.add_column("mode")
    for name in counts["road"]:
        table.add_column(name, justify="right")
    for mode, numbers in counts.items():
        table.add_row(mode, *(f"{number:,.0f}" for number in numbers.values()))
    out.print(table)
    if problems:
        raise InputError(problems)
    out.print(
        f"Sound: all endpoints exist, no link is shorter than the great circle, every terminal reaches every "
        f"border crossing of its mode; {len(network.facilities)} facilities.",
        highlight=False,
    )


@network_app.command("route")
def network_route(
    start: Annotated[str, typer.Argument(metavar="FROM")],
    end: Annotated[str, typer.Argument(metavar="TO")],
    mode: Annotated[str, typer.Option(help="road, rail, water or sea.")] = "road",
    folder: Annotated[Path, typer.Option("--network", help="Folder of the network.")] = Path(
        "networks/netherlands"
    ),
) -> None:
    """Print the fastest route when nothing is in the way: its links, km and hours."""
    network = read_network(folder)
    route = network.route(start, end, mode)
    table = Table(title=f"{start} to {end} by {mode}")
    for heading, justify in (
        ("link", "left"),
        ("line", "left"),
        ("to", "left"),
        ("km", "right"),
        ("h", "right"),
    ):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    for link, hours, node in zip(route.links, route.link_h, route.nodes[1:], strict=True):
        table.add_row(link.name, link.line, network.nodes[node].title, f"{link.km:.1f}", f"{hours:.2f}")
    table.add_section()
    table.add_row(f"{len(route.links)} links", "", "", f"{route.km:.1f}", f"{route.hours:.2f}")
    out.print(table)
