"""The base of every endpoint: who may call is declared, one unit of work, one domain call.

Conventions for writes: `Idempotency-Key` on POST (the first answer is kept and given again), strong `ETag` and
`If-Match` on change, `?dry_run=true` on all (same path, nothing stored).
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from math import isinf
from typing import IO, Any, ClassVar
from uuid import UUID

from django.db import connection
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.parsers import BaseParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api import client_calls, deprecation, problems, reading, throttling
from api.authentication import unauthorized
from api.parameters import Parameters
from api.problems import Problem
from registry.accounts.actors import NOBODY
from registry.accounts.policy import Permission
from registry.acting import Actor, acting_as
from registry.dispatch.models import Reply

KEY_LENGTH = 255
READS = ("GET", "HEAD")
_ENTITY_TAG = re.compile(r'(W/)?"([^"\s]*)"')
NO_SIGNATURE = "0" * 128  # the form of an Ed25519 signature; no key made it


class StrictJson(BaseParser):
    """JSON read by api.reading: no duplicates, no NaN, no depth bombs."""

    media_type = reading.JSON

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        """The decoded body."""
        return reading.read_json(stream.read())


class Declared(BasePermission):
    """Lets through who has the permission that the endpoint declares for the method."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """True, or raises 401 (nobody) or 403 (somebody without the scope)."""
        declared: Mapping[str, Permission | None] = getattr(view, "permissions", {})
        method = "GET" if request.method == "HEAD" else str(request.method)
        if method not in declared:
            raise MethodNotAllowed(method)
        if declared[method] is None:
            return True
        actor = caller(request)
        if actor is None:
            raise unauthorized()
        if str(declared[method]) not in actor.permissions:
            raise Problem("insufficient-scope")
        return True


def caller(request: Request) -> Actor | None:
    """The actor that api.authentication made of the token; None for a request without one."""
    found: object = request.user
    return found if isinstance(found, Actor) else None


@dataclass(frozen=True)
class Answer:
    """What a write answers: status, body, headers. Stored for repetition when it is a success."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


class _Undo(Exception):
    """Ends a dry run: everything is rolled back, the answer stands."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


class Endpoint(APIView):
    """Base view. A subclass declares `permissions` by method (None: open to everybody) or does not import."""

    permissions: ClassVar[Mapping[str, Permission | None]]
    parameters: ClassVar[tuple[str, ...]] = ()
    permission_classes = [Declared]
    parser_classes = [StrictJson]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not getattr(cls, "permissions", None):
            raise TypeError(f"{cls.__name__} declares no permissions: say who may call it")

    def perform_authentication(self, request: Request) -> None:
        """Find out who calls, and count the call: for the client, or for the address of one who proved nothing."""
        try:
            actor = caller(request)
        except Problem:
            throttling.charge_address(request)
            raise
        if actor is None:
            throttling.charge_address(request)
        else:
            throttling.charge_client(request, client=actor.id)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the caller, then the names of the query parameters."""
        super().initial(request, *args, **kwargs)
        self.query = Parameters(request.GET, allowed=self.parameters_of(str(request.method)))

    @classmethod
    def parameters_of(cls, method: str) -> tuple[str, ...]:
        """The names of the query parameters that a method reads: those of the list, or `dry_run` of a write."""
        return cls.parameters if method in READS else ("dry_run",)

    def _tell_deprecation(self, request: Request, answer: Any) -> None:
        route = getattr(request, "resolver_match", None)
        for name, value in deprecation.headers_of(route.url_name if route else "", str(request.method)).items():
            answer.headers[name] = value

    @property
    def allowed_methods(self) -> list[str]:
        """What the header `Allow` names: the declared methods."""
        return methods_of(type(self))

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """The answer; what is deprecated and the end of the caller's key are told, the call noted for its people."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        self._tell_deprecation(request, answer)
        client_calls.finish(getattr(request, "_request", request), answer)
        return answer

    @property
    def now(self) -> datetime:
        """The moment of this request: the edge reads the clock, the domain is told."""
        return datetime.now(UTC)

    @contextmanager
    def reading(self, request: Request) -> Iterator[Actor]:
        """A unit of work that cannot write."""
        with acting_as(self._actor(request), read_only=True) as actor:
            yield actor

    def write(self, request: Request, perform: Callable[[Actor], Answer]) -> Response:
        """One unit of work around `perform`, with idempotency and dry run."""
        key = idempotency_key(request) if request.method == "POST" else ""
        dry_run = self.query.flag("dry_run")
        mark = fingerprint(method="POST", path=request.path, content=request.data) if key else b""
        try:
            with acting_as(self._actor(request)) as actor:
                answer = (_replayed(actor, key, mark) if key else None) or _worded(perform(actor), request)
                if dry_run:
                    raise _Undo(answer)
                if key and "Idempotent-Replayed" not in answer.headers:
                    _keep(actor, key, mark, answer, at=self.now)
        except _Undo as undo:
            headers = {**undo.answer.headers, "Dry-Run": "true"}
            answer = Answer(undo.answer.status, unsigned(undo.answer.body), headers)
        return Response(answer.body, status=answer.status, headers=dict(answer.headers))

    def _actor(self, request: Request) -> Actor:
        return caller(request) or NOBODY


def _worded(answer: Answer, request: Request) -> Answer:
    """The answer with its language, which is kept with it: a repetition gives the same words again."""
    language = problems.language(request.headers.get("Accept-Language"))
    return replace(answer, headers={**answer.headers, "Content-Language": language})


def methods_of(endpoint: type[Endpoint]) -> list[str]:
    """The methods that an endpoint answers; HEAD wherever GET is declared."""
    return sorted({*endpoint.permissions, *(("HEAD",) if "GET" in endpoint.permissions else ())})


def unsigned(value: Any) -> Any:
    """`value` with the signature of every receipt in it blanked: what was rolled back must not be vouched for."""
    if isinstance(value, Mapping):
        return {
            name: NO_SIGNATURE if name == "signature" and isinstance(each, str) else unsigned(each)
            for name, each in value.items()
        }
    return [unsigned(each) for each in value] if isinstance(value, list | tuple) else value


def expected_revision(request: Request) -> int:
    """The revision that `If-Match` names.

    Raises 428 without one (or `*`), 400 for what is not one entity tag, 412 for a weak one and one we never gave.
    """
    header = request.headers.get("If-Match", "").strip()
    if not header or header == "*":
        raise Problem("precondition-required")
    found = _ENTITY_TAG.fullmatch(header)
    if found is None:
        raise Problem("precondition-invalid")
    weak, value = found.groups()
    if weak or not value.isascii() or not value.isdigit() or len(value) > 9:
        raise Problem("precondition-failed")
    return int(value)


def members(request: Request, *, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """The body as an object with exactly these members. Raises 422 naming every member that is unknown or missing."""
    return reading.members_of(request.data, required=required, optional=optional)


def fingerprint(*, method: str, path: str, content: Any) -> bytes:
    """SHA-256 of what makes two requests the same: method, path and content, however it is written (RFC 8785).

    The query is left out: a write reads only `dry_run` of it, and a dry run foretells what the key will answer.
    """
    written = json.dumps(
        content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain
    )
    return hashlib.sha256(f"{method} {path}\n{written}".encode("utf-8", "surrogatepass")).digest()


def idempotency_key(request: Request) -> str:
    """The `Idempotency-Key`. Raises 400 without one."""
    key = request.headers.get("Idempotency-Key")
    if key is None or key == "":
        raise Problem("idempotency-key-missing")
    if len(key) > KEY_LENGTH or not key.isascii() or not key.isprintable():
        raise Problem("idempotency-key-invalid")
    return str(key)


def _owner(actor: Actor) -> UUID:
    """Whose key it is. Only organisations write over HTTP."""
    if actor.organisation is None:
        raise Problem("insufficient-scope")
    return actor.organisation


def _plain(value: object) -> int | float | dict[str, str]:
    """A number with a fraction or an exponent as RFC 8785 has it: the double, but a whole one without its point.

    One that was not converted (an item of a batch is refused for it alone) counts as it was written.
    """
    if isinstance(value, reading.OutOfRange):
        return {"out of range": value.text}
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} in a body")
    whole, double = int(value), float(value)
    return whole if value == whole or isinf(double) else double


def _replayed(actor: Actor, key: str, mark: bytes) -> Answer | None:
    """The stored answer, if there is one. Raises 409 while the first is running, 422 for another request."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"reply {actor.organisation} {key}"]
        )
        if not cursor.fetchone()[0]:
            raise Problem("idempotency-key-running")
    reply = Reply.objects.filter(organisation_id=_owner(actor), key=key).first()
    if reply is None:
        return None
    if bytes(reply.fingerprint) != mark:
        raise Problem("idempotency-key-reused")
    return Answer(reply.status, json.loads(bytes(reply.body)), {**reply.headers, "Idempotent-Replayed": "true"})


def _keep(actor: Actor, key: str, mark: bytes, answer: Answer, *, at: datetime) -> None:
    Reply.objects.create(
        organisation_id=_owner(actor),
        key=key,
        fingerprint=mark,
        status=answer.status,
        headers=dict(answer.headers),
        body=json.dumps(answer.body, ensure_ascii=False).encode(),
        at=at,
    )
