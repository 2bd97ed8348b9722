"""Disruptions: what is closed or short for a while, planned or drawn."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from nfm_sim.kinds import TARGETS
from nfm_sim.scenario import values
from nfm_sim.scenario.values import NUMBER, Hours, Name, OpenModel, Text, bounds, split


class Disruption(OpenModel):
    """Links, places, pools or ships that something happens to, from some hour on and for some hours.

    Movements that have a closed link before them turn back to where they last stood and wait there, or take
    another route, as the scenario's routing has it. Work at a facility that is under way is finished. A ship is
    held up for as long as the disruption lasts.
    """

    title: Text = ""
    """What it is called in tables and figures."""
    nodes: tuple[values.NodeName, ...] = ()
    """All links of these nodes, and their facilities."""
    lines: tuple[str, ...] = ()
    """All links of a road, railway or fairway, by its name."""
    links: tuple[str, ...] = ()
    """Links of the network, by their `link_id`."""
    anywhere: Literal["", "road", "rail", "water"] = ""
    """One link of this kind, drawn anew each time; a long one is hit more often."""
    facilities: tuple[str, ...] = ()
    """Facilities, each as "place.facility"."""
    pools: tuple[values.PoolName, ...] = ()
    """Pools of the scenario."""
    ships: tuple[str, ...] = ()
    """Ships, each as "flow/ship"."""
    start_h: Hours
    """Hour of its first start."""
    duration_h: Hours | None = None
    """How long it lasts, each time, if nobody mends it before; without it, to the horizon."""
    work_h: Hours | None = None
    """How long those whom `needs` names have to work until it is over."""
    needs: dict[Name, values.SomeAmount] = {}
    """Who mends it: amounts of pools, or all that there are, and by their capability the elements that serve on
    commitments which mend it. Half of either work half as fast."""
    left_share: Annotated[float, Field(ge=0, lt=1), NUMBER] = 0
    """Share of the capacity of links, facilities and pools that is left."""
    loss_share: values.Share = 0
    """Share of what there is of its pools and facilities that is lost for good, such as wagons and berths: whole ones,
    and as many as a draw has it where the share is none. So are pieces that stand in them or that they carry, and with
    `nodes` all that stands there, pieces of force elements at home and limited stocks of supply included."""
    guarded_by: dict[values.PoolName, values.SomeAmount] = {}
    """Amounts of pools, such as guards; where all of them are there at its hour, `guarded_chance` holds."""
    guarded_chance: values.Share = 0
    """Probability that it happens to what is guarded."""
    announced: bool = False
    """Known from hour 0 on, as a possession is: nothing is planned over it. Else it comes as a surprise."""
    warning_h: values.FixedHours = 0
    """Known so long before: who is not on the way there by then goes around it, waits, or sails to another port."""
    chance: values.Share = 1
    """Probability that it happens, each time."""
    times: Annotated[int, bounds(1, 1000), NUMBER] = 1
    """How often it happens at most, up to the horizon."""
    every_h: Hours = Field(default=0, validate_default=True)
    """From the start of one time to the start of the next."""
    source: Text = "notional"
    """Where the numbers come from."""

    @classmethod
    def own_fields(cls) -> dict[str, Any]:
        return dict.fromkeys(TARGETS.own, (tuple[Text, ...], ()))

    def targets(self) -> dict[str, tuple[str, ...]]:
        """The names that it hits, by kind of target."""
        return {name: getattr(self, name) for name in TARGETS}

    @model_validator(mode="before")
    @classmethod
    def _split_names(cls, data: object) -> object:
        """Of a row of a table, names stand in one cell: "rl008; rl009"."""
        if not isinstance(data, dict):
            return data
        return {key: split(of, ";") if key in TARGETS else of for key, of in data.items()}

    @model_validator(mode="after")
    def _has_a_target(self) -> Self:
        if not self.anywhere and not any(self.targets().values()):
            raise ValueError(f"must name anywhere, {', '.join(TARGETS)}")
        if self.duration_h is None and self.work_h is None:
            raise ValueError("must say how long it lasts: duration_h, or work_h and who needs it for")
        if (self.work_h is None) != (not self.needs):
            raise ValueError("must have both work_h and needs when it can be mended")
        if (self.announced or self.warning_h) and self.guarded_by:
            raise ValueError("must not be announced when it is guarded against: what is planned around it happens")
        if self.loss_share and not {name for name, of in self.targets().items() if of} - {"lines", "links", "ships"}:
            raise ValueError("must not have loss_share without pools, facilities or nodes: of links nothing is lost")
        if self.times > 1 and self.every_h.is_zero:
            raise ValueError("must have every_h when it happens several times")
        return self
