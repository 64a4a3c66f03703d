"""PgBouncer in transaction mode before the test server: many clients share a handful of its connections."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg
from django.db import connection

from registry.runtime.account import unprivileged
from registry.runtime.processes import LOOPBACK, end, free_port, is_alive, spawn, wait_until

PROGRAM = shutil.which("pgbouncer", path=os.environ.get("PATH", "") + ":/usr/sbin")
SETTINGS = """
[databases]
{name} = host={host} port={port} dbname={name}

[pgbouncer]
listen_addr = {loopback}
listen_port = {own_port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {users}
pool_mode = transaction
default_pool_size = {pool_size}
max_client_conn = 200
ignore_startup_parameters = extra_float_digits
server_reset_query =
log_connections = 0
log_disconnections = 0
log_pooler_errors = 0
"""


@contextmanager
def pooled(passwords: dict[str, str], *, pool_size: int) -> Iterator[int]:
    """Run PgBouncer for the logins of `passwords` with `pool_size` server connections each; gives its port.

    `server_reset_query` is empty: nothing that a client left behind is tidied away, so nothing may be left behind.
    """
    assert PROGRAM
    with tempfile.TemporaryDirectory(prefix="ecar-pgbouncer-") as name:
        folder, own_port = Path(name), free_port()
        users = folder / "users.txt"
        users.write_text("".join(f'"{login}" "{password}"\n' for login, password in passwords.items()))
        server = connection.get_connection_params()
        settings = folder / "pgbouncer.ini"
        settings.write_text(
            SETTINGS.format(
                name=server["dbname"],
                host=server.get("host") or LOOPBACK,
                port=server.get("port") or 5432,
                loopback=LOOPBACK,
                own_port=own_port,
                users=users,
                pool_size=pool_size,
            )
        )
        account = unprivileged()
        for path in (folder, users, settings):
            if account is not None:
                os.chown(path, account.uid, account.gid)
        process = spawn([PROGRAM, "-q", str(settings)], output=subprocess.DEVNULL, account=account)
        login, password = next(iter(passwords.items()))
        try:
            assert wait_until(
                partial(_answers, own_port, str(server["dbname"]), login, password),
                seconds=15,
                alive=partial(is_alive, process),
            ), "PgBouncer does not answer"
            yield own_port
        finally:
            end(process, by=())


def _answers(port: int, database: str, login: str, password: str) -> bool:
    try:
        psycopg.connect(host=LOOPBACK, port=port, dbname=database, user=login, password=password).close()
    except psycopg.OperationalError:
        return False
    return True
