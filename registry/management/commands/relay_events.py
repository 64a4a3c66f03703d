"""`manage.py relay_events`: pass events from the outbox to the broker, for as long as the register runs."""

import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import kombu.exceptions
import psycopg
from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone
from psycopg import sql

from registry import tasks
from registry.accounts.policy import of_the_register
from registry.acting import acting_as
from registry.dispatch import outbox

log = logging.getLogger(__name__)

# The database or the broker is away: wait and begin anew. Anything else is a fault and ends the process.
OUTAGES = (OperationalError, InterfaceError, psycopg.OperationalError, kombu.exceptions.OperationalError, OSError)
AT_ONCE = 500


class Command(BaseCommand):
    """Woken by NOTIFY, and by the clock for what a notification missed."""

    help = "Pass events from the outbox to the broker until told to stop (SIGTERM, SIGINT)."
    poll_seconds = 1.0
    first_pause_seconds = 0.5
    longest_pause_seconds = 30.0

    def handle(self, **_options: Any) -> None:
        """Relay until a signal comes; outages of database and broker are waited out, ever longer."""
        stop = threading.Event()
        with _stopped_by_signals(stop):
            log.info("relaying events")
            self.run(stop)
        log.info("stopped relaying events")

    def run(self, stop: threading.Event) -> None:
        """Relay until `stop` is set."""
        pause = self.first_pause_seconds
        while not stop.is_set():
            try:
                with _listening() as listener:
                    while not stop.is_set():
                        self.pass_on(stop)
                        pause = self.first_pause_seconds
                        next(listener.notifies(timeout=self.poll_seconds, stop_after=1), None)
            except OUTAGES as outage:
                log.warning("cannot relay, trying again in %.1f seconds: %s", pause, str(outage).strip())
                connection.close()
                stop.wait(pause)
                pause = min(2 * pause, self.longest_pause_seconds)

    def pass_on(self, stop: threading.Event) -> int:
        """Relay everything that waits, a unit of work at a time; returns how many events."""
        total = 0
        while not stop.is_set():
            with acting_as(of_the_register("relay")):
                count = outbox.relay(publish=tasks.publish, at=timezone.now(), limit=AT_ONCE)
            total += count
            if count < AT_ONCE:
                break
        return total


@contextmanager
def _listening() -> Iterator[psycopg.Connection[Any]]:
    """A connection of its own that hears the outbox: the other one is in a transaction when it matters."""
    parameters = connection.get_connection_params()
    known = {name: parameters[name] for name in ("dbname", "user", "password", "host", "port") if name in parameters}
    with psycopg.connect(**known, autocommit=True, connect_timeout=5, application_name="relay_events") as listener:
        listener.execute(sql.SQL("listen {}").format(sql.Identifier(outbox.CHANNEL)))
        yield listener


@contextmanager
def _stopped_by_signals(stop: threading.Event) -> Iterator[None]:
    def order(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, order) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
