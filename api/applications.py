"""Following an application over HTTP: by the secret of its link, which the contact has by mail. No account, no token.

Each step is a PUT, as it states what shall be: sent again it changes nothing, and `If-Match` keeps it from meeting
another application than the one that was read. No officer is named.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls.converters import StringConverter
from rest_framework.request import Request
from rest_framework.response import Response

from api.bodies import moment, sentence
from api.endpoint import Answer, Endpoint, expected_revision, members
from api.filings import spoken
from registry.acting import Actor
from registry.onboarding import applications, lifecycle, links, particulars
from registry.onboarding.lifecycle import Owner
from registry.onboarding.models import Application, Step


class SecretInPath(StringConverter):
    """The secret of a link in a path."""

    regex = links.FORM.pattern


class ByLink:
    """Whoever holds the link acts as its applicant, and sees what hangs on it alone."""

    kwargs: Mapping[str, str]

    def _actor(self, request: Request) -> Actor:
        return links.applicant(links.digest_of(self.kwargs["secret"]))


class OneApplication(ByLink, Endpoint):
    """`/applications/<secret>/`: one application."""

    permissions = {"GET": None}

    def get(self, request: Request, secret: str) -> Response:
        """How it stands, whose turn it is, what was asked and answered. Its revision is the `ETag`."""
        with self.reading(request) as by:
            answer = answered(applications.mine(by=by), spoken(request), by=by)
        return Response(answer.body, headers=dict(answer.headers))


class Confirmation(ByLink, Endpoint):
    """`/applications/<secret>/confirmation/`: the address is right."""

    permissions = {"PUT": None}

    def put(self, request: Request, secret: str) -> Response:
        """Confirm the address, within seven days: that hands the application in. Needs `If-Match`."""
        members(request, required=())
        revision = expected_revision(request)

        def perform(by: Actor) -> Answer:
            return answered(applications.confirm(by=by, at=self.now, revision=revision), spoken(request), by=by)

        return self.write(request, perform)


class Reply(ByLink, Endpoint):
    """`/applications/<secret>/answer/`: the applicant's answer."""

    permissions = {"PUT": None}

    def put(self, request: Request, secret: str) -> Response:
        """Answer the question, or what is said against you before a refusal. Needs `If-Match`.

        `value` corrects the field that was asked about, and no other.
        """
        body = members(request, required=("reason",), optional=("value",))
        reason = sentence(body["reason"], "/reason", longest=applications.LONGEST_ANSWER)
        value = sentence(body["value"], "/value", longest=particulars.SCOPE_LENGTH) if "value" in body else None
        revision, language = expected_revision(request), spoken(request)

        def perform(by: Actor) -> Answer:
            application = applications.answer(
                reason=reason, value=value, by=by, at=self.now, language=language, revision=revision
            )
            return answered(application, language, by=by)

        return self.write(request, perform)


class Withdrawal(ByLink, Endpoint):
    """`/applications/<secret>/withdrawal/`: the application is taken back."""

    permissions = {"PUT": None}

    def put(self, request: Request, secret: str) -> Response:
        """Withdraw it, while it is not decided. Needs `If-Match`."""
        members(request, required=())
        revision = expected_revision(request)

        def perform(by: Actor) -> Answer:
            application = applications.withdraw(by=by, at=self.now, revision=revision)
            return answered(application, spoken(request), by=by)

        return self.write(request, perform)


def answered(application: Application, language: str, *, by: Actor) -> Answer:
    """An application as its applicant sees it."""
    steps = applications.history(by=by)
    text = lifecycle.status_text(application.status, language)
    body = {
        "reference": application.reference,
        "status": application.status,
        "status_sentence": text.sentence,
        "turn": lifecycle.OWNER[lifecycle.Status(application.status)].value,
        "possible": _possible(application),
        "territory": application.territory,
        "submitted_at": moment(application.submitted_at),
        "heard_until": moment(application.heard_until),
        "decided_at": moment(application.decided_at),
        "question": _question(application, steps),
        "steps": [_step(each) for each in steps],
        "data": application.content,
    }
    return Answer(200, body, {"ETag": f'"{application.revision}"'})


def _possible(application: Application) -> list[str]:
    steps = lifecycle.allowed(application.status)
    return sorted({step.verb for step in steps if step.who is Owner.APPLICANT})


def _question(application: Application, steps: Sequence[Step]) -> dict[str, Any] | None:
    """What waits for an answer: a question about a field, or an announced refusal with its ground."""
    asking = {"asked": "ask", "hearing": "hear"}.get(application.status)
    newest = next((each for each in reversed(steps) if each.verb == asking), None)
    if newest is None:
        return None
    return {"verb": newest.verb, "pointer": newest.pointer, "code": newest.code, "reason": newest.reason}


def _step(step: Step) -> dict[str, Any]:
    who = next(each.who for each in lifecycle.allowed(step.source) if each.verb == step.verb)
    return {
        "verb": step.verb,
        "by": who.value,
        "at": moment(step.at),
        "pointer": step.pointer,
        "code": step.code,
        "reason": step.reason,
        "changed_to": step.changed_to,
    }
