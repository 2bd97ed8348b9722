"""Stocks as their levels fall and are filled, and the loads of supply on their way to them.

Use is even: a level falls in a straight line until something comes, somebody joins or leaves, or it is empty. So a
stock costs an event for each of these, and none for the hours between. Those who draw on it are full for as long as it
has anything; then each lives on what it carries. What comes fills them first, the lower rank before the others.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from simpy import Event

from nfm_sim.engine.movement.modes import journey
from nfm_sim.engine.movement.mover import Movements, Mover
from nfm_sim.engine.world import Steps, World
from nfm_sim.plan.forces import Amounts, Carriage, ElementPlan, StockPlan, SupplyWay, UsePlan
from nfm_sim.plan.movement import Lot, Rank
from nfm_sim.record.words import TICKS_PER_HOUR, Activity, Kind

Tell = Callable[[str, bool], None]
"""Told that an element begins, or ends, to lack something that it cannot be effective without."""
NOTHING_T = 1e-9
"""A milligram: what is left below it is a matter of rounding."""


@dataclass(slots=True, eq=False)
class User:
    """An element in place, as its stock sees it."""

    name: str
    rank: Rank
    plan: UsePlan
    tell: Tell
    has: list[float]
    """Tonnes that it carries, by class."""
    per_h: list[float] = field(default_factory=list)
    """What it uses."""


@dataclass(slots=True, eq=False)
class Order:
    """Loads that somebody asks of a stock."""

    rank: Rank
    loads: int
    each: Amounts
    """Tonnes in a load, by class."""
    ordered_h: float
    send: Callable[[Order, int], object]
    """How so many of them set out."""
    piece: str = ""
    """The class of pieces in which they move."""


class StockLevels:
    """One stock of a replication."""

    def __init__(self, chain: SupplyChain, plan: StockPlan) -> None:
        world = self.world = chain.world
        self.chain = chain
        self.plan = plan
        self.name = plan.name
        supply = self.supply = world.plan.supply
        source = self.source = chain.stocks.get(plan.drawn_from)
        self.has = list(plan.there)
        """Tonnes that are there, by class."""
        self.per_h = [0.0] * len(supply.classes)
        """What all who draw on it use."""
        self.on_order = [0.0] * len(supply.classes)
        self.users: dict[str, User] = {}
        self.buyers: list[StockLevels] = []
        self.waiting: list[Order] = []
        """What it was asked for and does not have."""
        self._since = world.now
        self._turn = 0
        self._pushed = [0.0] * len(supply.carriages)
        self._carries = list(self.per_h)
        """What all who draw on it can carry."""
        self._dry: set[int] = set()
        """Classes of which it has nothing, so that who draws on it lives on what is carried."""
        self._noted: dict[tuple[str, int], int] = {}
        """By holder and class: the number of its last row on record."""
        if source is not None:
            source.buyers.append(self)
        if plan.review_h and source is not None:
            world.at(world.now + plan.review_h, self._review)
        own = (use.factors.steps for use in supply.uses.values() if use.stock == plan.name)
        for hour in dict.fromkeys(hour for steps in own for hour, _ in steps if hour > world.now):
            world.at(hour, self._refresh)

    # who draws on it

    def join(self, element: ElementPlan, tell: Tell) -> None:
        """An element begins to draw on it, with all that it can carry."""
        self._pass_time()
        name, use = element.subject, self.supply.uses[element.subject]
        user = self.users[name] = User(name, element.rank, use, tell, list(use.carries))
        self._count_use()
        self._note_all(user)
        self._use_changed()

    def leave(self, element: ElementPlan) -> None:
        """An element draws on it no more, and takes what it carries along."""
        self._pass_time()
        user = self.users.pop(element.subject)
        for number, name in enumerate(self.supply.classes):
            if (user.name, name) in self.chain.lacks:
                self._change_lack(user, number, lacks=False)
        user.per_h = [0.0] * len(user.has)
        self._note_all(user)
        self._refresh()

    def draw(self, rank: Rank, amounts: Amounts) -> Event:
        """Draw so much at once; the event is that there was enough, in turn after those who asked before."""
        served = self.world.env.event()
        self.ask(Order(rank, 1, amounts, self.world.now, lambda *_: served.succeed()))
        return served

    def receive(self, amounts: Iterable[float], *, lost: bool = False) -> None:
        """What was on order has come, or is lost on its way, and is ordered anew."""
        self._pass_time()
        for number, amount in enumerate(amounts):
            self.has[number] += 0.0 if lost else amount
            self.on_order[number] = _rest(self.on_order[number] - amount)
        self._settle()

    def lose(self, share: float) -> None:
        """A share of what there is is lost; of what is not limited, nothing."""
        self._pass_time()
        self.has = [there if there == math.inf else _rest(there * (1 - share)) for there in self.has]
        self._settle()

    def needed_per_h(self, number: int) -> float:
        """What those who draw on it, and on stocks that draw on it, use of a class."""
        return self.per_h[number] + sum(buyer.needed_per_h(number) for buyer in self.buyers)

    # what it lacks, and orders

    def ask(self, order: Order) -> None:
        """Another stock asks for loads: what there is sets out, the rest when it has come."""
        self._pass_time()
        self.waiting.append(order)
        self._settle()

    def _serve(self) -> None:
        """Send what was asked for, as far as there is of it: the lower rank first, whole loads only."""
        self.waiting.sort(key=lambda order: order.rank)  # equals stay as they came
        for order in self.waiting:
            loads = min(order.loads, *(_loads(self.has[n], each) for n, each in enumerate(order.each) if each))
            if loads:
                order.loads -= loads
                self.has = [_rest(t - loads * each) for t, each in zip(self.has, order.each, strict=True)]
                order.send(order, loads)
        self.waiting = [order for order in self.waiting if order.loads]

    def _lacks(self, carriage: Carriage) -> dict[int, float]:
        """By class: what is missing to the level that it orders up to, with all that is carried and on its way."""
        wanted = {number: self._at(number, self.plan.up_to_h, self.plan.up_to) for number in carriage.classes}
        return {number: max(0.0, tonnes - self._position(number)) for number, tonnes in wanted.items()}

    def _at(self, number: int, hours: float, tonnes: Amounts) -> float:
        """The level of a class for so many hours of use and so much besides, with all that can be carried."""
        return hours * self.needed_per_h(number) + tonnes[number] + self._carries[number]

    def _position(self, number: int) -> float:
        """What there is, is carried and is on order, without what was asked for and not sent."""
        owed = sum(order.loads * order.each[number] for order in self.waiting)
        dry = number in self._dry
        carried = sum(user.has[number] for user in self.users.values()) if dry else self._carries[number]
        return self.has[number] + carried + self.on_order[number] - owed

    def _order(self) -> None:
        """Order what is missing, in whole loads."""
        for carriage in self.supply.carriages:
            lacks, load_t = self._lacks(carriage), self._load_t(carriage)
            loads = _loads(sum(lacks.values()), load_t) if load_t else 0
            if loads and self._above_reorder(carriage) <= NOTHING_T:
                self._order_of(carriage, loads, load_t, lacks)

    def _load_t(self, carriage: Carriage) -> float:
        """Tonnes in a load: no more than half of what it orders up to, so that who needs little gets it in time."""
        levels = (self._at(number, self.plan.up_to_h, self.plan.up_to) for number in carriage.classes)
        return min(carriage.load_t, sum(levels) / 2)

    def _above_reorder(self, carriage: Carriage) -> float:
        """By how much its position is above that at which it orders; 0 where it orders whenever a load is missing."""
        at_h = self.plan.order_at_h
        if at_h is None:
            return 0.0
        levels = (self._at(number, at_h, self.plan.order_at) for number in carriage.classes)
        return sum(map(self._position, carriage.classes)) - sum(levels)

    def _order_of(self, carriage: Carriage, loads: int, load_t: float, parts: dict[int, float]) -> None:
        """Order loads, in which each class has its part."""
        assert self.source is not None, "who orders has a source"
        share = load_t / sum(parts.values())
        each = tuple(parts.get(number, 0.0) * share for number in range(len(self.has)))
        for number, amount in enumerate(each):
            self.on_order[number] += loads * amount
        send = partial(self.chain.send, self)
        self.source.ask(Order(self.plan.rank, loads, each, self.world.now, send, carriage.piece))

    def _review(self) -> None:
        """Order, or send what is pushed, and do so again after the interval."""
        self._pass_time()
        if any(self.plan.push):
            self._push()
        else:
            self._order()
        self.world.at(self.world.now + self.plan.review_h, self._review)

    def _push(self) -> None:
        """Have what is sent each day sent, as soon as it fills a load."""
        for place, carriage in enumerate(self.supply.carriages):
            parts = {number: self.plan.push[number] for number in carriage.classes}
            self._pushed[place] += sum(parts.values()) * self.plan.review_h / 24
            loads = _loads(self._pushed[place], carriage.load_t)
            if loads:
                self._pushed[place] -= loads * carriage.load_t
                self._order_of(carriage, loads, carriage.load_t, parts)

    # as time passes

    def _refresh(self) -> None:
        """A regime or a posture has changed what is used."""
        self._pass_time()
        self._count_use()
        self._use_changed()

    def _use_changed(self) -> None:
        """Those from which it comes, one after the other, hear of what is used now."""
        self._settle()
        if self.source is not None:
            self.source._pass_time()
            self.source._use_changed()

    def _count_use(self) -> None:
        for user in self.users.values():
            factors = user.plan.factors.at(self.world.now)
            user.per_h = [each * factor for each, factor in zip(user.plan.per_h, factors, strict=True)]
        users, classes = self.users.values(), range(len(self.has))
        self.per_h = [sum(user.per_h[number] for user in users) for number in classes]
        self._carries = [sum(user.plan.carries[number] for user in users) for number in classes]

    def _pass_time(self) -> None:
        """Use what was used since the last time."""
        hours, self._since = self.world.now - self._since, self.world.now
        if not hours:
            return
        for number, per_h in enumerate(self.per_h):
            for holder in self._falling(number) if per_h else ():
                holder.has[number] = _rest(holder.has[number] - holder.per_h[number] * hours)

    def _falling(self, number: int) -> Sequence[Holder]:
        """Whose level of a class falls: its own, or when it has none, what those who use it carry."""
        if self.has[number]:
            return (self,)
        return [user for user in self.users.values() if user.has[number] and user.per_h[number]]

    def _settle(self) -> None:
        """Do what follows from how much there is: serve, fill, tell who lacks what, order; and look again when the next
        level is empty or the next load is missing."""
        self._serve()
        for number in range(len(self.has)):
            if number in self._dry and self.has[number]:
                self._fill(number)
            self._tell(number)
        if self.source is not None and not self.plan.review_h:
            self._order()
        self._turn += 1
        hours = min(self._hours_to_empty(), self._hours_to_order())
        if hours < math.inf:
            turn = self._turn
            ticks = max(1, math.ceil(hours * TICKS_PER_HOUR - 1e-6))
            self.world.at(self.world.now + ticks / TICKS_PER_HOUR, lambda: self._look_again(turn))

    def _look_again(self, turn: int) -> None:
        if turn == self._turn:  # nothing else happened since
            self._pass_time()
            self._settle()

    def _fill(self, number: int) -> None:
        """Fill what those who draw on it carry, as far as there is of a class."""
        low = [user for user in self.users.values() if user.has[number] < user.plan.carries[number] - NOTHING_T]
        for user in sorted(low, key=lambda user: (user.rank, _hours(user, number))):
            amount = min(self.has[number], user.plan.carries[number] - user.has[number])
            user.has[number] += amount
            self.has[number] = _rest(self.has[number] - amount)

    def _tell(self, number: int) -> None:
        """Tell those who begin or end to lack a class, and put levels on record."""
        there, name = self.has[number], self.supply.classes[number]
        self._note(self, number)
        if there and number not in self._dry:
            return
        for user in self.users.values():
            self._note(user, number)
            lacks = user.per_h[number] > 0 and not user.has[number] and not there
            if lacks != ((user.name, name) in self.chain.lacks):
                self._change_lack(user, number, lacks=lacks)
        (self._dry.discard if there else self._dry.add)(number)

    def _change_lack(self, user: User, number: int, *, lacks: bool) -> None:
        name = self.supply.classes[number]
        self.chain.note_lack(user.name, name, lacks=lacks)
        if self.supply.stops_effect[number]:
            user.tell(name, lacks)

    def _note_all(self, user: User) -> None:
        for number in range(len(user.has)):
            self._note(user, number)

    def _note(self, holder: Holder, number: int) -> None:
        """Put a level on record, unless it is as it was to be."""
        tonnes, per_h, now = holder.has[number], holder.per_h[number], self.world.now
        if tonnes == math.inf:
            return
        falls_per_h = per_h if tonnes and (holder is self or not self.has[number]) else 0.0
        needed_per_h = self.needed_per_h(number) if holder is self else per_h
        row = (holder.name, self.supply.classes[number], now, tonnes, 24 * falls_per_h, 24 * needed_per_h)
        levels, key = self.chain.levels, (holder.name, number)
        if key not in self._noted:
            if not tonnes and not needed_per_h:
                return
        else:
            place = self._noted[key]
            *_, hour, before, falls, needed = levels[place]
            if hour == now:
                levels[place] = row
                return
            same_slope = (falls, needed) == row[4:]
            if same_slope and abs(before - falls / 24 * (now - hour) - tonnes) < NOTHING_T:
                return
        self._noted[key] = len(levels)
        levels.append(row)

    def _hours_to_empty(self) -> float:
        """Hours until a level is empty that is used."""
        used = [number for number, per_h in enumerate(self.per_h) if per_h]
        return min((each.has[n] / each.per_h[n] for n in used for each in self._falling(n)), default=math.inf)

    def _hours_to_order(self) -> float:
        """Hours until it orders next, if nothing comes."""
        if self.source is None or self.plan.review_h:
            return math.inf
        hours = math.inf
        for carriage in self.supply.carriages:
            falls = sum(sum(holder.per_h[n] for holder in self._falling(n)) for n in carriage.classes)
            if falls:
                missing = self._load_t(carriage) - sum(self._lacks(carriage).values())
                hours = min(hours, max(missing, self._above_reorder(carriage)) / falls)
        return hours


Holder = StockLevels | User
"""Who has tonnes of each class, and uses them."""


def _rest(tonnes: float) -> float:
    return tonnes if tonnes > NOTHING_T else 0.0


def _loads(tonnes: float, each: float) -> int:
    """How many whole loads so much makes."""
    return MANY if tonnes == math.inf else math.floor(tonnes / each + 1e-9)


MANY = 10**9


def _hours(user: User, number: int) -> float:
    """For how long an element has enough of what it carries."""
    return user.has[number] / user.per_h[number] if user.per_h[number] else math.inf


# Loads of supply on their way: what a stock orders moves over the network as all else does, and fills it.


Arrive = Callable[[str, int], object]
"""Told which movement has arrived with how many pieces."""
Lose = Callable[[int], object]
"""Told how many pieces are lost on their way."""


class SupplyChain:
    """The stocks of a replication, and what moves to them. Without any, elements use nothing."""

    def __init__(self, world: World, movements: Movements) -> None:
        self.world = world
        self.levels: list[tuple[str, str, float, float, float, float]] = []
        """Holder, class of supply, hour, tonnes from then on, and tonnes a day by which they fall and that are
        needed."""
        self.shortages: list[tuple[str, str, float, float]] = []
        """Element, class of supply or attrition, from when and until when it had none, or too few who are fit."""
        self.lacks: dict[tuple[str, str], float] = {}
        """By element, and what it lacks now: since when."""
        self.deliveries: list[tuple[str, str, str, float, float, float, float]] = []
        """What came of one class of supply with one movement: stock, class, movement, tonnes, and the hours at which it
        was ordered, was sent and came."""
        self.stocks: dict[str, StockLevels] = {}
        self.convoys = Convoys(movements)
        self._orders: Counter[str] = Counter()
        """By stock: what was brought by means of its own."""
        plan = world.plan.supply
        for stock in plan.stocks:
            self.stocks[stock.name] = StockLevels(self, stock)
            if any(stock.per_vehicle):
                movements.supplied_at[stock.place] = partial(_supply, self.stocks[stock.name])
        self.stock_of = {element: self.stocks[use.stock] for element, use in plan.uses.items()}
        """By element that draws on one."""

    def lose(self, place: str, share: float) -> None:
        """A share of what stocks have at a place is lost."""
        for stock in self.stocks.values():
            if stock.plan.place == place:
                stock.lose(share)

    def note_lack(self, element: str, what: str, *, lacks: bool) -> None:
        """Note that an element begins, or ends, to lack something."""
        if lacks:
            self.lacks[element, what] = self.world.now
        else:
            self.shortages.append((element, what, self.lacks.pop((element, what)), self.world.now))

    def close(self) -> None:
        """The horizon is reached: what lacks now goes on record."""
        for element, what in list(self.lacks):
            self.note_lack(element, what, lacks=False)

    def send(self, stock: StockLevels, order: Order, loads: int) -> None:
        """Loads of an order set out."""
        arrive = partial(self._arrive, stock, order, self.world.now)
        if stock.plan.lead:
            self.world.env.process(self._bring(stock, loads, arrive))
        else:
            ways, each = stock.plan.ways[order.piece], order.each
            self.convoys.send(ways, loads, arrive, lambda lost: stock.receive((lost * t for t in each), lost=True))

    def _bring(self, stock: StockLevels, loads: int, arrive: Arrive) -> Steps:
        """Loads are brought from the other stock by means of its own."""
        draws = stock.plan.lead
        draw = draws[self._orders[stock.name] % len(draws)]
        self._orders[stock.name] += 1
        yield self.world.pause(self.world.value[draw])
        arrive("", loads)

    def _arrive(self, stock: StockLevels, order: Order, sent_h: float, movement: str, loads: int) -> None:
        for name, each in zip(stock.supply.classes, order.each, strict=True):
            if each:
                came = (loads * each, order.ordered_h, sent_h, self.world.now)
                self.deliveries.append((stock.name, name, movement, *came))
        stock.receive(loads * each for each in order.each)


class Convoys:
    """Pieces that go by ways on which they go time and again, by each in its share."""

    def __init__(self, movements: Movements) -> None:
        self.movements = movements
        self._sent: Counter[str] = Counter()
        """By way: the pieces so far."""

    def send(self, ways: tuple[SupplyWay, ...], pieces: int, arrive: Arrive, lose: Lose) -> None:
        """Have so many pieces set out, by the modes that have fallen behind their shares; tell what has arrived, and
        what is lost on its way."""
        for way, number in self._by_way(ways, pieces):
            while number:
                one = min(number, way.lot.pieces)
                number -= one
                self._set_out(self._lot(way, one), arrive, lose)

    def _by_way(self, ways: tuple[SupplyWay, ...], pieces: int) -> Iterator[tuple[SupplyWay, int]]:
        """Yield the ways with the pieces that go by each, so that its share of all is kept."""
        numbers: Counter[str] = Counter()
        for _ in range(pieces):
            total = sum(self._sent[way.lot.subject] for way in ways) + 1
            way = max(ways, key=lambda way: way.share * total - self._sent[way.lot.subject])
            self._sent[way.lot.subject] += 1
            numbers[way.lot.mode] += 1
        return ((way, numbers[way.lot.mode]) for way in ways)

    def _lot(self, way: SupplyWay, pieces: int) -> Lot:
        """The next lot that goes by a way."""
        lot, before = self.movements.once_more(way.lot, pieces)
        if not way.beyond:
            return lot
        draw = way.beyond[before % len(way.beyond)]
        if way.goes_back:
            return replace(lot, from_afar=draw)
        return replace(lot, beyond=draw, needs_beyond=None if lot.needs_beyond is None else draw)

    def _set_out(self, lot: Lot, arrive: Arrive, lose: Lose) -> None:
        world = self.movements.world

        def begin(mover: Mover) -> None:
            mover.when_lost = lambda _, pieces: lose(pieces)
            self.movements.start(mover, self._move(arrive, mover))

        log = world.open_log(lot.subject, world.now, Activity.LOAD, Kind.WAIT, lot.origin)
        begin(Mover(lot.subject, log, lot.rank, lot, self.movements, begin))

    def _move(self, arrive: Arrive, mover: Mover) -> Steps:
        if (yield from journey(self.movements.world, mover)):
            arrive(mover.subject, mover.lot.pieces)


def _supply(stock: StockLevels, mover: Mover) -> Event:
    """A movement that rests at a stock takes what each of its vehicles does."""
    return stock.draw(mover.rank, tuple(each * mover.lot.pieces for each in stock.plan.per_vehicle))
