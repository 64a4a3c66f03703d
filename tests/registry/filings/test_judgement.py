"""From a filing document to its estimates: which figure is used and why, what counts, what is crossed on which day."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from registry.filings import assumptions, document, judgement
from registry.filings.estimation import Method
from registry.filings.judgement import Choice, Estimates
from tests import documents
from tests.documents import REMOVED, completed_run, fine_tune, planned_run

HARDWARE = Decimal("22969388630016000000000000")
ARCHITECTURE = Decimal("2.29635e25")
FLOP = "run__training_compute__training_compute_flop"
CUMULATIVE = "run__training_compute__cumulative_training_compute_flop"


def judged(raw: dict[str, Any], *, on: date | None = None) -> Estimates:
    return judgement.estimate(document.read(raw), on=on)


def crossed(estimates: Estimates) -> dict[str, date | None]:
    return {each.threshold: each.on for each in estimates.crossings}


def reasons(estimates: Estimates) -> list[tuple[str, str]]:
    return [(each.method, each.reason) for each in estimates.refusals]


def modified(**changes: Any) -> dict[str, Any]:
    """A modification of 4e24 FLOP over forty days of somebody else's model, so far without base compute."""
    changes = {
        FLOP: "4e24",
        "run__hardware": REMOVED,
        "run__architecture": REMOVED,
        "run__planned_end_on": "2027-01-15",
        "run__inclusions": REMOVED,
        "run__base_model__modification_compute_flop": "4e24",
        **changes,
    }
    return fine_tune(**changes)


def test_both_methods_are_reckoned_and_the_confirmed_declaration_is_used() -> None:
    found = judged(planned_run())
    assert found.hardware is not None
    assert found.architecture is not None
    assert (found.hardware.value, found.architecture.value) == (HARDWARE, ARCHITECTURE)
    assert (found.value, found.declared, found.choice) == (
        Decimal("2.3e25"), Decimal("2.3e25"), Choice.DECLARED_CONFIRMED
    )  # fmt: skip
    assert found.between_methods is not None
    assert found.between_methods.is_within
    assert found.computed is found.hardware
    assert found.refusals == ()


@pytest.mark.parametrize(
    ("changes", "choice", "value"),
    [
        ({}, Choice.DECLARED_CONFIRMED, Decimal("2.3e25")),
        ({FLOP: "1.8e25"}, Choice.DECLARED_CONFIRMED, Decimal("1.8e25")),
        ({FLOP: "1.7e25"}, Choice.COMPUTED_DIFFERS, HARDWARE),
        ({FLOP: "3.3e25"}, Choice.COMPUTED_DIFFERS, HARDWARE),
        ({FLOP: "2.3e24", "run__hardware": REMOVED}, Choice.COMPUTED_DIFFERS, ARCHITECTURE),
        ({FLOP: "2.3e24", "run__hardware__0__count": 819}, Choice.DECLARED_CONFIRMED, Decimal("2.3e24")),
        ({FLOP: REMOVED}, Choice.COMPUTED_ONLY, HARDWARE),
        ({FLOP: REMOVED, "run__hardware": REMOVED}, Choice.COMPUTED_ONLY, ARCHITECTURE),
        ({"run__hardware": REMOVED, "run__architecture": REMOVED}, Choice.DECLARED_ONLY, Decimal("2.3e25")),
        (
            {"run__training_compute": REMOVED, "run__hardware": REMOVED, "run__architecture": REMOVED},
            Choice.NOTHING,
            None,
        ),
    ],
)
def test_the_declared_figure_stands_unless_a_calculation_is_more_than_thirty_per_cent_away(
    changes: dict[str, Any], choice: Choice, value: Decimal | None
) -> None:
    found = judged(planned_run(**changes))
    assert (found.choice, found.value) == (choice, value)


@pytest.mark.parametrize("choice", list(Choice))
def test_every_choice_is_explained_in_three_languages(choice: Choice) -> None:
    assert len({assumptions.choice_name(choice, language=language) for language in ("en", "fr", "de")}) == 3


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"run__hardware": REMOVED}, ("hardware", "no-hardware")),
        ({"run__hardware__0__count": REMOVED}, ("hardware", "incomplete")),
        ({"run__hardware__0__peak_flop_per_s": REMOVED}, ("hardware", "incomplete")),
        ({"run__hardware__0__utilisation": REMOVED}, ("hardware", "incomplete")),
        ({"run__hardware__0__utilisation_kind": REMOVED}, ("hardware", "incomplete")),
        ({"run__hardware__0__duration_seconds": REMOVED}, ("hardware", "incomplete")),
        ({"run__hardware__0__duration_seconds": "0"}, ("hardware", "no-time")),
        ({"run__hardware__0__count": 0}, ("hardware", "no-units")),
        ({"run__hardware__0__utilisation": "0"}, ("hardware", "utilisation")),
        ({"run__hardware__0__is_dense": False}, ("hardware", "sparse-peak")),
        ({"run__architecture": REMOVED}, ("architecture", "incomplete")),
        ({"run__architecture__kind": REMOVED}, ("architecture", "incomplete")),
        ({"run__architecture__kind": "other"}, ("architecture", "architecture-other")),
        ({"run__architecture__tokens": REMOVED}, ("architecture", "no-tokens")),
        ({"run__architecture__parameters_total": REMOVED}, ("architecture", "no-parameters")),
    ],
)
def test_a_method_that_cannot_be_used_says_why(changes: dict[str, Any], refusal: tuple[str, str]) -> None:
    found = judged(planned_run(**changes))
    assert reasons(found) == [refusal]
    assert len({found.refusals[0].sentence(language) for language in ("en", "fr", "de")}) == 3
    assert (found.hardware is None) is (refusal[0] == "hardware")


def test_a_mixture_of_experts_is_reckoned_by_its_active_parameters() -> None:
    found = judged(
        planned_run(run__architecture__kind="mixture_of_experts", run__architecture__parameters_active="4e10")
    )
    assert found.architecture is not None
    assert found.architecture.method is Method.ARCHITECTURE_ACTIVE
    assert found.architecture.value == 6 * Decimal("4e10") * Decimal("9.45e12")
    assert found.between_methods is not None
    assert not found.between_methods.is_within


def test_entries_of_one_period_ran_together_and_others_after_each_other() -> None:
    first = planned_run()["run"]["hardware"][0]
    slower = {**first, "count": 4096, "accelerator": "nvidia-a100-sxm4-80gb", "peak_flop_per_s": "312000000000000"}
    later = {**first, "period": "2", "starts_on": "2027-04-03", "ends_on": "2027-04-12", "duration_seconds": "864000"}
    found = judged(planned_run(run__hardware=[first, later, slower]))
    assert found.hardware is not None
    assert len(found.hardware.terms) == 2
    rates = 8192 * Decimal("989.4e12") + 4096 * Decimal("312e12"), 8192 * Decimal("989.4e12")
    assert found.hardware.value == (rates[0] * 7084800 + rates[1] * 864000) * Decimal("0.40")
    assert {"peak-weighted-mean", "periods-summed"} <= {each.code for each in found.hardware.assumptions}


def test_the_day_of_crossing_follows_the_course_of_the_used_figure() -> None:
    # 2.3e25 evenly over 82 days, less the hour lost in March: 1e25 is passed in the 36th day, 7.7e24 in the 28th.
    found = judged(planned_run())
    assert crossed(found) == {
        "watch-general-purpose": date(2027, 1, 11),
        "general-purpose": date(2027, 1, 11),
        "watch-systemic-risk": date(2027, 2, 7),
        "systemic-risk": date(2027, 2, 15),
    }
    assert all(each.is_projected for each in found.crossings)


def test_a_completed_run_is_no_projection() -> None:
    found = judged(completed_run())
    assert crossed(found)["systemic-risk"] == date(2026, 3, 9)
    assert not any(each.is_projected for each in found.crossings)


@pytest.mark.parametrize(
    ("flop", "codes"),
    [
        ("1.0e25", {"watch-general-purpose", "general-purpose", "watch-systemic-risk"}),
        ("1.01e25", {"watch-general-purpose", "general-purpose", "watch-systemic-risk", "systemic-risk"}),
        ("7.6e24", {"watch-general-purpose", "general-purpose"}),
        ("1.0e23", {"watch-general-purpose"}),
        ("7.6e22", set()),
        ("2.0e26", {
            "watch-general-purpose", "general-purpose", "watch-systemic-risk", "systemic-risk", "us-california",
            "us-new-york",
        }),
    ],
)  # fmt: skip
def test_exactly_the_limit_is_not_above_it(flop: str, codes: set[str]) -> None:
    raw = planned_run(run__hardware=REMOVED, run__architecture=REMOVED, **{FLOP: flop, CUMULATIVE: REMOVED})
    assert set(crossed(judged(raw))) == codes


def test_a_model_that_generates_no_content_is_not_indicated_by_compute_alone() -> None:
    chess = planned_run(model__modalities_out=[{"modality": "other", "maximum_size": "one move"}])
    assert set(crossed(judged(chess))) == {"watch-systemic-risk", "systemic-risk"}


def test_biological_sequences_have_a_limit_of_their_own() -> None:
    assert "biological-sequences" in crossed(judged(planned_run(run__biological_sequence_data=True)))


def test_the_law_of_the_last_day_of_the_run_is_applied_unless_a_day_is_given() -> None:
    large = {FLOP: "2.0e26", CUMULATIVE: REMOVED, "run__hardware": REMOVED, "run__architecture": REMOVED}
    assert "us-new-york" in crossed(judged(planned_run(**large)))
    assert "us-new-york" not in crossed(judged(planned_run(**large), on=date(2026, 11, 22)))


def test_a_run_of_former_years_is_judged_by_chapter_v() -> None:
    raw = completed_run(
        run__planned_start_on="2023-02-02", run__planned_end_on="2023-04-24", run__actual_start_on="2023-02-02",
        run__actual_end_on="2023-04-24", run__hardware__0__starts_on=REMOVED, run__hardware__0__ends_on=REMOVED,
    )  # fmt: skip
    assert crossed(judged(raw))["systemic-risk"] == date(2023, 3, 9)


UNDATED = {
    "run__planned_start_on": REMOVED,
    "run__planned_end_on": REMOVED,
    "run__hardware__0__starts_on": REMOVED,
    "run__hardware__0__ends_on": REMOVED,
}


def test_a_run_without_dates_crosses_on_no_day() -> None:
    assert crossed(judged(planned_run(**UNDATED)))["systemic-risk"] is None


def test_a_run_without_an_end_runs_its_hardware_time_from_the_start() -> None:
    raw = planned_run(**{**UNDATED, "run__planned_start_on": "2027-01-11"})
    assert crossed(judged(raw))["systemic-risk"] == date(2027, 2, 15)


def test_without_an_end_or_hardware_the_whole_is_taken_at_the_start() -> None:
    raw = planned_run(run__planned_end_on=REMOVED, run__hardware=REMOVED)
    assert crossed(judged(raw))["systemic-risk"] == date(2027, 1, 11)


def test_synthetic_data_kept_and_discarded_count_for_the_cumulative_amount_only() -> None:
    raw = planned_run(
        run__inclusions__has_non_public_synthetic_data=True,
        run__inclusions__non_public_synthetic_data_flop="1e24",
        run__inclusions__has_discarded_synthetic_data=True,
        run__inclusions__synthetic_data_discarded_flop="9e24",
        **{CUMULATIVE: REMOVED},
    )
    found = judged(raw)
    assert found.value == Decimal("2.3e25")
    assert found.cumulative is not None
    assert found.cumulative.value == Decimal("3.3e25")
    assert {"synthetic-data-counted", "discarded-data-counted", "excluded-diagnostics"} <= {
        each.code for each in found.cumulative.assumptions
    }
    # What lies before the run counts from its first day: exactly 1e25 there, passed at once by the first hour.
    assert crossed(found)["systemic-risk"] == date(2027, 1, 11)


@pytest.mark.parametrize(
    ("stated", "value"),
    [("4.0e25", "4.0e25"), ("1.8e25", "1.8e25"), ("1.7e25", "2.3e25")],
)
def test_a_declared_cumulative_figure_stands_unless_far_below_its_parts(stated: str, value: str) -> None:
    found = judged(planned_run(**{CUMULATIVE: stated}))
    assert found.cumulative is not None
    assert found.cumulative.value == Decimal(value)
    assert found.declared_cumulative == Decimal(stated)


def test_a_run_that_only_makes_data_does_not_update_parameters() -> None:
    found = judged(planned_run(run__stage="synthetic_data_generation"))
    assert set(crossed(found)) == {"watch-systemic-risk", "systemic-risk"}


OWN_BASE = {
    "name": "Aurelia",
    "provider": "Aurélia Modèles SA",
    "training_compute_flop": "9e24",
    "training_compute_knowledge": "known",
    "is_systemic_risk": False,
    "is_public": False,
}


def test_the_base_of_a_provider_s_own_model_counts_from_the_first_day() -> None:
    raw = planned_run(run__base_model=OWN_BASE, run__stage="continued_pre_training", **{CUMULATIVE: REMOVED})
    found = judged(raw)
    assert found.cumulative is not None
    assert found.cumulative.value == Decimal("3.2e25")
    assert crossed(found)["systemic-risk"] == date(2027, 1, 14)


def test_an_unknown_base_makes_the_cumulative_figure_a_lower_bound() -> None:
    unknown = {key: value for key, value in OWN_BASE.items() if key != "training_compute_flop"}
    found = judged(planned_run(run__base_model={**unknown, "training_compute_knowledge": "unknown"}))
    assert found.cumulative is not None
    assert "base-model-unknown" in {each.code for each in found.cumulative.assumptions}


def test_initial_weights_and_base_model_are_not_counted_twice() -> None:
    raw = planned_run(
        run__base_model=OWN_BASE, run__inclusions__merged_or_initial_weights_flop="1.2e25", **{CUMULATIVE: REMOVED}
    )
    found = judged(raw)
    assert found.cumulative is not None
    assert found.cumulative.value == Decimal("3.5e25")
    assert "larger-of-weights" in {each.code for each in found.cumulative.assumptions}


def test_merged_weights_without_a_base_model_count_in_full() -> None:
    found = judged(planned_run(run__inclusions__merged_or_initial_weights_flop="1.2e25", **{CUMULATIVE: REMOVED}))
    assert found.cumulative is not None
    assert found.cumulative.value == Decimal("3.5e25")


def test_a_small_modification_of_a_large_model_crosses_nothing() -> None:
    found = judged(fine_tune())
    assert found.modification is not None
    assert not found.modification.is_exceeded
    assert found.crossings == ()
    assert found.cumulative is not None
    assert found.cumulative.value == Decimal("9.6e21")
    assert "base-model-not-counted" in {each.code for each in found.cumulative.assumptions}


def test_a_modification_beyond_one_third_makes_a_provider_on_a_day() -> None:
    # 4e24 over forty days, 1e23 a day: a third of 9e24 is passed after thirty days.
    found = judged(modified(run__base_model__training_compute_flop="9e24", run__base_model__is_systemic_risk=False))
    assert crossed(found)["modification-share"] == date(2027, 1, 6)
    assert crossed(found)["systemic-risk"] == date(2027, 1, 6)
    assert found.cumulative is not None
    assert found.cumulative.value == Decimal("1.3e25")


def test_exactly_one_third_does_not_make_a_provider() -> None:
    found = judged(modified(run__base_model__training_compute_flop="1.2e25"))
    assert found.modification is not None
    assert not found.modification.is_exceeded


def test_an_unknown_base_with_systemic_risk_falls_back_to_a_third_of_1e25() -> None:
    raw = modified(
        run__base_model__training_compute_flop=REMOVED, run__base_model__training_compute_knowledge="unknown"
    )
    found = judged(raw)
    # 1e25/3 is passed after 33 days and 8 hours; who modifies so much is presumed to provide systemic risk.
    assert crossed(found)["modification-systemic-risk"] == date(2027, 1, 9)
    assert crossed(found)["systemic-risk"] == date(2027, 1, 9)


def test_an_unknown_base_without_systemic_risk_falls_back_to_a_third_of_1e23() -> None:
    raw = modified(
        run__base_model__training_compute_flop=REMOVED,
        run__base_model__training_compute_knowledge="unknown",
        run__base_model__is_systemic_risk=False,
    )
    found = judged(raw)
    assert crossed(found)["modification-general-purpose"] == date(2026, 12, 7)
    assert "systemic-risk" not in crossed(found)


def test_a_figure_declared_unknown_is_not_used_even_if_stated() -> None:
    raw = modified(run__base_model__training_compute_flop="9e29", run__base_model__training_compute_knowledge="unknown")
    found = judged(raw)
    assert found.modification is not None
    assert found.modification.threshold == "modification-systemic-risk"
    assert found.cumulative is not None
    assert found.cumulative.value == Decimal("4e24")


@pytest.mark.parametrize(
    "build", [documents.planned_run, documents.completed_run, documents.fine_tune, documents.rented_run]
)
def test_judging_twice_gives_the_same(build: Any) -> None:
    assert judged(build()) == judged(build())


def test_a_document_that_says_nothing_of_compute_has_no_estimate() -> None:
    bare = {
        "stage": "planned",
        "filer": {"role": "model_provider", "legal_name": "Aurélia Modèles SA", "seat_country": "FR"},
        "run": {"client_run_id": "r-1", "stage": "pre_training"},
    }
    found = judged(bare)
    assert (found.choice, found.value, found.cumulative, found.crossings) == (Choice.NOTHING, None, None, ())
