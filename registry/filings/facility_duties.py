"""The duties of who runs facilities follow what is said of these: reckoned anew after each act, by the worker's clock.

The yearly one is about each facility; the monthly one is owed by whoever lends machines from any.
"""

from datetime import datetime

from registry.acting import Actor, inside_acting_as
from registry.compute import facility_actions
from registry.compute.models import Facility
from registry.filings import facility_owed, organisation_duties, return_owed

CAUSES = facility_actions.SAID
"""The events after which other duties may follow."""


@inside_acting_as
def follow(*, reference: str, by: Actor, at: datetime) -> bool:
    """Reckon what the operator of a facility owes about its facilities; says whether there is such a facility."""
    by.require("duty_remind")
    found = Facility.objects.visible_to(by).filter(reference=reference).select_related("organisation").first()
    if found is None:
        return False
    organisation_duties.renew([found.organisation], at=at, sources=(facility_owed.SOURCE, return_owed.SOURCE))
    return True
