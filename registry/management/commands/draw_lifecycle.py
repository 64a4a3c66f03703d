"""Draw the life cycle of a filing from its table into docs/lifecycle.md and the README."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from registry.filings import lifecycle

BEGIN, END = "<!-- lifecycle: drawn by `manage.py draw_lifecycle` -->", "<!-- /lifecycle -->"


class Command(BaseCommand):
    """`manage.py draw_lifecycle` writes; with `--check` it changes nothing and fails when a drawing is stale."""

    help = "Draw the life cycle into docs/lifecycle.md and the README; --check fails when they are stale"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One switch."""
        parser.add_argument("--check", action="store_true", help="change nothing, fail when a drawing is stale")

    def handle(self, *_args: Any, check: bool, **_options: Any) -> None:
        """Compare or write both files. Raises CommandError for a stale file, or a README without the two markers."""
        root = Path(settings.ROOT)
        readme = root / "README.md"
        wanted = {
            root / "docs" / "lifecycle.md": page(),
            readme: with_block(readme.read_text(encoding="utf-8") if readme.exists() else ""),
        }
        stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
        if check and stale:
            names = ", ".join(path.name for path in stale)
            raise CommandError(f"stale: {names}. Run `manage.py draw_lifecycle`.")
        for path in stale:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path], encoding="utf-8")
            self.stdout.write(f"drew {path.name}")


def block() -> str:
    """The drawing as a fenced Mermaid block, which Git hosts render."""
    return f"```mermaid\n{lifecycle.drawing()}\n```"


def with_block(text: str) -> str:
    """`text` with the drawing between its two markers. Raises CommandError when they are missing."""
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise CommandError(f"README.md needs the two lines {BEGIN} and {END}, once each and in this order.")
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n{block()}\n{END}{rest.split(END)[1]}"


def page() -> str:
    """The whole of docs/lifecycle.md: drawing, states with their owners, steps with their words."""
    states = [
        f"| `{status}` | {text.name} | {lifecycle.owner_text(lifecycle.OWNER[status]).name} | {text.sentence} |"
        for status in lifecycle.Status
        for text in [lifecycle.status_text(status)]
    ]
    steps = [
        f"| `{step.source}` → `{step.target}` | {step.verb.replace('_', ' ')} | {step.who} | `{step.permission}` "
        f"| `{step.kind}` | {step.sentence} |"
        for step in lifecycle.TRANSITIONS
    ]
    return "\n".join(
        [
            "# The life of a filing",
            "",
            "Drawn by `manage.py draw_lifecycle` from `registry/filings/lifecycle.py`; do not edit.",
            "",
            block(),
            "",
            "| State | Name | Whose turn | In plain words |",
            "|---|---|---|---|",
            *states,
            "",
            "| Step | Verb | By | Permission | Ledger | In plain words |",
            "|---|---|---|---|---|---|",
            *steps,
            "",
            "A further version (update, completion, correction) moves nothing by itself: what was accepted stays",
            "accepted until the authority decides otherwise. After acceptance the provider files a withdrawal version,",
            "and the filing is withdrawn when the authority confirms it.",
            "",
        ]
    )
