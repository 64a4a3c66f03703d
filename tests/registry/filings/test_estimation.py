"""Annex A of the Commission's Guidelines: its worked examples, its two methods, its inclusions, its margin."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.filings import assumptions, estimation
from registry.filings.estimation import (
    Architecture,
    ArchitectureKind,
    Estimate,
    Exclusion,
    HardwarePeriod,
    Inclusions,
    Method,
    NotEstimable,
    Units,
    UtilisationKind,
)

DENSE = ArchitectureKind.DENSE


def dense(parameters: str, tokens: str, epochs: str = "1") -> Estimate:
    """Six operations per parameter and token."""
    return estimation.from_architecture(
        Architecture(DENSE, Decimal(parameters), tokens=Decimal(tokens), epochs=Decimal(epochs))
    )


def device_hours(hours: str, peak: str, utilisation: str) -> Estimate:
    """One unit for so many hours: what counts is the product."""
    period = HardwarePeriod((Units(1, Decimal(peak)),), Decimal(hours) * 3600, Decimal(utilisation))
    return estimation.from_hardware([period])


def moe(**changes: object) -> Architecture:
    """A mixture of experts with 671e9 parameters, of which 37e9 work."""
    return replace(
        Architecture(ArchitectureKind.MIXTURE_OF_EXPERTS, Decimal("671e9"), Decimal("37e9"), Decimal("14.8e12")),
        **changes,  # type: ignore[arg-type]
    )


def codes(estimate: Estimate) -> set[str]:
    return {each.code for each in estimate.assumptions}


# A.3: the exact product, and the figure the Commission prints (it rounds, B and G downwards).
EXAMPLES = [
    pytest.param(lambda: dense("3.8e9", "3.3e12"), "7.524e22", "7.5e22", id="A"),
    pytest.param(lambda: device_hours("200000", "300e12", "0.5"), "1.08e23", "1e23", id="B"),
    pytest.param(lambda: dense("0.6e9", "36e12"), "1.296e23", "1.3e23", id="C"),
    pytest.param(lambda: dense("1.54e9", "18e12"), "1.6632e23", "1.66e23", id="D"),
    pytest.param(lambda: dense("1.7e9", "36e12"), "3.672e23", "3.7e23", id="E"),
    pytest.param(lambda: dense("2.5e9", "12e12"), "1.8e23", "1.8e23", id="F"),
    pytest.param(lambda: dense("2.6e9", "61e9", "164"), "1.560624e23", "1.5e23", id="G"),
    pytest.param(lambda: device_hours("370000", "989e12", "0.5"), "6.58674e23", "6.5e23", id="H"),
]


@pytest.mark.parametrize(("compute", "exact", "printed"), EXAMPLES)
def test_the_worked_examples_of_the_guidelines_come_out(
    compute: Callable[[], Estimate], exact: str, printed: str
) -> None:
    estimate = compute()
    assert estimate.value == Decimal(exact)
    assert abs(estimate.value / Decimal(printed) - 1) <= Decimal("0.08")
    assert estimate.low < Decimal(printed) < estimate.high


counts = st.integers(min_value=1, max_value=200_000)
seconds = st.integers(min_value=1, max_value=40_000_000).map(Decimal)
peaks = st.integers(min_value=10**12, max_value=10**17).map(Decimal)
shares = st.decimals(min_value="0.0001", max_value="1", places=4)
units = st.lists(st.builds(Units, counts, peaks), min_size=1, max_size=4).map(tuple)
periods = st.builds(HardwarePeriod, units, seconds, shares)


@given(st.lists(periods, min_size=1, max_size=5))
def test_the_hardware_estimate_is_the_sum_of_its_periods(several: list[HardwarePeriod]) -> None:
    estimate = estimation.from_hardware(several)
    assert Fraction(estimate.value) == sum(Fraction(estimation.period_flop(each)) for each in several)
    assert len(estimate.terms) == len(several)


@given(periods, st.data())
def test_splitting_a_period_changes_nothing(period: HardwarePeriod, data: st.DataObject) -> None:
    part = Decimal(data.draw(st.integers(min_value=1, max_value=10**6))) / 10**6 * period.seconds
    if part == period.seconds:
        return
    halves = [replace(period, seconds=part), replace(period, seconds=period.seconds - part)]
    assert estimation.from_hardware(halves).value == estimation.period_flop(period)


@given(periods)
def test_more_units_time_peak_or_utilisation_never_lower_the_estimate(period: HardwarePeriod) -> None:
    base = estimation.period_flop(period)
    first, *rest = period.units
    more = [
        replace(period, units=(replace(first, count=first.count + 1), *rest)),
        replace(period, units=(replace(first, peak_flop_per_s=first.peak_flop_per_s + 1), *rest)),
        replace(period, units=(*period.units, Units(1, Decimal("1e12")))),
        replace(period, seconds=period.seconds + 1),
    ]
    if period.utilisation < 1:
        more.append(replace(period, utilisation=Decimal(1)))
    assert all(estimation.period_flop(each) > base for each in more)


@given(units)
def test_the_mean_peak_lies_between_the_slowest_and_the_fastest(several: tuple[Units, ...]) -> None:
    mean = estimation.weighted_mean_peak(several)
    rates = [each.peak_flop_per_s for each in several]
    assert min(rates) <= mean <= max(rates)


def test_the_mean_peak_is_weighted_by_the_number_of_units() -> None:
    mixed = (Units(3000, Decimal("312e12")), Units(1000, Decimal("989.4e12")))
    assert estimation.weighted_mean_peak(mixed) == Decimal("481.35e12")
    period = HardwarePeriod(mixed, Decimal(86400), Decimal("0.4"))
    assert estimation.period_flop(period) == 4000 * Decimal("481.35e12") * 86400 * Decimal("0.4")
    assert "peak-weighted-mean" in codes(estimation.from_hardware([period]))


@given(units, units, seconds, shares)
def test_units_that_ran_together_may_be_listed_together_or_apart(
    some: tuple[Units, ...], others: tuple[Units, ...], time: Decimal, share: Decimal
) -> None:
    together = estimation.from_hardware([HardwarePeriod(some + others, time, share)])
    apart = estimation.from_hardware([HardwarePeriod(some, time, share), HardwarePeriod(others, time, share)])
    assert together.value == apart.value


@pytest.mark.parametrize(
    ("period", "reason"),
    [
        (HardwarePeriod((Units(8, Decimal("1979e12"), is_dense=False),), Decimal(1), Decimal("0.4")), "sparse-peak"),
        (HardwarePeriod((), Decimal(1), Decimal("0.4")), "no-units"),
        (HardwarePeriod((Units(0, Decimal("1e12")),), Decimal(1), Decimal("0.4")), "no-units"),
        (HardwarePeriod((Units(1, Decimal(0)),), Decimal(1), Decimal("0.4")), "no-peak"),
        (HardwarePeriod((Units(1, Decimal("1e12")),), Decimal(0), Decimal("0.4")), "no-time"),
        (HardwarePeriod((Units(1, Decimal("1e12")),), Decimal(1), Decimal(0)), "utilisation"),
        (HardwarePeriod((Units(1, Decimal("1e12")),), Decimal(1), Decimal("1.01")), "utilisation"),
    ],
)
def test_unsound_hardware_gives_no_estimate(period: HardwarePeriod, reason: str) -> None:
    with pytest.raises(NotEstimable) as refused:
        estimation.from_hardware([period])
    assert refused.value.reason == reason


def test_no_hardware_gives_no_estimate() -> None:
    with pytest.raises(NotEstimable):
        estimation.from_hardware([])


@pytest.mark.parametrize("kind", list(UtilisationKind))
def test_the_kind_of_utilisation_is_stated_as_an_assumption(kind: UtilisationKind) -> None:
    period = HardwarePeriod((Units(1, Decimal("1e12")),), Decimal(1), Decimal("0.4"), kind)
    assert f"utilisation-{kind.value.replace('_', '-')}" in codes(estimation.from_hardware([period]))


def test_a_mixture_of_experts_counts_its_active_parameters() -> None:
    estimate = estimation.from_architecture(moe())
    assert estimate.method is Method.ARCHITECTURE_ACTIVE
    assert estimate.value == 6 * Decimal("37e9") * Decimal("14.8e12")
    assert "active-parameters" in codes(estimate)
    assert assumptions.method_name(estimate.method, language="en") == "architecture, active parameters"


@pytest.mark.parametrize(
    ("architecture", "reason"),
    [
        (moe(parameters_active=None), "no-parameters"),
        (moe(kind=ArchitectureKind.OTHER), "architecture-other"),
        (moe(kind=DENSE, parameters_total=None), "no-parameters"),
        (moe(tokens=None), "no-tokens"),
        (moe(epochs=Decimal(0)), "no-tokens"),
        (Architecture(DENSE, Decimal(100_000), tokens=Decimal("1e12"), context_tokens=1_000_000), "context-too-long"),
        (moe(passes=Decimal(0), operations_per_pass=Decimal(1)), "no-passes"),
    ],
)
def test_the_architecture_method_refuses_what_it_does_not_hold_for(architecture: Architecture, reason: str) -> None:
    with pytest.raises(NotEstimable) as refused:
        estimation.from_architecture(architecture)
    assert refused.value.reason == reason
    assert refused.value.sentence


@pytest.mark.parametrize(("context", "is_refused"), [(1_200_000, False), (1_200_012, True)])
def test_parameters_must_be_ten_times_a_twelfth_of_the_context(context: int, is_refused: bool) -> None:
    architecture = Architecture(DENSE, Decimal(1_000_000), tokens=Decimal("1e9"), context_tokens=context)
    if is_refused:
        with pytest.raises(NotEstimable):
            estimation.from_architecture(architecture)
    else:
        assert estimation.from_architecture(architecture).value == Decimal("6e15")


def test_an_unknown_context_is_an_assumption() -> None:
    assert "context-unknown" in codes(dense("7e9", "2e12"))
    known = Architecture(DENSE, Decimal("7e9"), tokens=Decimal("2e12"), context_tokens=8192)
    assert "context-unknown" not in codes(estimation.from_architecture(known))


def test_stated_passes_are_preferred_and_hold_for_any_architecture() -> None:
    other = moe(kind=ArchitectureKind.OTHER, passes=Decimal("2e9"), operations_per_pass=Decimal("3e14"))
    estimate = estimation.from_architecture(other)
    assert (estimate.value, estimate.method) == (Decimal("6e23"), Method.ARCHITECTURE_PASSES)


@given(
    st.integers(min_value=10**8, max_value=10**12).map(Decimal),
    st.integers(min_value=10**9, max_value=10**14).map(Decimal),
    st.integers(min_value=1, max_value=50),
)
def test_epochs_multiply_the_tokens(parameters: Decimal, tokens: Decimal, epochs: int) -> None:
    repeated = Architecture(DENSE, parameters, tokens=tokens, epochs=Decimal(epochs))
    listed = Architecture(DENSE, parameters, tokens=tokens * epochs)
    assert estimation.from_architecture(repeated).value == estimation.from_architecture(listed).value


def test_the_range_is_thirty_per_cent_of_the_estimate() -> None:
    estimate = estimation.from_declaration(Decimal("1e25"))
    assert (estimate.low, estimate.high, estimate.text) == (Decimal("7e24"), Decimal("1.3e25"), "1.0e25")


def test_a_declared_nothing_is_no_estimate() -> None:
    with pytest.raises(NotEstimable):
        estimation.from_declaration(Decimal(0))


def test_discarded_synthetic_data_count_as_much_as_kept_ones() -> None:
    made = estimation.synthetic_generation(flop_per_sample=Decimal("1e18"), samples_generated=100, samples_kept=10)
    estimate = estimation.with_inclusions(estimation.from_declaration(Decimal("1e22")), made)
    assert estimate.value == Decimal("1e22") + 100 * Decimal("1e18")
    assert {"synthetic-data-counted", "discarded-data-counted"} <= codes(estimate)


def test_publicly_accessible_synthetic_data_need_not_be_counted() -> None:
    made = estimation.synthetic_generation(
        flop_per_sample=Decimal("1e18"), samples_generated=100, samples_kept=10, is_public=True
    )
    estimate = estimation.with_inclusions(estimation.from_declaration(Decimal("1e22")), made)
    assert estimate.value == Decimal("1e22")
    assert "excluded-publicly-accessible-synthetic-data" in codes(estimate)


@pytest.mark.parametrize(("generated", "kept"), [(10, 11), (10, -1)])
def test_no_more_samples_are_kept_than_generated(generated: int, kept: int) -> None:
    with pytest.raises(NotEstimable):
        estimation.synthetic_generation(flop_per_sample=Decimal(1), samples_generated=generated, samples_kept=kept)


def test_a_forward_pass_is_a_third_of_a_full_one() -> None:
    assert estimation.forward_pass_flop(parameters=Decimal("7e9"), tokens=Decimal("1e9")) == Decimal("1.4e19")


def test_merged_and_initial_weights_count_for_the_cumulative_amount_only() -> None:
    updates = estimation.from_declaration(Decimal("4e24"))
    cumulative = estimation.with_inclusions(updates, Inclusions(initial_weights_flop=Decimal("7e24")))
    assert updates.value == Decimal("4e24")
    assert (cumulative.value, cumulative.method) == (Decimal("1.1e25"), Method.SUM)


@pytest.mark.parametrize("exclusion", list(Exclusion))
def test_every_exclusion_is_named_and_adds_nothing(exclusion: Exclusion) -> None:
    updates = estimation.from_declaration(Decimal("4e24"))
    estimate = estimation.with_inclusions(updates, Inclusions(exclusions=(exclusion,)))
    assert (estimate.value, estimate.method) == (updates.value, Method.DECLARED)
    assert any(each.code.startswith("excluded-") and each.sentence("de") for each in estimate.assumptions)


@pytest.mark.parametrize(
    ("reported", "other", "is_within"),
    [
        ("1e25", "1.3e25", True),
        ("1e25", "1.30000001e25", False),
        ("1e25", "7e24", True),
        ("1e25", "6.99999e24", False),
        ("1.3e25", "1e25", True),
        ("7e24", "1e25", False),
    ],
)
def test_the_margin_is_thirty_per_cent_of_the_reported_figure(reported: str, other: str, is_within: bool) -> None:
    found = estimation.agreement(Decimal(reported), Decimal(other))
    assert found.is_within is is_within
    assert abs(found.ratio - Decimal(other) / Decimal(reported)) < Decimal("1e-20")


def test_nothing_reported_agrees_with_nothing() -> None:
    with pytest.raises(NotEstimable):
        estimation.agreement(Decimal(0), Decimal(1))


@pytest.mark.parametrize("code", sorted(assumptions.codes()))
def test_every_assumption_speaks_three_languages_and_names_its_source(code: str) -> None:
    placeholders = ("precision", "count", "epochs", "flop")
    assumption = assumptions.assume(code, **dict.fromkeys(placeholders, "8"))
    assert len({assumption.sentence(language) for language in ("en", "fr", "de")}) == 3
    assert assumption.source


@pytest.mark.parametrize("method", list(Method))
def test_every_method_has_a_name_in_three_languages(method: Method) -> None:
    assert all(assumptions.method_name(method, language=language) for language in ("en", "fr", "de"))


def test_an_assumption_without_texts_cannot_be_made() -> None:
    with pytest.raises(KeyError):
        assumptions.assume("wishful-thinking")
