"""Draw the catalogues of checks from their data into docs/checks.md: of filings, of facilities, of lines of returns."""

from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from registry.compute import facility_checks, record_checks
from registry.filings.checks.catalogue import RULE_SET, SEVERITIES, Check, every_check, reasons

TITLES = {
    "arithmetic": "The estimate",
    "dates": "Days",
    "form": "Form across members",
    "law": "What the law attaches to the figures",
    "physics": "Physics",
    "presence": "What must be there",
    "proportions": "Bands, flags and wholes",
    "register": "Against the register",
    "versions": "Against the version before",
}
"""A heading for each file of `registry/filings/data/checks`."""


class Command(BaseCommand):
    """`manage.py draw_checks` writes; with `--check` it changes nothing and fails when the page is stale."""

    help = "Draw the catalogue of checks into docs/checks.md; --check fails when it is stale"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One switch."""
        parser.add_argument("--check", action="store_true", help="change nothing, fail when the page is stale")

    def handle(self, *_args: Any, check: bool, **_options: Any) -> None:
        """Compare or write the page. Raises CommandError for a stale one."""
        path = Path(settings.ROOT) / "docs" / "checks.md"
        wanted = page()
        if path.exists() and path.read_text(encoding="utf-8") == wanted:
            return
        if check:
            raise CommandError(f"stale: {path.name}. Run `manage.py draw_checks`.")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted, encoding="utf-8")
        self.stdout.write(f"drew {path.name}")


SITES = {
    facility_checks.SITE: "A facility, its clusters and installations",
    facility_checks.REPORT: "The yearly report",
}
"""A heading for each subject of `registry/compute/data/facility_checks.toml`."""

Row = tuple[str, str, str, str, str, date, date | None]


def page() -> str:
    """The whole of docs/checks.md: every check by what it is about, and the reasons for keeping what is questioned."""
    return "\n".join([*_of_filings(), *_of_facilities(), *_of_records()])


def _of_filings() -> Iterator[str]:
    checks = every_check()
    yield from (
        "# Checks",
        "",
        "Drawn by `manage.py draw_checks` from `registry/filings/data/checks/` and `registry/compute/data/`; do not",
        "edit. Sentences and remedies exist in English, French and German; words in braces are filled with the filer's",
        "own data or with public law.",
        "",
        "## Filings",
        "",
        f"Rule set `{RULE_SET}`: {_numbers(each.severity for each in checks.values())}.",
        "An error blocks the submission. A warning needs an acknowledgement: a reason of those below and a sentence. A",
        "note informs.",
        "",
    )
    for family, rows in groupby(checks.values(), key=lambda each: each.family):
        yield from _table(TITLES[family], (_of_filing(each) for each in rows))
    rows_of_reasons = [f"| `{each.code}` | {each.names['en']} |" for each in reasons().values()]
    title = "### Reasons for keeping what a warning questions"
    yield from (title, "", "| Reason | In words |", "|---|---|", *rows_of_reasons, "")


def _of_facilities() -> Iterator[str]:
    checks = facility_checks.checks()
    yield from (
        "## Facilities",
        "",
        f"Rule set `{facility_checks.rule_set()}`: {_numbers(each.severity for each in checks)}.",
        "An error refuses what is said. Warnings and notes are told and kept with the facility. Public as",
        "`/api/v1/checks/facilities/`.",
        "",
    )
    for of, title in SITES.items():
        rows = (
            (each.code, each.severity, *_worded(each.texts["en"]), each.source, each.valid_from, None)
            for each in checks
            if each.of == of
        )
        yield from _table(title, rows)


def _of_records() -> Iterator[str]:
    checks = record_checks.every_check().values()
    yield from (
        "## Returns",
        "",
        f"Rule set `{record_checks.RULE_SET}`: {_numbers(each.severity for each in checks)}.",
        "An error refuses the line, or all of them where the provider chose so. A warning is told and the line kept.",
        "Public as `/api/v1/checks/records/`.",
        "",
    )
    rows = (
        (each.code, each.severity, *_worded(each.texts["en"]), each.source, each.valid_from, None) for each in checks
    )
    yield from _table("A line", rows)


def _numbers(severities: Iterable[str]) -> str:
    told = list(severities)
    kinds = ", ".join(f"{told.count(severity)} {severity}s" for severity in SEVERITIES if severity in told)
    return f"{len(told)} checks ({kinds})"


def _worded(texts: Mapping[str, str]) -> tuple[str, str]:
    return texts["sentence"], texts["remedy"]


def _of_filing(check: Check) -> Row:
    text = check.texts["en"]
    since, until = check.valid_from, check.valid_until
    return (check.code, check.severity, text.sentence, text.remedy, check.source, since, until)


def _table(title: str, rows: Iterable[Row]) -> Iterator[str]:
    yield from (
        f"### {title}",
        "",
        "| Check | Severity | What it says | What helps | Source | Since |",
        "|---|---|---|---|---|---|",
        *map(_row, rows),
        "",
    )


def _row(row: Row) -> str:
    code, severity, sentence, remedy, source, since, until = row
    period = f"{since}" if until is None else f"{since} until {until}"
    cells = (f"`{code}`", severity, sentence, remedy, source, period)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
