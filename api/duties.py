"""Duties over HTTP: lists, the calendar, asking for more time or to be excused, reporting what was done elsewhere."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Q
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from api import duty_bodies
from api.bodies import found, sentence
from api.endpoint import Answer, Endpoint, members
from api.filings import spoken
from api.parameters import Parameters, sealed
from api.problems import Problem, refusal
from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.errors import Obstacle, told
from registry.filings import calendar_feed, duties, duty_actions, duty_lists
from registry.filings.duties import State
from registry.filings.models import Duty, DutyQuerySet

P = Permission
Read = TypeVar("Read", date, datetime)
CODES = tuple(rule.code for rule in duties.rules())
EVIDENCE_LENGTH = 2_000


class Duties(Endpoint):
    """`/duties/`: what the law asks of the organisation, on account of filings or of itself; what falls due first."""

    permissions = {"GET": P.FILING_READ}
    parameters = ("limit", "cursor", "state", "code", "filing", "about", "due_before", "due_after")

    def get(self, request: Request) -> Response:
        """A page of duties. Follow `next` until it is null. What must wait is listed by its first moment."""
        language, at = spoken(request), self.now
        with self.reading(request) as actor:
            rows, following = _page(
                self._filtered(duty_lists.listed(actor), at), query=self.query, organisation=actor.organisation
            )
            body = {"results": [duty_bodies.duty(row, language, at=at) for row in rows], "next": following}
        return Response(body)

    def _filtered(self, chosen: DutyQuerySet, at: datetime) -> DutyQuerySet:
        if state := self.query.choice("state", choices=[state.value for state in State]):
            chosen = chosen.in_state(State(state), at=at)
        if code := self.query.choice("code", choices=CODES):
            chosen = chosen.filter(code=code)
        if filing := self.query.reference("filing"):
            chosen = chosen.filter(filing__reference=filing)
        if about := self.query.choice("about", choices=duty_bodies.ABOUT):
            chosen = chosen.filter(filing__isnull=about != duty_bodies.FILING)
        if before := self.query.moment("due_before"):
            chosen = chosen.filter(falls_at__lt=before)
        if after := self.query.moment("due_after"):
            chosen = chosen.filter(falls_at__gte=after)
        return chosen


class CalendarText(BaseRenderer):
    """A calendar is text already."""

    media_type = calendar_feed.MEDIA_TYPE
    format = "ics"
    charset = "utf-8"
    render_style = "binary"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> Any:
        """The bytes as they are."""
        return data


class Calendar(Endpoint):
    """`/duties/calendar.ics`: the same duties as a calendar, for a program with a token to fetch."""

    permissions = {"GET": P.FILING_READ}
    parameters = ("due_before", "due_after")
    renderer_classes = [CalendarText]

    def get(self, request: Request) -> Response:
        """An event for each duty that is not done, or was done in the last 90 days; moments in UTC (RFC 5545)."""
        language = spoken(request)
        with self.reading(request) as actor:
            content = duty_lists.feed_for(
                actor,
                at=self.now,
                language=language,
                base_url=settings.BASE_URL,
                after=self.query.moment("due_after"),
                before=self.query.moment("due_before"),
            )
        return Response(content, headers={"Content-Disposition": 'inline; filename="duties.ics"'})


class FilingDuties(Endpoint):
    """`/filings/<reference>/duties/`: what the law asks on account of one filing."""

    permissions = {"GET": P.FILING_READ}

    def get(self, request: Request, reference: str) -> Response:
        """All its present duties, what falls due first."""
        language, at = spoken(request), self.now
        with self.reading(request) as actor:
            listed = duty_lists.of_filing(found(actor, reference))
            body = {"results": [duty_bodies.duty(row, language, at=at) for row in listed]}
        return Response(body)


class Extension(Endpoint):
    """`/filings/<reference>/duties/<code>/extension/`: ask for more time."""

    permissions = {"POST": P.DUTY_PLEAD}

    def post(self, request: Request, reference: str, duty_code: str) -> Response:
        """Ask, before or after the due moment, while the duty is not met. 201 with the duty; the authority decides."""
        body = members(request, required=("trigger_on", "until", "reason"))
        trigger_on, until = day(body["trigger_on"], "/trigger_on"), moment(body["until"], "/until")
        reason = sentence(body["reason"], "/reason")

        def perform(actor: Actor) -> Answer:
            row = duty_actions.ask_extension(
                reference=reference,
                code=duty_code,
                trigger_on=trigger_on,
                until=until,
                reason=reason,
                by=actor,
                at=self.now,
            )
            return answered(row, spoken(request), at=self.now)

        return self.write(request, perform)


class Excuse(Endpoint):
    """`/filings/<reference>/duties/<code>/excuse/`: ask to be excused for what is late."""

    permissions = {"POST": P.DUTY_PLEAD}

    def post(self, request: Request, reference: str, duty_code: str) -> Response:
        """Ask once the due moment is past. 201 with the duty; the authority decides. An excused duty stays late."""
        body = members(request, required=("trigger_on", "reason"))
        trigger_on, reason = day(body["trigger_on"], "/trigger_on"), sentence(body["reason"], "/reason")

        def perform(actor: Actor) -> Answer:
            row = duty_actions.ask_excuse(
                reference=reference, code=duty_code, trigger_on=trigger_on, reason=reason, by=actor, at=self.now
            )
            return answered(row, spoken(request), at=self.now)

        return self.write(request, perform)


class Report(Endpoint):
    """`/filings/<reference>/duties/<code>/report/`: report what was done elsewhere."""

    permissions = {"POST": P.DUTY_REPORT}

    def post(self, request: Request, reference: str, duty_code: str) -> Response:
        """Report that the summary was renewed or the facility's report sent, and where that can be seen. 201."""
        body = members(request, required=("done_on", "evidence"))
        done_on = day(body["done_on"], "/done_on")
        evidence = sentence(body["evidence"], "/evidence", longest=EVIDENCE_LENGTH)

        def perform(actor: Actor) -> Answer:
            duty_actions.report(
                reference=reference, code=duty_code, done_on=done_on, evidence=evidence, by=actor, at=self.now
            )
            listed = duty_lists.of_filing(found(actor, reference)).filter(code=duty_code)
            language = spoken(request)
            return Answer(201, {"results": [duty_bodies.duty(row, language, at=self.now) for row in listed]})

        return self.write(request, perform)


class SystemicRisk(Endpoint):
    """`/filings/<reference>/systemic-risk/`: rebuttal, designation and reassessment (Art. 52)."""

    permissions = {"GET": P.FILING_READ}

    def get(self, request: Request, reference: str) -> Response:
        """How the presumption stands. A rebuttal is part of the document and suspends no duty."""
        with self.reading(request) as actor:
            body = duty_bodies.systemic_risk(found(actor, reference), at=self.now)
        return Response(body)


class Reassessment(Endpoint):
    """`/filings/<reference>/reassessment/`: ask for a reassessment of the designation."""

    permissions = {"POST": P.DUTY_PLEAD}

    def post(self, request: Request, reference: str) -> Response:
        """Ask, six months after the designation or the last refusal at the earliest (Art. 52(5)). 201."""
        body = members(request, required=("reason",))
        reason = sentence(body["reason"], "/reason")

        def perform(actor: Actor) -> Answer:
            duty_actions.ask_reassessment(reference=reference, reason=reason, by=actor, at=self.now)
            return Answer(201, duty_bodies.systemic_risk(found(actor, reference), at=self.now))

        return self.write(request, perform)


def day(value: object, pointer: str) -> date:
    """A day of a body, written `YYYY-MM-DD`; else 422."""
    return _read(value, pointer, Parameters.day, told("A day written YYYY-MM-DD is needed."))


def moment(value: object, pointer: str) -> datetime:
    """A moment of a body, by RFC 3339 with its offset; else 422."""
    return _read(value, pointer, Parameters.moment, told("A moment by RFC 3339 with its offset is needed."))


def _read(value: object, pointer: str, reader: Callable[[Parameters, str], Read | None], sentence: str) -> Read:
    """The value as a query parameter of its kind is read: one strict form for both."""
    given = {"value": [value]} if isinstance(value, str) and value else {}
    try:
        made = reader(Parameters(given, allowed=("value",)), "value")
    except Problem:
        made = None
    if made is None:
        raise refusal([Obstacle("not-a-time", pointer, sentence)])
    return made


def _page(chosen: DutyQuerySet, *, query: Parameters, organisation: object) -> tuple[list[Duty], str | None]:
    """A page by moment and id, earliest first, and the cursor of the next. A duty that stands still is shown once."""
    limit, bound_to = query.limit(), query.binding(endpoint="duties", organisation=organisation)
    position = query.cursor(bound_to=bound_to)
    if position is not None:
        at, last = datetime.fromisoformat(str(position[0])), int(position[1])
        chosen = chosen.filter(falls_at__gte=at).exclude(Q(falls_at=at) & Q(id__lte=last))
    rows = list(chosen.order_by("falls_at", "id")[: limit + 1])
    if len(rows) <= limit:
        return rows, None
    end = rows[limit - 1]
    return rows[:limit], sealed((end.falls_at.isoformat(), end.id), bound_to=bound_to)


def answered(row: Duty, language: str, *, at: datetime) -> Answer:
    """201 with the duty, after something was asked about it."""
    duty = duty_lists.with_pleas(Duty.objects.filter(id=row.id)).get()
    return Answer(201, duty_bodies.duty(duty, language, at=at))
