"""The drawing of the life cycle in docs and README."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.core.management.base import CommandError

from registry.filings import lifecycle
from registry.management.commands import draw_lifecycle
from registry.management.commands.draw_lifecycle import BEGIN, END


@pytest.fixture
def house(tmp_path: Path, settings: LazySettings) -> Path:
    """An empty project with a README that has the markers."""
    settings.ROOT = tmp_path
    (tmp_path / "README.md").write_text(f"# Register\n\n{BEGIN}\nold\n{END}\n\nMore.\n")
    return tmp_path


def test_both_files_are_drawn_and_then_fresh(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("draw_lifecycle")
    readme = (house / "README.md").read_text()
    assert readme.startswith(f"# Register\n\n{BEGIN}\n```mermaid\nstateDiagram-v2\n")
    assert readme.endswith(f"```\n{END}\n\nMore.\n")
    assert lifecycle.drawing() in (house / "docs" / "lifecycle.md").read_text()
    assert capsys.readouterr().out == "drew lifecycle.md\ndrew README.md\n"
    call_command("draw_lifecycle", check=True)


def test_a_stale_drawing_fails_the_check_and_is_left_alone(house: Path) -> None:
    call_command("draw_lifecycle")
    page = house / "docs" / "lifecycle.md"
    page.write_text("old")
    with pytest.raises(CommandError, match=r"stale: lifecycle\.md"):
        call_command("draw_lifecycle", check=True)
    assert page.read_text() == "old"


@pytest.mark.parametrize("text", ["", BEGIN, f"{END}\n{BEGIN}", f"{BEGIN}{BEGIN}{END}"])
def test_a_readme_without_its_markers_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match="two lines"):
        draw_lifecycle.with_block(text)


def test_the_page_lists_every_state_and_step() -> None:
    page = draw_lifecycle.page()
    for status in lifecycle.Status:
        assert f"| `{status}` |" in page
    for step in lifecycle.TRANSITIONS:
        assert f"| `{step.source}` → `{step.target}` |" in page
