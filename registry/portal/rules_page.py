"""Thresholds and duties of the law as rows of a page, in the reader's language."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext, ngettext

from registry.charts import svg
from registry.filings import duties
from registry.filings.duties import Direction, DutyRule
from registry.filings.thresholds import Operator, Quantity, Threshold
from registry.filings.working_days import Unit
from registry.portal import labels
from registry.portal.page import language
from registry.portal.presentation import words
from registry.portal.presentation.open_pages import DutyRule as DutyRow
from registry.portal.presentation.open_pages import ThresholdRow

LARGE = Decimal(10) ** 6


OBLIGING = ("duty", "indication", "disclosure", "report")


def obliging(found: Sequence[Threshold]) -> tuple[tuple[Threshold, ...], tuple[Threshold, ...]]:
    """The thresholds of the Union that something must be done about, and all others the register computes with."""
    chosen = tuple(row for row in found if row.jurisdiction == "EU" and row.effect.value in OBLIGING)
    return chosen, tuple(row for row in found if row not in chosen)


def threshold_rows(found: Sequence[Threshold]) -> tuple[ThresholdRow, ...]:
    """The thresholds, those of the Union first and duties before hints."""
    order = ["duty", "indication", "disclosure", "report", "classification", "watch"]
    listed = sorted(found, key=lambda row: (row.jurisdiction != "EU", order.index(row.effect.value)))
    return tuple(
        ThresholdRow(
            text=_effect(row),
            quantity=quantity_name(row.quantity),
            condition=condition(row),
            effect=words.powers(row.sentence(language())),
            basis=row.legal_basis,
            since=gettext("since %(day)s") % {"day": words.day(row.validity.starts_on)},
        )
        for row in listed
    )


def _effect(row: Threshold) -> str:
    return {
        "duty": gettext("Duty"),
        "indication": gettext("Indication"),
        "watch": gettext("Watched by the authority"),
        "disclosure": gettext("Disclosure"),
        "report": gettext("Report"),
        "classification": gettext("Classification"),
    }[row.effect.value]


def quantity_name(quantity: Quantity) -> str:
    """What is measured."""
    return {
        Quantity.TRAINING_COMPUTE: gettext("training compute"),
        Quantity.CUMULATIVE_TRAINING_COMPUTE: gettext("cumulative training compute"),
        Quantity.BIOLOGICAL_TRAINING_COMPUTE: gettext("training compute on biological sequences"),
        Quantity.MODIFICATION_COMPUTE: gettext("compute of a modification"),
        Quantity.MODIFICATION_SHARE: gettext("share of the original’s compute"),
        Quantity.BUSINESS_USERS: gettext("registered business users"),
        Quantity.CLUSTER_OPERATIONS: gettext("dense operations of a cluster"),
        Quantity.CLUSTER_NETWORK: gettext("network of a cluster"),
        Quantity.IT_POWER: gettext("installed IT power"),
        Quantity.OWNERSHIP_SHARE: gettext("share of ownership"),
        Quantity.TOTAL_PROCESSING_PERFORMANCE: gettext("total processing performance"),
        Quantity.PERFORMANCE_DENSITY: gettext("performance density"),
        Quantity.MEMORY_BANDWIDTH: gettext("memory bandwidth"),
    }[quantity]


def named(row: Threshold) -> str:
    """A threshold in a list to choose from: what is measured, its condition, its code."""
    return f"{labels.capital(quantity_name(row.quantity))} {condition(row)} ({row.code})"


def condition(row: Threshold) -> str:
    """`> 10²⁵ FLOP`."""
    sign = ">" if row.operator is Operator.GREATER else "≥"
    if row.value_text.count("/"):
        shown = row.value_text.replace("1e25", svg.power(25)).replace("1e23", svg.power(23))
    else:
        amount = Decimal(row.value.numerator) / Decimal(row.value.denominator)
        is_power = amount >= LARGE and amount == Decimal(10) ** amount.adjusted()
        shown = svg.power(amount.adjusted()) if is_power else _plain(amount)
    unit = "" if row.unit.startswith("share") else row.unit
    return f"{sign} {shown} {unit}".strip()


def _plain(amount: Decimal) -> str:
    if amount >= LARGE:
        return words.flop(amount)
    return words.share(amount) if 0 < amount <= 1 else words.count(amount)


def duty_rows(found: Sequence[DutyRule]) -> tuple[DutyRow, ...]:
    """The duties in the order of the data."""
    return tuple(
        DutyRow(
            text=duties.duty_text(rule.code, language()).name,
            trigger=duties.duty_text(rule.code, language()).sentence,
            period=_period(rule),
            authority=_authority(rule.authority),
            basis=duties.basis_text(rule.code, language()),
            basis_href=rule.source if rule.source.startswith("https://") else "",
        )
        for rule in found
    )


def _period(rule: DutyRule) -> str:
    if rule.direction is Direction.EACH_YEAR:
        return gettext("by %(day)s.%(month)s. of the year after") % {"day": rule.day, "month": rule.month}
    if rule.direction is Direction.EACH_MONTH:
        return _each(Unit.MONTHS)
    if rule.direction is Direction.BEFORE:
        return gettext("the day before at the latest")
    if rule.term is None:
        return "–"
    if rule.direction is Direction.EVERY and rule.term.number == 1:
        return _each(rule.term.unit)
    form = {Direction.EVERY: gettext("every %(term)s"), Direction.NOT_BEFORE: gettext("not before %(term)s")}
    return form.get(rule.direction, gettext("within %(term)s")) % {"term": _term(rule.term.number, rule.term.unit)}


def _each(unit: Unit) -> str:
    return {
        Unit.WEEKS: gettext("every week"),
        Unit.MONTHS: gettext("every month"),
        Unit.YEARS: gettext("every year"),
    }.get(unit, gettext("every day"))


def _term(number: int, unit: Unit) -> str:
    values = {"count": number}
    if unit.value.startswith("week"):
        return ngettext("%(count)s week", "%(count)s weeks", number) % values
    if unit.value.startswith("month"):
        return ngettext("%(count)s month", "%(count)s months", number) % values
    if unit.value.startswith("year"):
        return ngettext("%(count)s year", "%(count)s years", number) % values
    return ngettext("%(count)s day", "%(count)s days", number) % values


def _authority(code: str) -> str:
    return {
        "ai_office": gettext("Commission (AI Office)"),
        "member_state": gettext("Member State"),
        "national": gettext("Member State"),
    }.get(code, labels.capital(code.replace("_", " ")))
