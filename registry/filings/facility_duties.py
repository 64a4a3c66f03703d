"""The yearly duty of a facility follows what is said of it: reckoned anew after each act, by the worker's clock."""

from datetime import datetime

from registry.acting import Actor, inside_acting_as
from registry.compute import facility_actions
from registry.compute.models import Facility
from registry.filings import facility_owed, organisation_duties

CAUSES = facility_actions.SAID
"""The events after which other duties may follow."""


@inside_acting_as
def follow(*, reference: str, by: Actor, at: datetime) -> bool:
    """Reckon what the operator of a facility owes about its facilities; says whether there is such a facility."""
    by.require("duty_remind")
    found = Facility.objects.visible_to(by).filter(reference=reference).select_related("organisation").first()
    if found is None:
        return False
    organisation_duties.renew([found.organisation], at=at, sources=(facility_owed.SOURCE,))
    return True
