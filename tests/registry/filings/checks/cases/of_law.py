"""Cases of the checks of what the law attaches to the figures."""

from tests.documents import REMOVED
from tests.registry.filings.checks.cases.case import Case, Changes

_REBUTTAL = {
    "summary": "The model transcribes speech and nothing else.",
    "arguments": [{"topic": "modalities", "explanation": "Text out is a transcript of audio in."}],
    "benchmarks": [{"name": "WER", "score": "4.1", "is_forecast": False}],
}


def _alone(flop: str, **changes: object) -> Changes:
    """The declared amount as the only figure, so that no other method stands against it."""
    return {
        "run__hardware": [],
        "run__architecture": REMOVED,
        "run__training_compute__training_compute_flop": flop,
        "run__training_compute__cumulative_training_compute_flop": flop,
    } | changes


def _modified(flop: str) -> Changes:
    return {"run__base_model__modification_compute_flop": flop}


def _statement(**members: object) -> Changes:
    return {f"attestations__0__{name}": value for name, value in members.items()}


def _chain(*, length: int, has_own_verification: bool = True) -> Changes:
    link = {"name": "Zwischenhandel AG", "country": "DE", "has_own_verification": has_own_verification}
    return {"customer__reseller_chain": [link] * length}


def _transfer(country: str) -> Changes:
    return {"model__weights__transfers": [{"to_country": country, "medium": "network", "on": "2027-05-01"}]}


CASES = (
    Case("notification-dates-missing", {"run__known_on": REMOVED}, _alone("1.0e25", run__known_on=REMOVED)),
    Case(
        "notification-dates-missing",
        _alone("1.1e25", run__known_on=REMOVED),
        _alone("1.1e25", run__known_on=REMOVED, filer__role="compute_provider"),
    ),
    Case("dates-without-threshold", _alone("1.0e25"), _alone("1.1e25"), pointer="/run/known_on"),
    Case("notified-late", {"run__known_on": "2026-11-05"}, {"run__known_on": "2026-11-06"}),
    Case(
        "met-later-than-reckoned",
        {"run__met_on": "2026-03-24"},
        {"run__met_on": "2026-03-23"},
        base="completed",
    ),
    Case(
        "estimate-after-the-start",
        {},
        {},
        base="under_way",
        context={"kind": "notification", "previous": None},
        spares_context={},
    ),
    Case("systemic-risk-presumed", _alone("1.1e25"), _alone("1.0e25")),
    Case("near-systemic-risk", _alone("7.7e24"), _alone("7.6e24")),
    Case("near-systemic-risk", _alone("1.0e25"), _alone("1.1e25")),
    Case("general-purpose-indicated", _alone("1.1e23"), _alone("1.0e23")),
    Case(
        "general-purpose-indicated",
        _alone("1.1e23"),
        _alone("1.1e23", model__modalities_out=[{"modality": "biological_sequences"}]),
    ),
    Case("near-general-purpose", _alone("1.0e23"), _alone("7.6e22")),
    Case("modifier-becomes-provider", _modified("7.7e24"), _modified("7.6e24"), base="fine_tune"),
    Case("modification-near-limit", _modified("5.8e24"), _modified("5.7e24"), base="fine_tune"),
    Case(
        "no-open-source-exemption",
        {"model__licence__category": "open"},
        _alone("1.0e25", model__licence__category="open"),
    ),
    Case("business-users-presumption", {}, {"model__reaches_10000_business_users": False}),
    Case("weights-leave-the-union", _transfer("CH"), _transfer("SE")),
    Case("rebuttal-without-threshold", _alone("1.0e25", rebuttal=_REBUTTAL), {"rebuttal": _REBUTTAL}),
    Case(
        "energy-given-and-withheld",
        {"run__energy__withheld_reason": "Trade secret"},
        {"run__energy": {"withheld_reason": "Trade secret"}},
        base="completed",
    ),
    Case("energy-withheld", {"run__energy": {"withheld_reason": "Trade secret"}}, {}, base="completed"),
    Case(
        "statement-refused-unexplained",
        _statement(is_affirmed=False),
        _statement(is_affirmed=False, explanation="Authorised by decision 12/2026."),
    ),
    Case(
        "statement-refused",
        _statement(is_affirmed=False, explanation="Authorised by decision 12/2026."),
        _statement(is_affirmed=True, explanation="Authorised by decision 12/2026."),
    ),
    Case("warning-not-acknowledged", {"signature__warning_acknowledged": False}, {}),
    Case(
        "warning-not-acknowledged",
        {"signature__warning_acknowledged": False},
        context={"kind": "withdrawal"},
    ),
    Case("customer-in-russia", {"customer__country": "RU"}, {"customer__country": "KZ"}, base="rented"),
    Case("reseller-unverified", _chain(length=1, has_own_verification=False), _chain(length=1), base="rented"),
    Case("reseller-chain-deep", _chain(length=3), _chain(length=2), base="rented"),
)
