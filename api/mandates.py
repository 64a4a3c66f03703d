"""Mandates over HTTP: whom one's organisation lets act for it, and for whom it may act. As on the page of mandates."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from api import duties
from api.bodies import moment, sentence
from api.endpoint import Answer, Endpoint, expected_revision, members
from api.problems import refusal
from registry.accounts.models import User
from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.errors import Obstacle, told
from registry.onboarding import mandate_actions
from registry.organisations import mandates
from registry.organisations.models import Mandate

P = Permission
LEI_LENGTH = 40
EMAIL_LENGTH = User._meta.get_field("email").max_length or 254
Step = Callable[..., Mandate]


class Mandates(Endpoint):
    """`/mandates/`: those given and those received."""

    permissions = {"GET": P.ORGANISATION_READ, "POST": P.MANDATE_MANAGE}

    def get(self, request: Request) -> Response:
        """All mandates, newest first. To act under one, send its id in the header `Mandate`."""
        with self.reading(request) as actor:
            rows = [shown(each, actor, at=self.now) for each in mandate_actions.listed(by=actor)]
        return Response({"results": rows})

    def post(self, request: Request) -> Response:
        """Offer a mandate to the organisation with this LEI; it holds once that accepts.

        The answer never tells whether there is such an organisation. At most five years.
        """
        body = members(request, required=("agent_lei", "scopes", "starts_at", "ends_at"), optional=("agent_person",))
        terms: dict[str, Any] = {
            "agent_lei": sentence(body["agent_lei"], "/agent_lei", longest=LEI_LENGTH),
            "scopes": _scopes(body["scopes"]),
            "starts_at": duties.moment(body["starts_at"], "/starts_at"),
            "ends_at": duties.moment(body["ends_at"], "/ends_at"),
        }
        if "agent_person" in body:
            terms["agent_person"] = sentence(body["agent_person"], "/agent_person", longest=EMAIL_LENGTH)

        def perform(actor: Actor) -> Answer:
            given = mandate_actions.give(**terms, by=actor, at=self.now)
            made = answered(given, actor, at=self.now)
            return Answer(201, made.body, {**made.headers, "Location": f"{request.path}{given.id}/"})

        return self.write(request, perform)


class OneMandate(Endpoint):
    """`/mandates/<mandate>/`: one of them."""

    permissions = {"GET": P.ORGANISATION_READ}

    def get(self, request: Request, mandate: UUID) -> Response:
        """The mandate as it stands now; its revision is the `ETag`."""
        with self.reading(request) as actor:
            answer = answered(mandate_actions.one(mandate=mandate, by=actor), actor, at=self.now)
        return Response(answer.body, headers=dict(answer.headers))


class Accept(Endpoint):
    """`/mandates/<mandate>/accept/`: by the agent."""

    permissions = {"POST": P.MANDATE_MANAGE}

    def post(self, request: Request, mandate: UUID) -> Response:
        """Accept what was offered to your organisation. From its first moment on you may act under it."""
        return _taken(self, request, mandate, mandate_actions.accept)


class Decline(Endpoint):
    """`/mandates/<mandate>/decline/`: by the agent."""

    permissions = {"POST": P.MANDATE_MANAGE}

    def post(self, request: Request, mandate: UUID) -> Response:
        """Decline what was offered to your organisation."""
        return _taken(self, request, mandate, mandate_actions.decline)


class Revoke(Endpoint):
    """`/mandates/<mandate>/revoke/`: by who gave it, or given back by the agent."""

    permissions = {"POST": P.MANDATE_MANAGE}

    def post(self, request: Request, mandate: UUID) -> Response:
        """End it now. Nothing can be done under it from the next call on."""
        return _taken(self, request, mandate, mandate_actions.revoke)


def _taken(endpoint: Endpoint, request: Request, mandate: UUID, step: Step) -> Response:
    members(request, required=())
    revision = expected_revision(request) if "If-Match" in request.headers else None

    def perform(actor: Actor) -> Answer:
        found = step(mandate=mandate, by=actor, at=endpoint.now, revision=revision)
        return answered(found, actor, at=endpoint.now)

    return endpoint.write(request, perform)


def _scopes(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        listed = ", ".join(mandates.scopes())
        raise refusal([Obstacle("not-in-list", "/scopes", told("Scopes are {scopes}.", scopes=listed))])
    return value


def answered(mandate: Mandate, actor: Actor, *, at: datetime) -> Answer:
    """One mandate, its revision as the ETag."""
    return Answer(200, shown(mandate, actor, at=at), {"ETag": f'"{mandate.revision}"'})


def shown(each: Mandate, actor: Actor, *, at: datetime) -> dict[str, Any]:
    """A mandate as it answers."""
    return {
        "id": str(each.id),
        "side": "principal" if each.organisation_id == actor.organisation else "agent",
        "principal": each.principal_name,
        "agent": each.agent_name or None,
        "agent_lei": each.agent_lei,
        "agent_person": each.agent_person or None,
        "scopes": list(each.scopes),
        "state": mandates.state_at(each.terms, at).value,
        "starts_at": moment(each.starts_at),
        "ends_at": moment(each.ends_at),
        "url": f"/api/v1/mandates/{each.id}/",
    }
