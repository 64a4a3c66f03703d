"""Who of an authority saw the organisation's filings, over HTTP; and what they may look for, open to everybody."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import StreamingHttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from api import tables
from api.endpoint import Endpoint
from api.filings import spoken
from api.parameters import sealed
from registry.accounts.policy import Permission
from registry.ledger.chain import moment_text
from registry.oversight import purposes
from registry.oversight.models import Look, LookKind

P = Permission
TABLE = ("at", "filing", "kind", "authority", "role", "legal_basis", "case_reference", "purpose")


class Access(Endpoint):
    """`/access/`: who looked at the organisation's filings, in which role, when and why."""

    permissions = {"GET": P.LOOK_READ}
    parameters = ("limit", "cursor", "filing", "look_kind", "legal_basis", "looked_after", "looked_before")
    renderer_classes = tables.OFFERED
    content_negotiation_class = tables.ByQuality

    def get(self, request: Request) -> Response | StreamingHttpResponse:
        """A page of looks. Follow `next` until it is null. `Accept: text/csv` gives the same page as a table.

        A line of a list is told once a day for each person and purpose; every other look each time. The person is not
        named. `opening` lets you check that the look stands in the public log.
        """
        language = spoken(request)
        limit = self.query.limit()
        with self.reading(request) as actor:
            bound_to = self.query.binding(endpoint="access", organisation=actor.organisation)
            position = self.query.cursor(bound_to=bound_to)
            found = _after(self._chosen(Look.objects.visible_to(actor)), position)[: limit + 1]
            rows = list(found)
        shown = [look_body(row, language) for row in rows[:limit]]
        following = sealed(_position(rows[limit - 1]), bound_to=bound_to) if len(rows) > limit else None
        if tables.is_wanted(request):
            return tables.streamed(TABLE, _lines(shown), name="access.csv")
        return Response({"results": shown, "next": following})

    def _chosen(self, looks: "QuerySet[Look]") -> "QuerySet[Look]":
        if filing := self.query.text("filing"):
            looks = looks.filter(reference=filing)
        if kind := self.query.choice("look_kind", choices=[each.value for each in LookKind]):
            looks = looks.filter(kind=kind)
        if basis := self.query.choice("legal_basis", choices=list(purposes.bases())):
            looks = looks.filter(basis=basis)
        if after := self.query.moment("looked_after"):
            looks = looks.filter(at__gte=after)
        if before := self.query.moment("looked_before"):
            looks = looks.filter(at__lt=before)
        return looks


class LegalBases(Endpoint):
    """`/legal-bases/`: what an identified filing may be looked at for."""

    permissions = {"GET": None}

    def get(self, request: Request) -> Response:
        """The list, with the article of each."""
        language = spoken(request)
        rows = [
            {"code": b.code, "article": b.article, "name": b.words[language], "source": b.source}
            for b in purposes.bases().values()
        ]
        return Response({"results": rows})


def look_body(look: Look, language: str) -> dict[str, Any]:
    """A look as its provider reads it."""
    basis = purposes.bases().get(look.basis)
    return {
        "filing": look.reference,
        "at": moment_text(look.at),
        "kind": look.kind,
        "authority": look.looked_from,
        "role": look.role,
        "legal_basis": basis.code if basis else None,
        "legal_basis_article": basis.article if basis else None,
        "case_reference": look.case_reference,
        "purpose": look.purpose,
        "told": purposes.in_words(look.basis, look.case_reference, look.purpose, language=language),
        "opening": {
            "salt": bytes(look.salt).hex(),
            "actor_sha256": bytes(look.actor_digest).hex(),
            "entry": look.entry_id,
        }
        if look.entry_id is not None
        else None,
    }


def _lines(shown: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    for row in shown:
        yield tuple(str(row[name] or "") for name in TABLE)


def _position(look: Look) -> tuple[str, int]:
    return look.at.isoformat(), look.id


def _after(looks: "QuerySet[Look]", position: tuple[str | int, ...] | None) -> "QuerySet[Look]":
    """Newest first, after the last one shown."""
    if position is not None:
        at, last = datetime.fromisoformat(str(position[0])), int(position[1])
        looks = looks.filter(at__lte=at).exclude(Q(at=at) & Q(id__gte=last))
    return looks.order_by("-at", "-id")
