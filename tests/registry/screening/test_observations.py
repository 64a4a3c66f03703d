"""Reading published data sets: what is recognised, what is skipped and why, what is refused."""

import csv
import io
from collections import Counter
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from registry.screening.observations import (
    Layout,
    Observation,
    Skipped,
    UnreadableFile,
    publisher,
    read,
)

EPOCH = publisher("epoch-ai")
SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
MODEL_COLUMNS = (
    "Model",
    "Organization",
    "Publication date",
    "Parameters",
    "Training compute (FLOP)",
    "Confidence",
    "Country (of organization)",
    "Training hardware",
    "Hardware quantity",
)
CLUSTER_COLUMNS = (
    "Name",
    "Status",
    "Certainty",
    "Max OP/s",
    "Chip type (primary)",
    "Chip quantity (primary)",
    "Country",
    "Owner",
    "First Operational Date",
    "Total number of AI chips",
)
GROK = {
    "Model": "Grok 4",
    "Organization": "xAI",
    "Publication date": "2025-07-09",
    "Parameters": "",
    "Training compute (FLOP)": "5.0000000000001e+26",
    "Confidence": "Likely",
    "Country (of organization)": "United States of America",
    "Training hardware": "NVIDIA H100 SXM5 80GB",
    "Hardware quantity": "100000.0",
}
CLUSTER = {
    "Name": "Jupiter",
    "Certainty": "Confirmed",
    "Max OP/s": "9.90E+19",
    "Chip type (primary)": "NVIDIA GH200",
    "Chip quantity (primary)": "24000",
    "Country": "Germany",
    "Owner": "EuroHPC",
    "First Operational Date": "9/5/2025",
}


def text_of(columns: Iterable[str], rows: Iterable[dict[str, str]]) -> str:
    """A CSV file as Epoch AI writes it."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(columns), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def models(*changes: dict[str, str]) -> bytes:
    """A file of models, each Grok 4 with changes."""
    return text_of(MODEL_COLUMNS, [GROK | change for change in changes]).encode()


def _read(content: bytes) -> tuple[Layout, list[Observation], list[Skipped]]:
    layout, rows = read(io.BytesIO(content), source=EPOCH)
    found = list(rows)
    return (
        layout,
        [each for each in found if isinstance(each, Observation)],
        [each for each in found if isinstance(each, Skipped)],
    )


def _only(content: bytes) -> Observation:
    _, observed, skipped = _read(content)
    assert skipped == []
    assert len(observed) == 1
    return observed[0]


def _reason(content: bytes) -> str:
    _, observed, skipped = _read(content)
    assert observed == []
    assert len(skipped) == 1
    return skipped[0].reason


def test_a_model_is_read_with_exact_compute() -> None:
    assert _only(models({})) == Observation(
        line=2,
        kind="model",
        key="Grok 4",
        name="Grok 4",
        organisation_name="xAI",
        countries="US",
        observed_on=date(2025, 7, 9),
        training_compute_flop=Decimal("5.0000000000001e26"),
        accelerator="NVIDIA H100 SXM5 80GB",
        accelerator_count=100_000,
        confidence="Likely",
        facts={},
    )


def test_a_cluster_is_read_with_its_american_date_and_its_only_count() -> None:
    layout, observed, _ = _read(text_of(CLUSTER_COLUMNS, [CLUSTER]).encode())
    assert layout.kind == "cluster"
    found = observed[0]
    assert (found.observed_on, found.accelerator_count, found.countries) == (date(2025, 9, 5), 24_000, "DE")
    assert found.training_compute_flop is None
    assert found.facts == {"peak_op_per_s": "9.90E+19", "primary_accelerator_count": "24000"}


def test_a_byte_order_mark_and_line_breaks_within_cells_are_no_obstacle() -> None:
    content = b"\xef\xbb\xbf" + models({"Model": "Cosmos-1.0-\nDiffusion\t 14B\n"}, {"Model": "Next"})
    _, observed, skipped = _read(content)
    assert skipped == []
    assert [(each.line, each.name) for each in observed] == [(2, "Cosmos-1.0- Diffusion 14B"), (5, "Next")]


def test_names_are_kept_in_one_normal_form() -> None:
    assert _only(models({"Model": "Me\u0301lusine"})).key == "M\u00e9lusine"


@pytest.mark.parametrize(
    ("published", "codes", "unknown"),
    [
        ("France,France,Germany", "FR,DE", None),
        ("Korea (Republic of),United Kingdom of Great Britain and Northern Ireland", "KR,GB", None),
        ("Multinational,Czechia", "CZ", None),
        ("Atlantis,France", "FR", "Atlantis"),
        ("GR", "GR", None),
        ("", "", None),
    ],
)
def test_countries_become_codes_and_unknown_names_are_kept(published: str, codes: str, unknown: str | None) -> None:
    found = _only(models({"Country (of organization)": published}))
    assert found.countries == codes
    assert found.facts.get("countries_as_published") == unknown


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"Model": " \n"}, "no name"),
        ({"Model": "x" * 400}, "the name is too long"),
        (
            {"Training compute (FLOP)": "", "Training hardware": " ", "Hardware quantity": ""},
            "no compute and no hardware",
        ),
        ({"Training compute (FLOP)": "about 1e25"}, "“Training compute (FLOP)” is not a number: about 1e25"),
        ({"Training compute (FLOP)": "1,000"}, "“Training compute (FLOP)” is not a number: 1,000"),
        ({"Training compute (FLOP)": "nan"}, "“Training compute (FLOP)” is not a number: nan"),
        ({"Training compute (FLOP)": "-1e25"}, "“Training compute (FLOP)” is not a number: -1e25"),
        ({"Training compute (FLOP)": "0"}, "“Training compute (FLOP)” is out of range: 0"),
        ({"Training compute (FLOP)": "1e37"}, "“Training compute (FLOP)” is out of range: 1E+37"),
        ({"Hardware quantity": "10.5"}, "“Hardware quantity” is not a number of units: 10.5"),
        ({"Hardware quantity": "1e19"}, "“Hardware quantity” is not a number of units: 1E+19"),
        ({"Publication date": "2025-02-30"}, "“Publication date” is not a day: 2025-02-30"),
        ({"Publication date": "13/1/2025"}, "“Publication date” is not a day: 13/1/2025"),
        ({"Publication date": "spring 2025"}, "“Publication date” is not a day: spring 2025"),
        ({"Organization": "x\x00"}, "a NUL character"),
    ],
)
def test_a_row_that_cannot_be_used_is_skipped_with_its_reason(change: dict[str, str], reason: str) -> None:
    assert _reason(models(change)) == reason


def test_a_malformed_side_figure_does_not_cost_the_row() -> None:
    assert _only(models({"Parameters": "7B to 9B"})).facts == {"parameters_as_published": "7B to 9B"}
    assert _only(models({"Parameters": "7000000000.0"})).facts == {"parameters": "7000000000.0"}


def test_a_row_of_another_width_is_skipped_and_the_next_one_read() -> None:
    content = models({}).rstrip(b"\r\n") + b",one cell too many\r\n" + b"Short,row\r\n" + models({}).splitlines()[1]
    _, observed, skipped = _read(content)
    assert [(each.line, each.reason) for each in skipped] == [
        (2, "10 cells where the header has 9"),
        (3, "2 cells where the header has 9"),
    ]
    assert [each.line for each in observed] == [4]


def test_the_second_model_of_a_name_is_skipped_but_nameless_clusters_are_told_apart() -> None:
    _, observed, skipped = _read(models({}, {"Model": "Grok  4"}))
    assert len(observed) == 1
    assert skipped == [Skipped(3, "Grok 4", "the name stands on an earlier line")]
    nameless = [CLUSTER | {"Name": "Anonymized Chinese System"}] * 3
    _, clusters, none = _read(text_of(CLUSTER_COLUMNS, nameless).encode())
    assert none == []
    assert [each.key for each in clusters] == [
        "Anonymized Chinese System",
        "Anonymized Chinese System #2",
        "Anonymized Chinese System #3",
    ]
    assert {each.name for each in clusters} == {"Anonymized Chinese System"}


def test_unknown_columns_are_refused_by_the_names_of_those_missing() -> None:
    columns = [name for name in MODEL_COLUMNS if name != "Training hardware"]
    row = {name: GROK[name] for name in columns}
    with pytest.raises(UnreadableFile) as refusal:
        read(io.BytesIO(text_of(columns, [row]).encode()), source=EPOCH)
    assert "Missing are for models the columns Training hardware; for clusters" in refusal.value.sentence


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        read(io.BytesIO(content), source=EPOCH)


def test_a_column_that_stands_twice_is_refused() -> None:
    header, _, rest = models({}).partition(b"\r\n")
    with pytest.raises(UnreadableFile, match="more than one column Model"):
        read(io.BytesIO(header + b",Model\r\n" + rest), source=EPOCH)


def test_bytes_that_are_not_utf_8_are_refused_with_their_line() -> None:
    with pytest.raises(UnreadableFile, match="Line 3 is not UTF-8"):
        _read(models({}) + b"Caf\xe9\r\n")


def test_quotation_marks_that_never_close_are_refused_with_the_line_where_they_open() -> None:
    with pytest.raises(UnreadableFile, match="starts on line 3"):
        _read(models({}) + b'"open,\r\nfor ever\r\n')


def test_an_unknown_source_is_refused_by_naming_the_known() -> None:
    with pytest.raises(UnreadableFile, match="Known: epoch-ai"):
        publisher("somebody")


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the published files are not here")
@pytest.mark.parametrize(
    ("name", "imported", "skipped", "with_compute", "above"),
    [
        ("epoch_notable_ai_models_2026-05-02.csv", 591, 420, 521, 20),
        ("epoch_large_scale_ai_models_2026-05-02.csv", 323, 187, 302, 20),
        ("epoch_gpu_clusters_2025-12-14.csv", 721, 65, 0, 0),
    ],
)
def test_the_published_files_are_read_whole(
    name: str, imported: int, skipped: int, with_compute: int, above: int
) -> None:
    _, observed, left_out = _read((SHARED / name).read_bytes())
    assert (len(observed), len(left_out)) == (imported, skipped)
    assert Counter(each.reason for each in left_out) == {"no compute and no hardware": skipped}
    flop = [each.training_compute_flop for each in observed if each.training_compute_flop is not None]
    assert len(flop) == with_compute
    assert sum(value > Decimal("1e25") for value in flop) == above
    assert not any("countries_as_published" in each.facts for each in observed)
    assert len({each.key for each in observed}) == imported
