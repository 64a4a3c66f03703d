"""Giving the filings that are ticked in the queue to a colleague, or to nobody."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from registry.accounts.policy import Permission
from registry.errors import DomainError, Invalid
from registry.oversight import assigning
from registry.portal.page import REGULATORS, Page, said
from registry.portal.presentation import words

NOT_A_PERSON = UUID(int=0)


class AssignSeveral(Page):
    """All in one act."""

    permission = Permission.FILING_ASSIGN
    audiences = REGULATORS

    def post(self, request: HttpRequest) -> HttpResponse:
        """All or none; then back to the view of the queue from which they were given."""
        chosen = [each[:32] for each in request.POST.getlist("filing")]
        asked = request.POST.get("person", "")
        name = gettext("nobody")
        try:
            if not chosen:
                raise Invalid("Choose at least one filing.")
            with self.writing() as actor:
                known = {str(each.user_id): each for each in assigning.colleagues_of(actor, self.now)}
                if asked in known:
                    name = str(known[asked].user.name)
                to = (known[asked].user_id if asked in known else NOT_A_PERSON) if asked else None
                assigning.assign(references=chosen, to=to, by=actor, at=self.now)
        except DomainError as refused:
            messages.error(request, " ".join(said(refused)))
        else:
            told = ngettext(
                "%(count)s filing given to %(name)s.", "%(count)s filings given to %(name)s.", len(set(chosen))
            )
            messages.success(request, told % {"count": words.count(len(set(chosen))), "name": name})
        query = request.GET.urlencode()
        return redirect(f"{reverse('queue')}?{query}" if query else reverse("queue"))
