"""The letter of acceptance as a download: for the provider, and for an authority that has said why it looks."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from registry.accounts.policy import Permission
from registry.oversight.models import LookKind
from registry.portal import acceptance, filings, pdf, workspace
from registry.portal.page import PROVIDERS, REGULATORS, Page


class Acceptance(Page):
    """The letter, for an authority: a look at a document like any other."""

    permission = Permission.FILING_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest, reference: str) -> HttpResponseBase:
        """PDF, once a purpose is stated."""
        why = filings.known_purpose(request, reference)
        if not why:
            return redirect("oversight-filings-open", reference=reference)
        with self.writing() as actor:
            filing = filings.opened(reference, why, by=actor, at=self.now, kind=LookKind.DOCUMENT)
            letter = acceptance.read(filing)
        return _sent(letter)


class OwnAcceptance(Page):
    """The letter, for the provider to whom it is written."""

    permission = Permission.FILING_READ
    audiences = PROVIDERS

    def get(self, request: HttpRequest, reference: str) -> HttpResponseBase:
        """PDF."""
        with self.reading() as actor:
            letter = acceptance.read(workspace.own(reference, actor))
        return _sent(letter)


def _sent(letter: acceptance.Letter) -> HttpResponse:
    name = f"{letter.filing.reference}-{letter.version.number}-acceptance.pdf"
    return pdf.download(acceptance.file(letter), name=name)
