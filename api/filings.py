"""Filings over HTTP: file, draft, read, list, submit, amend, withdraw; versions and receipts."""

import json
from dataclasses import replace

from django.http import StreamingHttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from api import differences, log, problems, selection, tables
from api.bodies import (
    about_document,
    acknowledgements,
    answered,
    answers,
    document,
    document_at_hand,
    found,
    found_version,
    new_filing,
    one_of,
    receipt,
    sentence,
    summary,
    version_summary,
)
from api.changes import newest_position, sealed_position
from api.endpoint import Answer, Endpoint, expected_revision, members
from api.pagination import page
from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.filings import actions
from registry.filings.models import Filing, Kind

P = Permission
LATER_KINDS = tuple(kind.value for kind in Kind if kind is not Kind.NOTIFICATION)


def spoken(request: Request) -> str:
    """The language of the answer."""
    return problems.language(request.headers.get("Accept-Language"))


class Filings(Endpoint):
    """`/filings/`: the organisation's filings, newest first; file one."""

    permissions = {"GET": P.FILING_READ, "POST": P.FILING_DRAFT}
    parameters = ("limit", "cursor", *selection.PARAMETERS)

    def get(self, request: Request) -> Response:
        """A page of filings. Follow `next` until it is null: what was there at the first page is shown exactly once.

        `position` is where the change feed stood before the page was read. What has happened since the first page is
        in `/changes/?cursor=<position>`, and `?changed_since=<position>` lists the filings it happened to.
        """
        language = spoken(request)
        with self.reading(request) as actor:
            position = newest_position(actor)
            chosen = selection.selected(Filing.objects.visible_to(actor), self.query, actor, at=self.now)
            shown = page(
                chosen, query=self.query, moment="created_at", endpoint="filings", organisation=actor.organisation
            )
            body = {
                "results": [summary(filing, language) for filing in shown.rows],
                "next": shown.next,
                "position": sealed_position(position, actor),
            }
        return Response(body)

    def post(self, request: Request) -> Response:
        """File a training run, or keep it as a draft. 201 with the filing and, when submitted, its receipt."""
        body = members(request, required=("document",), optional=("state", "client_reference", "acknowledgements"))
        item = new_filing(body)
        language = spoken(request)

        def perform(actor: Actor) -> Answer:
            dry_run = self.query.flag("dry_run")
            outcome = actions.file([item], by=actor, at=self.now, language=language, dry_run=dry_run)[0]
            if outcome.refusal:
                raise about_document(outcome.refusal)
            return answered(found(actor, outcome.reference), 201, language, at=self.now)

        return self.write(request, perform)


class OneFiling(Endpoint):
    """`/filings/<reference>/`: one filing with its newest document."""

    permissions = {"GET": P.FILING_READ}

    def get(self, request: Request, reference: str) -> Response:
        """The filing; its revision is the `ETag`."""
        language = spoken(request)
        with self.reading(request) as actor:
            answer = answered(found(actor, reference), 200, language, at=self.now)
        return Response(answer.body, headers=dict(answer.headers))


class Draft(Endpoint):
    """`/filings/<reference>/draft/`: the document of a draft."""

    permissions = {"PUT": P.FILING_DRAFT}

    def put(self, request: Request, reference: str) -> Response:
        """Replace the draft's document. Needs `If-Match`."""
        content = document(members(request, required=("document",)))
        revision = expected_revision(request)
        language = spoken(request)

        def perform(actor: Actor) -> Answer:
            with document_at_hand():
                filing = actions.redraft(
                    reference=reference, content=content, revision=revision, by=actor, at=self.now, language=language
                )
            return answered(filing, 200, language, at=self.now)

        return self.write(request, perform)


class Submit(Endpoint):
    """`/filings/<reference>/submit/`: a draft becomes the filing's first version."""

    permissions = {"POST": P.FILING_SUBMIT}

    def post(self, request: Request, reference: str) -> Response:
        """Submit. 422 lists every obstacle at once."""
        given = acknowledgements(members(request, required=(), optional=("acknowledgements",)))
        language = spoken(request)

        def perform(actor: Actor) -> Answer:
            with document_at_hand():
                filing = actions.submit(
                    reference=reference, by=actor, at=self.now, acknowledgements=given, language=language
                )
            return answered(filing, 200, language, at=self.now)

        return self.write(request, perform)


class Versions(Endpoint):
    """`/filings/<reference>/versions/`: every submission of a filing; file a further one."""

    permissions = {"GET": P.FILING_READ, "POST": P.FILING_AMEND}

    def get(self, request: Request, reference: str) -> Response:
        """All versions, oldest first, without their documents."""
        with self.reading(request) as actor:
            versions = found(actor, reference).versions.prefetch_related("crossings")
            body = {"results": [version_summary(reference, version) for version in versions]}
        return Response(body)

    def post(self, request: Request, reference: str) -> Response:
        """File an update, completion, correction or withdrawal. 201, with what changed since the version before.

        `If-Match` guards against a lost update.
        """
        body = members(request, required=("kind", "document"), optional=("acknowledgements",))
        kind, given = one_of(body["kind"], "/kind", LATER_KINDS), acknowledgements(body)
        content = document(body)
        revision = expected_revision(request) if "If-Match" in request.headers else None
        language = spoken(request)

        def perform(actor: Actor) -> Answer:
            with document_at_hand():
                filing = actions.amend(
                    reference=reference,
                    kind=kind,  # type: ignore[arg-type]
                    content=content,
                    revision=revision,
                    by=actor,
                    at=self.now,
                    acknowledgements=given,
                    language=language,
                )
            answer = answered(filing, 201, language, at=self.now)
            changed = differences.between(filing, old=filing.number - 1, new=filing.number, language=language)
            return replace(answer, body={**answer.body, "difference": changed})

        return self.write(request, perform)


class OneVersion(Endpoint):
    """`/filings/<reference>/versions/<number>/`: one submission with its document and the answers of the checks."""

    permissions = {"GET": P.FILING_READ}

    def get(self, request: Request, reference: str, number: int) -> Response:
        """The version as it was filed."""
        language = spoken(request)
        with self.reading(request) as actor:
            version = found_version(actor, reference, number)
            body = {
                **version_summary(reference, version),
                "document": json.loads(version.canonical or "null"),  # erased: none
                "answers": answers(version, language) if version.canonical else [],
            }
        return Response(body)


class VersionAnswers(Endpoint):
    """`/filings/<reference>/versions/<number>/answers/`: the answers of the checks, as JSON or as CSV."""

    permissions = {"GET": P.FILING_READ}
    renderer_classes = tables.OFFERED
    content_negotiation_class = tables.ByQuality

    def get(self, request: Request, reference: str, number: int) -> Response | StreamingHttpResponse:
        """What the checks said about a version, in your language. `Accept: text/csv` gives a table, a line an answer.

        A cell of the table that a spreadsheet would compute begins with an apostrophe.
        """
        language = spoken(request)
        with self.reading(request) as actor:
            version = found_version(actor, reference, number)
            said = answers(version, language)
        if tables.is_wanted(request):
            lines = tables.version_rows(reference, number, said)
            return tables.streamed(tables.OF_A_VERSION, lines, name=f"{reference}-{number}-answers.csv")
        return Response({"filing": reference, "version": number, "rule_set": version.rule_set, "results": said})


class VersionReceipt(Endpoint):
    """`/filings/<reference>/versions/<number>/receipt/`: the register's signed word, with the opening."""

    permissions = {"GET": P.RECEIPT_READ}

    def get(self, request: Request, reference: str, number: int) -> Response:
        """Receipt, opening and place in the public log. Keep them: with the document they prove what was filed when.

        Before the log holds the version, `log` says by when it will (within a minute).
        """
        with self.reading(request) as actor:
            version = found_version(actor, reference, number)
            body = {**receipt(reference, version), "log": log.place_of(version.entry)}
        return Response(body)


class Withdraw(Endpoint):
    """`/filings/<reference>/withdraw/`: before acceptance a provider withdraws by itself."""

    permissions = {"POST": P.FILING_WITHDRAW}

    def post(self, request: Request, reference: str) -> Response:
        """Withdraw, with a reason."""
        body = members(request, required=("reason",))
        reason = sentence(body["reason"], "/reason")
        revision = expected_revision(request) if "If-Match" in request.headers else None
        language = spoken(request)

        def perform(actor: Actor) -> Answer:
            filing = actions.withdraw(reference=reference, reason=reason, revision=revision, by=actor, at=self.now)
            return answered(filing, 200, language, at=self.now)

        return self.write(request, perform)


class AnswerQuestion(Endpoint):
    """`/filings/<reference>/answer/`: answer the authority's question; the filing goes back into review."""

    permissions = {"POST": P.FILING_ANSWER}

    def post(self, request: Request, reference: str) -> Response:
        """Answer, in a text."""
        body = members(request, required=("answer",))
        text = sentence(body["answer"], "/answer")
        language = spoken(request)

        def perform(actor: Actor) -> Answer:
            filing = actions.answer(reference=reference, reason=text, by=actor, at=self.now)
            return answered(filing, 200, language, at=self.now)

        return self.write(request, perform)
