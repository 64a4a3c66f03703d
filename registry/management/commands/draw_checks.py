"""Draw the catalogue of checks from its data into docs/checks.md."""

from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

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


def page() -> str:
    """The whole of docs/checks.md: every check by family, and the reasons for keeping what a warning questions."""
    checks = every_check()
    numbers = ", ".join(
        f"{sum(each.severity == severity for each in checks.values())} {severity}s" for severity in SEVERITIES
    )
    head = [
        "# Checks",
        "",
        "Drawn by `manage.py draw_checks` from `registry/filings/data/checks/`; do not edit.",
        "",
        f"Rule set `{RULE_SET}`: {len(checks)} checks ({numbers}). An error blocks the submission. A warning needs an",
        "acknowledgement: one of the reasons below and a sentence. A note informs. Sentences and remedies exist in",
        "English, French and German; words in braces are filled with the filer's own data or with public law.",
        "",
    ]
    rows = [line for family in _families() for line in family]
    return "\n".join([*head, *rows, *_reasons()])


def _families() -> Iterator[list[str]]:
    for family, checks in groupby(every_check().values(), key=lambda each: each.family):
        yield [
            f"## {TITLES[family]}",
            "",
            "| Check | Severity | What it says | What helps | Source | Since |",
            "|---|---|---|---|---|---|",
            *(_row(each) for each in checks),
            "",
        ]


def _row(check: Check) -> str:
    text = check.texts["en"]
    period = f"{check.valid_from}" if check.valid_until is None else f"{check.valid_from} until {check.valid_until}"
    cells = (f"`{check.code}`", check.severity, text.sentence, text.remedy, check.source, period)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _reasons() -> list[str]:
    rows = [f"| `{each.code}` | {each.names['en']} |" for each in reasons().values()]
    return ["## Reasons for keeping what a warning questions", "", "| Reason | In words |", "|---|---|", *rows, ""]
