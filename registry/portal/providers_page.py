"""The providers of a territory for its authority, which states a purpose first: the list, and the page of each."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts.policy import Permission
from registry.acting import Actor, Audience
from registry.compute.models import Facility
from registry.errors import NotFound
from registry.filings.models import Filing
from registry.organisations.models import Organisation
from registry.oversight import looks, provider_queries
from registry.oversight.models import LookKind
from registry.oversight.provider_queries import Sought, Standing
from registry.portal import figure_file, organisation_page, provider_view, purpose
from registry.portal.analysis_page import file_of
from registry.portal.page import REGULATORS, Page
from registry.portal.paging import part
from registry.portal.presentation import choices, drawn, words
from registry.portal.presentation.marks import Crumb, Field, Filters, Heading, Label, Link, Tone
from registry.portal.presentation.providers import ProviderPage, ProviderRow, ProvidersPage

SHOWN = 10
ROLES = (provider_queries.DEVELOPER, provider_queries.OPERATOR)
STANDINGS = (provider_queries.OVERDUE, provider_queries.WAITING, provider_queries.FOUND)


class Providers(Page):
    """The list."""

    permission = Permission.OVERVIEW_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest) -> HttpResponse:
        """A page of it, by name, once a purpose is stated."""
        if purpose.known(request) is None:
            return purpose.asked(request)
        with self.reading() as actor:
            sought = _asked(request, actor)
            shown = part(request, provider_queries.providers(actor, sought, at=self.now))
            standings = provider_queries.standings(actor, [each.id for each in shown.rows], at=self.now)
            rows = tuple(_row(each, standings[each.id]) for each in shown.rows)
        page = ProvidersPage(
            heading=Heading(
                gettext("Providers"),
                gettext("Who files in your territory, how punctual they are, and what is open about them."),
                (Crumb(gettext("Oversight"), reverse("overview")), Crumb(gettext("Providers"))),
                links=(Link(gettext("Map and analysis"), reverse("analysis"), "chart-line-up"),),
            ),
            filters=_filters(sought, self.actor),
            rows=rows,
            pager=shown.pager,
        )
        return self.shown("oversight/providers.html", page)


class OneProvider(Page):
    """All that is known of one."""

    permission = Permission.OVERVIEW_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest, organisation: UUID) -> HttpResponse:
        """Figures, lists and what happened; each filing, facility and return that is named is a look."""
        why = purpose.known(request)
        if why is None:
            return purpose.asked(request)
        with self.writing() as actor:
            found = organisation_page.seen(actor, organisation)
            filed = Filing.objects.visible_to(actor).filed().filter(organisation=found)
            filings = list(filed.order_by("-submitted_at", "id")[:SHOWN])
            steps = provider_queries.steps_of(found, actor, limit=SHOWN)
            places = Facility.objects.visible_to(actor).filter(organisation=found).order_by("-registered_at", "id")
            facilities = list(places[:SHOWN])
            returns = provider_queries.returns_of(found, actor, limit=12)
            of_findings = provider_queries.findings_of(found, actor, limit=SHOWN)
            owed = list(provider_queries.owed_by(found, actor))
            named = [*filings, *(step.filing for step in steps)]
            named += [each.filing for each in of_findings if each.filing is not None]
            looks.note(named, kind=LookKind.LISTED, purpose=why, by=actor, at=self.now)
            looks.note_facilities(facilities, kind=LookKind.LISTED, purpose=why, by=actor, at=self.now)
            looks.note_returns(returns, kind=LookKind.LISTED, purpose=why, by=actor, at=self.now)
            page = ProviderPage(
                heading=provider_view.heading(found),
                key_figures=provider_view.key_figures(found, actor, at=self.now),
                punctuality=provider_view.punctuality(found, owed, at=self.now),
                runs=provider_view.runs(found, filings, actor, at=self.now),
                owners=provider_view.owners(found, actor, at=self.now),
                lists=tuple(
                    provider_view.lists(found, filings, facilities, returns, of_findings, by=actor, at=self.now)
                ),
                facts=organisation_page.facts(found, by=actor),
                history=provider_view.history(steps, owed, returns, at=self.now),
            )
        return self.shown("oversight/provider.html", page)


class ProviderFile(Page):
    """The strip of duties as a drawing or a table."""

    permission = Permission.OVERVIEW_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest, organisation: UUID, shape: str) -> HttpResponseBase:
        """The download, once a purpose is stated."""
        if purpose.known(request) is None:
            return purpose.asked(request)
        with self.reading() as actor:
            found = organisation_page.seen(actor, organisation)
            if shape not in figure_file.SHAPES:
                raise NotFound
            sheet = provider_view.duties_sheet(provider_queries.owed_by(found, actor), at=self.now)
            return file_of(sheet, "duties", shape)


def _asked(request: HttpRequest, actor: Actor) -> Sought:
    """What the address narrows the list to; nonsense is left out."""
    query = request.GET
    state = query.get("state", "")
    return Sought(
        words=query.get("q", "").replace("\x00", "").strip()[:100],
        territory=state if actor.audience is Audience.AI_OFFICE and state in drawn.MEMBERS else "",
        role=query.get("role", "") if query.get("role") in ROLES else "",
        standing=query.get("standing", "") if query.get("standing") in STANDINGS else "",
    )


def _filters(sought: Sought, actor: Actor) -> Filters:
    roles = dict(zip(ROLES, (gettext("Develops models"), gettext("Operates facilities")), strict=True))
    texts = (gettext("Duties overdue"), gettext("Filings to decide"), gettext("Findings not decided"))
    standing = dict(zip(STANDINGS, texts, strict=True))
    fields = [
        Field("q", gettext("Name, parent, LEI or EUID"), "search", sought.words),
        choices.select("role", gettext("Role"), roles, sought.role, everything=gettext("All")),
        choices.select("standing", gettext("Open"), standing, sought.standing, everything=gettext("All")),
    ]
    if actor.audience is Audience.AI_OFFICE:
        states = choices.member_states()
        field = choices.select("state", gettext("Member State"), states, sought.territory, everything=gettext("All"))
        fields.insert(1, field)
    return Filters(gettext("Filter the providers"), tuple(fields), reverse("oversight-providers"))


def _row(found: Organisation, how: Standing) -> ProviderRow:
    roles = (
        (gettext("develops models"), found.is_developer),
        (gettext("operates facilities"), found.is_compute_provider),
    )
    return ProviderRow(
        name=found.legal_name,
        href=reverse("oversight-provider", args=[found.id]),
        identifier=found.lei or found.euid,
        country=words.country(found.seat_country),
        roles=", ".join(text for text, holds in roles if holds),
        filings=words.count(how.filings),
        newest=_day(how.newest),
        waiting=words.count(how.waiting),
        in_time=f"{words.count(how.in_time)} / {words.count(how.judged)}" if how.judged else "–",
        overdue=Label(gettext("%(count)s overdue") % {"count": words.count(how.overdue)}, Tone.ALERT, "warning-octagon")
        if how.overdue
        else None,
        findings=words.count(how.findings),
    )


def _day(moment: datetime | None) -> str:
    return words.short_day(moment) if moment else ""
