"""What an address narrows a list of filings to: for the queue, its exports, and the figures that lead there."""

from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.expressions import OrderBy
from django.http import HttpRequest
from django.utils.translation import gettext

from registry import searching
from registry.acting import Actor, Audience
from registry.filings.lifecycle import Status
from registry.filings.models import Duty, FilingQuerySet
from registry.filings.working_days import start_of_day
from registry.organisations.models import Organisation
from registry.oversight import analysis
from registry.portal import labels, search
from registry.portal.presentation import choices, drawn
from registry.portal.presentation.marks import Field

KEPT = ("status", "state", "band", "sort", "q", "provider", "site", "from", "until", "notified")
IN_TIME, LATE = "in-time", "late"
_OPEN = (Status.SUBMITTED, Status.IN_REVIEW, Status.AWAITING_PROVIDER)


Order = tuple[str, tuple[str | OrderBy, ...]]  # its words, and the columns


def orders() -> dict[str, Order]:
    """The orders in which the queue can be read; the empty one is the usual."""
    return {
        "": (gettext("Earliest deadline first"), ("submitted_at", "id")),
        "newest": (gettext("Newest first"), ("-submitted_at", "id")),
        "compute": (
            gettext("Most compute first"),
            (F("training_compute_flop").desc(nulls_last=True), "submitted_at", "id"),
        ),
        "provider": (gettext("By provider"), ("organisation__legal_name", "submitted_at", "id")),
    }


def order(request: HttpRequest, *, usual: str) -> str:
    """The order that the address asks for, or the usual one."""
    asked = request.GET.get("sort", "")
    return asked if asked in orders() else usual


def filtered(request: HttpRequest, found: FilingQuerySet, *, by: Actor) -> FilingQuerySet:
    """What the filters in the address let through of these; nonsense in them is no filter.

    Words find what the search finds, and parts of names.
    """
    query = request.GET
    sought = searching.read(query.get("q", ""))
    if text := sought.text[:100]:
        named_so = Q(organisation__legal_name__icontains=text) | Q(run_id__icontains=text)
        found = found.filter(named_so | Q(reference__istartswith=text) | search.having(sought, by=by))
    if (status := query.get("status")) in set(Status):
        found = found.filter(status=status)
    for name, column in (("state", "territory"), ("site", "site_country")):
        if (code := query.get(name)) in drawn.MEMBERS:
            found = found.filter(**{column: code})
    if provider := _identity(query.get("provider", "")):
        found = found.filter(organisation=provider)
    if band := labels.band_of(query.get("band", "")):
        if band.above is not None:
            found = found.filter(training_compute_flop__gt=band.above)
        if band.up_to is not None:
            found = found.filter(training_compute_flop__lte=band.up_to)
    if first := _day(query.get("from", "")):
        found = found.filter(submitted_at__gte=start_of_day(first))
    if last := _day(query.get("until", "")):
        found = found.filter(submitted_at__lt=start_of_day(last + timedelta(days=1)))
    return _notified(query.get("notified", ""), found)


def _notified(how: str, found: FilingQuerySet) -> FilingQuerySet:
    """Those whose notification to the Commission came in time, or late."""
    made = Duty.objects.standing().filter(filing=OuterRef("pk"), code=analysis.NOTIFICATION, met_at__isnull=False)
    late = made.filter(met_at__gt=F("falls_at"))
    if how == LATE:
        return found.filter(Exists(late))
    return found.filter(Exists(made), ~Exists(late)) if how == IN_TIME else found


def fields(request: HttpRequest, actor: Actor) -> tuple[Field, ...]:
    """The fields above the queue. Those that only links set are shown once they are set. Ask in a unit of work."""
    query = request.GET

    def select(name: str, label: str, everything: str, options: Mapping[str, str]) -> Field:
        return choices.select(name, label, options, query.get(name, ""), everything=everything)

    listed = [select("status", gettext("Status"), gettext("All"), _statuses())]
    countries = choices.member_states()
    if actor.audience is Audience.AI_OFFICE:
        listed.append(select("state", gettext("Member State"), gettext("All 27"), countries))
    listed.append(select("band", gettext("Compute band"), gettext("All bands"), labels.bands()))
    if query.get("site"):
        listed.append(select("site", gettext("Training site"), gettext("All 27"), countries))
    if query.get("notified"):
        ways = {IN_TIME: gettext("in time"), LATE: gettext("late")}
        listed.append(select("notified", gettext("Notification"), gettext("All"), ways))
    if provider := _identity(query.get("provider", "")):
        seen = Organisation.objects.visible_to(actor).filter(id=provider).first()
        named = {str(provider): seen.legal_name} if seen else {}
        listed.append(select("provider", gettext("Provider"), gettext("All"), named))
    if query.get("from") or query.get("until"):
        days = (("from", gettext("Filed from")), ("until", gettext("Filed until")))
        listed += [Field(name, text, "date", query.get(name, "")[:10]) for name, text in days]
    if view := query.get("view", ""):
        listed.append(Field("view", "", "hidden", view[:20]))
    listed.append(select("sort", gettext("Order"), "", {code: said for code, (said, _) in orders().items()}))
    listed.append(Field("q", gettext("Words"), "search", searching.read(query.get("q", "")).text))
    return tuple(listed)


def _statuses() -> Mapping[str, str]:
    return {status.value: labels.status(status).text for status in _OPEN}


def _identity(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if date(1970, 1, 1) <= found < date(9999, 1, 1) else None
