"""Who owns the organisation, over HTTP: the statement in force on a day, a new one, all that were ever made."""

from collections.abc import Mapping
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from api import ownership_bodies
from api.endpoint import Answer, Endpoint, expected_revision
from api.filings import spoken
from api.problems import refusal
from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.errors import Obstacle
from registry.filings import ownership_statements

P = Permission


class Ownership(Endpoint):
    """`/organisation/ownership/`: the organisation's statement of its owners, and what follows from it."""

    permissions = {"GET": P.FILING_READ, "PUT": P.OWNERSHIP_STATE}
    parameters = ("on", "known_at")

    def get(self, request: Request) -> Response:
        """The newest statement; with `on` what was stated about that day, with `known_at` as known at that moment.

        `number` is 0 where nothing has been stated. The `ETag` is that of the newest statement, whatever is asked for.
        """
        on, known_at, language = self.query.day("on"), self.query.moment("known_at"), spoken(request)
        with self.reading(request) as actor:
            body = ownership_bodies.ownership(actor, language, at=self.now, on=on, known_at=known_at)
            newest = ownership_bodies.newest_number(actor)
        return Response(body, headers={"ETag": f'"{newest}"'})

    def put(self, request: Request) -> Response:
        """State the owners: from its day on this replaces the picture. Needs `If-Match`, `"0"` for the first.

        Errors block; warnings and notes are told in `answers` and kept with the statement.
        """
        content, revision, language = _object(request.data), expected_revision(request), spoken(request)

        def perform(actor: Actor) -> Answer:
            made = ownership_statements.state(
                content=content, revision=revision, by=actor, at=self.now, language=language
            )
            body = ownership_bodies.ownership(actor, language, at=self.now, on=None, known_at=None)
            return Answer(200, body, {"ETag": f'"{made.number}"'})

        return self.write(request, perform)


class OwnershipStatements(Endpoint):
    """`/organisation/ownership/statements/`: everything that was ever stated."""

    permissions = {"GET": P.FILING_READ}

    def get(self, request: Request) -> Response:
        """All statements, oldest first, without their documents; read one with `on` and `known_at`."""
        with self.reading(request) as actor:
            organisation = ownership_statements.own_organisation(actor)
            rows = ownership_statements.statements(organisation, by=actor)
            body = {"results": [ownership_bodies.summary(row) for row in rows]}
        return Response(body)


def _object(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise refusal([Obstacle("not-an-object", "", "")])
    return value
