"""Make roles, grants and row policies in PostgreSQL what registry.accounts.policy says. Run after each migration."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection
from django.db.transaction import atomic

from registry.accounts import row_security

LOCK = 0x706F_6C69


class Command(BaseCommand):
    """`manage.py apply_policy`, with the owner's DATABASE_URL."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """One transaction: nobody ever sees half a policy."""
        with atomic(), connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
            for statement in (*row_security.roles(), *row_security.grants(_tables())):
                cursor.execute(statement)
        self.stdout.write("The policy is in force.")


def _tables() -> frozenset[str]:
    return frozenset(connection.introspection.table_names())
