"""The files of releases, for everybody and every cache: no session, no language. A file never changes."""

import io
import zipfile

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from registry.accounts.actors import NOBODY
from registry.acting import acting_as
from registry.errors import NotFound
from registry.portal.release_words import ALL, EVIDENCE
from registry.statistics import evidence, shelf
from registry.statistics.formats import catalogue
from registry.statistics.formats.catalogue import FORMATS
from registry.statistics.models import Vintage

FOR_EVER = "public, max-age=31536000, immutable"
FRESH = "public, max-age=300"
TYPES = {
    **{ending: known[0] for ending, known in FORMATS.items()},
    ".svg": "image/svg+xml",
    ".ttl": "text/turtle; charset=utf-8",
    ".jsonld": "application/ld+json",
    ".sig": "application/octet-stream",
    ".zip": "application/zip",
}
SHOWN_IN_BROWSER = (".svg", ".json", ".jsonld", ".ttl")


@require_safe
def bundle_file(request: HttpRequest, release: str, vintage: str, path: str) -> HttpResponse:
    """One file of a vintage, or all of them as a ZIP."""
    with acting_as(NOBODY, read_only=True) as actor:
        try:
            found = shelf.one(release, int(vintage), by=actor)
            files = {each.path: each for each in shelf.files(found)}
            if path == EVIDENCE:
                return _given(request, evidence.of_vintage(found), f"ecar-{release}-{vintage}-{path}", "", FRESH)
            if path == ALL:
                content, tag = _zipped(found, list(files)), found.manifest_sha256
            else:
                content, tag = shelf.content(found, path), files[path].sha256 if path in files else ""
        except NotFound:
            raise Http404 from None
    name = f"ecar-{release}-{vintage}-{path.rpartition('/')[2]}"
    return _given(request, content, name, tag, FOR_EVER)


@require_safe
def whole_catalogue(request: HttpRequest, syntax: str) -> HttpResponse:
    """The catalogue of all releases, as Turtle or JSON-LD."""
    with acting_as(NOBODY, read_only=True) as actor:
        vintages = shelf.published(by=actor)
        described = [shelf.described(each) for each in sorted(vintages, key=lambda each: (each.release, each.number))]
    made = catalogue.render_catalogue(described, base_url=settings.BASE_URL)
    tag = "-".join(each.manifest_sha256[:8] for each in vintages[:1]) + f"-{len(vintages)}-{syntax}"
    return _given(request, made[f"catalogue.{syntax}"], f"catalogue.{syntax}", tag, FRESH)


def _zipped(vintage: Vintage, paths: list[str]) -> bytes:
    """The folder as an archive without compression, the same bytes each time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(paths):
            info = zipfile.ZipInfo(f"ecar-{vintage.release}-{vintage.number}/{path}")
            archive.writestr(info, shelf.content(vintage, path))
    return out.getvalue()


def media_type(path: str) -> str:
    """By the ending of a path, the longest that is known; plain text where there is none."""
    ending = max((each for each in TYPES if path.endswith(each)), key=len, default="")
    found = TYPES.get(ending, "text/plain")
    return f"{found}; charset=utf-8" if found.startswith("text/") and "charset" not in found else found


def _given(request: HttpRequest, content: bytes, name: str, tag: str, kept: str) -> HttpResponse:
    disposition = "inline" if name.endswith(SHOWN_IN_BROWSER) else "attachment"
    headers = {
        "Cache-Control": kept,
        "Content-Disposition": f'{disposition}; filename="{name}"',
        "Access-Control-Allow-Origin": "*",
    }
    answer = HttpResponse(content, content_type=media_type(name), headers=headers)
    if not tag:
        return answer
    answer["ETag"] = f'"{tag}"'
    found: HttpResponse = get_conditional_response(request, etag=answer["ETag"], response=answer) or answer
    return found
