"""Pages of a list: which part is shown, and the links to the others."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

from registry.portal.page import PER_PAGE, with_query
from registry.portal.presentation.marks import PageLink, Pager

Item = TypeVar("Item")


class Part(Generic[Item]):
    """One page of a list: its rows, and the pager to show beneath (None where all fits)."""

    def __init__(self, rows: Sequence[Item], pager: Pager | None) -> None:
        self.rows = rows
        self.pager = pager


def part(request: HttpRequest, found: "Sequence[Item] | QuerySet[Item]", *, per_page: int = PER_PAGE) -> Part[Item]:  # type: ignore[type-var]
    """The part that `?page=` asks for; nonsense there shows the first or the last."""
    paginator = Paginator(found, per_page)
    shown = paginator.get_page(request.GET.get("page"))
    rows = list(shown.object_list)
    if not rows:
        return Part(rows, None)
    links = tuple(
        PageLink(str(number), _href(request, number), number == shown.number)
        if isinstance(number, int)
        else PageLink("…")
        for number in paginator.get_elided_page_range(shown.number, on_each_side=2, on_ends=1)
    )
    return Part(
        rows,
        Pager(
            first=shown.start_index(),
            last=shown.end_index(),
            total=paginator.count,
            pages=links if paginator.num_pages > 1 else (),
            previous_href=_href(request, shown.previous_page_number()) if shown.has_previous() else "",
            next_href=_href(request, shown.next_page_number()) if shown.has_next() else "",
        ),
    )


def _href(request: HttpRequest, number: int) -> str:
    return with_query(request, {"page": number})
