"""A list as a file: its columns and rows are said once, and sent as CSV or XLSX, made as it is sent.

Each list that can be taken along has two addresses, `<list>.csv` and `<list>.xlsx`, and one view that knows its form.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from django.http import StreamingHttpResponse
from django.urls import URLPattern, path, reverse

from registry.oversight import tabular
from registry.oversight.export_rules import Format
from registry.portal.page import Page
from registry.portal.presentation.marks import Link

FORMS: Final = {Format.CSV: "file-csv", Format.XLSX: "file-xls"}
AT_ONCE: Final = 500  # rows in a piece


class ListFile:
    """What makes a page a file, beside `Page`. Its form comes from its address."""

    form: Format = Format.CSV

    def sent(self, name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
        """The rows under their columns, as `<name>.<form>`."""
        return answer(name, head, rows, form=self.form)


def answer(name: str, head: Sequence[str], rows: Iterable[Sequence[object]], *, form: Format) -> StreamingHttpResponse:
    """A download, some rows at a time, so that memory stays the same however long it is."""
    told = StreamingHttpResponse(_pieces(head, iter(rows), form), content_type=tabular.MEDIA_TYPES[form])
    told["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return told


def _pieces(head: Sequence[str], rows: Iterator[Sequence[object]], form: Format) -> Iterator[bytes]:
    writer = tabular.writer(form, head)
    yield writer.begin()
    while some := list(islice(rows, AT_ONCE)):
        yield writer.rows(dict(zip(head, row, strict=True)) for row in some)
    yield writer.end()


def paths(address: str, view: type[Page], *, name: str) -> tuple[URLPattern, ...]:
    """The addresses of a list as a file: `<address>.csv` under the name `<name>-csv`, and so on."""
    return tuple(path(f"{address}.{form}", view.as_view(form=form), name=f"{name}-{form}") for form in FORMS)


def form_of(text: str) -> Format | None:
    """The form that an address asks for; nothing for what no list comes in."""
    return next((form for form in FORMS if form.value == text), None)


def links(name: str, *, query: str = "", of_what: str = "") -> tuple[Link, ...]:
    """The buttons to them, with the filters of the page."""
    return tuple(Link(form.upper(), reverse(f"{name}-{form}") + query, icon, of_what) for form, icon in FORMS.items())
