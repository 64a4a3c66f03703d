"""The open pages: home, statistics, what must be filed, the interface, status and texts. Nobody is anybody here."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, resolve, reverse
from django.utils.translation import gettext
from django.views import View
from django.views.decorators.http import require_safe

from registry.accounts import actors
from registry.accounts.actors import NOBODY
from registry.accounts.models import User
from registry.acting import Actor, Audience, acting_as
from registry.filings import duties, reckoning, thresholds
from registry.portal import home_figures, release_page, rules_page, run_question, texts
from registry.portal.presentation import reference, words
from registry.portal.presentation.marks import Crumb, Heading, Label, Link, Meta, Notice, Tone
from registry.portal.presentation.open_pages import (
    Door,
    HomePage,
    RequirementsPage,
    ServicePart,
    StatusPage,
    TextPage,
    TextSection,
)
from registry.statistics.models import Release

FILE_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json", "evidence": "application/json"}
FRESH_FOR = 300  # seconds a public page may be kept by others


class OpenPage(View):
    """Base view of what everybody may see."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """What is shown does not depend on who looks; the frame around it does (registry.portal.session_rules)."""
        self.now = datetime.now(UTC)
        return super().dispatch(request, *args, **kwargs)

    @contextmanager
    def reading(self) -> Iterator[Actor]:
        """A unit of work of the public."""
        with acting_as(NOBODY, read_only=True) as actor:
            yield actor

    def shown(self, template: str, page: object, **beside: object) -> HttpResponse:
        """The page. What anonymous visitors get may be cached."""
        answer = render(self.request, template, {"page": page, **beside})
        is_anonymous = not self.request.user.is_authenticated
        answer["Cache-Control"] = f"public, max-age={FRESH_FOR}" if is_anonymous else "private, no-store"
        return answer

    def file(self, content: bytes, media_type: str) -> HttpResponse:
        """A file that is made anew each time, as everybody gets it."""
        kept = {"Cache-Control": f"public, max-age={FRESH_FOR}", "Access-Control-Allow-Origin": "*"}
        return HttpResponse(content, content_type=media_type, headers=kept)


_FIRST_PAGES = {
    Audience.OFFICER: "overview",
    Audience.AI_OFFICE: "overview",
    Audience.PROVIDER: "workspace",
    Audience.AUDITOR: "access-log",
    Audience.ANALYST: "tallies",
    Audience.STATISTICIAN: "publications",
    Audience.OPERATOR: "retention",
}


@require_safe
def front_door(request: HttpRequest) -> HttpResponse:
    """`/`: to the home page in the visitor's language."""
    return redirect("home")


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Where a person lands after signing in: where the role works."""
    if not isinstance(request.user, User):
        return redirect("account_login")
    actor = actors.of_person(request.user, at=datetime.now(UTC))
    if actor is not None and actor.audience in _FIRST_PAGES:
        return redirect(_FIRST_PAGES[actor.audience])
    if actor is None or actor.audience not in set(Audience):
        messages.warning(request, gettext("Your account has no role at present. Ask your administrator."))
    else:
        messages.info(request, gettext("Your role has no pages of its own yet."))
    return redirect("home")


class Home(OpenPage):
    """The front page."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """What the registry is, the newest figures, and where to go."""
        with self.reading() as actor:
            newest = home_figures.newest(by=actor, now=self.now)
        page = HomePage(
            heading=Heading(
                gettext("Who trains what, and who rents the compute"),
                gettext(
                    "The European register of large AI training runs and of access to the accelerators they need. "
                    "Providers file, authorities review, the public reads statistics that identify nobody."
                ),
                main_link=Link(gettext("Read the statistics"), reverse("statistics"), "chart-line-up"),
                links=(
                    Link(gettext("What must be filed"), reverse("requirements"), "scales"),
                    Link(gettext("Register an organisation"), reverse("register"), "buildings"),
                ),
            ),
            numbers=newest.numbers if newest else (),
            numbers_note=gettext("As of %(day)s") % {"day": words.day(newest.published_on)} if newest else "",
            doors=_doors(),
            figure=newest.figure if newest else None,
            release=Link(gettext("The release"), newest.href) if newest else None,
        )
        return self.shown("public/home.html", page)


def _doors() -> tuple[Door, ...]:
    return (
        Door(
            gettext("File a training run"),
            gettext("Developers notify within two weeks of knowing that a run will exceed 10²⁵ FLOP."),
            Link(gettext("What must be filed"), reverse("requirements")),
            "file-plus",
        ),
        Door(
            gettext("Read the data"),
            gettext("Quarterly statistics under disclosure control, in open formats, with their method."),
            Link(gettext("Statistics"), reverse("statistics")),
            "chart-bar",
        ),
        Door(
            gettext("Use the API"),
            gettext("File, amend and follow your filings from your own systems, with a receipt for each version."),
            Link(gettext("API reference"), reverse("api-reference")),
            "code",
        ),
    )


class OneRelease(OpenPage):
    """One vintage of one table, as releases of the first form were."""

    def get(self, request: HttpRequest, table: str, vintage: int) -> HttpResponse:
        """The page."""
        with self.reading():
            page = release_page.page(_release(table, vintage), call_base=settings.BASE_URL)
        return self.shown("public/release.html", page)


class ReleaseFile(OpenPage):
    """A file of a release of the first form."""

    def get(self, request: HttpRequest, table: str, vintage: int, form: str) -> HttpResponse:
        """The same bytes each time."""
        if form not in FILE_TYPES:
            raise Http404
        with self.reading():
            found = _release(table, vintage)
            if form == "evidence" and not found.release.salt:
                raise Http404
            content = release_page.content(found, form)
        answer = HttpResponse(content, content_type=FILE_TYPES[form])
        answer["Content-Disposition"] = f'attachment; filename="{table}-{vintage}.{form}"'
        return answer


def _release(table: str, vintage: int) -> release_page.Published:
    found = Release.objects.filter(table=table, vintage=vintage).first()
    if found is None:
        raise Http404
    return release_page.read(found)


class Requirements(OpenPage):
    """What must be filed: thresholds and duties from the data the register computes with."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """As of today; with an answer about one run where one is asked for."""
        today: date = self.now.date()
        question = run_question.asked({name: str(value) for name, value in request.GET.items()})
        with self.reading():
            holidays = reckoning.calendar(()).get("EU", frozenset())
        ours, others = rules_page.obliging(thresholds.in_force(on=today))
        page = RequirementsPage(
            Heading(
                gettext("What must be filed"),
                gettext("Who reports what to whom, and by when."),
                (Crumb(gettext("Home"), reverse("home")), Crumb(gettext("What must be filed"))),
            ),
            rules_page.threshold_rows(ours),
            rules_page.duty_rows(duties.rules()),
            rules_page.threshold_rows(others),
            texts.steps(),
            gettext("As of %(day)s.") % {"day": words.day(today)},
            question.fields,
            run_question.answered(question, today=today, holidays=holidays),
        )
        return self.shown("public/requirements.html", page)


@dataclass(frozen=True)
class _Headed:
    """A page that is little more than its head."""

    heading: Heading
    notices: tuple[Notice, ...] = ()


class ApiReference(OpenPage):
    """The interface for machines, for people: rendered here from the OpenAPI document, without script."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The reference; a notice where this process does not serve the interface."""
        document, href = _openapi()
        heading = Heading(
            gettext("API reference"),
            gettext("Everything a provider can do here, its own systems can do too. The document is OpenAPI 3.1."),
            (Crumb(gettext("Home"), reverse("home")), Crumb(gettext("API reference"))),
            links=(Link("openapi.json", href, "file-code"),) if href else (),
        )
        notices = () if href else (Notice("info", gettext("This process does not serve the interface.")),)
        return self.shown("public/api.html", _Headed(heading, notices), reference=reference.read(document))


def _openapi() -> tuple[dict[str, Any], str]:
    """The document, from whoever answers at its address: this edge does not know the other."""
    try:
        return _asked("openapi").data, reverse("openapi")
    except NoReverseMatch:
        return {}, ""


def _asked(name: str) -> Any:
    """What the route of that name answers to anybody."""
    href = reverse(name)
    asked = HttpRequest()
    asked.method, asked.path, asked.path_info = "GET", href, href
    asked.META = {"SERVER_NAME": "localhost", "SERVER_PORT": "80", "HTTP_ACCEPT": "*/*"}
    return resolve(href).func(asked)


class Status(OpenPage):
    """How the service does."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Each part with a word."""
        found = json.loads(_asked("health-ready").content)
        down, slow = found["unavailable"], found["degraded"]
        working = Label(gettext("Working"), Tone.DONE, "check-circle")
        failing = Label(gettext("Not working"), Tone.ALERT, "warning-octagon")
        degraded = Label(gettext("Degraded"), Tone.WAITING, "warning")
        broker = degraded if "broker" in slow else working
        database = failing if "database" in down else working
        parts = (
            ServicePart(gettext("Filing and pages"), database, gettext("what you need to file and to read")),
            ServicePart(gettext("Screening and messages"), broker, gettext("filing goes on without them")),
        )
        page = StatusPage(
            Heading(
                gettext("Service status"),
                crumbs=(Crumb(gettext("Home"), reverse("home")), Crumb(gettext("Service status"))),
                meta=(Meta("clock", gettext("Checked %(moment)s") % {"moment": words.moment(self.now)}),),
            ),
            failing if down else degraded if slow else working,
            parts,
        )
        answer = self.shown("public/status.html", page)
        answer["Cache-Control"] = "no-store"
        return answer


def _text(title: str, sections: tuple[TextSection, ...]) -> TextPage:
    return TextPage(Heading(title, crumbs=(Crumb(gettext("Home"), reverse("home")), Crumb(title))), sections)


class Accessibility(OpenPage):
    """The accessibility statement."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """A text."""
        return self.shown("public/text.html", _text(gettext("Accessibility statement"), texts.accessibility()))


class About(OpenPage):
    """What the register is."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """A text."""
        return self.shown("public/text.html", _text(gettext("About the register"), texts.about()))
