"""Why an authority looks, asked once a session for lists and for a filing where the session's reason is not the one.

Kept in the session and nowhere else; what was looked at for it is in the log for ever.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext

from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.errors import Invalid
from registry.oversight import purposes
from registry.oversight.purposes import Purpose
from registry.portal.page import REGULATORS, Page, language
from registry.portal.presentation.filing import PurposePage
from registry.portal.presentation.marks import Crumb, Field, Heading, Notice, Option

STATED = "purposes"  # in the session: reference to purpose; the empty reference stands for the session
SESSION = ""


def known(request: HttpRequest, reference: str = SESSION) -> Purpose | None:
    """The purpose stated in this session for a filing, else for the session; None if there is neither."""
    kept = request.session.get(STATED, {})
    found = kept.get(reference) or kept.get(SESSION)
    return Purpose(*found) if found else None


def keep(request: HttpRequest, purpose: Purpose, *, reference: str = SESSION) -> None:
    """Keep a purpose for a filing, or for the session."""
    kept = request.session.get(STATED, {})
    request.session[STATED] = {**kept, reference: [purpose.basis, purpose.case, purpose.sentence]}


def asked(request: HttpRequest) -> HttpResponse:
    """To the page that asks for the session's purpose, and back here afterwards."""
    return redirect(f"{reverse('oversight-purpose')}?{urlencode({'next': request.get_full_path()})}")


def given(request: HttpRequest, by: Actor, *, for_lists: bool = False) -> Purpose:
    """The purpose in a form. Raises `Invalid` for one that is not complete."""
    form = request.POST
    return purposes.stated(
        basis=form.get("purpose", ""),
        case=form.get("case", ""),
        sentence=form.get("sentence", ""),
        by=by,
        for_lists=for_lists,
    )


def fields(by: Actor, *, chosen: Purpose | None = None, for_lists: bool = False) -> tuple[Field, ...]:
    """The three fields of a purpose, with what is known already."""
    picked = chosen or Purpose("review")
    options = tuple(
        Option(basis.code, f"{basis.words[language()]}, {basis.article}{_needs(basis)}", basis.code == picked.basis)
        for basis in purposes.bases_of(by, for_lists=for_lists)
    )
    return (
        Field("purpose", gettext("Purpose and legal basis"), "select", options=options, required=True),
        Field(
            "case",
            gettext("Case or task"),
            value=picked.case,
            limit=purposes.LONGEST_CASE,
            help=gettext("Your own number or a few words."),
        ),
        Field("sentence", gettext("Why, in a sentence"), "area", picked.sentence, rows=2, limit=500),
    )


def _needs(basis: purposes.Basis) -> str:
    """What must be said with a basis, for the list of choices."""
    if not basis.needs:
        return ""
    if basis.needs == {"case"}:
        return gettext(" – needs the case")
    return gettext(" – needs the sentence") if basis.needs == {"sentence"} else gettext(" – needs case and sentence")


class State(Page):
    """Why somebody works with lists of identified filings in this session."""

    permission = Permission.OVERVIEW_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The question, with what was stated before."""
        return self._form(request, known(request))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep the answer for this session and go on; what is not complete is asked again."""
        try:
            keep(request, given(request, self.actor, for_lists=True))
        except Invalid as refused:
            said = Purpose(*(request.POST.get(name, "")[:500] for name in ("purpose", "case", "sentence")))
            return self._form(request, said, error=refused.remedy, status=400)
        wanted = request.GET.get("next", "")
        is_ours = url_has_allowed_host_and_scheme(
            wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )
        return redirect(wanted if is_ours else reverse("overview"))

    def _form(
        self, request: HttpRequest, chosen: Purpose | None, *, error: str = "", status: int = 200
    ) -> HttpResponse:
        heading = Heading(
            gettext("For what do you work in this session?"),
            crumbs=(Crumb(gettext("Oversight"), reverse("overview")), Crumb(gettext("Purpose"))),
        )
        told = gettext(
            "The pages that follow name providers. Each filing you see is logged once a day with this purpose, entered "
            "in the register’s log, and its provider can read your authority, your role and the reason, not your name."
        )
        page = PurposePage(
            heading,
            fields(self.actor, chosen=chosen, for_lists=True),
            request.get_full_path(),
            told,
            notices=(Notice("error", error),) if error else (),
            submit=gettext("Start work"),
        )
        answer = self.shown("oversight/purpose.html", page)
        answer.status_code = status
        return answer
