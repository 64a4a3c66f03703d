"""Duties of the organisation itself over HTTP: the list, asking for more time or to be excused."""

from datetime import date
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from api import duty_bodies
from api.bodies import sentence
from api.duties import answered, day, moment
from api.endpoint import Answer, Endpoint, members
from api.filings import spoken
from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.filings import duty_actions, duty_lists, organisation_duties, ownership_statements

P = Permission
SUBJECT_LENGTH = 64


class OrganisationDuties(Endpoint):
    """`/organisation/duties/`: what the law asks of the organisation itself, whatever it files."""

    permissions = {"GET": P.FILING_READ}

    def get(self, request: Request) -> Response:
        """All its present duties, what falls due first."""
        language, at = spoken(request), self.now
        with self.reading(request) as actor:
            organisation = ownership_statements.own_organisation(actor)
            listed = duty_lists.with_pleas(organisation_duties.of_organisation(organisation, by=actor))
            body = {"results": [duty_bodies.duty(row, language, at=at) for row in listed]}
        return Response(body)


class OrganisationExtension(Endpoint):
    """`/organisation/duties/<code>/extension/`: ask for more time."""

    permissions = {"POST": P.DUTY_PLEAD}

    def post(self, request: Request, own_duty_code: str) -> Response:
        """Ask, before or after the due moment, while the duty is not met. 201 with the duty; the authority decides."""
        body = members(request, required=("trigger_on", "until", "reason"), optional=("subject",))
        which, until = _occurrence(own_duty_code, body), moment(body["until"], "/until")

        def perform(actor: Actor) -> Answer:
            row = duty_actions.ask_extension(**which, until=until, by=actor, at=self.now)
            return answered(row, spoken(request), at=self.now)

        return self.write(request, perform)


class OrganisationExcuse(Endpoint):
    """`/organisation/duties/<code>/excuse/`: ask to be excused for what is late."""

    permissions = {"POST": P.DUTY_PLEAD}

    def post(self, request: Request, own_duty_code: str) -> Response:
        """Ask once the due moment is past. 201 with the duty; the authority decides. An excused duty stays late."""
        body = members(request, required=("trigger_on", "reason"), optional=("subject",))
        which = _occurrence(own_duty_code, body)

        def perform(actor: Actor) -> Answer:
            row = duty_actions.ask_excuse(**which, by=actor, at=self.now)
            return answered(row, spoken(request), at=self.now)

        return self.write(request, perform)


def _occurrence(code: str, body: dict[str, Any]) -> dict[str, Any]:
    """Which duty is meant, and why something is asked about it."""
    trigger_on: date = day(body["trigger_on"], "/trigger_on")
    subject = body.get("subject")
    return {
        "reference": None,
        "code": code,
        "trigger_on": trigger_on,
        "subject": "" if subject is None else sentence(subject, "/subject", longest=SUBJECT_LENGTH),
        "reason": sentence(body["reason"], "/reason"),
    }
