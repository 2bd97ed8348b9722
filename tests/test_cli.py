"""The command line as its user meets it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from rich.console import Console

from nfm_sim import open_study
from nfm_sim.cli.app import OPTIONS, app, share
from nfm_sim.limits import MOST_REPLICATIONS
from nfm_sim.plots import FIGURES
from tests.conftest import ROOT, called

TRANSIT = ROOT / "scenarios/atlantic_resolve_2024.toml"


def nfm_sim(*words: object) -> subprocess.CompletedProcess[str]:
    """Run a command as a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", "from nfm_sim.cli import main; main()", *map(str, words)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        env={"COLUMNS": "100", "PATH": "", "MPLBACKEND": "Agg"},
    )


def test_run_prints_a_short_summary() -> None:
    done = nfm_sim("run", TRANSIT, "--seed", 7)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", "no progress bar when nobody watches"
    for words in ("Closure by flow", "Worst waits", "abct", "2,000"):
        assert words in done.stdout
    assert len(done.stdout.splitlines()) < 40


def test_run_writes_tables_manifest_and_figures_when_asked(tmp_path: Path) -> None:
    done = nfm_sim("run", TRANSIT, "--out", tmp_path / "out", "--figures", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["closure"][0]["pieces"] == 2000
    assert open_study(tmp_path / "out").spans.height > 1000
    figures = sorted(path.name for path in (tmp_path / "out/figures").iterdir())
    of_elements = {"readiness", "duties", "double_booking", "ledger", "effective"}
    of_supply_and_losses = {"supply", "days_of_supply", "supply_by_day", "supply_of_means", "detours"}
    drawn = FIGURES.keys() - of_elements - of_supply_and_losses
    assert figures == sorted(f"{name}.png" for name in drawn), "none of them blank"


def test_a_run_prints_what_is_on_record_beside_it() -> None:
    record = ROOT / "records/atlantic_resolve_2024.toml"
    answer = json.loads(called("run", TRANSIT, "--record", record, "--json").stdout)
    closed, lorries = answer["on_record"]
    assert (closed["quantity"], closed["on_record_low"], closed["on_record_high"]) == ("closed_days", 21, 23)
    assert 20 <= closed["value"] <= 25
    assert 30 <= lorries["value"] <= 55
    assert "closed days  │     21-23 │" in called("run", TRANSIT, "--record", record).stdout


def test_the_same_seed_prints_the_same() -> None:
    first, again = (run("run", TRANSIT, "--seed", 3, "--json") for run in (nfm_sim, called))
    assert first.stdout == again.stdout
    assert json.loads(first.stdout)["seed"] == 3


@pytest.mark.parametrize("command", ["run", "validate"])
def test_wrong_input_is_status_2_and_a_message(command: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text(
        TRANSIT.read_text()
        .replace('"vlissingen_oost"', '"vlisingen"')
        .replace('"peacetime_means.toml"', f'"{ROOT}/scenarios/peacetime_means.toml"')
        .replace('"sheets/rotation_in.toml"', f'"{ROOT}/scenarios/sheets/rotation_in.toml"')
    )
    done = called(command, bad)
    assert done.returncode == 2
    assert 'calls.0.port "vlisingen" is not in' in done.stderr
    assert '(did you mean "vlissingen_oost"?)' in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_an_output_folder_that_cannot_be_written_is_status_2(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file", tmp_path / "file/below"):
        done = called("run", TRANSIT, "--out", out)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
        assert "file" in done.stderr


def test_figures_need_a_folder() -> None:
    done = called("run", TRANSIT, "--figures")
    assert done.returncode == 2
    assert "--out" in done.stderr


def test_validate_says_what_a_sound_file_holds() -> None:
    done = called("validate", ROOT / "scenarios/nfm_activation.toml")
    assert done.returncode == 0
    assert "sound (47 force elements, 1 flow, 2 ships, 2 warnings)" in done.stdout


def test_a_share_in_a_table_is_all_or_nothing_only_when_it_is() -> None:
    assert [share(value) for value in (1, 0.9974, 0.994, 0.5, 0.004, 0, None)] == [
        "100%",
        ">99%",
        "99%",
        "50%",
        "<1%",
        "0%",
        "-",
    ]


def test_versions_of_the_plans_are_compared_in_one_command(monkeypatch: pytest.MonkeyPatch) -> None:
    # what is told beside is made with the replications, once
    monkeypatch.delattr("nfm_sim.study.study.make_replications")
    before = "before: plan_versions.east = before; plan_versions.sea = before"
    asked = ["compare", "scenarios/one_force.toml", "--change", before, "--quantity", "demands_met.asked"]
    done = called(*asked, "--replications", 2, "--jobs", 1, "--json")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)["demands_met.asked"]
    assert len({(row["plan"], row["capability"]) for row in rows}) == len(rows) > 2, "by plan and capability"
    by_plan = {
        plan: tuple(sum(row[which] or 0 for row in rows if row["plan"] == plan) for which in ("before", "after"))
        for plan in ("east", "sea")
    }
    assert by_plan == {"east": (34, 20), "sea": (8, 4)}, "the newest versions ask for more"


def test_a_version_that_no_plan_has_is_status_2() -> None:
    done = called("compare", "scenarios/one_force.toml", "--change", "old: plan_versions.east = befor")
    assert done.returncode == 2
    assert 'plan_versions.east "befor" is no version of that plan (did you mean "before"?)' in done.stderr


def test_a_policy_that_is_not_there_is_status_2(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text(f'extends = "{ROOT}/scenarios/one_force.toml"\npolicy = "strickt"\n')
    done = called("validate", bad)
    assert done.returncode == 2
    assert 'policy "strickt" must be one of strict, weights, reserved (did you mean "strict"?)' in done.stderr


def test_the_summary_shows_the_one_force_by_task() -> None:
    done = called("run", "scenarios/one_force.toml", "--json")
    tasks = {row["task"]: row for row in json.loads(done.stdout)["tasks"]}
    assert 0 < tasks["ukraine"]["filled_share"] < 1
    assert "The one force by task" in called("run", "scenarios/one_force.toml").stdout


def test_schema_is_json_schema() -> None:
    assert json.loads(called("schema").stdout)["title"] == "Scenario"


def test_network_check_counts_and_proves() -> None:
    done = nfm_sim("network", "check", "networks/netherlands")
    assert done.returncode == 0
    assert "Proved: by rail, each of 34 terminals reaches each of 11 border crossings." in done.stdout


@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_a_network_with_a_fault_is_status_2_and_no_words_stand_where_json_is_asked_for(
    tmp_path: Path, as_json: list[str]
) -> None:
    """A port reaches its border crossing by a link of one direction only when the other end is the crossing."""
    (tmp_path / "node.csv").write_text(
        "node_id,x_coord,y_coord,node_type\nport,5,52,sea_port_terminal\nborder,6,52,border_crossing\n"
    )
    (tmp_path / "link.csv").write_text(
        "link_id,from_node_id,to_node_id,directed,length,free_speed,allowed_uses\nl,border,port,1,70,50,road\n"
    )
    for done in (
        called("network", "check", tmp_path, *as_json),
        called("network", "import", tmp_path, tmp_path / "o", *as_json),
    ):
        assert done.returncode == 2
        assert "port does not reach border by road; add the missing links" in done.stderr
        assert ("border crossings" in done.stdout) == (not as_json)


def test_network_route_prints_links_km_and_hours() -> None:
    done = nfm_sim("network", "route", "vlissingen_oost", "xr_kaldenkirchen", "--mode", "rail")
    assert done.returncode == 0
    assert "Brabantroute" in done.stdout
    assert "14 links" in done.stdout


def test_a_route_that_is_not_there_is_status_2() -> None:
    done = called("network", "route", "vlissingen", "xr_kaldenkirchen")
    assert done.returncode == 2
    assert 'networks/netherlands (did you mean "r_vlissingen"?)' in done.stderr


def test_importing_the_package_is_quick_because_rooms_open_late() -> None:
    heavy = "polars", "simpy", "matplotlib", "pydantic"
    code = f"import sys, nfm_sim; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_change_holds_for_every_command_that_reads_a_scenario(tmp_path: Path) -> None:
    brigade, change = "scenarios/allied_brigade.toml", "pools.heavy_wagons.capacity = 200"

    def last(*words: object) -> float:
        done = called("run", brigade, "--json", *words)
        assert done.returncode == 0, done.stderr
        found: float = json.loads(done.stdout)["closure"][0]["last_h"]
        return found

    assert last("--change", change) > last() + 100
    study = json.loads(called("study", brigade, "--replications", 2, "--jobs", 1, "--json", "--change", change).stdout)
    assert study["closure"][0]["median"] > last() + 100
    assert "pool heavy_wagons: 200 wagons" in called("explain", brigade, "--change", change).stdout
    wrong = called("validate", brigade, "--change", "flows.brigad.required_day = 3")
    assert wrong.returncode == 2
    twice = called("run", brigade, "--change", change, "--change", change)
    assert "stands twice; give it once" in twice.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["new"],
        ["example", "allied_brigade", "--to"],
        ["network", "import", "networks/netherlands"],
        ["explain", "scenarios/allied_brigade.toml", "--picture"],
        ["run", "scenarios/allied_brigade.toml", "--out"],
    ],
)
def test_a_place_that_cannot_be_written_is_said(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = called(*words, tmp_path / "file/below")
    assert done.returncode == 2
    assert "below: cannot be written (Not a directory); choose another" in done.stderr


def test_every_command_can_be_quiet_and_answers_in_json(tmp_path: Path) -> None:
    for command in every_command():
        said = called(*command, "--help").stdout
        assert "--quiet" in said, command
        assert "--json" in said or command in (["schema"], ["desk"]), "a schema is JSON, and a desk answers on its page"


def every_command() -> list[list[str]]:
    """The words of every command."""
    found = []
    for command in re.findall(r"^  (\w+) ", called("--help").stdout.split("Commands:")[1], flags=re.MULTILINE):
        said = called(command, "--help").stdout
        inner = re.findall(r"^  (\w+) ", said.split("Commands:")[1], flags=re.MULTILINE) if "Commands:" in said else []
        found += [[command, name] for name in inner] or [[command]]
    return found


def test_a_quiet_command_says_errors_and_json_alone(tmp_path: Path) -> None:
    scenario = ROOT / "scenarios/nfm_activation.toml"
    done = called("validate", scenario, "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert json.loads(called("validate", scenario, "-q", "--json").stdout)["warnings"]
    loud = called("validate", scenario)
    assert "warning: " in loud.stderr, "and the next is not quiet for it"
    assert "sound" in loud.stdout
    wrong = called("run", tmp_path / "none.toml", "--quiet")
    assert wrong.returncode == 2
    assert "none.toml" in wrong.stderr


def test_a_table_breaks_no_name_where_there_is_room(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cli = sys.modules["nfm_sim.cli.app"]
    rows = [{"study": "twice_the_heavy_wagons", "flow": "sustainment_of_all", "hours": "-100.25 (-110.00 to -99.75)"}]
    columns = {name: (lambda row, name=name: row[name]) for name in rows[0]}
    for width in (80, 70, 62):
        monkeypatch.setattr(cli, "out", Console(width=width, markup=False))
        cli.print_table("t", rows, columns, left=("study", "flow"))
        said = capsys.readouterr().out
        assert "twice_the_heavy_wagons" in said
        assert "sustainment_of_all" in said
        assert max(map(len, said.splitlines())) <= width


def test_a_total_stands_below_a_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    cli = sys.modules["nfm_sim.cli.app"]
    monkeypatch.setattr(cli, "out", Console(width=60, markup=False))
    for total, kinds in ((None, ["one", "two"]), ({"link": "2 links"}, ["one", "two", "line", "2 links"])):
        cli.print_table("t", [{"link": "one"}, {"link": "two"}], {"link": "link"}, left=["link"], total=total)
        below = capsys.readouterr().out.partition("┡")[2].splitlines()[1:-1]
        assert [line.strip("│ ") if "│" in line else "line" for line in below] == kinds


def test_help_and_completion_load_nothing_that_only_commands_use() -> None:
    heavy = ("polars", "numpy", "scipy", "pydantic", "simpy", "matplotlib", "jinja2", "joblib", "osmium")
    code = f"import sys, nfm_sim.cli; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_command_loads_no_plugin_that_others_have_installed(tmp_path: Path) -> None:
    installed = tmp_path / "stranger-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text("[pydantic]\nstranger = stranger:plugin\n")
    (tmp_path / "stranger.py").write_text("print('a stranger runs')\nplugin = None\n")
    words = [sys.executable, "-m", "nfm_sim", "validate", str(TRANSIT)]
    alone = {name: value for name, value in os.environ.items() if name != "PYDANTIC_DISABLE_PLUGINS"}
    done = subprocess.run(words, env={**alone, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=True)
    assert "sound" in done.stdout
    assert "a stranger runs" not in done.stdout


def test_each_option_is_told_of_in_the_table_and_each_row_of_it_is_an_option() -> None:
    commands = {"": set[str]()}

    def walk(command: Any) -> None:
        for inner in getattr(command, "commands", {}).values():
            walk(inner)
        for option in [] if hasattr(command, "commands") else command.params:
            assert option.help, f"{command.name} {option.name}"
            commands.setdefault(command.callback.__name__, set()).add(option.name)
            commands[""].add(option.name)

    walk(typer.main.get_command(app))
    assert [row for row in OPTIONS if row[1] not in commands[row[0]]] == []
    assert int(OPTIONS["", "replications"]["most"]) == MOST_REPLICATIONS
