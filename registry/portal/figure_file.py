"""A figure as files: its drawing as SVG, its values as CSV and XLSX; one address each, one view for all."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from registry.portal import table_file
from registry.portal.presentation.marks import Link

SVG: Final = "svg"
SHAPES: Final = (*(form.value for form in table_file.FORMS), SVG)


def links(address: Callable[[str], str], *, of_what: str) -> tuple[Link, ...]:
    """The buttons to the files; `address` tells where a shape is had, `of_what` names the figure to who hears it."""
    return tuple(Link(shape.upper(), address(shape), "download-simple", of_what) for shape in SHAPES)


def answer(
    name: str, shape: str, *, drawing: bytes, head: Sequence[str], rows: Iterable[Sequence[object]]
) -> HttpResponseBase:
    """The download `<name>.<shape>`, one of SHAPES; `drawing` is the SVG that stands alone, in UTF-8."""
    if form := table_file.form_of(shape):
        return table_file.answer(name, head, rows, form=form)
    told = HttpResponse(drawing, content_type="image/svg+xml")
    told["Content-Disposition"] = f'attachment; filename="{name}.{SVG}"'
    return told
