"""Pages by cursor: newest first, by moment and id, so that nothing is lost or shown twice while others write."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

from api.parameters import Parameters, sealed

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, and the cursor of what comes after them (None at the end)."""

    rows: list[Row]
    next: str | None


def page(chosen: QuerySet[Row], *, query: Parameters, moment: str, endpoint: str, organisation: object) -> Page[Row]:
    """The page of `chosen` that the query's `limit` and `cursor` name, by the column `moment`, newest first.

    A cursor holds for one endpoint, one set of filters and one organisation; any other is refused with 400.
    """
    limit = query.limit()
    bound_to = query.binding(endpoint=endpoint, organisation=organisation)
    position = query.cursor(bound_to=bound_to)
    if position is not None:
        at, last = datetime.fromisoformat(str(position[0])), uuid.UUID(str(position[1]))
        chosen = chosen.filter(Q(**{f"{moment}__lte": at})).exclude(Q(**{moment: at}) & Q(id__gte=last))
    rows = list(chosen.order_by(f"-{moment}", "-id")[: limit + 1])
    more = len(rows) > limit
    shown = rows[:limit]
    return Page(shown, sealed(_position(shown[-1], moment), bound_to=bound_to) if more else None)


def _position(row: Any, moment: str) -> tuple[str, str]:
    return getattr(row, moment).isoformat(), str(row.id)
