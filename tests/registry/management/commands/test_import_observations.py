"""Taking in published data sets: all of a file or nothing, and the second time nothing new."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from registry.accounts.policy import of_the_register
from registry.acting import acting_as
from registry.screening.models import Observation

SHARED = Path(__file__).resolve().parents[5] / "shared" / "data"
REGISTRAR = of_the_register("registrar")
HEADER = (
    "Model,Organization,Publication date,Training compute (FLOP),Confidence,Country (of organization),"
    "Training hardware,Hardware quantity"
)
GROK = "Grok 4,xAI,2025-07-09,5e+26,Likely,United States of America,NVIDIA H100,100000.0"
MISTRAL = "Mistral Large 2,Mistral AI,2024-07-24,2.13e+25,Confident,France,,"


def _file(folder: Path, *rows: str, name: str = "models.csv") -> Path:
    path = folder / name
    path.write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")
    return path


def _import(path: Path, **options: str) -> list[str]:
    out = io.StringIO()
    call_command("import_observations", str(path), stdout=out, **options)
    return out.getvalue().splitlines()


def _count() -> int:
    with acting_as(REGISTRAR):
        return Observation.objects.count()


def test_a_file_is_imported_with_a_report_of_every_line_left_out(db: None, tmp_path: Path) -> None:
    path = _file(tmp_path, GROK, "Secret,Somebody,2026-01-01,,,,,", "Odd,X,2026-01-01,much,,,,", MISTRAL)
    assert _import(path) == [
        "line 3 skipped (Secret): no compute and no hardware",
        "line 4 skipped (Odd): “Training compute (FLOP)” is not a number: much",
        "models.csv, models: 2 imported, 0 updated, 0 unchanged, 2 skipped. "
        "Epoch AI, “Data on AI models”, epoch.ai, CC BY 4.0.",
    ]
    with acting_as(REGISTRAR):
        stored = Observation.objects.get(key="Mistral Large 2")
        assert (stored.countries, stored.licence, len(stored.file_digest)) == ("FR", "CC BY 4.0", 64)
        assert stored.attribution == "Epoch AI, “Data on AI models”, epoch.ai, CC BY 4.0"


def test_the_same_file_again_has_nothing_new(db: None, tmp_path: Path) -> None:
    path = _file(tmp_path, GROK, MISTRAL)
    _import(path)
    assert "0 imported, 0 updated, 2 unchanged, 0 skipped" in _import(path)[-1]
    assert _count() == 2


def test_a_newer_file_updates_what_changed(db: None, tmp_path: Path) -> None:
    _import(_file(tmp_path, GROK, MISTRAL))
    newer = _file(tmp_path, GROK.replace("5e+26", "4e+26"), MISTRAL, name="newer.csv")
    assert "0 imported, 1 updated, 1 unchanged" in _import(newer)[-1]


def test_a_file_that_breaks_off_leaves_nothing_behind(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="starts on line 3 is not well-formed CSV"):
        _import(_file(tmp_path, GROK, '"never closed'))
    assert _count() == 0


def test_a_file_of_other_columns_is_refused_by_those_missing(db: None, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("Model,Organization\nGrok 4,xAI\n", encoding="utf-8")
    with pytest.raises(CommandError, match="for models the columns Country"):
        _import(path)


def test_a_file_that_is_not_there_is_one_sentence(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file or directory"):
        _import(tmp_path / "nothing.csv")


def test_a_source_nobody_knows_is_refused(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="“rumours” is not a known source"):
        _import(_file(tmp_path, GROK), source="rumours")


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the published files are not here")
def test_the_published_files_are_imported_and_settle(db: None) -> None:
    notable = SHARED / "epoch_notable_ai_models_2026-05-02.csv"
    large = SHARED / "epoch_large_scale_ai_models_2026-05-02.csv"
    clusters = SHARED / "epoch_gpu_clusters_2025-12-14.csv"
    assert "591 imported, 0 updated, 0 unchanged, 420 skipped" in _import(notable)[-1]
    first_large = _import(large)[-1]
    assert "721 imported, 0 updated, 0 unchanged, 65 skipped" in _import(clusters)[-1]
    total = _count()
    assert "0 imported, 0 updated, 591 unchanged" in _import(notable)[-1]
    assert "0 imported, 0 updated, 323 unchanged, 187 skipped" in _import(large)[-1]
    assert "0 imported, 0 updated, 721 unchanged" in _import(clusters)[-1]
    assert _count() == total
    with acting_as(REGISTRAR):
        above = Observation.objects.filter(kind="model", training_compute_flop__gt=10**25)
        assert above.count() == 21
        assert set(above.filter(countries="FR").values_list("key", flat=True)) == {"Mistral Large", "Mistral Large 2"}
        models = Observation.objects.filter(kind="model").count()
        assert f"{models - 591} imported" in first_large
        assert Observation.objects.filter(kind="cluster", name="Anonymized Chinese System").count() == 240
