"""Disruptions and forks as they happen: links close, pools shrink, ships are held up, capacities change."""

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from simpy import AnyOf

from nfm_sim.engine.forces.board import Board, policy_of
from nfm_sim.engine.forces.life import FIRST
from nfm_sim.engine.log import Together, Who
from nfm_sim.engine.movement.diversion import diversion_of
from nfm_sim.engine.movement.losses import Toll, at, in_pool, lose_before_it_moves, lose_share
from nfm_sim.engine.movement.routing import routing_of
from nfm_sim.engine.movement.transit import Transit
from nfm_sim.engine.queues.pools import Holding, SharedPool
from nfm_sim.engine.world import Steps, World
from nfm_sim.plan.plan import Fork, OutagePlan
from nfm_sim.record.words import SECOND_H, Cause, CauseKind, What, whole_ticks


def plan_outages(
    world: World, transit: Transit, board: Board, outages: Iterable[OutagePlan], value: Sequence[float]
) -> None:
    """Note these disruptions from now on, with their draws: the announced ones at once, the others when they
    come."""
    for outage in outages:
        start = max(world.now, sum(value[draw] for draw in outage.starts))
        if value[outage.happens] > max(outage.chance, outage.guarded_chance) or start >= world.plan.horizon_h:
            continue
        hit = Hit(world, transit, board, outage, value, start)
        if outage.announced:
            hit.warn()
        elif outage.warning_h:
            world.at(max(world.now, start - outage.warning_h), hit.warn)
        world.at(start, hit.begin)
        world.hits.append(hit)


class Hit:
    """One time that a disruption happens: what it takes, and gives back when it is over."""

    def __init__(
        self, world: World, transit: Transit, board: Board, outage: OutagePlan, value: Sequence[float], start: float
    ) -> None:
        self.world, self.transit, self.board = world, transit, board
        self.outage, self.value = outage, value
        self.start = start
        self.end = math.inf if outage.lasts is None else start + value[outage.lasts]
        """When it is over if nobody mends it before."""
        self.cause: Cause = (CauseKind.DISRUPTION, outage.name)
        self.links = self._links()
        self.known = outage.announced or outage.warning_h > 0
        self.pools = {key: world.pools[key] for key in outage.pools if key in world.pools}
        self.closed: list[tuple[SharedPool, float]] = []
        """What it has taken of pools, and gives back."""
        self.happened = False
        self.ended = world.env.event()
        """That it is over, after so many hours."""

    def begin(self) -> None:
        """It happens, if those who guard against it are not there, or as often as it happens to what is guarded."""
        world, outage = self.world, self.outage
        guarded = bool(outage.guards) and all(world.pools[key].present >= n for key, n in outage.guards)
        if self.value[outage.happens] > (outage.guarded_chance if guarded else outage.chance):
            return
        self.happened = True
        if not self.known:
            self.close_links()
        mended = outage.work is not None
        if outage.rounds is not None:
            self._lose(self.value[outage.rounds])
        for_good = self.end >= world.plan.horizon_h and not mended
        for pool in self.pools.values():
            amount = math.floor(pool.capacity * (1 - outage.left_share) + 1e-9)
            pool.close(amount, self.cause, for_good=for_good)
            if not for_good:
                self.closed.append((pool, amount))
        self._lose_ports()
        for ship in outage.ships:
            self.transit.held_up[ship].append((self.ended, self.cause))
        if mended:
            self.board.call_to_mend(outage.name)
            world.env.process(self._mend())
        world.at(self.end, self.finish)

    def _lose(self, start: float) -> None:
        """Lose a share of its pools and facilities with what is in them, and of all that stands at its places."""
        outage, movements, board = self.outage, self.transit.movements, self.board
        for key, pool in self.pools.items():
            pool.resize(-math.floor(pool.capacity * outage.loss_share + start))
            if key[0] not in outage.places:
                lose_share(movements, in_pool(pool), Toll(outage.loss_share, start), self.cause)
        for place in outage.places:
            toll = Toll(outage.loss_share, start)
            lose_share(movements, at(place), toll, self.cause)
            for duty in board.duties.values():
                if duty.element.home == place:
                    duty.at_home = lose_before_it_moves(movements, duty.at_home, toll, self.cause)
            board.supply.lose(place, outage.loss_share)

    def warn(self) -> None:
        """It is known now: who is not there yet plans around it."""
        self.close_links()
        self._lose_ports()

    def _lose_ports(self) -> None:
        for there in self.outage.ports:
            self.transit.lose_port(there, (self.start, self.end, self.cause))

    def close_links(self) -> None:
        """Close its links, those of which it is known so early that nothing is on them then."""
        for link in self.links:
            clear_h = self.world.plan.longest.get(link, (0.0, 0.0))[1]
            first = max(self.world.now, self.start - clear_h)
            self.world.control.close([link], first, self.end, self.cause, self.outage.left_share)

    def _links(self) -> tuple[str, ...]:
        """The links that it hits this time: of a single track that is given as one link each way, both."""
        outage, links, tracks = self.outage, self.outage.links, self.world.plan.book.network.single_tracks
        if outage.where is not None:
            place = bisect_right(outage.anywhere, (self.value[outage.where], ""))
            links = (outage.anywhere[min(place, len(outage.anywhere) - 1)][1],)
        return tuple(dict.fromkeys(one for link in links for one in (link, tracks.get(link, link))))

    def _mend(self) -> Steps:
        """Have it mended: with what it needs of pools, or all that there are, as fast as these and elements are."""
        world, outage, crews = self.world, self.outage, self.board.crews
        who = Who(outage.name, Together([]), FIRST)  # a disruption has no time of its own to be told
        held: list[Holding] = []
        share = 1.0
        for key, needed in outage.crew:
            crew = yield from world.take_people(who, [(world.pools[key], needed)], "", "", "", self.ended)
            if crew is None:
                break
            held, share = [*held, *crew[0]], min(share, crew[1])
        assert outage.work is not None, "only what can be mended is"
        left = self.value[outage.work]
        while left > SECOND_H and not self.ended.triggered:
            since, news = world.now, crews.news(outage.name)
            pace = min(share, crews.pace(outage.name, outage.mended_by))
            done = [world.pause(whole_ticks(left / pace))] if pace else []
            yield AnyOf(world.env, [news, self.ended, *done])
            left -= (world.now - since) * pace
        world.release_all(held)
        self.finish()

    def finish(self) -> None:
        """It is over: because its hours are, or because it has been mended."""
        if self.ended.triggered:
            return
        world, until = self.world, self.end
        self.ended.succeed(world.now - self.start)
        mended, self.end = world.now < until, world.now
        for pool, amount in self.closed:
            pool.reopen(amount, self.cause)
        if self.links:
            world.control.reopen(self.links if mended else (), self.cause, until)
        for there in self.outage.ports:
            self.transit.regain_port(there, (self.start, until, self.cause))
        alike = [hit for hit in world.hits if hit.outage.name == self.outage.name and hit.happened]
        if all(hit.ended.triggered for hit in alike):
            self.board.mended(self.outage.name)

    def rows(self) -> Iterator[tuple[str, str, str, str, float, float, float]]:
        """Yield what it took: its name, and what (kind, name and place), from when to when, and the share left."""
        plan, outage = self.world.plan, self.outage
        what = [(CauseKind.LINK, link, "") for link in sorted(self.links)]
        what += [(plan.pools[key].kind, key[1], key[0]) for key in self.pools]
        what += [(What.SHIP, ship, "") for ship in sorted(outage.ships)]
        for kind, name, place in what if self.happened else ():
            yield outage.name, kind, name, place, self.start, min(self.end, plan.horizon_h), outage.left_share


def take_fork(world: World, transit: Transit, board: Board, fork: Fork) -> None:
    """What a fork changes is so from now on."""
    transit.movements.choose_way = routing_of(fork.plan.routing)
    transit.choose_port = diversion_of(fork.plan.diversion)
    world.control.bumping = fork.plan.bumping
    for key in {**fork.gained, **fork.promised}:
        world.pools[key].resize(fork.gained.get(key, 0.0), fork.promised.get(key, 0.0))
    plan_outages(world, transit, board, fork.outages, fork.plan.draw(world.stream))
    transit.ranks, transit.diverts_to = fork.ranks, fork.diverts_to
    board.policy = policy_of(fork.plan.policy)
    for commitment, plan in zip(board.commitments, fork.plan.commitments, strict=True):
        commitment.plan = plan
    board.dispatch()
