"""The accelerator catalogue: its data, names, dense and sparse peaks, export-control events."""

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.compute import catalogue
from registry.compute.catalogue import Accelerator, EventKind, Precision

H100 = "nvidia-h100-sxm5-80gb"
PARTS = tuple(catalogue.catalogue().values())
BITS = {Precision.BF16: 16, Precision.FP16: 16, Precision.FP8: 8, Precision.INT8: 8, Precision.FP4: 4}


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.code)
def test_a_part_has_a_code_a_16_bit_peak_and_a_release_date(part: Accelerator) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", part.code)
    assert catalogue.default_precision(part.code) in part.dense_peak_flop_per_s
    assert date(2015, 1, 1) < part.released_on < date(2026, 11, 22)
    assert all(Decimal("1e13") < peak < Decimal("1e17") for peak in part.dense_peak_flop_per_s.values())


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.code)
def test_total_processing_performance_follows_from_the_dense_peaks(part: Accelerator) -> None:
    computed = max(peak / catalogue.TERA * BITS[each] for each, peak in part.dense_peak_flop_per_s.items())
    assert abs(computed - part.total_processing_performance) < 1
    if part.performance_density is not None and part.die_area_mm2 is not None:
        assert abs(computed / part.die_area_mm2 - part.performance_density) < Decimal("0.01")


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.code)
def test_the_export_category_follows_from_the_parameters(part: Accelerator) -> None:
    performance, density = part.total_processing_performance, part.performance_density
    if performance >= 4800 or (performance >= 1600 and density is not None and density >= Decimal("5.92")):
        assert part.ear_category == "3A090.a"
    elif density is not None and (
        (performance >= 2400 and Decimal("1.6") <= density) or (performance >= 1600 and Decimal("3.2") <= density)
    ):
        assert part.ear_category == "3A090.b"
    else:
        assert part.ear_category == "none" or (density is None and part.ear_category == "indeterminate")


def test_the_published_reference_table_is_complete() -> None:
    # Forty parts of the reference table and five taken for older public models.
    assert len(PARTS) == 45
    assert len({part.name for part in PARTS}) == 45


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("NVIDIA H100 SXM5 80GB", H100),
        ("Nvidia H100 80G", H100),
        ("nvidia-h100-sxm5-80gb", H100),
        ("NVIDIA H100 PCIe", "nvidia-h100-pcie-80gb"),
        ("NVIDIA A100", "nvidia-a100-sxm4-40gb"),
        ("NVIDIA A100 SXM4 80 GB", "nvidia-a100-sxm4-80gb"),
        ("NVIDIA A800 PCIe 40 GB", "nvidia-a800-pcie-40gb"),
        ("NVIDIA Tesla V100 DGXS 32 GB", "nvidia-v100-sxm2"),
        ("Google TPU v4", "google-tpu-v4"),
        ("Google TPU v6e Trillium", "google-tpu-v6e"),
        ("AMD Radeon Instinct MI250X", "amd-mi250x"),
        ("NVIDIA GB300 (Blackwell Ultra)", "nvidia-gb300"),
        ("Intel Habana Gaudi2", "intel-gaudi-2"),
        ("Huawei Ascend 910B", "huawei-ascend-910b"),
        ("ＮＶＩＤＩＡ　H200", "nvidia-h200-sxm-141gb"),
        ("NVIDIA Tesla V100 PCIe 32 GB", None),
        ("NVIDIA A100,NVIDIA H100 SXM5 80GB", None),
        ("Cerebras CS-3", None),
        ("", None),
    ],
)
def test_a_name_as_people_write_it_finds_its_part(name: str, code: str | None) -> None:
    assert catalogue.find(name) == code


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.code)
def test_every_part_is_found_by_its_own_name_and_code(part: Accelerator) -> None:
    assert catalogue.find(part.name) == part.code
    assert catalogue.find(part.code) == part.code


def test_every_alias_leads_to_a_part_of_the_catalogue() -> None:
    assert set(catalogue._codes_by_name().values()) == set(catalogue.catalogue())


@pytest.mark.parametrize(
    ("code", "precision", "peak"),
    [
        (H100, Precision.BF16, "989.4e12"),
        (H100, Precision.FP8, "1978.9e12"),
        (H100, Precision.FP4, None),
        ("nvidia-v100-sxm2", Precision.BF16, None),
        ("nvidia-v100-sxm2", Precision.FP16, "125e12"),
        ("google-tpu-v4", Precision.FP16, None),
        ("google-tpu-v4", Precision.BF16, "275e12"),
    ],
)
def test_a_dense_peak_is_stated_per_number_format(code: str, precision: Precision, peak: str | None) -> None:
    assert catalogue.dense_peak(code=code, precision=precision) == (Decimal(peak) if peak else None)


def test_an_unknown_part_has_no_peak() -> None:
    with pytest.raises(KeyError):
        catalogue.dense_peak(code="nvidia-h900", precision=Precision.BF16)


@pytest.mark.parametrize(
    ("peak", "is_dense", "is_sparse"),
    [
        ("989e12", True, False),
        ("989.4e12", True, False),
        ("939.93e12", True, False),
        ("939.92e12", False, False),
        ("1038.87e12", True, False),
        ("1038.88e12", False, False),
        ("1979e12", False, True),
        ("494.7e12", False, False),
        ("3957.8e12", False, False),
    ],
)
def test_the_advertised_sparse_peak_is_told_from_the_dense_one(peak: str, is_dense: bool, is_sparse: bool) -> None:
    declared = {"peak_flop_per_s": Decimal(peak), "code": H100, "precision": Precision.BF16}
    assert catalogue.matches_dense(**declared) is is_dense
    assert catalogue.looks_sparse(**declared) is is_sparse


@given(st.sampled_from(PARTS), st.decimals(min_value="1e12", max_value="1e17", places=0))
def test_no_peak_is_both_dense_and_sparse(part: Accelerator, peak: Decimal) -> None:
    for precision in part.dense_peak_flop_per_s:
        declared = {"peak_flop_per_s": peak, "code": part.code, "precision": precision}
        assert not (catalogue.matches_dense(**declared) and catalogue.looks_sparse(**declared))


def test_every_event_names_known_parts_and_speaks_three_languages() -> None:
    for event in catalogue.export_events():
        assert set(event.accelerators) <= set(catalogue.catalogue()), event.code
        assert set(event.categories) <= {part.ear_category for part in PARTS}, event.code
        assert event.source
        assert len(set(event.sentences.values())) == 3, event.code
        assert event.precision in {"day", "month"}
        assert event.precision == "day" or event.on.day == 1


@pytest.mark.parametrize(
    ("code", "on", "kinds"),
    [
        ("nvidia-h20-96gb", date(2025, 4, 8), []),
        ("nvidia-h20-96gb", date(2025, 4, 9), [EventKind.LICENCE_REQUIRED]),
        ("nvidia-h20-96gb", date(2026, 1, 1), [EventKind.LICENCE_REQUIRED, EventKind.SALES_RESUMED]),
        ("nvidia-h800-sxm5-80gb", date(2023, 11, 16), []),
        ("google-tpu-v4", date(2026, 11, 22), []),
    ],
)
def test_the_export_status_of_a_part_is_its_events_up_to_the_day(code: str, on: date, kinds: list[EventKind]) -> None:
    assert [event.kind for event in catalogue.export_status(code=code, on=on)] == kinds


def test_the_last_event_governs_an_h200_in_2026() -> None:
    status = catalogue.export_status(code="nvidia-h200-sxm-141gb", on=date(2026, 2, 1))
    assert status[-1].kind is EventKind.CASE_BY_CASE
