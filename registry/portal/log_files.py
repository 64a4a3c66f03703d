"""The public log's files as they stand (C2SP tlog-tiles), for everybody and every cache: no session, no database.

A proxy may serve the folder itself in place of this; docs/evidence.md has the headers. Only names that the log can have
are looked for, so that no other file is ever reached.
"""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from registry.ledger import tiles
from registry.ledger.publishing import CHECKPOINT, POLICY, Folder

FOR_EVER = "public, max-age=31536000, immutable"  # a tile never changes under its own name
FRESH = "public, max-age=5"
PLAIN, BYTES = "text/plain; charset=utf-8", "application/octet-stream"


@require_safe
def checkpoint(request: HttpRequest) -> HttpResponse:
    """The newest signed head."""
    return _given(CHECKPOINT, PLAIN, FRESH)


@require_safe
def policy(request: HttpRequest) -> HttpResponse:
    """The log's key, its witnesses and their quorum."""
    return _given(POLICY, PLAIN, FRESH)


@require_safe
def tile(request: HttpRequest, path: str) -> HttpResponse:
    """Hashes or entries, whole or partial."""
    try:
        name = tiles.read_path(f"tile/{path}").path
    except tiles.TileRefused:
        raise Http404 from None
    return _given(name, BYTES, FOR_EVER)


def _given(name: str, media_type: str, kept: str) -> HttpResponse:
    try:
        content = Folder(settings.LOG_FOLDER).read(name)
    except FileNotFoundError:
        raise Http404 from None
    headers = {
        "Cache-Control": kept,
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return HttpResponse(content, content_type=media_type, headers=headers)
