"""Which filings a list shows: the filters of the query, each of which may be left out."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from api.changes import opened_position
from api.parameters import CURSOR_CHARACTERS_LIMIT, Parameters
from registry import quantities
from registry.acting import Actor
from registry.filings import duties
from registry.filings.lifecycle import Status
from registry.filings.models import Duty, Transition
from registry.filings.models import FilingQuerySet as Filings

PARAMETERS = (
    "status",
    "client_reference",
    "band",
    "duty",
    "duty_state",
    "period_from",
    "period_until",
    "changed_since",
)


BANDS = tuple(dict.fromkeys(band.code for ladder in quantities.BANDS for band in ladder.bands))


def selected(chosen: Filings, query: Parameters, actor: Actor, *, at: datetime) -> Filings:
    """Those of `chosen` that all filters of the query let through. `at` tells how duties stand."""
    status = query.choice("status", choices=[s.value for s in Status])
    if status:
        chosen = chosen.filter(status=status)
    if client_reference := query.text("client_reference"):
        chosen = chosen.filter(client_reference=client_reference)
    if band := query.choice("band", choices=BANDS):
        chosen = chosen.filter(band=band)
    return _changed_since(_in_period(_with_duty(chosen, query, at), query), query, actor)


def _with_duty(chosen: Filings, query: Parameters, at: datetime) -> Filings:
    """Filings with a standing duty of the code, in the state; both of one duty where both are asked for."""
    code = query.choice("duty", choices=[rule.code for rule in duties.rules()])
    state = query.choice("duty_state", choices=[s.value for s in duties.State])
    if not code and not state:
        return chosen
    wanted = Duty.objects.filter(filing=OuterRef("pk")).standing()
    wanted = wanted.filter(code=code) if code else wanted
    return chosen.filter(Exists(wanted.in_state(duties.State(state), at=at) if state else wanted))


def _in_period(chosen: Filings, query: Parameters) -> Filings:
    """Filings whose run shares a day with `[period_from, period_until)`; a run without a known end goes on."""
    starts, ends = query.day("period_from"), query.day("period_until")
    if starts:
        chosen = chosen.filter(Q(ends_on__gte=starts) | Q(ends_on=None, starts_on__isnull=False))
    return chosen.filter(starts_on__lt=ends) if ends else chosen


def _changed_since(chosen: Filings, query: Parameters, actor: Actor) -> Filings:
    """By the register's clock from a moment on; or exactly, by a position that an earlier answer gave.

    A moment is for people: a change whose clock reads earlier may become visible later. Drafts are in every answer to
    a position, since what happens to a draft is no step of the feed.
    """
    since = query.text("changed_since", longest=CURSOR_CHARACTERS_LIMIT)
    if not since:
        return chosen
    if ":" in since:
        return chosen.filter(changed_at__gte=query.moment("changed_since"))
    after = opened_position(since, actor, name="changed_since")
    steps = Transition.objects.visible_to(actor).filter(filing=OuterRef("pk"), id__gt=after)
    return chosen.filter(Exists(steps) | Q(status=Status.DRAFT.value))
