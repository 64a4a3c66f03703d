"""What the README tells a reader to type exists, and what it links to is there."""

import re

from tests.house.sources import ROOT, modules

README = ROOT / "README.md"


def _targets() -> set[str]:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][a-z-]*):", text, re.MULTILINE))


def _documents() -> str:
    guides = sorted((ROOT / "docs").rglob("*.md"))
    return "\n".join(path.read_text(encoding="utf-8") for path in (README, *guides))


def test_the_commands_of_make_exist() -> None:
    named = set(re.findall(r"`make ([a-z][a-z-]*)", _documents()))
    assert {"run", "test"} <= named
    assert named <= _targets(), f"not in the Makefile: {sorted(named - _targets())}"


def test_every_command_of_make_is_told() -> None:
    text = README.read_text(encoding="utf-8")
    untold = {target for target in _targets() if not re.search(rf"make {target}\b", text)}
    assert untold <= {"help"}, f"not in the README: {sorted(untold)}"


def test_the_commands_of_manage_exist() -> None:
    there = {path.stem for path in modules("registry/management/commands", "api/management/commands")}
    djangos = {"migrate", "makemigrations", "collectstatic", "shell", "check"}
    named = set(re.findall(r"manage\.py ([a-z_]+)", _documents())) - djangos
    assert named <= there, f"no such command: {sorted(named - there)}"


def test_links_lead_to_files() -> None:
    for document in (README, *sorted((ROOT / "docs").rglob("*.md"))):
        text = document.read_text(encoding="utf-8")
        for link in re.findall(r"\]\(([^)#\s]+)", text):
            if not re.match(r"[a-z]+:", link):
                assert (document.parent / link).exists(), f"{document.name} links to {link}, which is not there"


def test_decisions_are_numbered_once_and_have_three_parts() -> None:
    decisions = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
    numbers = [path.name[:4] for path in decisions]
    assert len(numbers) == len(set(numbers))
    for path in decisions:
        text = path.read_text(encoding="utf-8")
        for part in ("Context", "Decision", "Consequence"):
            assert re.search(rf"^(## |\*\*){part}", text, re.MULTILINE), f"{path.name} has no {part}"
