"""The figure of counts by month, some of which are withheld."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext

from registry.charts import counts
from registry.portal.presentation import words
from registry.portal.presentation.figures import DataTable, Figure, Key


@dataclass(frozen=True)
class Month:
    """A month's count by its first day; `is_more` where some of it is withheld."""

    begins: date
    known: int
    is_more: bool


def by_month(*, uid: str, title: str, months: Sequence[Month]) -> Figure:
    """A column for each month, oldest first; what is withheld is hatched, and leads nowhere."""
    first, last = months[0], months[-1]
    finding = gettext("%(from)s in %(first)s, %(to)s in %(last)s.") % {
        "from": _at_least(first),
        "first": f"{first.begins:%Y-%m}",
        "to": _at_least(last),
        "last": f"{last.begins:%Y-%m}",
    }
    heading = gettext("%(title)s by month") % {"title": title}
    names = words.months()
    columns = [
        counts.Column(
            names[each.begins.month - 1],
            (each.known, None) if each.is_more else (each.known,),
            None if each.is_more else each.known,
            str(each.begins.year),
        )
        for each in months
    ]
    hidden = gettext("c, confidential")
    return Figure(
        uid=f"{uid}-months",
        title=heading,
        subtitle=finding,
        svg=counts.stacked_columns(
            uid=f"{uid}-months",
            title=heading,
            finding=finding,
            columns=columns,
            series=(title, hidden),
            width=760,
            height=260,
        ),
        table=DataTable(
            heading,
            (gettext("Month"), title),
            tuple((f"{each.begins:%Y-%m}", _at_least(each)) for each in reversed(months)),
        ),
        legend=(Key("band-0", title), *((Key("hidden", hidden),) if any(each.is_more for each in months) else ())),
        layout="wide",
    )


def _at_least(month: Month) -> str:
    """The count; with a plus where some is withheld."""
    return f"{words.count(month.known)} + c" if month.is_more else words.count(month.known)
