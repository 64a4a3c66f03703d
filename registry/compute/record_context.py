"""What the lines of a return are judged against: its month, the facilities it can name, the accelerators."""

from django.db.models import QuerySet

from registry.compute.models import Accelerator, AccessRecord, Facility, Return
from registry.compute.record_checks import Context, Site


def of_intake(row: Return) -> Context:
    """For the intake, which sees all facilities: who rents room in another's names it by its reference."""
    return _context(row, Facility.objects.all())


def of_provider(row: Return, *, besides: AccessRecord) -> Context:
    """For the provider itself: its own facilities, and the one that the record named until now."""
    context = _context(row, Facility.objects.filter(organisation_id=row.organisation_id))
    named = besides.document["facility"]
    sites = context.sites if named in context.sites else {**context.sites, named: Site(besides.facility_id, row.month)}
    return Context(context.month, sites, context.released)


def _context(row: Return, facilities: "QuerySet[Facility]") -> Context:
    columns = ("id", "organisation_id", "reference", "client_reference", "operating_from", "closed_on")
    sites: dict[str, Site] = {}
    for key, organisation, reference, own_name, since, until in facilities.values_list(*columns):
        site = Site(key, since, until)
        sites[reference] = site
        if own_name and organisation == row.organisation_id:
            sites[own_name] = site
    return Context(row.month, sites, dict(Accelerator.objects.values_list("code", "released_on")))
