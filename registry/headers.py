"""Headers that every answer carries beside those of Django and the content policy (OWASP Secure Headers, ASVS V3)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# What a page of ours never needs of a browser. Passkeys are asked for by our own pages alone.
_NEVER = ("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer", "microphone")
_NEVER_EITHER = ("midi", "payment", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking")
_OURS = ("publickey-credentials-create", "publickey-credentials-get")
# Most of them Django and the content policy set themselves; what is refused before those gets them here.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        [*(f"{feature}=()" for feature in (*_NEVER, *_NEVER_EITHER)), *(f"{feature}=(self)" for feature in _OURS)]
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Headers:
    """Middleware, outermost, so that a refusal by any other carries them too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        if answer.headers.get("Access-Control-Allow-Origin") == "*":
            answer.headers.pop("Vary", None)  # the same for everybody, in whatever language: one copy in each cache
        return answer
