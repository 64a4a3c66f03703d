"""A person's own views of the queue: filters and order kept under a name, and forgotten again."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts import personal
from registry.accounts.personal_models import SavedView
from registry.accounts.policy import Permission
from registry.errors import Invalid, NotPossible
from registry.portal import queue_filters
from registry.portal.page import REGULATORS, Page, said
from registry.portal.presentation.overview import NamedView, OwnViews

PAGE = "queue"
KEPT = ("view", *queue_filters.KEPT)


def address(query: QueryDict) -> str:
    """What of an address a view keeps, in one order, so that the same view has the same text."""
    kept = QueryDict(mutable=True)
    for name in KEPT:
        if value := query.get(name, "").replace("\x00", ""):
            kept[name] = value
    return kept.urlencode()


def own(request: HttpRequest) -> OwnViews:
    """The person's views as links, that of the present address marked. Ask outside of a unit of work."""
    here = address(request.GET)
    views = tuple(_shown(personal.views_of(user=_me(request), page=PAGE), here))
    is_kept = any(each.current for each in views)
    return OwnViews(views, f"{reverse('queue-views-keep')}?{here}" if here and not is_kept else "")


def _shown(views: Iterable[SavedView], here: str) -> Iterator[NamedView]:
    return (
        NamedView(
            each.name,
            f"{reverse('queue')}?{each.query}" if each.query else reverse("queue"),
            reverse("queue-views-forget", args=[each.pk]),
            each.query == here,
        )
        for each in views
    )


class KeepView(Page):
    """Keep the view of the address under a name."""

    permission = Permission.OVERVIEW_READ
    audiences = REGULATORS

    def post(self, request: HttpRequest) -> HttpResponse:
        """Then back to it."""
        query = address(request.GET)
        try:
            kept = personal.keep_view(
                user=_me(request), page=PAGE, name=request.POST.get("name", ""), query=query, at=self.now
            )
        except (Invalid, NotPossible) as refused:
            messages.error(request, " ".join(said(refused)))
        else:
            messages.success(request, gettext("The view is kept as “%(name)s”.") % {"name": kept.name})
        return redirect(f"{reverse('queue')}?{query}" if query else reverse("queue"))


class ForgetView(Page):
    """Forget one of one's own views."""

    permission = Permission.OVERVIEW_READ
    audiences = REGULATORS

    def post(self, request: HttpRequest, view: int) -> HttpResponse:
        """Then back to the queue."""
        personal.forget_view(user=_me(request), view=view)
        messages.success(request, gettext("The view is forgotten."))
        return redirect("queue")


def _me(request: HttpRequest) -> UUID:
    """Who is signed in: `Page` lets nobody else come here."""
    return UUID(str(request.user.pk))
