"""Checks of what the law attaches to the figures: notification, rebuttal, statements, and notes on duties. Pure.

Texts in `law.toml`. Thresholds are the rows in force on the day of filing.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final

from registry.filings import thresholds
from registry.filings.checks.needed import COMPUTE_SIDE
from registry.filings.checks.subject import Hit, Subject, check, flop, hit
from registry.filings.judgement import GENERAL_OUTPUTS
from registry.filings.thresholds import Threshold
from registry.organisations.identifiers import MEMBER_STATES
from registry.quantities import as_decimal

NOTIFICATION_TERM: Final = timedelta(days=14)
LATEST_AFTER_CROSSING: Final = timedelta(days=14)
NEAR_LIMIT: Final = Fraction(3, 4)
"""A modification from three quarters of its limit on is near it (rule R-07: 25 to 33 %)."""
DEEPEST_CHAIN: Final = 2
CUMULATIVE = "/run/training_compute/cumulative_training_compute_flop"
DECLARED = "/run/training_compute/training_compute_flop"


def _cumulative(subject: Subject) -> Decimal:
    found = subject.estimates.cumulative
    return found.value if found else Decimal(0)


@lru_cache(maxsize=256)
def _row(code: str, on: date) -> Threshold:
    return thresholds.threshold(code, on=on)


def _is_above(subject: Subject, code: str, value: Decimal) -> bool:
    return thresholds.crossed(value, _row(code, subject.context.today))


def _is_systemic(subject: Subject) -> bool:
    return _is_above(subject, "systemic-risk", _cumulative(subject))


def _is_general(subject: Subject) -> bool:
    model = subject.document.model
    return model is not None and any(each.modality in GENERAL_OUTPUTS for each in model.modalities_out)


def _limit(subject: Subject, code: str) -> str:
    return _row(code, subject.context.today).value_text


# ---- notification


@check("notification-dates-missing")
def _notification_dates_missing(subject: Subject) -> Iterator[Hit]:
    run, filer = subject.run, subject.document.filer
    is_known = run.met_on is not None or run.known_on is not None
    if filer.role not in COMPUTE_SIDE and _is_systemic(subject) and not is_known:
        yield hit("/run/known_on", value=flop(_cumulative(subject)), limit=_limit(subject, "systemic-risk"))


@check("dates-without-threshold")
def _dates_without_threshold(subject: Subject) -> Iterator[Hit]:
    if subject.estimates.cumulative is None or _is_systemic(subject):
        return
    for name in ("met_on", "known_on"):
        if getattr(subject.run, name) is not None:
            limit = _limit(subject, "systemic-risk")
            yield hit(f"/run/{name}", value=flop(_cumulative(subject)), limit=limit)


def _first_known(subject: Subject) -> date | None:
    return min((day for day in (subject.run.met_on, subject.run.known_on) if day is not None), default=None)


@check("notified-late")
def _notified_late(subject: Subject) -> Iterator[Hit]:
    day = _first_known(subject)
    if subject.context.kind == "notification" and day is not None and _is_systemic(subject):
        due = day + NOTIFICATION_TERM
        if subject.context.today > due:
            yield hit("/run/met_on" if day == subject.run.met_on else "/run/known_on", day=day, due=due)


@check("met-later-than-reckoned")
def _met_later_than_reckoned(subject: Subject) -> Iterator[Hit]:
    met = subject.run.met_on
    crossed = next((each.on for each in subject.estimates.crossings if each.threshold == "systemic-risk"), None)
    if met is not None and crossed is not None and met - crossed > LATEST_AFTER_CROSSING:
        yield hit("/run/met_on", met=met, reckoned=crossed)


@check("estimate-after-the-start")
def _estimate_after_the_start(subject: Subject) -> Iterator[Hit]:
    start = subject.run.actual_start_on
    is_large = subject.run.stage == "pre_training" and _is_above(subject, "watch-systemic-risk", _cumulative(subject))
    if subject.context.kind == "notification" and start is not None and is_large:
        yield hit("/run/actual_start_on", start=start, today=subject.context.today)


# ---- what follows from the amount


@check("systemic-risk-presumed")
def _systemic_risk_presumed(subject: Subject) -> Iterator[Hit]:
    if _is_systemic(subject):
        yield hit(DECLARED, value=flop(_cumulative(subject)), limit=_limit(subject, "systemic-risk"))


@check("near-systemic-risk")
def _near_systemic_risk(subject: Subject) -> Iterator[Hit]:
    value = _cumulative(subject)
    if _is_above(subject, "watch-systemic-risk", value) and not _is_systemic(subject):
        yield hit(DECLARED, value=flop(value), limit=_limit(subject, "systemic-risk"))


@check("general-purpose-indicated")
def _general_purpose_indicated(subject: Subject) -> Iterator[Hit]:
    value = subject.estimates.value or Decimal(0)
    if _is_above(subject, "general-purpose", value) and _is_general(subject) and not _is_systemic(subject):
        yield hit(DECLARED, value=flop(value), limit=_limit(subject, "general-purpose"))


@check("near-general-purpose")
def _near_general_purpose(subject: Subject) -> Iterator[Hit]:
    value = subject.estimates.value or Decimal(0)
    is_above = _is_above(subject, "general-purpose", value)
    if _is_above(subject, "watch-general-purpose", value) and not is_above and _is_general(subject):
        yield hit(DECLARED, value=flop(value), limit=_limit(subject, "general-purpose"))


@check("modifier-becomes-provider")
def _modifier_becomes_provider(subject: Subject) -> Iterator[Hit]:
    found = subject.estimates.modification
    if found is not None and found.is_exceeded and subject.document.filer.role == "downstream_modifier":
        limit = flop(as_decimal(found.limit_flop))
        yield hit("/run/base_model/modification_compute_flop", value=flop(found.flop), limit=limit)


@check("modification-near-limit")
def _modification_near_limit(subject: Subject) -> Iterator[Hit]:
    found = subject.estimates.modification
    if found is None or found.is_exceeded or subject.document.filer.role != "downstream_modifier":
        return
    if found.share_of_limit >= NEAR_LIMIT:
        limit = flop(as_decimal(found.limit_flop))
        yield hit("/run/base_model/modification_compute_flop", value=flop(found.flop), limit=limit)


@check("no-open-source-exemption")
def _no_open_source_exemption(subject: Subject) -> Iterator[Hit]:
    model = subject.document.model
    is_open = model is not None and model.licence is not None and model.licence.category == "open"
    if is_open and _is_systemic(subject):
        yield hit("/model/licence/category")


@check("business-users-presumption")
def _business_users_presumption(subject: Subject) -> Iterator[Hit]:
    model = subject.document.model
    if model is not None and model.reaches_10000_business_users:
        yield hit("/model/reaches_10000_business_users", limit=_limit(subject, "business-users"))


@check("weights-leave-the-union")
def _weights_leave_the_union(subject: Subject) -> Iterator[Hit]:
    model = subject.document.model
    for index, transfer in enumerate(model.weights.transfers if model and model.weights else ()):
        if transfer.to_country is not None and transfer.to_country not in MEMBER_STATES:
            yield hit(f"/model/weights/transfers/{index}/to_country", country=transfer.to_country)


# ---- rebuttal, energy, statements, signature


@check("rebuttal-without-threshold")
def _rebuttal_without_threshold(subject: Subject) -> Iterator[Hit]:
    if subject.document.rebuttal is not None and not _is_systemic(subject):
        yield hit("/rebuttal", value=flop(_cumulative(subject)), limit=_limit(subject, "systemic-risk"))


@check("energy-given-and-withheld")
def _energy_given_and_withheld(subject: Subject) -> Iterator[Hit]:
    energy = subject.run.energy
    if energy is not None and energy.energy_mwh is not None and energy.withheld_reason:
        yield hit("/run/energy/withheld_reason", energy=energy.energy_mwh)


@check("energy-withheld")
def _energy_withheld(subject: Subject) -> Iterator[Hit]:
    energy = subject.run.energy
    if energy is not None and energy.energy_mwh is None and energy.withheld_reason:
        yield hit("/run/energy/withheld_reason")


@check("statement-refused-unexplained")
def _statement_refused_unexplained(subject: Subject) -> Iterator[Hit]:
    for index, each in enumerate(subject.document.attestations):
        if each.is_affirmed is False and not each.explanation:
            yield hit(f"/attestations/{index}/explanation", statement=each.statement or "")


@check("statement-refused")
def _statement_refused(subject: Subject) -> Iterator[Hit]:
    for index, each in enumerate(subject.document.attestations):
        if each.is_affirmed is False and each.explanation:
            yield hit(f"/attestations/{index}/is_affirmed", statement=each.statement or "")


@check("warning-not-acknowledged")
def _warning_not_acknowledged(subject: Subject) -> Iterator[Hit]:
    signature = subject.document.signature
    if signature is not None and signature.warning_acknowledged is False:
        yield hit("/signature/warning_acknowledged")


# ---- the customer


@check("customer-in-russia")
def _customer_in_russia(subject: Subject) -> Iterator[Hit]:
    customer = subject.document.customer
    for name in ("country", "end_user_country") if customer else ():
        if getattr(customer, name) == "RU":
            yield hit(f"/customer/{name}")


@check("reseller-unverified")
def _reseller_unverified(subject: Subject) -> Iterator[Hit]:
    customer = subject.document.customer
    for index, link in enumerate(customer.reseller_chain if customer else ()):
        if not link.has_own_verification:
            yield hit(f"/customer/reseller_chain/{index}/has_own_verification", name=link.name or str(index + 1))


@check("reseller-chain-deep")
def _reseller_chain_deep(subject: Subject) -> Iterator[Hit]:
    customer = subject.document.customer
    if customer is not None and len(customer.reseller_chain) > DEEPEST_CHAIN:
        yield hit("/customer/reseller_chain", depth=len(customer.reseller_chain), most=DEEPEST_CHAIN)
