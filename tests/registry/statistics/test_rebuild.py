"""A vintage is built again from what was stored: the same bytes, or exit 1."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from registry.accounts.policy import of_the_register
from registry.acting import acting_as
from registry.statistics import auditing
from registry.statistics.models import VintageFile
from tests.registry.statistics import releasing

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditing, "attack", lambda *_args, **_named: auditing.Attack("clean", "{}"))


def test_a_release_rebuilt_is_identical_to_the_byte(tmp_path: Path, capsys: Any) -> None:
    releasing.populate()
    vintage = releasing.published()
    call_command("rebuild_release", releasing.RELEASE, "1", into=tmp_path)
    assert "identical to the byte" in capsys.readouterr().out
    with acting_as(of_the_register("builder"), read_only=True):
        stored = dict(VintageFile.objects.filter(vintage=vintage).values_list("path", "content"))
    written = {str(each.relative_to(tmp_path)): each.read_bytes() for each in tmp_path.rglob("*") if each.is_file()}
    assert written == {path: bytes(content) for path, content in stored.items()}
    assert {"manifest.json", "manifest.json.sig", "SHA256SUMS", "structure.json"} <= written.keys()


def test_a_revision_is_rebuilt_with_its_corrections(tmp_path: Path) -> None:
    filers = releasing.populate()
    releasing.published()
    releasing.late(filers[0])
    call_command("rebuild_release", releasing.RELEASE, "2", into=tmp_path)
    assert b'"corrections": [\n' in (tmp_path / "corrections.json").read_bytes()


def test_other_bytes_end_with_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    releasing.populate()
    releasing.published()
    monkeypatch.setattr("registry.statistics.assembling.rounded", lambda exact, _measure: exact * 0)
    with pytest.raises(CommandError, match="differ") as refused:
        call_command("rebuild_release", releasing.RELEASE, "1", into=tmp_path)
    assert refused.value.returncode == 1
    assert "manifest.json" in capsys.readouterr().err


def test_what_was_never_built_is_not_rebuilt(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no vintage"):
        call_command("rebuild_release", releasing.RELEASE, "7", into=tmp_path)
