"""A register of its own for a measurement: database and cache in a temporary folder, with the real tables and policy.

Entering `house` decides which database this process uses, for good: modules that read Django's settings are imported
afterwards.
"""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.core.management import call_command

from registry.runtime import account, logins
from registry.runtime.embedded import Postgres, Valkey


@contextmanager
def house() -> Iterator[str]:
    """Start the database, make it ready, yield the superuser's address of it; then stop it and remove everything."""
    with tempfile.TemporaryDirectory(prefix="ecar-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        password, logs = secrets.token_urlsafe(24), folder / "log"
        server = Postgres(folder=folder / "postgres", log=logs / "postgres.log", password=password)
        cache = Valkey(folder=folder / "valkey", log=logs / "valkey.log", password=password, durable=False)
        try:
            server.start()
            cache.start()
            yield _furnished(server, cache, folder)
        finally:
            cache.stop()
            server.stop()
            for service in ("postgres", "valkey"):
                account.remove(folder / service)


def _furnished(server: Postgres, cache: Valkey, folder: Path) -> str:
    logins.make_owner(superuser_url=server.superuser_url(), password=secrets.token_urlsafe(24))
    address = server.superuser_url(database=logins.DATABASE)
    for extension in ("btree_gist", "pg_trgm"):
        logins.make_extension(superuser_url=address, name=extension)
    logins.make_logins(
        owner_url=server.superuser_url(), passwords={name: secrets.token_urlsafe(24) for name in logins.LOGINS}
    )
    (folder / "static").mkdir()
    os.environ |= {
        "REGISTRY_ENVIRONMENT": "test",
        "REGISTRY_VAR": str(folder),
        "DATABASE_URL": address,
        "CELERY_BROKER_URL": "memory://",
        "CACHE_URL": cache.url(database=1),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DJANGO_SETTINGS_MODULE": "registry.settings",
    }
    django.setup()
    for command in ("migrate", "apply_policy", "load_reference"):
        call_command(command, verbosity=0)
    return address
