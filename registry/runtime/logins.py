"""The database logins: an owner that migrates and serves nobody, and one login per kind of process that owns nothing.

The audiences' roles, their grants and policies are made by `manage.py apply_policy`, as the owner. Passwords are made
here, so the logins are too. The same steps work on the embedded server and on a real one.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from registry.runtime.processes import CannotRun

OWNER = "ecar_owner"
DATABASE = "ecar"
LOGINS = ("ecar_web", "ecar_worker", "ecar_command")

# CVE-2025-8713: statistics show rows that row-level security hides. The first fixed minor release of each major.
FIRST_SAFE = {15: 14, 16: 10, 17: 6}
NEWEST_LISTED = max(FIRST_SAFE)


def make_owner(*, superuser_url: str, password: str) -> None:
    """Make the owner and its database on a server whose superuser we are. What exists already is kept."""
    with _connected(superuser_url) as connection:
        _make_login(connection, name=OWNER, password=password, powers="CREATEROLE")
        found = connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone()
        if found is None:
            connection.execute(
                sql.SQL("create database {} owner {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
            )


def make_extension(*, superuser_url: str, name: str) -> None:
    """Make an extension that only a superuser may make, if the server has it."""
    with _connected(superuser_url) as connection:
        known = connection.execute("select 1 from pg_available_extensions where name = %s", [name]).fetchone()
        if known is not None:
            connection.execute(sql.SQL("create extension if not exists {}").format(sql.Identifier(name)))


def make_logins(*, owner_url: str, passwords: Mapping[str, str]) -> None:
    """Make the given logins (name to password) or give existing ones these passwords. `owner_url` needs CREATEROLE."""
    with _connected(owner_url) as connection:
        try:
            for name, password in passwords.items():
                _make_login(connection, name=name, password=password, powers="NOINHERIT")
        except psycopg.errors.InsufficientPrivilege as error:
            raise CannotRun(
                "The login of DATABASE_URL may not make the register's logins. Give it CREATEROLE, or make them "
                "yourself and set DATABASE_WEB_URL, DATABASE_WORKER_URL and DATABASE_COMMAND_URL (docs/running.md). "
                f"PostgreSQL says: {error}"
            ) from error


def require_safe_version(*, url: str) -> str:
    """Return the server's version. Raises `CannotRun` below the releases in which row-level security is tight."""
    with _connected(url) as connection:
        number = connection.info.server_version
    major, minor = divmod(number, 10_000)
    if major < min(FIRST_SAFE) or (major in FIRST_SAFE and minor < FIRST_SAFE[major]):
        safe = ", ".join(f"{known}.{first}" for known, first in sorted(FIRST_SAFE.items()))
        raise CannotRun(
            f"PostgreSQL {major}.{minor} is too old: below {safe} its statistics show rows that row-level security "
            f"hides (CVE-2025-8713). Use one of these, a later minor release, or any release of {NEWEST_LISTED + 1}."
        )
    return f"{major}.{minor}"


def with_login(url: str, *, user: str, password: str) -> str:
    """Return `url` with another user and password."""
    parts = urlsplit(url)
    address = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(user, safe='')}:{quote(password, safe='')}@{address}"))


def _make_login(connection: psycopg.Connection, *, name: str, password: str, powers: str) -> None:
    found = connection.execute("select 1 from pg_roles where rolname = %s", [name]).fetchone()
    verb = "create" if found is None else "alter"
    connection.execute(
        sql.SQL("{} role {} login {} password {}").format(
            sql.SQL(verb), sql.Identifier(name), sql.SQL(powers), sql.Literal(password)
        )
    )


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection]:
    """Connect in autocommit mode; a failure to connect is told in a sentence, without the password."""
    try:
        connection = psycopg.connect(url, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as error:
        parts = urlsplit(url)
        where = f"{parts.hostname}:{parts.port or 5432}{parts.path}"
        raise CannotRun(f"The PostgreSQL server at {where} does not let us in: {error}") from error
    with connection:
        yield connection
