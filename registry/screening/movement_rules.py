"""Rule R-21, of filings and customers: data that come on disks, weights that leave the Union after the run. Pure."""

from datetime import date
from decimal import Decimal, localcontext
from typing import Protocol

from registry.quantities import EXACT
from registry.screening.rulebook import Inputs, Outcome, Rule
from registry.screening.shapes import Movement
from registry.screening.wording import codes, listed, plain


class Moving(Protocol):
    """A snapshot that knows what arrived, what left, and when the run or the use ended."""

    @property
    def data_arrivals(self) -> tuple[Movement, ...]: ...

    @property
    def weights_departures(self) -> tuple[Movement, ...]: ...

    @property
    def ended_on(self) -> date | None: ...


def movements(snapshot: Moving, rule: Rule) -> Outcome:
    """R-21: bulk data on physical media, all arrivals together; weights to a third country within days of the end."""
    cases: list[str] = []
    inputs: Inputs = {}
    on_media = [each for each in snapshot.data_arrivals if each.medium == "physical_media"]
    volume = _volume(on_media)
    if volume is not None and volume >= rule.limits["bulk_from_gb"]:
        cases.append("arrivals")
        inputs |= {"arrived_gb": plain(volume), "bulk_from_gb": plain(rule.limits["bulk_from_gb"])}
        inputs |= {"arrivals_count": str(len(on_media)), "arrivals_from_countries": codes(m.country for m in on_media)}
    leaving = _after_the_end(snapshot, rule)
    if leaving and snapshot.ended_on:
        cases.append("departures")
        inputs |= {"ended_on": snapshot.ended_on.isoformat(), "after_days": plain(rule.limits["after_days"])}
        inputs["departures_text"] = listed(_departure(each) for each in leaving)
        inputs["departures_to_countries"] = codes(each.country for each in leaving)
    return tuple(cases), inputs


def _volume(of: list[Movement]) -> Decimal | None:
    """What is known to have arrived; None where nobody says how much."""
    known = [each.volume_gb for each in of if each.volume_gb is not None]
    with localcontext(EXACT):
        return sum(known, Decimal(0)) if known else None


def _after_the_end(snapshot: Moving, rule: Rule) -> list[Movement]:
    ended_on, days = snapshot.ended_on, int(rule.limits["after_days"])
    if ended_on is None:
        return []
    abroad = [each for each in snapshot.weights_departures if each.country and each.country not in rule.lists["union"]]
    return [each for each in abroad if 0 <= (each.on - ended_on).days <= days]


def _departure(movement: Movement) -> str:
    volume = "" if movement.volume_gb is None else f"{plain(movement.volume_gb)} GB "
    return f"{volume}{movement.on.isoformat()}"
