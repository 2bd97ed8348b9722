"""Loads of supply on their way: what a stock orders moves over the network as all else does, and fills it."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from simpy import Event

from nfm_sim.engine.movement.modes import journey
from nfm_sim.engine.movement.mover import Movements, Mover
from nfm_sim.engine.supply.stocks import Order, StockLevels, SupplyLog
from nfm_sim.engine.world import Steps, World
from nfm_sim.plan.forces import ElementPlan
from nfm_sim.plan.movement import Lot
from nfm_sim.plan.supply import SupplyWay
from nfm_sim.record.words import Activity, Kind

Arrive = Callable[[str, int], object]
"""Told which movement has arrived with how many pieces."""
Lose = Callable[[int], object]
"""Told how many pieces are lost on their way."""


class SupplyChain:
    """The stocks of a replication, and what moves to them. Without any, elements use nothing."""

    def __init__(self, world: World, movements: Movements) -> None:
        self.world = world
        self.movements = movements
        self.log = SupplyLog()
        self.stocks: dict[str, StockLevels] = {}
        self.convoys = Convoys(movements)
        self._orders: Counter[str] = Counter()
        """By stock: what was brought by means of its own."""
        plan = world.plan.supply
        for stock in plan.stocks if plan is not None else ():
            source = self.stocks.get(stock.drawn_from)
            self.stocks[stock.name] = StockLevels(world, stock, plan, self.log, source, self.send)  # type: ignore[arg-type]
            if any(stock.per_vehicle):
                movements.supplied_at[stock.place] = partial(_supply, self.stocks[stock.name])

    def join(self, element: ElementPlan, tell: Callable[[bool], None]) -> None:
        """An element in place begins to draw on its stock."""
        plan = self.world.plan.supply
        if plan is not None and element.subject in plan.uses:
            use = plan.uses[element.subject]
            self.stocks[use.stock].join(element.subject, element.rank, use, tell)

    def leave(self, element: ElementPlan) -> None:
        """It is there no more."""
        plan = self.world.plan.supply
        if plan is not None and element.subject in plan.uses:
            self.stocks[plan.uses[element.subject].stock].leave(element.subject)

    def lose(self, place: str, share: float) -> None:
        """A share of what stocks have at a place is lost."""
        for stock in self.stocks.values():
            if stock.plan.place == place:
                stock.lose(share)

    def close(self) -> None:
        """The horizon is reached: what lasts is put on record."""
        for stock in self.stocks.values():
            stock.close()

    def send(self, stock: StockLevels, order: Order, loads: int) -> None:
        """Loads of an order set out."""
        if stock.plan.lead:
            self.world.env.process(self._bring(stock, order, loads))
            return
        sent_h = self.world.now
        self.convoys.send(
            stock.plan.ways[order.piece],
            loads,
            lambda movement, pieces: self._arrive(stock, order, movement, pieces, sent_h),
            lambda lost: stock.receive((lost * each for each in order.each), lost=True),
        )

    def _bring(self, stock: StockLevels, order: Order, loads: int) -> Steps:
        """Loads are brought from the other stock by means of its own."""
        sent_h, name = self.world.now, stock.plan.name
        draws = stock.plan.lead
        draw = draws[self._orders[name] % len(draws)]
        self._orders[name] += 1
        yield self.world.pause(self.world.value[draw])
        self._arrive(stock, order, "", loads, sent_h)

    def _arrive(self, stock: StockLevels, order: Order, movement: str, loads: int, sent_h: float) -> None:
        for name, each in zip(stock.supply.classes, order.each, strict=True):
            if each:
                came = (loads * each, order.ordered_h, sent_h, self.world.now)
                self.log.deliveries.append((stock.plan.name, name, movement, *came))
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
            numbers[way.mode] += 1
        return ((way, numbers[way.mode]) for way in ways)

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
