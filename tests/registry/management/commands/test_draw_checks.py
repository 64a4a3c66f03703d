"""The drawing of the catalogue of checks in docs."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.core.management.base import CommandError

from registry.compute import facility_checks, record_checks
from registry.filings.checks.catalogue import RULE_SET, every_check, reasons
from registry.management.commands import draw_checks


def test_the_page_is_drawn_and_then_fresh(
    tmp_path: Path, settings: LazySettings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.ROOT = tmp_path
    call_command("draw_checks")
    assert (tmp_path / "docs" / "checks.md").read_text(encoding="utf-8") == draw_checks.page()
    assert capsys.readouterr().out == "drew checks.md\n"
    call_command("draw_checks", check=True)
    call_command("draw_checks")
    assert capsys.readouterr().out == ""


def test_a_stale_page_fails_the_check_and_is_left_alone(tmp_path: Path, settings: LazySettings) -> None:
    settings.ROOT = tmp_path
    call_command("draw_checks")
    page = tmp_path / "docs" / "checks.md"
    page.write_text("old")
    with pytest.raises(CommandError, match=r"stale: checks\.md"):
        call_command("draw_checks", check=True)
    assert page.read_text() == "old"


def test_the_page_of_the_project_is_fresh() -> None:
    call_command("draw_checks", check=True)


def test_the_page_lists_every_check_and_every_reason_once() -> None:
    of_filings, _, compute = draw_checks.page().partition("## Facilities")
    of_facilities, _, of_records = compute.partition("## Returns")
    of_sites = [each.code for each in facility_checks.checks()]
    for part, rule_set, codes in (
        (of_filings, RULE_SET, [*every_check(), *reasons()]),
        (of_facilities, facility_checks.rule_set(), of_sites),
        (of_records, record_checks.RULE_SET, list(record_checks.every_check())),
    ):
        assert rule_set in part
        assert [part.count(f"| `{code}` |") for code in codes] == [1] * len(codes)
