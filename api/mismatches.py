"""Mismatches over HTTP: where the organisation's filings or returns do not agree with another side, and its answer."""

from collections.abc import Sequence
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from api.bodies import moment, one_of, sentence
from api.endpoint import Answer, Endpoint, members
from api.filings import spoken
from api.pagination import page
from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.screening import mismatches
from registry.screening.models import MatchRate, Mismatch, MismatchAnswer

P = Permission
CODES = tuple(mismatches.reasons())
STATUSES = tuple(Mismatch.Status.values)


class Mismatches(Endpoint):
    """`/mismatches/`: what does not agree with another side, newest first; each side sees its own words alone."""

    permissions = {"GET": P.MISMATCH_READ}
    parameters = ("limit", "cursor", "mismatch_status")

    def get(self, request: Request) -> Response:
        """A page of mismatches. Follow `next` until it is null."""
        language = spoken(request)
        with self.reading(request) as actor:
            chosen = mismatches.listed(actor)
            if status := self.query.choice("mismatch_status", choices=STATUSES):
                chosen = chosen.filter(status=status)
            shown = page(
                chosen, query=self.query, moment="found_at", endpoint="mismatches", organisation=actor.organisation
            )
            answers = _answers(shown.rows, actor)
            body = {
                "results": [_body(row, answers.get(row.id, []), language) for row in shown.rows],
                "next": shown.next,
                "match_rate": _rate(mismatches.match_rate(actor)),
            }
        return Response(body)


class OneMismatch(Endpoint):
    """`/mismatches/<mismatch>/`: one mismatch."""

    permissions = {"GET": P.MISMATCH_READ}

    def get(self, request: Request, mismatch: str) -> Response:
        """The mismatch with every answer given."""
        language = spoken(request)
        with self.reading(request) as actor:
            row = mismatches.found(mismatch, actor)
            body = _body(row, _answers([row], actor).get(row.id, []), language)
        return Response(body)


class AnswerMismatch(Endpoint):
    """`/mismatches/<mismatch>/answer/`: say why it stands."""

    permissions = {"POST": P.MISMATCH_ANSWER}

    def post(self, request: Request, mismatch: str) -> Response:
        """A coded reason and a sentence, for the authority to read. 201 with the mismatch."""
        body, language = members(request, required=("reason_code", "reason")), spoken(request)
        code = one_of(body["reason_code"], "/reason_code", CODES)
        reason = sentence(body["reason"], "/reason", longest=mismatches.REASON_LENGTH)

        def perform(actor: Actor) -> Answer:
            row = mismatches.answer(reference=mismatch, reason_code=code, reason=reason, by=actor, at=self.now)
            return Answer(201, _body(row, _answers([row], actor).get(row.id, []), language))

        return self.write(request, perform)


def _answers(rows: Sequence[Mismatch], actor: Actor) -> dict[Any, list[MismatchAnswer]]:
    found: dict[Any, list[MismatchAnswer]] = {}
    stored = MismatchAnswer.objects.visible_to(actor).filter(mismatch__in=[row.id for row in rows])
    for each in stored.order_by("at", "id"):
        found.setdefault(each.mismatch_id, []).append(each)
    return found


def _body(row: Mismatch, answers: Sequence[MismatchAnswer], language: str) -> dict[str, Any]:
    return {
        "reference": row.reference,
        "url": f"/api/v1/mismatches/{row.reference}/",
        "side": row.side,
        "other_says": row.other_says,
        "sentence": mismatches.sentence(row, language),
        "status": row.status,
        "filing": row.filing.reference if row.filing else None,
        "customer_name": row.customer_name or None,
        "facility": row.facility_name or None,
        "accelerator": row.accelerator or None,
        "starts_on": row.starts_on.isoformat(),
        "ends_on": row.ends_on.isoformat(),
        "own_accelerator_hours": format(row.own_hours, "f"),
        "tolerance_percent": row.tolerance_percent,
        "found_at": moment(row.found_at),
        "changed_at": moment(row.changed_at),
        "closed_at": moment(row.closed_at),
        "answers": [
            {
                "reason_code": each.reason_code,
                "reason_name": mismatches.reasons()[each.reason_code][language],
                "reason": each.reason,
                "answered_at": moment(each.at),
                "answered_by": each.actor_name,
                "entry": each.entry_id,
            }
            for each in answers
        ],
    }


def _rate(rate: MatchRate | None) -> dict[str, Any] | None:
    """How the organisation's reported training hours fared; null where none were looked at."""
    if rate is None:
        return None
    share = None if rate.matched_share is None else format(rate.matched_share, "f")
    return {"matched_share": share, "bundles": rate.bundles, "read_at": moment(rate.read_at)}
