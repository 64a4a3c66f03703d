"""Draw the limits of the interface from the constants that enforce them into docs/api/limits.md."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from api.limits import as_markdown


class Command(BaseCommand):
    """`manage.py draw_limits` writes; with `--check` it changes nothing and fails when the page is stale."""

    help = "Draw the limits of the interface into docs/api/limits.md; --check fails when it is stale"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One switch."""
        parser.add_argument("--check", action="store_true", help="change nothing, fail when the page is stale")

    def handle(self, *_args: Any, check: bool, **_options: Any) -> None:
        """Compare or write the page. Raises CommandError for a stale one."""
        path = Path(settings.ROOT) / "docs" / "api" / "limits.md"
        wanted = as_markdown()
        if path.exists() and path.read_text(encoding="utf-8") == wanted:
            return
        if check:
            raise CommandError(f"stale: {path.name}. Run `manage.py draw_limits`.")
        path.write_text(wanted, encoding="utf-8")
        self.stdout.write(f"drew {path.name}")
