"""Cases of the checks against the register and against the version before."""

from dataclasses import replace

from registry.filings.checks.engine import OrganisationFacts
from tests.documents import REMOVED
from tests.registry.filings.checks.cases.case import Case, Changes, read

_OWN = OrganisationFacts(legal_name="Aurélia Modèles SA", lei="5299009AURELIAMODE71", seat_country="FR", territory="FR")
_CORRECTION: Changes = {"kind": "correction"}
_INCIDENT = {
    "kind": "physical_breach",
    "discovered_at": "2026-03-11T10:00:00Z",
    "is_ongoing": False,
    "description": "A rack was opened without an order.",
    "corrective_measures": "Locks changed.",
    "reported_to": "AI Office",
}


def _organisation(**changes: object) -> Changes:
    return {"organisation": replace(_OWN, **changes)}  # type: ignore[arg-type]


def _after(base: str, kind: str = "update", **changes: object) -> Changes:
    """A context in which the base document, changed, was the version before."""
    return {"kind": kind, "previous": read(base, changes)}


def _declared(flop: str) -> Changes:
    return {
        "run__training_compute__training_compute_flop": flop,
        "run__training_compute__cumulative_training_compute_flop": flop,
    }


def _amended(code: str, changes: Changes, base: str = "completed") -> Case:
    """An update may not do it, a correction may."""
    return Case(code, changes, changes, base=base, spares_context=_CORRECTION)


AGAINST_THE_REGISTER = (
    Case(
        "filer-name-differs",
        context=_organisation(legal_name="Aurelia Modeles SA"),
        fires={},
        spares_context=_organisation(legal_name="AURÉLIA  Modèles sa"),
    ),
    Case(
        "filer-lei-differs",
        context=_organisation(lei="5299009HELVERGROU044"),
        fires={},
        spares_context=_organisation(lei=None),
    ),
    Case("filer-seat-differs", context=_organisation(seat_country="BE"), fires={}, spares_context=_organisation()),
    Case(
        "run-id-taken",
        context={"known_run_ids": {"aurelia-3-pretraining": "ECAR-2026-000123-7"}},
        fires={},
        spares_context={"known_run_ids": {"aurelia-2-pretraining": "ECAR-2026-000123-7"}},
    ),
    Case(
        "base-reference-not-yours",
        {"run__base_model__filing_reference": "ECAR-2026-000123-7"},
        {"run__base_model__filing_reference": "ECAR-2026-000123-7"},
        base="fine_tune",
        spares_context={"known_references": frozenset({"ECAR-2026-000123-7"})},
    ),
    Case(
        "modifier-of-own-model",
        {"run__base_model__provider": "helver tekst ApS"},
        {"run__base_model__provider": "Helve"},
        base="fine_tune",
    ),
)

AGAINST_THE_VERSION_BEFORE = (
    Case("nothing-to-amend", {}, base="under_way", context={"previous": None}, spares_context={}),
    Case("nothing-to-amend", {}, context={"kind": "withdrawal"}, spares_context={"kind": "notification"}),
    Case(
        "nothing-changed",
        {},
        {"signature__place": "Lyon"},
        base="under_way",
        context=_after("under_way"),
    ),
    Case(
        "withdrawal-changes-content",
        {"model__version": "2.1"},
        {"signature__signed_at": "2026-05-04T10:00:00+02:00"},
        base="completed",
        context=_after("completed", "withdrawal"),
    ),
    Case(
        "completion-not-completed",
        {"stage": "monitoring"},
        {},
        base="completed",
    ),
    Case("update-already-completed", {}, base="completed", context={"kind": "update"}, spares_context={}),
    Case(
        "stage-goes-back",
        {"stage": "planned"},
        {"stage": "planned"},
        base="under_way",
        context=_after("under_way"),
        spares_context=_after("under_way", "correction"),
    ),
    _amended("compute-shrinks", _declared("1.6e25")),
    Case("compute-shrinks", _declared("1.6e25"), _declared("1.7e25"), base="completed"),
    Case("compute-grows", _declared("3.0e25"), _declared("2.9e25"), base="completed"),
    Case(
        "run-id-changed",
        {"run__client_run_id": "aurelia-2"},
        {},
        base="completed",
    ),
    _amended("lineage-changed", {"run__lineage_id": "aurelia-9"}),
    _amended("run-stage-changed", {"run__stage": "merge"}),
    Case("role-changed", {"filer__role": "authorised_representative"}, {}, base="completed"),
    Case("filer-changed", {"filer__seat_country": "BE"}, {}, base="completed", pointer="/filer/seat_country"),
    Case(
        "filer-changed",
        {"filer__lei": REMOVED},
        {"filer__lei": REMOVED},
        base="under_way",
        spares_context=_after("announced", filer__lei=REMOVED),
        pointer="/filer/lei",
    ),
    _amended("start-moved-after-reached", {"run__actual_start_on": "2026-02-03"}),
    Case("start-moved-after-reached", {"run__actual_start_on": "2026-02-03"}, {}, base="completed"),
    Case(
        "end-moved-after-reached",
        {},
        {},
        base="completed",
        context=_after("completed", run__actual_end_on="2026-04-23"),
        spares_context=_after("completed", run__actual_end_on="2026-04-24"),
    ),
    _amended("met-day-changed", {"run__known_on": "2026-01-13"}),
    Case(
        "met-day-changed",
        {"run__known_on": REMOVED},
        {"run__met_on": "2026-03-15"},
        base="completed",
        pointer="/run/known_on",
    ),
    _amended("facility-moved", {"facilities__0__country": "DE"}),
    Case(
        "facility-moved",
        {"facilities__0__country": "DE"},
        {"facilities__0__country": "DE", "facilities__0__facility_id": "lyon-3"},
        base="completed",
    ),
    Case(
        "weights-hash-changed",
        {},
        {},
        base="completed",
        context=_after("completed", model__weights__sha256="6f" * 32),
        spares_context=_after("completed", "correction", model__weights__sha256="6f" * 32),
    ),
    Case(
        "incident-left-out",
        {},
        {"incident": _INCIDENT},
        base="completed",
        context=_after("under_way", "completion", incident=_INCIDENT),
    ),
)

CASES = (*AGAINST_THE_REGISTER, *AGAINST_THE_VERSION_BEFORE)
