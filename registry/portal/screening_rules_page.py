"""The screening rules in every version, and how often each was right so far."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts.policy import Permission
from registry.oversight import case_queries
from registry.portal import labels
from registry.portal.page import REGULATORS, Page, language
from registry.portal.presentation import words
from registry.portal.presentation.cases import RuleLine, RulesPage
from registry.portal.presentation.marks import Crumb, Heading
from registry.screening import rulebook
from registry.screening.precision import Precision
from registry.screening.rulebook import Rule


class ScreeningRules(Page):
    """The list."""

    permission = Permission.FINDING_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest) -> HttpResponse:
        """Sums only, of what the authority sees: no purpose is asked."""
        with self.reading() as actor:
            known = case_queries.precision_by_rule(actor)
        page = RulesPage(
            heading=Heading(
                gettext("Screening rules"),
                gettext("What each rule found in your territory, and what became of it in cases."),
                (
                    Crumb(gettext("Oversight"), reverse("overview")),
                    Crumb(gettext("Findings"), reverse("findings")),
                    Crumb(gettext("Screening rules")),
                ),
            ),
            rows=tuple(_line(rule, *known.get((rule.code, rule.version), (0, None))) for rule in rulebook.rows()),
            preview_href=reverse("preview"),
        )
        return self.shown("oversight/screening_rules.html", page)


def _line(rule: Rule, found: int, precision: Precision | None) -> RuleLine:
    share = precision.share if precision else None
    return RuleLine(
        code=rule.code,
        name=rule.names[language()],
        version=rule.version,
        since=rule.valid_from,
        severity=labels.severity(rule.severity.value),
        found=found,
        confirmed=precision.confirmed if precision else 0,
        explained=precision.explained if precision else 0,
        dismissed=precision.dismissed if precision else 0,
        share=words.share(share) if share is not None else "",
        findings_href=f"{reverse('findings')}?rule={rule.code}",
    )
