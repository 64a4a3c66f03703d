"""Organisations over HTTP: applying to be entered, reading and confirming one's own data."""

from datetime import datetime
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from api.bodies import moment
from api.endpoint import Answer, Endpoint, fingerprint, idempotency_key, members
from api.filings import spoken
from api.problems import Problem
from registry.accounts.policy import Permission
from registry.acting import Actor, acting_as
from registry.errors import DomainError, NotFound
from registry.onboarding import allowance, applications, confirmations, links, statements
from registry.onboarding.models import Confirmation
from registry.organisations.models import Organisation

P = Permission
REQUIRED = ("legal_name", "seat_country", "roles", "contact", "administrators")
OPTIONAL = ("trade_names", "lei", "euid", "representative", "ultimate_parent")
RECEIVED = {"status": "received"}


class _Undo(DomainError):
    """Ends a dry run."""


class Applications(Endpoint):
    """`/applications/`: ask to be entered. Open to everybody; the answer never tells what is registered."""

    permissions = {"POST": None}

    def post(self, request: Request) -> Response:
        """Begin an application. The contact gets a secret link by mail; it is handed in when the link is used.

        The same answer to everybody: whether an organisation, an identifier or an address is known is not told.
        Repeated with the same `Idempotency-Key`, it makes one application.
        """
        content = members(request, required=REQUIRED, optional=OPTIONAL)
        key, dry_run = idempotency_key(request), self.query.flag("dry_run")
        if not dry_run and allowance.is_spent(str(request.META.get("REMOTE_ADDR", "")), at=self.now):
            raise Problem("rate-limited", headers={"Retry-After": "3600"}, facts={"policy": "applications"})
        mark = fingerprint(method="POST", path=request.path, content=request.data).hex()
        new = applications.new_id(f"{key} {mark}")
        try:
            with acting_as(links.applicant(links.link_of(links.APPLICATION, new))) as by:
                applications.apply(new=new, content=content, by=by, at=self.now, language=spoken(request))
                if dry_run:
                    raise _Undo("")
        except _Undo:
            return Response(RECEIVED, status=202, headers={"Dry-Run": "true"})
        return Response(RECEIVED, status=202)


class OneOrganisation(Endpoint):
    """`/organisation/`: what the register knows of one's own organisation."""

    permissions = {"GET": P.ORGANISATION_READ}

    def get(self, request: Request) -> Response:
        """The data as last stated, and how the yearly confirmation stands."""
        with self.reading(request) as actor:
            answer = shown(actor, at=self.now)
        return Response(answer.body, headers=dict(answer.headers))


class Confirm(Endpoint):
    """`/organisation/confirm/`: the data are right."""

    permissions = {"POST": P.ORGANISATION_CONFIRM}

    def post(self, request: Request) -> Response:
        """Confirm the data of the statement named, once a year. 412 when there is a newer one."""
        given = members(request, required=("statement",))["statement"]
        number = given if isinstance(given, int) and not isinstance(given, bool) else -1

        def perform(actor: Actor) -> Answer:
            confirmations.confirm(number=number, by=actor, at=self.now)
            return shown(actor, at=self.now)

        return self.write(request, perform)


def shown(actor: Actor, *, at: datetime) -> Answer:
    """The organisation of the caller as it answers, the number of its statement as the ETag."""
    organisation = Organisation.objects.visible_to(actor).filter(id=statements.own(actor)).first()
    if organisation is None:
        raise NotFound
    content, number = statements.current(organisation=organisation, by=actor)
    waiting = Confirmation.objects.visible_to(actor).filter(confirmed_at__isnull=True).first()
    last = Confirmation.objects.visible_to(actor).filter(confirmed_at__isnull=False).order_by("-due_at").first()
    body: dict[str, Any] = {
        "id": str(organisation.id),
        "territory": organisation.territory,
        "statement": number,
        "data": content,
        "confirmation_due_at": moment(waiting.due_at) if waiting else None,
        "confirmation_state": str(confirmations.state_at(waiting.due_at, None, at)) if waiting else None,
        "confirmed_at": moment(last.confirmed_at) if last and last.confirmed_at else None,
    }
    return Answer(200, body, {"ETag": f'"{number}"'})
