"""The monthly duty of a compute provider follows its returns: reckoned anew after each submission, by the clock."""

from datetime import datetime
from typing import Final

from registry.acting import Actor, inside_acting_as
from registry.compute import return_actions
from registry.compute.models import Return
from registry.filings import organisation_duties, return_owed

CAUSES: Final = frozenset({return_actions.SUBMITTED})
"""The events after which the duty may be met; an amendment changes nothing about when a month was submitted."""


@inside_acting_as
def follow(*, reference: str, by: Actor, at: datetime) -> bool:
    """Reckon what the provider of a return owes each month; says whether there is such a return."""
    by.require("duty_remind")
    found = Return.objects.visible_to(by).filter(reference=reference).select_related("organisation").first()
    if found is None:
        return False
    organisation_duties.renew([found.organisation], at=at, sources=(return_owed.SOURCE,))
    return True
