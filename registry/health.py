"""Health for those who run the register: alive without touching anything, ready with its parts named."""

import socket
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

DEFAULT_PORTS = {"amqp": 5672, "redis": 6379}


@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers."""
    return JsonResponse({"status": "live"})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 when filing works, naming what is degraded; 503 when the database does not answer."""
    if not _database_answers():
        return JsonResponse({"status": "unavailable", "unavailable": ["database"], "degraded": []}, status=503)
    degraded = [] if _broker_answers() else ["broker"]
    return JsonResponse({"status": "degraded" if degraded else "ready", "unavailable": [], "degraded": degraded})


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        return False
    return True


def _broker_answers() -> bool:
    """Whether somebody listens at the broker's address; filing does not need it, so a second is enough to wait."""
    parts = urlsplit(settings.CELERY_BROKER_URL)
    try:
        if parts.scheme.endswith("+socket"):
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(1)
                probe.connect(parts.path)
        else:
            port = parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
            socket.create_connection((parts.hostname or "127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
