"""Cases of the checks of days."""

from tests.documents import REMOVED
from tests.registry.filings.checks.cases.case import Case

_MANDATE = {
    "name": "Repräsentanz GmbH",
    "country": "DE",
    "mandate_starts_on": "2026-10-01",
}
_ABROAD = {"filer__seat_country": "US"}
_INCIDENT = {
    "kind": "physical_breach",
    "occurred_at": "2026-11-10T10:00:00Z",
    "discovered_at": "2026-11-11T10:00:00Z",
    "is_ongoing": False,
    "description": "A rack was opened without an order.",
    "corrective_measures": "Locks changed.",
}


def _mandated(**changes: object) -> dict[str, object]:
    return _ABROAD | {"filer__authorised_representative": _MANDATE | changes}


def _incident(**changes: object) -> dict[str, object]:
    return {"incident": _INCIDENT | changes}


def _access(first: str, last: str) -> dict[str, object]:
    entry = {"address": "192.0.2.1", "first_at": first, "last_at": last}
    return {"customer__access_addresses": [entry]}


def _move(day: str) -> dict[str, object]:
    return {"model__weights__transfers": [{"to_country": "DE", "medium": "network", "on": day}]}


CASES = (
    Case(
        "start-in-the-future",
        {"run__actual_start_on": "2026-11-21", "stage": "monitoring"},
        {"run__actual_start_on": "2026-11-20", "stage": "monitoring"},
        pointer="/run/actual_start_on",
    ),
    Case(
        "end-in-the-future",
        {"run__actual_end_on": "2026-05-05"},
        {"run__actual_end_on": "2026-05-04"},
        base="completed",
    ),
    Case("planned-but-started", {"run__actual_start_on": "2026-11-20"}, {"run__actual_start_on": None}),
    Case("planned-start-has-passed", {"run__planned_start_on": "2026-11-19"}, {"run__planned_start_on": "2026-11-20"}),
    Case(
        "start-beyond-horizon",
        {"run__planned_start_on": "2031-11-20", "run__planned_end_on": "2032-01-20"},
        {"run__planned_start_on": "2031-11-19", "run__planned_end_on": "2032-01-20"},
    ),
    Case("run-unusually-long", {"run__planned_end_on": "2029-01-11"}, {"run__planned_end_on": "2029-01-10"}),
    Case(
        "ended-but-not-completed",
        {"stage": "monitoring"},
        {"stage": "monitoring", "run__actual_end_on": REMOVED},
        base="completed",
    ),
    Case(
        "hardware-outside-run",
        {"run__hardware__0__ends_on": "2027-04-03"},
        {"run__hardware__0__ends_on": "2027-04-02"},
        pointer="/run/hardware/0/ends_on",
    ),
    Case(
        "facility-opens-after-start",
        {"facilities__0__in_operation_from": "2027-01-12"},
        {"facilities__0__in_operation_from": "2027-01-11"},
    ),
    Case(
        "mandate-not-begun",
        _mandated(mandate_starts_on="2026-11-21"),
        _mandated(mandate_starts_on="2026-11-20"),
    ),
    Case("mandate-ended", _mandated(mandate_ends_on="2026-11-19"), _mandated(mandate_ends_on="2026-11-20")),
    Case(
        "mandate-ends-before-it-starts",
        _mandated(mandate_ends_on="2026-09-30"),
        _mandated(mandate_ends_on="2026-10-01"),
    ),
    Case(
        "mandate-after-placing",
        _mandated(mandate_starts_on="2027-09-01"),
        _mandated(mandate_starts_on="2027-08-31"),
    ),
    Case(
        "ownership-in-the-future",
        {"beneficial_ownership__as_of_on": "2026-11-21"},
        {"beneficial_ownership__as_of_on": "2026-11-20"},
    ),
    Case(
        "ownership-older-than-change",
        {"beneficial_ownership__changed_on": "2026-11-04"},
        {"beneficial_ownership__changed_on": "2026-11-03"},
    ),
    Case(
        "ownership-change-late",
        {"beneficial_ownership__changed_on": "2026-10-22"},
        {"beneficial_ownership__changed_on": "2026-10-23"},
    ),
    Case(
        "ownership-out-of-date",
        {"beneficial_ownership__as_of_on": "2025-11-19", "beneficial_ownership__confirmed_on": "2025-11-19"},
        {"beneficial_ownership__as_of_on": "2025-11-19", "beneficial_ownership__confirmed_on": "2025-11-20"},
    ),
    Case(
        "owner-day-in-the-future",
        {"beneficial_ownership__owners__0__interest_since_on": "2026-11-21"},
        {"beneficial_ownership__owners__0__interest_since_on": "2026-11-20"},
    ),
    Case(
        "incorporated-in-the-future",
        {"filer__incorporated_on": "2026-11-21"},
        {"filer__incorporated_on": "2026-11-20"},
    ),
    Case(
        "relation-before-incorporation",
        {"filer__relation_began_on": "2019-03-03"},
        {"filer__relation_began_on": "2019-03-04"},
    ),
    Case(
        "placed-before-training-ended",
        {"model__release_on": "2027-04-01"},
        {"model__release_on": "2027-04-02"},
    ),
    Case("crawl-after-the-run", {"data__crawl_ended_on": "2027-04-03"}, {"data__crawl_ended_on": "2027-04-02"}),
    Case(
        "data-arrives-after-the-run",
        {"data__transfers__0__on": "2027-04-03"},
        {"data__transfers__0__on": "2027-04-02"},
    ),
    Case("weights-move-before-the-run", _move("2027-01-10"), _move("2027-01-11")),
    Case(
        "signed-in-the-future",
        {"signature__signed_at": "2026-11-21T00:00:00Z"},
        {"signature__signed_at": "2026-11-20T23:59:00Z"},
    ),
    Case(
        "signed-long-ago",
        {"signature__signed_at": "2026-10-20T12:00:00Z"},
        {"signature__signed_at": "2026-10-21T12:00:00Z"},
    ),
    Case(
        "statement-in-the-future",
        {"attestations__1__signed_on": "2026-11-21"},
        {"attestations__1__signed_on": "2026-11-20"},
        pointer="/attestations/1/signed_on",
    ),
    Case(
        "statement-out-of-date",
        {"attestations__1__signed_on": "2025-11-19"},
        {"attestations__1__signed_on": "2025-11-20"},
    ),
    Case(
        "incident-in-the-future",
        _incident(discovered_at="2026-11-21T00:00:00Z"),
        _incident(discovered_at="2026-11-20T10:00:00Z"),
    ),
    Case(
        "incident-found-before-it-was",
        _incident(discovered_at="2026-11-10T09:59:00Z"),
        _incident(discovered_at="2026-11-10T10:00:00Z"),
    ),
    Case("met-in-the-future", {"run__known_on": "2026-11-21"}, {"run__known_on": "2026-11-20"}),
    Case(
        "known-after-met",
        {"run__met_on": "2026-11-15"},
        {"run__met_on": "2026-11-16"},
    ),
    Case(
        "customer-verified-in-future",
        {"customer__verified_on": "2026-11-21"},
        {"customer__verified_on": "2026-11-20"},
        base="rented",
    ),
    Case(
        "access-ends-before-it-starts",
        _access("2026-11-02T00:00:00Z", "2026-11-01T00:00:00Z"),
        _access("2026-11-02T00:00:00Z", "2026-11-02T00:00:00Z"),
        base="rented",
    ),
)
