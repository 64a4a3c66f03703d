"""Bring the catalogues up to date and compile them: a maintainers' script, pure Python, no gettext tools needed.

    .venv/bin/python locale/build.py            merge new sentences into each django.po, compile django.mo
    .venv/bin/python locale/build.py --missing  only list what has no translation
    .venv/bin/python locale/build.py --prepare mt   make the catalogue of another language of the Union, to translate

Sentences come from `templates/` and `registry/portal/`. English is the source: its catalogue stays empty, so that what
is shown is what stands in the code.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from runpy import run_path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
KNOWN = run_path(str(ROOT / "registry" / "languages.py"))
LANGUAGES, NAMES = KNOWN["SPOKEN"], KNOWN["NAMES"]
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
KEYWORDS = {
    "gettext": None,
    "gettext_lazy": None,
    "_": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
Message = tuple[str | tuple[str, ...], str | None]


def messages() -> dict[Message, list[str]]:
    """Every sentence to translate with the files it stands in; plural pairs as tuples."""
    found: dict[Message, list[str]] = {}
    for path, text in sources():
        for _, message, _, context in extract("python", BytesIO(text.encode()), KEYWORDS, (), {"encoding": "utf-8"}):
            places = found.setdefault((message, context), [])
            if path not in places:
                places.append(path)
    return found


def sources() -> Iterator[tuple[str, str]]:
    """Python text of every module and, as Django sees them, of every template."""
    for path in sorted((ROOT / "templates").rglob("*.html")):
        name = path.relative_to(ROOT).as_posix()
        yield name, templatize(path.read_text("utf-8"), origin=name)
    for path in sorted((ROOT / "registry" / "portal").rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")


def catalogue(language: str) -> Catalog:
    """The stored catalogue with exactly the present sentences; translations of vanished ones are dropped."""
    path = LOCALE / language / "LC_MESSAGES" / "django.po"
    known = read_po(BytesIO(path.read_bytes()), locale=language) if path.exists() else Catalog(locale=language)
    fresh = Catalog(locale=language, project="ecar", version="1", charset="utf-8", fuzzy=False)
    for (message, context), places in messages().items():
        kept = known.get(message[0] if isinstance(message, tuple) else message, context)
        translation = (
            kept.string if kept is not None and bool(kept.pluralizable) == isinstance(message, tuple) else None
        )
        flags = ("python-format",) if "%(" in str(message) else ()
        empty = ("",) * get_plural(language).num_plurals if isinstance(message, tuple) else ""
        locations = [(place, None) for place in places]
        fresh.add(message, translation or empty, locations=locations, flags=flags, context=context)
    return fresh


def is_translated(message: object) -> bool:
    """Whether every form has words."""
    string = getattr(message, "string", "")
    return all(string) if isinstance(string, tuple | list) else bool(string)


def missing(language: str) -> list[str]:
    """Sentences without translation."""
    return [str(m.id) for m in catalogue(language) if m.id and not is_translated(m)]


def write(language: str) -> None:
    """Write django.po and django.mo. Headers carry no dates, so the same sentences give the same bytes."""
    made = catalogue(language)
    folder = LOCALE / language / "LC_MESSAGES"
    folder.mkdir(parents=True, exist_ok=True)
    text = BytesIO()
    write_po(text, made, width=110, sort_output=True, omit_header=True)
    header = (
        'msgid ""\nmsgstr ""\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Language: {language}\\n"\n"Plural-Forms: {get_plural(language).plural_forms}\\n"\n\n'
    )
    (folder / "django.po").write_bytes(header.encode() + text.getvalue())
    (folder / "django.mo").write_bytes(compiled(folder / "django.po"))


def compiled(path: Path) -> bytes:
    """The binary catalogue of a stored one."""
    read = read_po(BytesIO(path.read_bytes()))
    plain = BytesIO()
    kept = Catalog(locale=read.locale, charset="utf-8", fuzzy=False)
    for message in read:
        if message.id and is_translated(message):
            kept.add(message.id, message.string, context=message.context)
    kept.creation_date = kept.revision_date = EPOCH  # the same sentences give the same bytes
    write_mo(plain, kept)
    return plain.getvalue()


def main() -> None:
    """Update, or list what is missing and fail if anything is."""
    if "--missing" in sys.argv:
        lacking = {language: missing(language) for language in LANGUAGES if language != "en"}
        for language, sentences in lacking.items():
            for sentence in sentences:
                sys.stdout.write(f"{language}: {sentence}\n")
        raise SystemExit(1 if any(lacking.values()) else 0)
    if "--prepare" in sys.argv:
        language = sys.argv[-1]
        if language not in NAMES:
            raise SystemExit(f"{language} is none of {', '.join(NAMES)}")
        write(language)
        return
    for language in LANGUAGES:
        write(language)


if __name__ == "__main__":
    main()
