"""Showing a filing to the authority of another State, and reading what was shown: told roughly, until a day."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts.policy import Permission
from registry.errors import Invalid
from registry.filings.document import element_at
from registry.filings.document.rendering import GIVEN
from registry.filings.models import Filing
from registry.oversight import sharing
from registry.oversight.models import Sharing
from registry.oversight.purposes import Purpose
from registry.portal import access_log, document_view, purpose
from registry.portal.page import REGULATORS, Page, language, said
from registry.portal.presentation import choices, words
from registry.portal.presentation.access import FormPage, SharedPage, SharingLine, SharingsPage
from registry.portal.presentation.marks import Crumb, Fact, Field, Heading, Notice, Section

USUAL = timedelta(days=30)
SHOWN_AT_ONCE = 200


class Sharings(Page):
    """What was shown to one's authority, and by it."""

    permission = Permission.FILING_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The newest first. The list names providers only by the title that the other authority chose to show."""
        with self.reading() as actor:
            found = list(Sharing.objects.visible_to(actor).filter(ends_at__gt=self.now)[:SHOWN_AT_ONCE])
        received = tuple(_line(each, is_received=True) for each in found if each.recipient == self.actor.territory)
        given = tuple(_line(each, is_received=False) for each in found if each.recipient != self.actor.territory)
        heading = Heading(
            gettext("Shown filings"),
            gettext("Filings that one authority shows to another: orders of magnitude, for a purpose, until a day."),
            (Crumb(gettext("Oversight"), reverse("overview")), Crumb(gettext("Shown filings"))),
        )
        return self.shown("oversight/sharings.html", SharingsPage(heading, received, given))


class OneSharing(Page):
    """A filing as it was shown."""

    permission = Permission.FILING_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest, shown: uuid.UUID) -> HttpResponse:
        """The rendering; the look is logged."""
        with self.writing() as actor:
            found = sharing.open_shared(sharing=shown, by=actor, at=self.now)
        told = gettext("%(who)s shows you this filing for: %(why)s. Your look is logged; the provider can list it.")
        heading = Heading(
            found.reference,
            found.provider,
            (
                Crumb(gettext("Oversight"), reverse("overview")),
                Crumb(gettext("Shown filings"), reverse("sharings")),
                Crumb(found.reference),
            ),
        )
        said_why = told % {"who": access_log.authority(found.looked_from), "why": access_log.why(found)}
        return self.shown("oversight/shared.html", SharedPage(heading, said_why, tuple(sections(found.rendering))))


class Share(Page):
    """Showing a filing to another authority."""

    permission = Permission.FILING_SHARE
    audiences = REGULATORS

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """To whom, until when, why."""
        return self._form(request, reference)

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Show it, then to the list; what is not complete is asked again."""
        try:
            with self.writing() as actor:
                sharing.share(
                    reference=reference,
                    recipient=request.POST.get("recipient", ""),
                    ends_at=_until(request.POST.get("until", "")),
                    purpose=purpose.given(request, actor),
                    by=actor,
                    at=self.now,
                )
        except Invalid as refused:
            return self._form(request, reference, error=" ".join(said(refused)), status=400)
        return redirect("sharings")

    def _form(self, request: HttpRequest, reference: str, *, error: str = "", status: int = 200) -> HttpResponse:
        with self.reading() as actor:
            own = Filing.objects.visible_to(actor).filed().filter(reference=reference).values_list("territory").first()
        others = {code: name for code, name in choices.member_states().items() if (code,) != own}
        recipient = choices.select("recipient", gettext("Member State"), others, request.POST.get("recipient", ""))
        usual = (self.now + USUAL).date().isoformat()
        fields = (
            replace(recipient, required=True),
            Field("until", gettext("Until"), "date", request.POST.get("until", usual), required=True),
            *purpose.fields(self.actor, chosen=Purpose(sharing.BASIS)),
        )
        told = gettext(
            "The other authority reads orders of magnitude, quarters and codes; owners, customers, hardware and names "
            "are only shown as given. The provider reads in its access log that you showed the filing, and each look."
        )
        page = FormPage(
            Heading(
                gettext("Show %(reference)s to another authority") % {"reference": reference},
                crumbs=(
                    Crumb(gettext("Oversight"), reverse("overview")),
                    Crumb(reference, reverse("oversight-filings-one", args=[reference])),
                    Crumb(gettext("Show")),
                ),
            ),
            fields,
            request.path,
            told,
            gettext("Show the filing"),
            notices=(Notice("error", error),) if error else (),
        )
        answer = self.shown("oversight/exports_form.html", page)
        answer.status_code = status
        return answer


def _until(text: str) -> datetime:
    """The end of a day, in UTC. Raises `Invalid` for what is no day."""
    try:
        return datetime.combine(date.fromisoformat(text) + timedelta(days=1), datetime.min.time(), UTC)
    except (ValueError, OverflowError):
        raise Invalid("A day is needed.", remedy="Choose another day.") from None


def _line(shown: Sharing, *, is_received: bool) -> SharingLine:
    return SharingLine(
        reference=shown.reference,
        href=reverse("sharings-one", args=[shown.id]) if is_received else "",
        provider=shown.provider,
        by=access_log.authority(shown.looked_from),
        to=access_log.authority(shown.recipient),
        until=shown.ends_at,
        why=access_log.why(shown),
    )


def sections(rendering: Mapping[str, Any]) -> Iterator[Section]:
    """A rendering as facts under the parts of the document."""
    loose: list[Fact] = []
    for name, value in rendering.items():
        facts = tuple(_facts(value, f"/{name}", ()))
        if isinstance(value, Mapping) and not _is_told(value):
            yield Section(_label(f"/{name}"), facts)
        else:
            loose += facts
    if loose:
        yield Section(gettext("The document"), tuple(loose))


def _facts(value: Any, pointer: str, above: tuple[str, ...]) -> Iterator[Fact]:
    path = (*above, _label(pointer)) if not pointer.rpartition("/")[2].isdecimal() else above
    if isinstance(value, Mapping) and not _is_told(value):
        for name, each in value.items():
            yield from _facts(each, f"{pointer}/{name}", path if pointer.count("/") > 1 else ())
    elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        for place, each in enumerate(value):
            yield from _facts(each, f"{pointer}/{place}", (*path, str(place + 1)))
    else:
        yield Fact(" · ".join(path), _text(value, pointer))


def _is_told(value: Mapping[str, Any]) -> bool:
    """Whether this is the rough form of a leaf and not a part of the document."""
    return value == GIVEN or set(value) in ({"at_least", "below"}, {"quarter"})


def _text(value: Any, pointer: str) -> str:
    if isinstance(value, list):
        return ", ".join(document_view.value(each, element_at(pointer)) for each in value)
    if not isinstance(value, Mapping):
        return document_view.value(value, element_at(pointer))
    if "quarter" in value:
        return str(value["quarter"])
    if "below" not in value:
        return gettext("given")
    shown = {name: _amount(Decimal(value[name])) for name in ("at_least", "below")}
    return gettext("from %(at_least)s to below %(below)s") % shown


def _amount(value: Decimal) -> str:
    return words.flop(value, digits=1) if value >= document_view.LARGE else words.count(value)


def _label(pointer: str) -> str:
    element = element_at(pointer)
    name = pointer.rpartition("/")[2].replace("_", " ")
    return (element.label.get(language()) if element else None) or name
