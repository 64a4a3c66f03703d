"""The OpenAPI 3.1 document: from the endpoints themselves, with the filing document's own JSON Schema."""

from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from rest_framework.request import Request
from rest_framework.response import Response

from api.endpoint import Endpoint


class EndpointSchema(AutoSchema):
    """Reads what an endpoint declares."""


def with_document(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Postprocessing hook of drf-spectacular."""
    return result


@cache
def openapi() -> dict[str, Any]:
    """The document, made once a process."""
    made: dict[str, Any] = SchemaGenerator(urlconf="registry.urls").get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return made


class OpenApi(Endpoint):
    """`/openapi.json`: this interface, for machines; `/en/api/` shows it to people."""

    permissions = {"GET": None}

    def get(self, request: Request) -> Response:
        """The OpenAPI 3.1 document."""
        return Response(openapi(), content_type="application/vnd.oai.openapi+json")
