"""How long what is kept, and what was deleted: for the operator and the auditor."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from registry.accounts.policy import Permission
from registry.acting import Audience
from registry.oversight import retention_view
from registry.portal.page import Page
from registry.portal.presentation.access import LimitLine, RetentionPage, RunLine
from registry.portal.presentation.marks import Crumb, Heading

SHOWN = 100


class Retention(Page):
    """The time limits, and for the auditor the latest runs."""

    permission = Permission.RETENTION_READ
    audiences = frozenset({Audience.AUDITOR, Audience.OPERATOR})

    def get(self, request: HttpRequest) -> HttpResponse:
        """Both tables."""
        then = {
            "delete": gettext("deleted"),
            "clear": gettext("emptied of persons"),
            "erase": gettext("content and salts erased"),
        }
        with self.reading() as actor:
            runs = retention_view.runs(by=actor, limit=SHOWN)
        page = RetentionPage(
            Heading(
                gettext("Retention"),
                gettext("How long what is kept, and what the scheduled deletion has done."),
                (Crumb(gettext("Retention")),),
            ),
            tuple(LimitLine(x.name, x.table, x.period, then[x.then], x.source) for x in retention_view.limits()),
            tuple(RunLine(run.at, run.kind, run.subject, str(run.index)) for run in runs),
            shows_runs=self.actor.audience is Audience.AUDITOR,
        )
        return self.shown("oversight/retention.html", page)
