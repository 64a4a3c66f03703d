"""What changed between two versions of a filing, field by field, and what of it is material."""

import json
from decimal import Decimal
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from api import problems
from api.bodies import found
from api.endpoint import Endpoint
from registry.accounts.policy import Permission
from registry.errors import NotFound
from registry.filings.difference import Change, difference
from registry.filings.document import element_at
from registry.filings.models import Filing

HIGHEST_NUMBER = 999_999


class VersionDifference(Endpoint):
    """`/filings/<reference>/versions/<number>/difference/`: from this version to another, the newest unless said."""

    permissions = {"GET": Permission.FILING_READ}
    parameters = ("to",)

    def get(self, request: Request, reference: str, number: int) -> Response:
        """Every field that differs. `to` may be any version of the filing, an earlier one too."""
        language = problems.language(request.headers.get("Accept-Language"))
        to = self.query.integer("to", lowest=1, highest=HIGHEST_NUMBER, default=0)
        with self.reading(request) as actor:
            filing = found(actor, reference)
            body = between(filing, old=number, new=to or filing.number, language=language)
        return Response(body)


def between(filing: Filing, *, old: int, new: int, language: str) -> dict[str, Any]:
    """The difference from version `old` to version `new` as JSON. Raises `NotFound` where one does not exist."""
    documents = dict(filing.versions.filter(number__in=[old, new]).values_list("number", "canonical"))
    if not {old, new} <= documents.keys():
        raise NotFound
    changes = difference(old=json.loads(documents[old]), new=json.loads(documents[new]))
    return {
        "filing": filing.reference,
        "old_version": old,
        "new_version": new,
        "material": sum(1 for change in changes if change.is_material),
        "changes": [_shown(change, language) for change in changes],
    }


def _shown(change: Change, language: str) -> dict[str, Any]:
    element = element_at(change.pointer)
    rule = change.rule
    return {
        "pointer": change.pointer,
        "key": change.key,
        "code": change.code or None,
        "label": element.label.get(language) if element else None,
        "kind": change.kind,
        "old": change.old,
        "new": change.new,
        "change_percent": None if change.change_percent is None else _plain(change.change_percent),
        "is_material": change.is_material,
        "material_because": rule and {"code": rule.code, "sentence": rule.reason[language], "source": rule.source},
    }


def _plain(percent: Decimal) -> str:
    """Plain digits, without noughts at the end."""
    text = format(percent, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
