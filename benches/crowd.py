"""A register with so many filings and access records, and somebody of the AI Office who looks at it.

A few filings are made as anybody files them; the others are their copies under new references, spread over three years
and the bands of compute, written as the superuser: a hundred thousand through the interface would measure that.
"""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import psycopg
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.test import Client
from psycopg import sql

from benches.documents import documents
from benches.filer import new_filer
from benches.growing import Growing
from registry import quantities
from registry.accounts import actions as accounts
from registry.accounts.policy import of_the_register
from registry.acting import acting_as
from registry.filings import reference
from registry.organisations.models import Authority
from registry.portal import purpose

PATTERNS = 20  # filings that are really filed
DAYS = 3 * 365
WAITING = 50  # one in so many is not decided yet
# What a copy has of its own, by table; `p` is its line of the plan.
ID = "md5({}::text || '-' || p.n)::uuid"
OWN = {
    "filings_filing": {
        "id": ID.format("t.id"),
        "reference": "p.reference",
        "client_reference": "''",
        "run_id": "t.run_id || '-' || p.n",
        "status": "p.status",
        "created_at": "p.submitted_at",
        "changed_at": "p.submitted_at",
        "submitted_at": "p.submitted_at",
        "decided_at": "p.decided_at",
        "training_compute_flop": "p.flop",
        "band": "p.band",
    },
    "filings_version": {
        "id": ID.format("t.id"),
        "filing_id": ID.format("t.filing_id"),
        "entry_id": "t.entry_id + p.n::bigint * 1000000",
        "submitted_at": "p.submitted_at",
        "training_compute_flop": "p.flop",
    },
    "filings_transition": {
        "filing_id": ID.format("t.filing_id"),
        "entry_id": "t.entry_id + p.n::bigint * 1000000",
        "at": "p.submitted_at",
    },
}
COLUMNS = """
select column_name from information_schema.columns where table_schema = 'public' and table_name = %s
and is_generated = 'NEVER' and is_identity = 'NO' order by ordinal_position
"""
WORD_INDEXES = """
select indexname, indexdef from pg_indexes where tablename = any(%s) and indexdef like '%%USING gin%%'
"""
PLAN = """
create temporary table plan (n integer, pattern uuid, reference text, status text, submitted_at timestamptz,
decided_at timestamptz, flop numeric, band text) on commit drop
"""


class Crowd:
    """One register that grows."""

    def __init__(self, address: str, *, at: datetime) -> None:
        self.address, self.at, self.filings = address, at, 0
        self.records = Growing(at=at)
        new_filer().file(documents(PATTERNS))

    def officer(self) -> Client:
        """Somebody of the AI Office, signed in with both factors, who has said why they look."""
        registrar = of_the_register("registrar")
        with acting_as(registrar):
            place, _ = Authority.objects.get_or_create(
                territory="EU", defaults={"code": "ai-office", "name": "AI Office"}
            )
            user = accounts.grant(
                email=f"{uuid.uuid4().hex}@example.org",
                name="Bench",
                password=None,
                role="ai_office_officer",
                place=place,
                by=registrar,
                at=self.at - timedelta(days=1),
            )
        Authenticator.objects.create(user=user, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
        client = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0])
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        session = client.session
        session[purpose.STATED] = {purpose.SESSION: ["review", "", ""]}
        session.save()
        return client

    def grow(self, *, filings: int, records: int) -> None:
        """Up to so many of both."""
        self.records.grow(records)
        with psycopg.connect(self.address) as connection:
            patterns = [row[0] for row in connection.execute(_PATTERNS).fetchall()]
            connection.execute("set local session_replication_role = replica")  # no triggers, no keys looked up
            connection.execute(PLAN)
            with connection.cursor() as cursor, cursor.copy("copy plan from stdin") as copy:
                for row in self._plan(patterns, self.filings, filings):
                    copy.write_row(row)
            word_indexes = connection.execute(WORD_INDEXES, [list(OWN)]).fetchall()
            for name, _ in word_indexes:  # made again at once: kept up row by row they would take most of the time
                connection.execute(sql.SQL("drop index {}").format(sql.Identifier(name)))
            for table in OWN:
                connection.execute(_copied(connection, table))
            for _, definition in word_indexes:
                connection.execute(sql.SQL(definition))
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute("vacuum analyze")
        self.filings = filings

    def _plan(self, patterns: list[uuid.UUID], first: int, last: int) -> Iterator[tuple[object, ...]]:
        bands = quantities.ladder(self.at.date()).bands
        for n in range(first + 1, last + 1):
            place = n * 7_919 % 10_000 / 10_000
            flop = Decimal(f"{10 ** (20 + 6 * place**12):.6e}")
            band = next(each.code for each in bands if each.up_to is None or flop <= each.up_to)
            submitted = self.at - timedelta(days=n * 104_729 % DAYS, minutes=n % 1_440)
            waits = n % WAITING == 0
            decided = None if waits else min(submitted + timedelta(days=n % 40), self.at)
            named = reference.make(year=2025, number=100_000 + n)
            status = "submitted" if waits else "accepted"
            yield n, patterns[n % len(patterns)], named, status, submitted, decided, flop, band


_PATTERNS = "select id from filings_filing where number = 1 order by created_at, id limit 20"


def _copied(connection: "psycopg.Connection[tuple[object, ...]]", table: str) -> sql.Composed:
    """The statement that copies the rows of a table for every line of the plan."""
    own = OWN[table]
    names = [str(name) for (name,) in connection.execute(COLUMNS, [table])]
    values = [sql.SQL(own[name]) if name in own else sql.SQL("t.") + sql.Identifier(name) for name in names]  # type: ignore[arg-type]
    return sql.SQL(
        "insert into {table} ({names}) select {values} from {table} t join plan p on p.pattern = t.{key}"
    ).format(
        table=sql.Identifier(table),
        names=sql.SQL(", ").join(map(sql.Identifier, names)),
        values=sql.SQL(", ").join(values),
        key=sql.Identifier("id" if table == "filings_filing" else "filing_id"),
    )
