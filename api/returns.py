"""Returns over HTTP: open, list, submit, open again; the versions that were submitted, and their receipts."""

import re
from datetime import date

from rest_framework.request import Request
from rest_framework.response import Response

from api import log, return_bodies
from api.endpoint import Answer, Endpoint, expected_revision, members
from api.filings import spoken
from api.pagination import page
from api.problems import Problem, refusal
from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.compute import record_checks, return_actions, return_lists
from registry.compute.models import Return, ReturnState, ReturnVersion
from registry.errors import Obstacle, told

P = Permission
_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])", re.ASCII)


def month_of(value: object) -> date | None:
    """The first day of a month written `2026-10`."""
    matched = _MONTH.fullmatch(value) if isinstance(value, str) else None
    return date(int(matched[1]), int(matched[2]), 1) if matched else None


def yes_or_no(value: object, pointer: str) -> bool:
    """A boolean of a body; else 422."""
    if not isinstance(value, bool):
        raise refusal([Obstacle("not-in-list", pointer, told("Write true or false."))])
    return value


class Returns(Endpoint):
    """`/returns/`: the returns of the organisation, newest first; open the one of a month."""

    permissions = {"GET": P.RETURN_READ, "POST": P.RETURN_FILE}
    parameters = ("limit", "cursor", "month", "return_state")

    def get(self, request: Request) -> Response:
        """A page of returns. Follow `next` until it is null."""
        with self.reading(request) as actor:
            chosen = Return.objects.visible_to(actor)
            if given := self.query.text("month"):
                month = month_of(given)
                if month is None:
                    raise Problem("invalid-parameter", facts={"parameter": "month"})
                chosen = chosen.filter(month=month)
            if state := self.query.choice("return_state", choices=ReturnState.values):
                chosen = chosen.filter(state=state)
            shown = page(
                chosen, query=self.query, moment="opened_at", endpoint="returns", organisation=actor.organisation
            )
            body = {"results": [return_bodies.summary(row) for row in shown.rows], "next": shown.next}
        return Response(body)

    def post(self, request: Request) -> Response:
        """Open the return of a month; with `none` submit at once that nobody used accelerators. 201."""
        body = members(request, required=("month",), optional=("none",))
        month, is_none = month_of(body["month"]), yes_or_no(body.get("none", False), "/none")
        if month is None:
            raise refusal([Obstacle("not-a-time", "/month", told("A month written YYYY-MM is needed."))])

        def perform(actor: Actor) -> Answer:
            dry_run = self.query.flag("dry_run")
            if is_none:
                row = return_actions.report_none(month=month, by=actor, at=self.now, dry_run=dry_run).monthly_return
            else:
                row = return_actions.open_return(month=month, by=actor, at=self.now, dry_run=dry_run)
            return answered(row, 201)

        return self.write(request, perform)


class OneReturn(Endpoint):
    """`/returns/<return>/`: one return."""

    permissions = {"GET": P.RETURN_READ}

    def get(self, request: Request, monthly_return: str) -> Response:
        """The return; its revision is the `ETag`."""
        with self.reading(request) as actor:
            answer = answered(return_lists.found(monthly_return, actor), 200)
        return Response(answer.body, headers=dict(answer.headers))


class Submit(Endpoint):
    """`/returns/<return>/submit/`: submit the whole."""

    permissions = {"POST": P.RETURN_FILE}

    def post(self, request: Request, monthly_return: str) -> Response:
        """Submit the return as its next version, with `none` as a negative one. Needs `If-Match`. 201."""
        is_none = yes_or_no(members(request, required=(), optional=("none",)).get("none", False), "/none")
        revision = expected_revision(request)

        def perform(actor: Actor) -> Answer:
            made = return_actions.submit(
                reference=monthly_return, revision=revision, is_none=is_none, by=actor, at=self.now
            )
            body = {**return_bodies.summary(made.monthly_return), **return_bodies.receipt(made.version)}
            return Answer(201, body, {"ETag": f'"{made.monthly_return.revision}"'})

        return self.write(request, perform)


class Reopen(Endpoint):
    """`/returns/<return>/reopen/`: open a submitted return again."""

    permissions = {"POST": P.RETURN_FILE}

    def post(self, request: Request, monthly_return: str) -> Response:
        """Open it to amend it. What was submitted stays in force until the next submission. Needs `If-Match`."""
        members(request, required=())
        revision = expected_revision(request)

        def perform(actor: Actor) -> Answer:
            row = return_actions.reopen(reference=monthly_return, revision=revision, by=actor, at=self.now)
            return answered(row, 200)

        return self.write(request, perform)


class ReturnVersions(Endpoint):
    """`/returns/<return>/versions/`: what was submitted."""

    permissions = {"GET": P.RETURN_READ}

    def get(self, request: Request, monthly_return: str) -> Response:
        """Every submission, oldest first."""
        with self.reading(request) as actor:
            row = return_lists.found(monthly_return, actor)
            versions = ReturnVersion.objects.visible_to(actor).filter(monthly_return=row)
            body = {"results": [return_bodies.version(each) for each in versions.select_related("monthly_return")]}
        return Response(body)


class ReturnReceipt(Endpoint):
    """`/returns/<return>/versions/<number>/receipt/`: the register's signed word, with the opening."""

    permissions = {"GET": P.RECEIPT_READ}

    def get(self, request: Request, monthly_return: str, number: int) -> Response:
        """Receipt, statement, opening and place in the log: with your lines they prove what was reported when."""
        with self.reading(request) as actor:
            row = return_lists.found(monthly_return, actor)
            version = return_lists.version_of(row, number, actor)
            body = {**return_bodies.receipt(version), "log": log.place_of(version.entry)}
        return Response(body)


class RecordChecks(Endpoint):
    """`/checks/records/`: the catalogue of checks of the lines of returns, versioned."""

    permissions = {"GET": None}

    def get(self, request: Request) -> Response:
        """Every check with its sentence in the reader's language."""
        language = spoken(request)
        found = [
            {
                "code": check.code,
                "severity": check.severity,
                "sentence": check.texts[language]["sentence"],
                "remedy": check.texts[language]["remedy"],
                "source": check.source,
            }
            for check in record_checks.every_check().values()
        ]
        return Response({"rule_set": record_checks.RULE_SET, "results": found})


def answered(row: Return, status: int) -> Answer:
    """A return as the answer."""
    headers = {"ETag": f'"{row.revision}"'}
    if status == 201:
        headers["Location"] = return_bodies.address(row)
    return Answer(status, return_bodies.summary(row), headers)
