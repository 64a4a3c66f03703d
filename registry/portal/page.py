"""The base of every page that is not public: who may look is declared, one unit of work, refusals become pages."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language
from django.views import View

from registry.accounts import actors
from registry.accounts.models import User
from registry.accounts.policy import Permission
from registry.acting import Actor, Audience, acting_as
from registry.errors import Conflict, DomainError, Invalid, NotFound, NotPermitted, NotPossible, in_language
from registry.portal import on_behalf

REGULATORS = frozenset({Audience.OFFICER, Audience.AI_OFFICE})
PROVIDERS = frozenset({Audience.PROVIDER})
PER_PAGE = 20
_STATUS: tuple[tuple[type[DomainError], int], ...] = (
    (NotFound, 404),
    (NotPermitted, 403),
    (NotPossible, 409),
    (Conflict, 409),
    (Invalid, 400),
)


def language() -> str:
    """The language of the page: en, fr or de."""
    return (get_language() or "en").split("-")[0]


def fault(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The page that says what was refused, and how to mend it."""
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 400)
    spoken = {"sentence": in_language(error.sentence, language()), "remedy": in_language(error.remedy, language())}
    template = {404: "404.html", 403: "403.html", 409: "409.html"}.get(status, "400.html")
    return render(request, template, {} if isinstance(error, NotFound) else spoken, status=status)


def said(refused: DomainError) -> tuple[str, ...]:
    """What a refusal tells, as sentences in the language of the page."""
    told = (refused.sentence, refused.remedy, *(obstacle.sentence for obstacle in refused.obstacles[:10]))
    return tuple(in_language(each, language()) for each in told if each)


class Page(View):
    """Base view. A subclass declares `permission` and `audiences` or does not import.

    Somebody without the audience or the permission gets 403, somebody not signed in is sent to sign in.
    """

    permission: ClassVar[Permission]
    audiences: ClassVar[frozenset[Audience]]
    for_itself: ClassVar[bool] = False  # never under a mandate
    actor: Actor

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not hasattr(cls, "permission") or not hasattr(cls, "audiences"):
            raise TypeError(f"{cls.__name__} declares no permission or no audiences: say who may look")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Find out who looks, then answer; a refusal of the domain becomes its page."""
        self.now = datetime.now(UTC)
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path())
        actor = actors.of_person(request.user, at=self.now)
        if actor is not None and not self.for_itself:
            actor = on_behalf.acting(request, actor, at=self.now)
        if actor is None or actor.audience not in self.audiences or self.permission.value not in actor.permissions:
            return render(request, "403.html", status=403)
        self.actor = actor
        request.actor = actor  # type: ignore[attr-defined]
        try:
            answer = super().dispatch(request, *args, **kwargs)
        except DomainError as error:
            return fault(request, error)
        answer["Cache-Control"] = "private, no-store"
        return answer

    @contextmanager
    def reading(self) -> Iterator[Actor]:
        """A unit of work that cannot write."""
        with acting_as(self.actor, read_only=True) as actor:
            yield actor

    @contextmanager
    def writing(self) -> Iterator[Actor]:
        """A unit of work."""
        with acting_as(self.actor) as actor:
            yield actor

    def shown(self, template: str, page: object, **beside: object) -> HttpResponse:
        """The page."""
        return render(self.request, template, {"page": page, **beside})


def with_query(request: HttpRequest, changes: Mapping[str, str | int]) -> str:
    """This address with parameters changed; an empty value takes one out, and every change goes back to page 1."""
    query = request.GET.copy()
    query.pop("page", None)
    for name, value in changes.items():
        query.pop(name, None)
        if value != "":
            query[name] = str(value)
    return f"?{query.urlencode()}"
