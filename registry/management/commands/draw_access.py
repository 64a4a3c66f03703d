"""Draw who may see and do what, from the policy, into docs/access.md."""

from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from registry.accounts import policy, precision
from registry.acting import Audience
from registry.quantities import Precision

VERBS = {"select": "read", "insert": "add", "update": "change", "delete": "delete"}
HEAD = """\
# Who may see and do what

Drawn by `manage.py draw_access` from `registry/accounts/data/policy.toml`; do not edit. The same data make the
permission checks, the grants and row policies in PostgreSQL (`manage.py apply_policy`) and the tests that try each.

Two layers stand, each sufficient alone: querysets that show an actor its own rows, and row-level security that shows a
database role no others. An *audience* is such a role; a unit of work becomes it for one transaction. Rows: *own* of the
organisation, *territory* of the authority's Member State, *filed* without drafts, *all*.
"""


class Command(BaseCommand):
    """`manage.py draw_access` writes; with `--check` it changes nothing and fails when the page is stale."""

    help = "Draw docs/access.md from the policy; --check fails when it is stale"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One switch."""
        parser.add_argument("--check", action="store_true", help="change nothing, fail when the page is stale")

    def handle(self, *_args: Any, check: bool, **_options: Any) -> None:
        """Compare or write. Raises CommandError for a stale page."""
        path = Path(settings.ROOT) / "docs" / "access.md"
        if path.exists() and path.read_text(encoding="utf-8") == page():
            return
        if check:
            raise CommandError("stale: access.md. Run `manage.py draw_access`.")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page(), encoding="utf-8")
        self.stdout.write("drew access.md")


def page() -> str:
    """The whole of docs/access.md."""
    parts = [
        HEAD,
        "## Roles\n",
        _table(("Role", "Name", "What it is for", "Looks as"), _roles()),
        "## What a role may do\n",
        _table(("Permission", *map(_code, policy.ROLES)), _permissions()),
        "## What a machine may do\n",
        "A token carries scopes; it acts for one organisation and looks as `provider`.\n",
        _table(("Scope", "Permissions"), _scopes()),
        "## At which precision\n",
        "Empty: nothing. `elsewhere` is an authority to whom the competent one showed a filing; filings of its own",
        "territory an officer sees exactly. What the words mean: [privacy.md](privacy.md).\n",
        _table(("Resource", "Class", *map(_code, precision.VIEWERS)), _precisions()),
        "## What an audience reaches in the database\n",
        "An asterisk: some columns only, listed below. An empty field is nothing at all: “permission denied”.\n",
        _table(("Table", *(_code(_name(audience)) for audience in Audience)), _reaches()),
        "### Columns, where not all\n",
        _table(("Table", "Audience", "May", "Columns"), _columns()),
        "## Open tables\n",
        "All audiences read them, one writes.\n",
        _table(("Table", "Written by"), ((_code(t), _code(_name(a))) for t, a in policy.OPEN.items())),
        "## Signing in\n",
        "Before anybody is somebody, the login of a surface uses these itself. Accounts, roles and keys are given by",
        "the registrar alone.\n",
        _table(("Table", "Logins", "They may", "The registrar may"), _signing_in()),
        "## Logins\n",
        "What a login may become is all that an injection on its surface could reach.\n",
        _table(("Login", "May become"), ((_code(login), _names(who)) for login, who in policy.LOGINS.items())),
    ]
    return "\n".join(parts)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _code(name: str) -> str:
    return f"`{name}`"


def _name(audience: Audience) -> str:
    return audience.value.removeprefix("ecar_")


def _names(audiences: Iterable[Audience]) -> str:
    return ", ".join(_code(_name(audience)) for audience in audiences)


def _roles() -> Iterable[Sequence[str]]:
    return (
        (_code(role.code), role.name, role.description, _code(_name(role.audience))) for role in policy.ROLES.values()
    )


def _permissions() -> Iterable[Sequence[str]]:
    for permission in sorted(policy.Permission):
        yield _code(permission), *("yes" if permission in role.permissions else "" for role in policy.ROLES.values())


def _scopes() -> Iterable[Sequence[str]]:
    for scope, permissions in policy.SCOPE_PERMISSIONS.items():
        yield _code(scope), ", ".join(_code(permission) for permission in sorted(permissions))


def _precisions() -> Iterable[Sequence[str]]:
    for resource in precision.resources():
        for cls in precision.classes_of(resource):
            told = (precision.precision(viewer=viewer, resource=resource, cls=cls) for viewer in precision.VIEWERS)
            yield _code(resource), cls, *("" if each is Precision.NONE else each.value for each in told)


def _reaches() -> Iterable[Sequence[str]]:
    for table, per_audience in policy.CONFIDENTIAL.items():
        yield _code(table), *("<br>".join(map(_grant, per_audience.get(audience, ()))) for audience in Audience)


def _grant(grant: policy.Grant) -> str:
    return f"{VERBS[grant.command]} {grant.rows}{'*' if grant.columns else ''}"


def _columns() -> Iterable[Sequence[str]]:
    for table, per_audience in policy.CONFIDENTIAL.items():
        for audience, grants in per_audience.items():
            for grant in grants:
                if grant.columns:
                    listed = ", ".join(map(_code, grant.columns))
                    yield _code(table), _code(_name(audience)), VERBS[grant.command], listed
    for login in policy.SIGN_IN_LOGINS:
        columns = ", ".join(map(_code, policy.NAMED_AT_SIGN_IN))
        yield _code("organisations_organisation"), _code(login), "read, when signing in", columns
    for table, columns_read in policy.EXPIRING.items():
        yield _code(table), _code(_name(Audience.HOUSEKEEPER)), "read and delete", ", ".join(map(_code, columns_read))


def _signing_in() -> Iterable[Sequence[str]]:
    for table, allowed in policy.SIGN_IN.items():
        logins = ", ".join(map(_code, allowed.logins)) or "none"
        theirs, registrars = (", ".join(VERBS[each] for each in kind) for kind in (allowed.commands, allowed.registrar))
        yield _code(table), logins, theirs, registrars
