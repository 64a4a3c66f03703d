"""What every page knows: who looks, in which environment."""

from django.conf import settings
from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, object]:
    """Names for the frame around every page."""
    return {"environment": settings.ENVIRONMENT, "actor": getattr(request, "actor", None)}
