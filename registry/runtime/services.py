"""The database and the broker of one state: the embedded ones, or those that the environment names."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from registry.runtime import logins
from registry.runtime.embedded import Postgres, Valkey
from registry.runtime.state import State, read, write


@dataclass(frozen=True)
class Addresses:
    """Where things are and how to get in. `database` maps a login's short name (owner, web, …) to its URL."""

    database: Mapping[str, str]
    broker_url: str
    cache_url: str
    secret_key: str
    factor_keys: str
    base_url: str

    def environment(self, login: str) -> dict[str, str]:
        """Return the environment of a process that uses the database as `login`."""
        known = {
            "DATABASE_URL": self.database[login],
            "CELERY_BROKER_URL": self.broker_url,
            "CACHE_URL": self.cache_url,
            "SECRET_KEY": self.secret_key,
            "FACTOR_KEYS": self.factor_keys,
            "BASE_URL": self.base_url,
            "PYTHONUNBUFFERED": "1",
        }
        hidden = {"DATABASE_WEB_URL", "DATABASE_WORKER_URL", "DATABASE_COMMAND_URL"}
        inherited = {name: value for name, value in os.environ.items() if name not in hidden}
        return inherited | {name: value for name, value in known.items() if value}


class Services:
    """Starts, addresses and stops the database and the broker of one state."""

    def __init__(self, *, state: State, port: int) -> None:
        """`port` is the web server's, for `base_url`."""
        self.state, self.port = state, port
        self.secrets = state.secrets()
        self.given_database = os.environ.get("DATABASE_URL", "")
        self.given_broker = os.environ.get("CELERY_BROKER_URL", "")
        earlier = read(state.runtime)
        self.postgres = None if self.given_database else self._postgres(int(earlier.get("postgres_port", 0)))
        self.valkey = None if self.given_broker else self._valkey(int(earlier.get("valkey_port", 0)))

    def start_database(self) -> str:
        """Start the database if it is ours, make owner and logins, and return its version."""
        if self.postgres is not None:
            self.postgres.start()
            superuser_url = self.postgres.superuser_url()
            logins.make_owner(superuser_url=superuser_url, password=self.secrets[logins.OWNER])
            for extension in ("pg_stat_statements", "btree_gist", "pg_trgm"):
                logins.make_extension(
                    superuser_url=self.postgres.superuser_url(database=logins.DATABASE), name=extension
                )
        owner_url = self._owner_url()
        version = logins.require_safe_version(url=owner_url)
        ours = [name for name in logins.LOGINS if not os.environ.get(_variable(name))]
        logins.make_logins(owner_url=owner_url, passwords={name: self.secrets[name] for name in ours})
        return version

    def start_broker(self) -> None:
        """Start the broker if it is ours."""
        if self.valkey is not None:
            self.valkey.start()

    def publish(self) -> Addresses:
        """Write the addresses where `./manage.py` in another terminal finds them, and return them."""
        addresses = self.addresses()
        write(
            self.state.runtime,
            {
                "database_url": addresses.database["command"],
                "broker_url": addresses.broker_url,
                "cache_url": addresses.cache_url,
                "secret_key": addresses.secret_key,
                "factor_keys": addresses.factor_keys,
                "base_url": addresses.base_url,
                "postgres_port": str(self.postgres.port if self.postgres else 0),
                "valkey_port": str(self.valkey.port if self.valkey else 0),
            },
        )
        return addresses

    def addresses(self) -> Addresses:
        """Return the addresses as they are now."""
        owner_url = self._owner_url()
        database = {"owner": owner_url}
        for name in logins.LOGINS:
            given = os.environ.get(_variable(name))
            database[name.removeprefix("ecar_")] = given or logins.with_login(
                owner_url, user=name, password=self.secrets[name]
            )
        cache_url = self.valkey.url(database=1) if self.valkey else ""
        return Addresses(
            database=database,
            broker_url=self.valkey.url(database=0) if self.valkey else self.given_broker,
            cache_url=os.environ.get("CACHE_URL") or cache_url,
            secret_key=os.environ.get("SECRET_KEY") or self.secrets["secret_key"],
            factor_keys=os.environ.get("FACTOR_KEYS") or self.secrets["factor_keys"],
            base_url=os.environ.get("BASE_URL") or f"http://127.0.0.1:{self.port}",
        )

    def stop(self) -> None:
        """Stop what is ours: the broker, then the database."""
        if self.valkey is not None:
            self.valkey.stop()
        if self.postgres is not None:
            self.postgres.stop()

    def _owner_url(self) -> str:
        if self.postgres is None:
            return self.given_database
        return self.postgres.url(user=logins.OWNER, password=self.secrets[logins.OWNER], database=logins.DATABASE)

    def _postgres(self, port: int) -> Postgres:
        return Postgres(
            folder=self.state.postgres,
            log=self.state.log / "postgres.log",
            password=self.secrets["postgres"],
            port=port,
        )

    def _valkey(self, port: int) -> Valkey:
        return Valkey(
            folder=self.state.valkey, log=self.state.log / "valkey.log", password=self.secrets["valkey"], port=port
        )


def _variable(login: str) -> str:
    """Return the environment variable that may give a login's URL: `ecar_web` → `DATABASE_WEB_URL`."""
    return f"DATABASE_{login.removeprefix('ecar_').upper()}_URL"
