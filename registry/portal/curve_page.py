"""A run's compute over time as files: for its provider, and for an authority that has said why it looks."""

from datetime import datetime

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from registry.accounts.policy import Permission
from registry.errors import NotFound
from registry.filings.models import Filing
from registry.oversight.models import LookKind
from registry.portal import curve, figure_file, filings, workspace
from registry.portal.page import PROVIDERS, REGULATORS, Page
from registry.statistics.formats.standing_alone import standing_alone


class Curve(Page):
    """The curve, for an authority: a look at a document like any other."""

    permission = Permission.FILING_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest, reference: str, shape: str) -> HttpResponseBase:
        """The download, once a purpose is stated."""
        why = filings.known_purpose(request, reference)
        if not why:
            return redirect("oversight-filings-open", reference=reference)
        with self.writing() as actor:
            filing = filings.opened(reference, why, by=actor, at=self.now, kind=LookKind.DOCUMENT)
            return _sent(filing, shape, at=self.now)


class OwnCurve(Page):
    """The curve, for the provider whose run it is."""

    permission = Permission.FILING_READ
    audiences = PROVIDERS

    def get(self, request: HttpRequest, reference: str, shape: str) -> HttpResponseBase:
        """The download."""
        with self.reading() as actor:
            return _sent(workspace.own(reference, actor), shape, at=self.now)


def _sent(filing: Filing, shape: str, *, at: datetime) -> HttpResponseBase:
    """Raises `NotFound` for a shape that there is not, and for a filing that states no course."""
    kept = tuple(filing.versions.select_related("filing").prefetch_related("crossings").order_by("number"))
    drawn, course = curve.figure(kept, at=at), curve.course(kept, at=at)
    if shape not in figure_file.SHAPES or drawn is None or course is None:
        raise NotFound
    name = f"{filing.reference}-compute"
    return figure_file.answer(name, shape, drawing=standing_alone(drawn.svg), head=curve.COLUMNS, rows=course.rows)
