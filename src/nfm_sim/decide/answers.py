"""What a decision found, as people read it: what was asked, what came of it in sentences and tables, and a figure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import polars as pl

from nfm_sim import plots
from nfm_sim.decide.buy import STEP_EUR, Purchase, called
from nfm_sim.decide.choose import AS_IT_IS, Chosen
from nfm_sim.decide.exchange import exchange_told, exchanged
from nfm_sim.decide.goals import Needed
from nfm_sim.decide.protect import Protection
from nfm_sim.in_words import between, day, length, number, percent
from nfm_sim.measures import Column
from nfm_sim.measures.columns import SHARE
from nfm_sim.network import Network
from nfm_sim.problems import counted, some_of
from nfm_sim.scenario import Scenario
from nfm_sim.sentences import answers
from nfm_sim.sentences.answers import Bounds
from nfm_sim.sentences.cells import EACH, TOGETHER, Readout, unit_of_differences
from nfm_sim.sentences.effects import Effect
from nfm_sim.sentences.names import of_title
from nfm_sim.study import Comparison, read_quantity
from nfm_sim.study.intervals import Interval
from nfm_sim.study.prices import priced
from nfm_sim.study.quantities import Claim, Event, Joined, Quantity

MILLION, TWICE = "EUR million", "double_booked.days"


@dataclass(frozen=True)
class Decision:
    """What was asked, and the answer."""

    title: str
    asked: str
    told: Sequence[str]
    tables: Sequence[Readout]
    """The one that answers first."""
    draw: Callable[[], Any]
    """Draws it, and returns the axes."""


def bounds(interval: Interval) -> Bounds:
    """An interval with None for what is open or not known."""
    return Bounds(*interval.known)


def of_need(found: Sequence[Needed], ranges: Sequence[tuple[int, int]], scenario: Scenario) -> Decision:
    """How much a goal takes of one thing, or of two things together; `ranges` are those that were searched."""
    goal, paths = found[0].goal, found[0].paths
    words = {path: _words(path) for path in paths}
    tried, told = pl.concat([one.tried for one in found]), []
    for one in found:
        what = "" if one.amounts is None else " and ".join(map("{1} {0}".format, words.values(), one.amounts))
        below = None if one.below is None else bounds(one.below)
        chance = bounds(one.interval)
        told += answers.need_told(what, chance, below, one.replications, one.least, one.too_few, one.is_sure)
        worse = "More is not always better: with {1} it is surely less likely than with {0}."
        told += (worse.format(*turn) for turn in one.turns)
    kinds = dict.fromkeys(("estimate", "chance"), SHARE)
    tables = [Readout("Amounts that were tried", tried, kinds, caption=EACH, called={**words, "estimate": "chance"})]
    if len(paths) > 1:
        pairs = [(*one.amounts, *one.interval.known) for one in found if one.amounts]
        frontier = pl.DataFrame(pairs, schema=[*paths, "chance", "chance_low", "chance_high"], orient="row")
        tables.insert(0, Readout("Pairs that suffice", frontier, kinds, caption=TOGETHER, called=words))
    searched = " and ".join(f"{words[path]} ({low} to {high})" for path, (low, high) in zip(paths, ranges, strict=True))

    title = f"How much it takes of {' and '.join(words.values())}"
    shown = tried.drop("replications").rename(words).with_columns(pl.col("estimate", "low", "high") * 100)
    draw = partial(plots.amounts, shown, "chance of the goal (%)", title=title, least=100 * found[0].least)
    event = _in_words(goal.event.event, scenario)
    asked = f"How much of {searched} does it take for a chance of {percent(found[0].least)}: {event}?"
    return Decision(title, asked, told, tables, draw)


SIGNS = {"<=": "at most", "<": "less than", ">=": "at least", ">": "more than"}
IN_TIME = {"<=": "no later than", "<": "before", ">=": "no earlier than", ">": "after"}


def _in_words(event: Claim | Joined, scenario: Scenario) -> str:
    """An event in words, by the titles of what it names."""
    if isinstance(event, Joined):
        parts = [_in_words(part, scenario) for part in event.parts]
        return f" {event.word} ".join(f"({part})" if " or " in part else part for part in parts)
    of, kind, bound = event.quantity, event.quantity.declared, event.bound
    each = f"each {of.keys[0]}" if of.keys else ""  # an operation is one
    who = ", ".join(_title(name, of.named_by[0], scenario) for name in of.only) or each
    show = day(bound) if kind.moment else percent(bound) if kind.share else f"{number(bound)} {kind.unit}".strip()
    way = (IN_TIME if kind.moment else SIGNS)[event.sign]
    return f"{kind.words or f'{of.measure} {of.column}'}{who and f' of {who}'} {way} {show}"


def _called(asked: Quantity, scenario: Scenario) -> str:
    """What a sentence calls a quantity, an event by the titles of what it names."""
    return f"the chance of {_in_words(asked.event, scenario)}" if isinstance(asked, Event) else asked.words


def _title(name: str, key: str, scenario: Scenario) -> str:
    """What a row of an answer is called."""
    thing = getattr(scenario, f"{key}s", {}).get(name)
    return of_title(getattr(thing, "title", "") or f"{'' if thing else key + ' '}{name}".strip())


def _words(path: str) -> str:
    """What stands at a dotted path in words: "escort teams" at "pools.escort_teams.capacity"."""
    _, *rest = path.removesuffix(".capacity").split(".")
    return " ".join(rest).replace("_", " ")


def of_purchase(found: Purchase, scenario: Scenario) -> Decision:
    """What to buy for a budget."""
    column, words = found.quantity.declared, _called(found.quantity, scenario)
    sign = -1.0 if column.better == "less" else 1.0

    def effect(of: Interval) -> Effect:
        ends = sorted((sign * of.low, sign * of.high))
        return Effect(words, "", words, column, *Interval(sign * of.estimate, *ends).known)

    best, parts, more = (effect(of) for of in (found.gain, found.singles, found.together))
    last = "" if found.next.estimate == 0 else found.frontier["package"][-1]
    told = [
        *answers.purchase_told(called(found.best), found.eur, best, parts, more, found.replications),
        answers.rivals_told(found.rivals["package"].to_list(), found.replications),
        answers.next_told(STEP_EUR, last, effect(found.next)),
        f"{counted(found.tried, 'package')} tried, {found.took:,} replications to select among them.",
    ]
    by_budget = _gains("The best for each budget", found.frontier, "package", column)
    alone = _gains("What each gains alone", found.alone, "option", column)

    unit = unit_of_differences(column, found.frontier["gain"])
    shown = found.frontier.with_columns(pl.col("gain", "low", "high") * unit.factor)
    draw = partial(plots.frontier, shown, f"gain in {words} ({unit.name})")
    asked = f"What that costs {answers.millions(found.budget)} at most gains most in {words}?"
    return Decision(f"What to buy for {answers.millions(found.budget)}", asked, told, [by_budget, alone], draw)


def _gains(title: str, table: pl.DataFrame, name: str, column: Column) -> Readout:
    table = table.rename({"low": "gain_low", "high": "gain_high"})
    eur = [key for key in ("budget", "eur") if key in table.columns]
    shown = table.select(*eur[:-1], name, eur[-1], "gain", "gain_low", "gain_high").with_columns(pl.col(eur) / 1e6)
    return Readout(title, shown, {"gain": column}, ("gain",), called={"eur": MILLION})


def of_years(table: pl.DataFrame, quantity: str) -> Decision:
    """What is bought in which year, and what is left to gain."""
    asked = read_quantity(quantity).whole
    by_year = table.drop("budget").with_columns(pl.col("year").cast(pl.String), pl.col("left") / 1e6)
    words = {"estimate": "what it gives", "left": f"left ({MILLION})"}
    tables = [Readout("By year", by_year, {"estimate": asked.declared}, caption=asked.words, called=words)]

    shown = table.select("year", "estimate", "low", "high")
    draw = partial(plots.amounts, shown, asked.words, title="What is left, by year")
    told = [f"{year}: buy {bought}." for year, bought in table.select("year", "bought").iter_rows()]
    question = f"What is bought in which year, for {asked.words}?"
    return Decision("What to buy in which year", question, told, tables, draw)


def of_choice(found: Chosen, scenario: Scenario) -> Decision:
    """Which course of action is best, over several futures what one would regret, and what it costs civil traffic."""
    tables, told = [], answers.beyond_told(found.beyond, len(found.courses))
    quantities = {name: read_quantity(name).whole for name in found.best}
    titles = {name: _called(asked, scenario) for name, asked in quantities.items()}
    for (name,), rows in found.answers.group_by("quantity", maintain_order=True):
        asked = quantities[str(name)]
        table = rows.drop("quantity", "eur_per_gain")
        kinds = dict.fromkeys(("estimate", "from_base"), asked.declared)
        words = {"estimate": "what it gives", "from_base": "from the base"}
        if found.eur:
            price = pl.Series([found.eur.get(course, 0.0) / 1e6 for course in rows["course"]])
            per_gain = f"EUR for each gained ({asked.declared.unit or 1})"
            table = table.with_columns(price.alias(MILLION), rows["eur_per_gain"].alias(per_gain))
        title = titles[str(name)]
        tables.append(Readout(title[0].upper() + title[1:], table, kinds, ("from_base",), called=words))
        if len(found.beyond) < len(found.courses):
            told.append(answers.best_told(title, found.best[str(name)]))
    civil = {course: hours for course, hours in found.civil_h.items() if hours is not None}
    if civil:
        each = ", ".join(f"{course} {number(hours)}" for course, hours in civil.items())
        told.append(f"Vehicle-hours that civil traffic loses, in the replications kept: {each}.")
    first, column = next((titles[name], asked.declared) for name, asked in quantities.items())
    if not found.regret.is_empty():
        names = [name for name in found.regret.columns if name != "course"]
        title = "Regret: what each is worse than the best course of a future"
        tables.append(Readout(title, found.regret, dict.fromkeys(names, column), names, first))
        if found.regret["most"].null_count() == 0:
            least, weighted = (found.regret.sort(name)["course"][0] for name in ("most", "weighted"))
            weights = ", ".join(f"{name} {share:.2g}" for name, share in found.weights.items())
            told.append(answers.regret_told(least, weighted, weights))
    sides = {name: (titles[name], quantities[name].declared) for name in list(found.best)[:2]}
    wide = pl.DataFrame({"course": found.courses[1:]})
    for name in sides:
        columns = {f"from_base{end}": f"{name}{end}" for end in ("", "_low", "_high")}
        rows = found.answers.filter(quantity=name).select("course", *columns).rename(columns)
        wide = wide.join(rows, on="course", how="left", maintain_order="left")
    title = f"What each course changes, from {found.courses[0]}"
    draw = partial(_weighed, wide, sides, title)
    futures = [name for name in found.weights if name != AS_IT_IS]
    what = f" What if {' or '.join(futures)}?" if futures else ""
    question = f"Which of {', '.join(found.courses)} is best in {first}?{what}"
    return Decision("Which course of action", question, told, tables, draw)


def of_exchange(comparison: Comparison, replications: int) -> Decision:
    """What one more and one fewer of each capability on a task gains allies, and costs us."""
    table = exchanged(comparison)
    asked = {name: read_quantity("ready_by_deadline" if name.startswith("tier ") else name) for name in priced(table)}
    kinds = {name: of.declared for name, of in asked.items()}
    if TWICE in kinds:
        kinds[TWICE] = kinds[TWICE].but(unit="element-days")
    words = {name: f"{name}: {of.words}" if name.startswith("tier ") else of.whole.words for name, of in asked.items()}
    title = f"What one more and one fewer of each capability does, {counted(replications, 'replication')}"
    tables = [Readout("One more and one fewer of each", table, kinds, tuple(kinds), TOGETHER, words)]
    labels = {"closure.mean_h": "by which the mean piece of allies closes later", TWICE: "more asked for twice"}
    sides = {name: (label, kinds[name]) for name, label in labels.items() if name in kinds}
    question = "What does one more and one fewer of each capability buy allies, and cost our own readiness?"
    return Decision(title, question, exchange_told(comparison), tables, partial(_weighed, table, sides, title))


def of_protection(found: Protection, lasts_h: float, network: Network) -> Decision:
    """Which losses together delay most, and what protection of each buys back."""
    delay, low, high = found.delay
    lost = [f"{_lost(loss.kind, loss.name, network)} from {day(loss.hour)} on" for loss in found.losses]
    by = f"by {delay:.1f} h ({between(low, high, '{:.1f}'.format)})" if delay else "they delay nothing"
    told = [
        f"Lost together for {length(lasts_h)}, these delay the mean piece most: {some_of(lost)}.",
        f"On fresh replications, which did not choose them, {by}.",
        f"{found.tried} sets of losses were tried. Where and when is found by a search: others may do as much.",
    ]
    hours = Column(unit="h", better="more")
    what = found.worth["kind", "name", "hour"].rows()
    losses = [f"{_lost(kind, name, network)}, {day(hour)}" for kind, name, hour in what]
    table = found.worth.select(pl.Series("loss", losses), "protection", "hours", "hours_low", "hours_high")
    tables = [Readout("What is bought back", table, {"hours": hours}, ("hours",), EACH, {"hours": "sooner"})]
    named = table.with_columns(loss=pl.format("{}: {}", "loss", "protection"))
    title = "What to protect first"
    draw = partial(_weighed, named, {"hours": ("by which the mean piece closes sooner", hours)}, title)
    question = "Which losses together delay allies most, and what does protection of each buy back?"
    return Decision(title, question, told, tables, draw)


def _lost(kind: str, name: str, network: Network) -> str:
    """What is lost, by what it is called."""
    if kind == "place":
        return network.nodes[name].title
    if kind != "link":
        return f"half of the {name.replace('_', ' ')}"
    link = network.links[name]
    return f"{link.line or link.kind}: {network.nodes[link.start].title} - {network.nodes[link.end].title}"


def _weighed(table: pl.DataFrame, sides: Mapping[str, tuple[str, Column]], title: str) -> Any:
    """Draw what each change does, each side in the unit of its numbers."""
    labels = {}
    for name, (words, column) in sides.items():
        ends: Iterable[str] = (name, f"{name}_low", f"{name}_high")
        unit = unit_of_differences(column, [value for end in ends for value in table[end]])
        table = table.with_columns(pl.col(*ends) * unit.factor)
        labels[name] = f"{words} ({unit.name})" if unit.name else words
    return plots.weighed(table, labels, title=title)
