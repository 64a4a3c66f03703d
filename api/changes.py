"""The change feed: every step of the organisation's filings, in the order in which they took effect.

A position in the feed is the number of a transition. Transitions are numbered under the lock of the ledger, which is
held until the commit (docs/adr/0004, 0006): whoever sees one sees all with smaller numbers. So nothing can appear
behind a cursor, and reading on from it loses nothing and repeats nothing, whatever is written meanwhile.
"""

import json
from typing import Any

from django.db.models import OuterRef, Subquery
from rest_framework.request import Request
from rest_framework.response import Response

from api.bodies import moment
from api.endpoint import Endpoint
from api.parameters import opened, sealed
from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.filings.lifecycle import TRANSITIONS, Owner
from registry.filings.models import Transition, Version
from registry.filings.storing import AMENDED

_KINDS = {"amend": AMENDED} | {step.verb: step.kind for step in TRANSITIONS}
_SIDES = {"amend": Owner.PROVIDER} | {step.verb: step.who for step in TRANSITIONS}
_COLUMNS = ("id", "verb", "source", "target", "version_number", "at", "reason", "pointers", "answer_by")


class Changes(Endpoint):
    """`/changes/`: what happened to the organisation's filings, oldest first, for ever."""

    permissions = {"GET": Permission.FILING_READ}
    parameters = ("limit", "cursor")

    def get(self, request: Request) -> Response:
        """What came after `cursor`; from the beginning without one. Keep `next` and ask again with it, at any time."""
        limit = self.query.limit(default=100)
        with self.reading(request) as actor:
            after = opened_position(self.query.text("cursor", longest=1_000), actor)
            found = _steps(actor, after=after, count=limit + 1)
            shown = found[:limit]
            position = shown[-1]["id"] if shown else after
            body = {
                "results": [_shown(row) for row in shown],
                "next": sealed_position(position, actor),
                "has_more": len(found) > limit,
            }
        return Response(body)


def newest_position(actor: Actor) -> int:
    """Where the feed of the actor's organisation ends now. What is read after this call is at least as new."""
    newest = Transition.objects.visible_to(actor).order_by("-id").values_list("id", flat=True).first()
    return newest or 0


def sealed_position(position: int, actor: Actor) -> str:
    """A position as the opaque text that only this organisation can use."""
    return sealed((position,), bound_to=_bound(actor))


def opened_position(text: str, actor: Actor, *, name: str = "cursor") -> int:
    """The position in a text that `sealed_position` made; 0 for none. Raises 400 naming the parameter for any other."""
    return int(opened(text, bound_to=_bound(actor), name=name)[0]) if text else 0


def _bound(actor: Actor) -> str:
    return json.dumps(["changes", str(actor.organisation)])


def _steps(actor: Actor, *, after: int, count: int) -> list[dict[str, Any]]:
    kind = Version.objects.filter(filing=OuterRef("filing_id"), number=OuterRef("version_number")).values("kind")[:1]
    return list(
        Transition.objects.visible_to(actor)
        .filter(id__gt=after)
        .order_by("id")
        .values(*_COLUMNS, "filing__reference", "filing__client_reference", version_kind=Subquery(kind))[:count]
    )


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    reference, number = row["filing__reference"], row["version_number"]
    url = f"/api/v1/filings/{reference}/"
    return {
        "kind": _KINDS[row["verb"]],
        "filing": reference,
        "url": url,
        "client_reference": row["filing__client_reference"] or None,
        "status": row["target"],
        "previous_status": row["source"],
        "version": number or None,
        "version_kind": row["version_kind"],
        "version_url": f"{url}versions/{number}/" if number else None,
        "at": moment(row["at"]),
        "by": _SIDES[row["verb"]].value,
        "reason": row["reason"] or None,
        "about": row["pointers"],
        "answer_by": moment(row["answer_by"]) if row["answer_by"] else None,
    }
