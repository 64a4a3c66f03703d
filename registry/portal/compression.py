"""Pages are sent compressed: the overview is 145 kB of HTML and travels as a tenth of it.

Pages alone: an answer of the interface keeps its strong ETag, which compression would weaken; files are as they are.
Compression beside secrets can be sounded out by somebody who makes the browser ask again and again (BREACH): Django's
middleware adds a random length to each answer, tokens of forms are masked anew each time, and the session's cookie goes
with no request that another site sets off, but for following a link.
"""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class CompressedPages(GZipMiddleware):
    """Middleware that compresses HTML for browsers that take it."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """The answer, compressed where it is a page."""
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)  # type: ignore[arg-type, no-any-return, unused-ignore]
