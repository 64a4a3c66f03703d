"""Training compute against the thresholds of 10^23 and 10^25 FLOP, as the register estimates it, in words."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from django.utils.translation import gettext

from registry.filings import assumptions, thresholds
from registry.filings.estimation import Estimate
from registry.filings.judgement import Estimates
from registry.filings.thresholds import Threshold
from registry.portal import rules_page
from registry.portal.page import language
from registry.portal.presentation import words
from registry.portal.presentation.drafts import Calculator, Distance

GENERAL_PURPOSE: Final = "general-purpose"
SYSTEMIC_RISK: Final = "systemic-risk"


def of(estimates: Estimates, *, on: date) -> Calculator:
    """What the register reckons from a document, by the thresholds of a day."""
    used, whole = estimates.used, estimates.cumulative
    days = {each.threshold: each.on for each in estimates.crossings}
    if used is None or whole is None:
        told = tuple(each.sentence(language()) for each in estimates.refusals)
        return Calculator("", "", (), (gettext("No estimate can be made yet."), *dict.fromkeys(told)))
    sentences = (
        assumptions.choice_name(estimates.choice.value, language=language()),
        *(each.sentence(language()) for each in whole.assumptions),
    )
    return drawn(used, whole, sentences=sentences, on=on, days=days)


def drawn(
    used: Estimate, whole: Estimate, *, sentences: Iterable[str], on: date, days: Mapping[str, date | None]
) -> Calculator:
    """The panel for an estimate of a run and one of all that counts with it, with the day of each crossing."""
    limits = ((GENERAL_PURPOSE, used), (SYSTEMIC_RISK, whole))
    return Calculator(
        amount=f"{words.flop(used.value)} FLOP",
        margin=gettext("%(low)s to %(high)s FLOP with the margin of 30 %%")
        % {"low": words.flop(used.low), "high": words.flop(used.high)},
        distances=tuple(
            _distance(estimate, thresholds.threshold(code, on=on), days.get(code), on=on) for code, estimate in limits
        ),
        sentences=tuple(words.powers(each) for each in dict.fromkeys(sentences)),
    )


def _distance(estimate: Estimate, row: Threshold, crossed_on: date | None, *, on: date) -> Distance:
    ratio = Fraction(estimate.value) / row.value
    is_crossed = thresholds.crossed(estimate.value, row)
    limit = Decimal(row.value.numerator) / Decimal(row.value.denominator)
    if is_crossed and crossed_on is not None:
        told = gettext("Passed on %(day)s.") if crossed_on <= on else gettext("Will be passed on %(day)s.")
        told %= {"day": words.day(crossed_on)}
    elif is_crossed:
        told = gettext("Passed.")
    elif thresholds.crossed(estimate.high, row):
        told = gettext("%(left)s FLOP below it; within the margin of error it may be passed.")
        told %= {"left": words.flop(limit - estimate.value)}
    else:
        told = gettext("%(left)s FLOP below it.") % {"left": words.flop(limit - estimate.value)}
    return Distance(rules_page.condition(row), _share(ratio), min(100, round(ratio * 100)), told, is_crossed)


def _share(ratio: Fraction) -> str:
    """`84 %` of the threshold, `2.3 times` from twice on, `under 1 %` for very little."""
    amount = Decimal(ratio.numerator) / Decimal(ratio.denominator)
    if amount >= 2:
        return gettext("%(number)s times the threshold") % {"number": words.count(round(amount, 1).normalize())}
    shown = (
        words.share(amount)
        if amount >= Decimal("0.01")
        else gettext("under %(share)s") % {"share": words.share(Decimal("0.01"))}
    )
    return gettext("%(share)s of the threshold") % {"share": shown}
