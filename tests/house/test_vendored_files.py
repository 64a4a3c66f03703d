"""What others made lies here unchanged: listed with version, licence and digest, and asking nobody anything."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.house.sources import ROOT, modules

LOCK: dict[str, dict[str, Any]] = json.loads((ROOT / "static/vendor/VENDOR.lock.json").read_text("utf-8"))
FILES: dict[str, dict[str, Any]] = {path: line for package in LOCK.values() for path, line in package["files"].items()}
OWN = {
    "static/vendor/VENDOR.lock.json",
    "static/vendor/README.md",
    "static/vendor/fetch.py",
    "static/vendor/draw_map.py",
}
STYLES = sorted((ROOT / "static").rglob("*.css"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", sorted(FILES))
def test_a_vendored_file_is_what_the_lock_says(path: str) -> None:
    assert hashlib.sha256((ROOT / path).read_bytes()).hexdigest() == FILES[path]["sha256"]


def test_nothing_else_lies_among_the_vendored_files() -> None:
    folders = (ROOT / "static/vendor", ROOT / "tests/vendor")
    found = {p.relative_to(ROOT).as_posix() for folder in folders for p in folder.rglob("*") if p.is_file()}
    found = {path for path in found if "__pycache__" not in path}
    assert found - OWN == {path for path in FILES if path.startswith(("static/", "tests/"))}


@pytest.mark.parametrize("name", sorted(LOCK))
def test_a_package_has_version_licence_and_integrity(name: str) -> None:
    package = LOCK[name]
    assert re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", package["version"])
    assert re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", package["integrity"])
    assert package["licence"] in (ROOT / "static/vendor/README.md").read_text("utf-8")


COPIED = sorted(name for name in LOCK if any(line["from"] != "derived" for line in LOCK[name]["files"].values()))


@pytest.mark.parametrize("name", COPIED)
def test_a_copied_package_brings_its_licence(name: str) -> None:
    assert any(Path(path).name == "LICENSE" for path in LOCK[name]["files"])


@pytest.mark.parametrize("path", STYLES, ids=lambda p: p.name)
def test_a_style_sheet_asks_no_other_server(path: Path) -> None:
    addresses = re.findall(r"url\(\s*[\"']?(?!data:)([^)\"']+)", path.read_text("utf-8"))
    assert not [address for address in addresses if "//" in address]
    for address in addresses:
        assert (path.parent / address.split("#")[0]).resolve().is_file(), f"{address} does not exist"


def test_no_logo_of_an_institution_is_here() -> None:
    assert not [p for p in (ROOT / "static").rglob("*") if "logo" in p.name.lower() or "emblem" in p.name.lower()]


def _icons() -> set[str]:
    sprite = (ROOT / "static/vendor/phosphor/icons.svg").read_text("utf-8")
    return set(re.findall(r'<symbol id="([a-z-]+)"', sprite))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.name)
def test_a_template_names_icons_that_exist(path: Path) -> None:
    assert set(re.findall(r'\{% icon "([^"]+)"', path.read_text("utf-8"))) <= _icons()


def test_the_pages_name_icons_that_exist() -> None:
    known, named = _icons(), 0
    for path in modules("registry"):
        if "/portal/" not in path.as_posix():
            continue
        for icon in re.findall(r'(?:icon=|Meta\(|Tone\.[A-Z]+, )"([a-z-]+)"', path.read_text("utf-8")):
            assert icon in known, f"{path.name}: {icon}"
            named += 1
    assert named > 20
