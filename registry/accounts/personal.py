"""Named views and reading marks of a person, kept where signing in keeps things: outside of units of work.

No audience may see either table (data/policy.toml); each function touches the rows of one person alone.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from registry.accounts.models import Reading, SavedView
from registry.errors import Invalid, NotFound, NotPossible

MOST_VIEWS: Final = 20  # of a page
LONGEST_NAME: Final = 60
LONGEST_QUERY: Final = 500


def views_of(*, user: UUID, page: str) -> list[SavedView]:
    """The views of a page that a person named, by name."""
    return list(SavedView.objects.filter(user_id=user, page=page)[:MOST_VIEWS])


def keep_view(*, user: UUID, page: str, name: str, query: str, at: datetime) -> SavedView:
    """Keep filters and order of a page under a name; one of the same name is replaced.

    Raises `Invalid` for no name, one too long, or an address too long; `NotPossible` when there are too many.
    """
    told = " ".join(name.replace("\x00", "").split())
    if not 0 < len(told) <= LONGEST_NAME or len(query) > LONGEST_QUERY:
        raise Invalid("A view needs a name of up to 60 characters.", remedy="Name it, and use fewer filters.")
    others = SavedView.objects.filter(user_id=user, page=page).exclude(name=told)
    if others.count() >= MOST_VIEWS:
        raise NotPossible("There are 20 named views already.", remedy="Forget one first.")
    kept, _ = SavedView.objects.update_or_create(
        user_id=user, page=page, name=told, defaults={"query": query, "made_at": at}
    )
    return kept


def forget_view(*, user: UUID, view: int) -> None:
    """Forget a view. Raises `NotFound` for one that is not the person's own."""
    gone, _ = SavedView.objects.filter(user_id=user, id=view).delete()
    if not gone:
        raise NotFound


def read_until(*, user: UUID, page: str) -> datetime | None:
    """Until when a person has read what comes to a page; None where it never said."""
    return Reading.objects.filter(user_id=user, page=page).values_list("read_until", flat=True).first()


def mark_read(*, user: UUID, page: str, until: datetime) -> None:
    """What came until a moment is read."""
    Reading.objects.update_or_create(user_id=user, page=page, defaults={"read_until": until})
