"""Filings over HTTP: file, draft, read, list, submit, amend, withdraw; versions and receipts."""

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db.models import Q
from rest_framework.request import Request
from rest_framework.response import Response

from api import problems
from api.endpoint import Answer, Endpoint, expected_revision, members
from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.errors import NotFound
from registry.filings import actions, assessment, duties, lifecycle
from registry.filings.actions import NewFiling
from registry.filings.checks.engine import Acknowledgement
from registry.filings.checks.engine import Answer as CheckAnswer
from registry.filings.lifecycle import Status
from registry.filings.models import Duty, Filing, Kind, Version
from registry.ledger import receipts
from registry.quantities import scientific_text

P = Permission
FILTERS = ("status", "client_reference", "band", "changed_since")
STATES = ("submitted", "draft")


class Filings(Endpoint):
    """`/filings/`: the organisation's filings, newest first; file one."""

    permissions = {"GET": P.FILING_READ, "POST": P.FILING_DRAFT}
    parameters = ("limit", "cursor", *FILTERS)

    def get(self, request: Request) -> Response:
        """A page of filings. Follow `next` until it is null; nothing is lost while others write."""
        with self.reading(request) as actor:
            chosen = self._filtered(Filing.objects.visible_to(actor))
            page = self.query.page(chosen, keys=("created_at", "id"), bound_to=str(actor.organisation))
            body = {"results": [summary(filing) for filing in page.rows], "next": page.next}
        return Response(body)

    def post(self, request: Request) -> Response:
        """File a training run, or keep it as a draft. 201 with the filing and, when submitted, its receipt."""
        body = members(request, required=("document",), optional=("state", "client_reference", "acknowledgements"))
        item = new_filing(body)
        language = problems.language(request.headers.get("Accept-Language"))

        def perform(actor: Actor) -> Answer:
            outcome = actions.file([item], by=actor, at=self.now, language=language)[0]
            if outcome.refusal:
                raise outcome.refusal
            return answered(_found(actor, outcome.reference), 201, language)

        return self.write(request, perform)

    def _filtered(self, chosen: Any) -> Any:
        status = self.query.choice("status", tuple(s.value for s in Status))
        if status:
            chosen = chosen.filter(status=status)
        if client_reference := self.query.text("client_reference"):
            chosen = chosen.filter(client_reference=client_reference)
        if band := self.query.text("band"):
            chosen = chosen.filter(band=band)
        if since := self.query.moment("changed_since"):
            chosen = chosen.filter(Q(changed_at__gte=since))
        return chosen


class OneFiling(Endpoint):
    """`/filings/<reference>/`: one filing with its newest document."""

    permissions = {"GET": P.FILING_READ}

    def get(self, request: Request, reference: str) -> Response:
        """The filing; its revision is the `ETag`."""
        language = problems.language(request.headers.get("Accept-Language"))
        with self.reading(request) as actor:
            answer = answered(_found(actor, reference), 200, language)
        return Response(answer.body, headers=dict(answer.headers))


class Draft(Endpoint):
    """`/filings/<reference>/draft/`: the document of a draft."""

    permissions = {"PUT": P.FILING_DRAFT}

    def put(self, request: Request, reference: str) -> Response:
        """Replace the draft's document. Needs `If-Match`."""
        body = members(request, required=("document",))
        revision = expected_revision(request)
        language = problems.language(request.headers.get("Accept-Language"))

        def perform(actor: Actor) -> Answer:
            filing = actions.redraft(
                reference=reference, content=body["document"], revision=revision, by=actor, at=self.now
            )
            return answered(filing, 200, language)

        return self.write(request, perform)


class Submit(Endpoint):
    """`/filings/<reference>/submit/`: a draft becomes the filing's first version."""

    permissions = {"POST": P.FILING_SUBMIT}

    def post(self, request: Request, reference: str) -> Response:
        """Submit. 422 lists every obstacle at once."""
        body = members(request, required=(), optional=("acknowledgements",))
        language = problems.language(request.headers.get("Accept-Language"))

        def perform(actor: Actor) -> Answer:
            filing = actions.submit(
                reference=reference,
                by=actor,
                at=self.now,
                acknowledgements=acknowledgements(body),
                language=language,
            )
            return answered(filing, 200, language)

        return self.write(request, perform)


class Versions(Endpoint):
    """`/filings/<reference>/versions/`: every submission of a filing; file a further one."""

    permissions = {"GET": P.FILING_READ, "POST": P.FILING_AMEND}

    def get(self, request: Request, reference: str) -> Response:
        """All versions, oldest first, without their documents."""
        with self.reading(request) as actor:
            found = _found(actor, reference).versions.all()
            body = {"results": [version_summary(reference, version) for version in found]}
        return Response(body)

    def post(self, request: Request, reference: str) -> Response:
        """File an update, completion, correction or withdrawal version. 201. `If-Match` guards against a lost update."""
        body = members(request, required=("kind", "document"), optional=("acknowledgements",))
        kind = one_of(body["kind"], "/kind", tuple(k.value for k in Kind if k is not Kind.NOTIFICATION))
        revision = expected_revision(request) if "If-Match" in request.headers else None
        language = problems.language(request.headers.get("Accept-Language"))

        def perform(actor: Actor) -> Answer:
            filing = actions.amend(
                reference=reference,
                kind=kind,  # type: ignore[arg-type]
                content=body["document"],
                revision=revision,
                by=actor,
                at=self.now,
                acknowledgements=acknowledgements(body),
                language=language,
            )
            return answered(filing, 201, language)

        return self.write(request, perform)


class OneVersion(Endpoint):
    """`/filings/<reference>/versions/<number>/`: one submission with its document and the answers of the checks."""

    permissions = {"GET": P.FILING_READ}

    def get(self, request: Request, reference: str, number: int) -> Response:
        """The version as it was filed."""
        language = problems.language(request.headers.get("Accept-Language"))
        with self.reading(request) as actor:
            version = _version(actor, reference, number)
            body = {
                **version_summary(reference, version),
                "document": json.loads(version.canonical),
                "answers": _answers(version, language),
            }
        return Response(body)


class VersionReceipt(Endpoint):
    """`/filings/<reference>/versions/<number>/receipt/`: the register's signed word, with the opening."""

    permissions = {"GET": P.FILING_READ}

    def get(self, request: Request, reference: str, number: int) -> Response:
        """Receipt and opening. Keep both: with the document they prove what was filed and when."""
        with self.reading(request) as actor:
            body = receipt(reference, _version(actor, reference, number))
        return Response(body)


class Withdraw(Endpoint):
    """`/filings/<reference>/withdraw/`: before acceptance a provider withdraws by itself."""

    permissions = {"POST": P.FILING_WITHDRAW}

    def post(self, request: Request, reference: str) -> Response:
        """Withdraw, with a reason."""
        body = members(request, required=("reason",))
        reason = sentence(body["reason"], "/reason")
        revision = expected_revision(request) if "If-Match" in request.headers else None
        language = problems.language(request.headers.get("Accept-Language"))

        def perform(actor: Actor) -> Answer:
            filing = actions.withdraw(reference=reference, reason=reason, revision=revision, by=actor, at=self.now)
            return answered(filing, 200, language)

        return self.write(request, perform)
