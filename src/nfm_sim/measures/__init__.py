"""Tables of spans in, tables of answers out. A measure is a plain function from a `Run` to a table."""

# fmt: off
# isort: off
from nfm_sim.measures.bottlenecks import (
    bottlenecks, delay_shares, full_days, held_by_day, passed_on, pool_use, saturation, stock,
)
from nfm_sim.measures.closure import (
    ashore, closed_by, closed_lots, closure, closure_curve, departures_by_day, operation, ways_taken,
)
from nfm_sim.measures.columns import COLUMNS, Column
from nfm_sim.measures.common import KEPT, Measure, answers
from nfm_sim.measures.congestion import civil_cost, link_load, link_load_by_hour, queue, utilisation, waits
from nfm_sim.measures.losses import detours, happened, lost_pieces, outages, stuck
from nfm_sim.measures.plans import demands_met, gap, offers
from nfm_sim.measures.programmes import bookings, orders, orders_by_hour, windows
from nfm_sim.measures.readiness import (
    critical_path, critical_share, element_hours, formations, last_enabler, ledger, readiness, readiness_by_element,
    readiness_by_tier, readiness_curve, total,
)
from nfm_sim.measures.summary import deadlines, drawn_inputs, likely, needed_for, summary, typical
from nfm_sim.measures.supply import (
    availability, broken_by_day, days_of_supply, effect, effect_by_element, effective_strength, enough, fallen,
    fallen_by_element, least_supply, supplied, supply_by_day, supply_of_means,
)
from nfm_sim.measures.tasks import commitments, double_booked, double_booking, task_fill, task_people
# isort: on
# fmt: on

# fmt: off
__all__ = [
    "COLUMNS", "KEPT", "Column", "Measure", "answers", "ashore", "availability", "bookings", "bottlenecks",
    "broken_by_day", "civil_cost", "closed_by", "closed_lots", "closure", "closure_curve", "commitments",
    "critical_path", "critical_share", "days_of_supply", "deadlines", "delay_shares", "demands_met",
    "departures_by_day", "detours", "double_booked", "double_booking", "drawn_inputs", "effect",
    "effect_by_element", "effective_strength", "element_hours", "enough", "fallen", "fallen_by_element",
    "formations", "full_days", "gap", "happened", "held_by_day", "last_enabler", "least_supply", "ledger", "likely",
    "link_load", "link_load_by_hour", "lost_pieces", "needed_for", "offers", "operation", "orders",
    "orders_by_hour", "outages", "passed_on", "pool_use", "queue", "readiness", "readiness_by_element",
    "readiness_by_tier", "readiness_curve", "saturation", "stock", "stuck", "summary", "supplied", "supply_by_day",
    "supply_of_means", "task_fill", "task_people", "total", "typical", "utilisation", "waits", "ways_taken",
    "windows",
]
# fmt: on
