"""Draw the record of processing activities (GDPR Art. 30, Regulation (EU) 2018/1725 Art. 31) from the data."""

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from registry.accounts import data_classes, policy, retention
from registry.accounts.data_classes import Activity, Table
from registry.filings.document import element_at
from registry.oversight import erasure

HEAD = """\
# Record of processing activities

GDPR Art. 30, Regulation (EU) 2018/1725 Art. 31. Drawn by `manage.py draw_processing_record` from
`registry/accounts/data/data_classes.toml` (classes, purposes), `policy.toml` (recipients), `retention.toml` and
`registry/oversight/data/erasure.toml` (time limits); do not edit.
"""


class Command(BaseCommand):
    """`manage.py draw_processing_record` writes; with `--check` it fails when the page is stale."""

    help = "Draw docs/processing-record.md; --check fails when it is stale"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One switch."""
        parser.add_argument("--check", action="store_true", help="change nothing, fail when the page is stale")

    def handle(self, *_args: Any, check: bool, **_options: Any) -> None:
        """Compare or write. Raises CommandError for a stale page."""
        path = Path(settings.ROOT) / "docs" / "processing-record.md"
        if path.exists() and path.read_text(encoding="utf-8") == page():
            return
        if check:
            raise CommandError("stale: processing-record.md. Run `manage.py draw_processing_record`.")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page(), encoding="utf-8")
        self.stdout.write("drew processing-record.md")


def page() -> str:
    """The whole of docs/processing-record.md."""
    record = data_classes.record()
    parts = [
        HEAD,
        f"**Controller.** {record.controller}\n",
        f"**Joint controllers.** {record.joint_controllers}\n",
        f"**Data protection officer.** {record.contact}\n",
        f"**Transfers to third countries.** {record.transfers}\n",
        "**Security measures.**\n",
        "".join(f"- {each}\n" for each in record.measures),
    ]
    parts += ["".join(_activity(each)) for each in data_classes.activities().values()]
    parts += ["## Classes of all columns\n", "".join(_classes())]
    return "\n".join(parts)


def _activity(activity: Activity) -> Iterator[str]:
    tables = [table for table in data_classes.tables().values() if table.activity == activity.code]
    personal = [table for table in tables if table.personal]
    yield f"## {activity.name}\n\n"
    yield f"- **Purposes.** {activity.purposes}\n"
    yield f"- **Legal basis.** {activity.legal_basis}\n"
    yield f"- **Data subjects.** {activity.subjects}\n"
    yield f"- **Categories of personal data.** {'; '.join(map(_columns, personal)) or 'None'}.\n"
    if activity.document:
        named = ", ".join(f"{_label(pointer)} (`{pointer}`)" for pointer in activity.document)
        yield f"- **Inside the filed document.** {named}.\n"
    yield f"- **Recipients.** {', '.join(_recipients(personal)) or 'None'}.\n"
    yield f"- **Time limits.** {'; '.join(_limits(tables)) or 'Kept while the register is; deleted by decision'}.\n\n"


def _columns(table: Table) -> str:
    return f"`{table.name}`: {', '.join(table.personal)}"


def _label(pointer: str) -> str:
    element = element_at(pointer)
    return element.label["en"].lower() if element else pointer


def _recipients(tables: list[Table]) -> list[str]:
    """Audiences that may read a person's column, by the grants; who signs in reads its own."""
    found = {
        audience.value.removeprefix("ecar_")
        for table in tables
        for audience, grants in policy.CONFIDENTIAL.get(table.name, {}).items()
        for grant in grants
        if grant.command == "select" and (not grant.columns or set(grant.columns) & set(table.personal))
    }
    if any(table.name in policy.SIGN_IN for table in tables):
        found |= {"registrar", "the surface that signs in"}
    return sorted(found)


def _limits(tables: list[Table]) -> Iterator[str]:
    names = {table.name for table in tables}
    for rule in retention.rules():
        if rule.table in names:
            yield f"{rule.name} ({rule.table}): {rule.period} from {rule.moment} ({rule.source})"
    for ground in erasure.grounds():
        if touched := sorted(names & {*ground.target.emptied, *ground.target.deleted}):
            moment = f"{ground.period} from {ground.moment}"
            yield f"{ground.name} ({', '.join(touched)}): erased {moment} ({ground.source})"
    for table in sorted(names & set(policy.EXPIRING)):
        yield f"{table}: until it expires (`{policy.EXPIRING[table][1]}`)"


def _classes() -> Iterator[str]:
    yield "| Table | S | R | A | O | N | K | Personal |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n"
    for table in data_classes.tables().values():
        columns = [", ".join(c for c, cls in table.classes.items() if cls == each) for each in "SRAONK"]
        yield f"| `{table.name}` | {' | '.join(columns)} | {', '.join(table.personal)} |\n"
