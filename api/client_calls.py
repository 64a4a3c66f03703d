"""What a machine's people are told of its calls: the last ones that wrote or were refused, and when its key ends.

Written after the answer is made, outside of any unit of work. A dry run stores nothing, not even that it was made.
"""

import logging
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import DatabaseError
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from registry.accounts import calls
from registry.accounts.models import KeyUse

log = logging.getLogger(__name__)

EXPIRES: Final = "Client-Key-Expires"
TOLD_WITHIN: Final = timedelta(days=30)
_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_NOT_FOUND: Final = "not-found"


def finish(request: HttpRequest, response: HttpResponseBase) -> None:
    """Tell the end of the caller's key in the answer, and note the call. Nothing for a caller without a client."""
    client = getattr(request, "client_key", None)
    if client is None:
        return
    now = datetime.now(UTC)
    tell(response, getattr(request, "key_ends_at", None), at=now)
    if _is_untold(request, response):
        return
    matched = request.resolver_match
    try:
        calls.note(
            client=client,
            at=now,
            method=str(request.method),
            route=str(matched.url_name) if matched else _NOT_FOUND,
            status=response.status_code,
            problem=str(getattr(response, "problem", "")),
            trace_id=str(getattr(request, "trace_id", "")),
        )
    except DatabaseError:
        log.warning("a call was not noted", exc_info=True)  # the answer stands: it says by itself what is wrong


def _is_untold(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether a call is a read that was answered, or a dry run."""
    is_answered_read = request.method in _READS and response.status_code < calls.REFUSED_FROM
    return is_answered_read or "dry_run" in request.GET


def tell(response: HttpResponseBase, ends_at: datetime | None, *, at: datetime) -> None:
    """Set the header on an answer of the last 30 days of a key."""
    if ends_at is not None and ends_at - at <= TOLD_WITHIN:
        response.headers[EXPIRES] = f"{ends_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def end_of_newest_key(client_id: str) -> datetime | None:
    """When the key ends with which a client asked for a token last; None for one that never did."""
    used = KeyUse.objects.filter(client_key__client__client_id=client_id).order_by("-at")
    found: datetime | None = used.values_list("client_key__ends_at", flat=True).first()
    return found
