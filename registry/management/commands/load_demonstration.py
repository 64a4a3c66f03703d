"""`manage.py load_demonstration`: play three years of an invented Union, through the same actions as real filings."""

import json
import os
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from registry.accounts.policy import of_the_register
from registry.acting import acting_as
from registry.filings.working_days import day_of, start_of_day
from registry.management.demonstration import (
    agenda,
    facilities,
    onboarding,
    owners,
    people,
    publications,
    returns,
    runs,
)
from registry.management.demonstration.acts import Act
from registry.management.demonstration.organisations import COMPANIES, TERRITORIES
from registry.management.demonstration.people import Client, Hands
from registry.management.demonstration.playing import Play
from registry.organisations.models import Organisation

FEWEST_RUNS = 40
MACHINES_SINCE = timedelta(days=300)
PUBLISHED_AT = timedelta(hours=5)
ONBOARDED_AT = timedelta(hours=1)


class Command(BaseCommand):
    """Refuses in production and where any organisation exists. Writes `demo.json` into the state folder at the end."""

    help = "Play the demonstration: invented organisations, three years of filings, and log-ins to look at them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The day on which the three years end, how many runs, and the seed."""
        parser.add_argument("--today", type=date.fromisoformat, help="last day, YYYY-MM-DD (default: today)")
        parser.add_argument("--runs", type=int, default=runs.RUNS, help=f"training runs (default: {runs.RUNS})")
        parser.add_argument(
            "--releases", type=int, default=publications.RELEASES, help="releases of statistics, the newest quarters"
        )
        parser.add_argument("--seed", type=int, default=runs.SEED, help="of what is drawn at random")

    def handle(self, *, today: date | None, runs: int, releases: int, seed: int, **_options: Any) -> None:
        """Play it, phase by phase; what was not accepted is told, and does not end the load."""
        self._require_empty()
        if runs < FEWEST_RUNS:
            raise CommandError(f"The demonstration needs at least {FEWEST_RUNS} runs to show what there is to show.")
        self._hasten()
        last = today or day_of(timezone.now())
        began = time.monotonic()
        with self._phase(f"Registering {len(COMPANIES)} organisations in {len(TERRITORIES)} Member States"):
            registered, hands = self._register(last)
        with self._phase(f"Planning {runs} training runs of three years"):
            play, acts = self._plan(hands, last, runs, seed)
        end = min(start_of_day(last), timezone.now())
        courses = onboarding.Courses(registered, hands, at=end, beside=returns.courses(hands, at=end))
        published = self._play(play, acts, registered, last, courses, releases)
        courses.go_on(until=end)
        with self._phase("Playing statements of who owns whom"):
            owners.go_on(hands, at=end)
        with self._phase("Putting findings into cases"):
            returns.open_cases(at=end)
        with self._phase("Preparing the next releases"):
            publications.prepare(hands, at=end)
        clients = list(play.clients.values())
        self._write(settings.VAR / "demo.json", hands, clients)
        for sentence in play.refused:
            self.stderr.write(f"not accepted: {sentence}")
        self.stdout.write(
            f"{len(play.references)} filings, {len(acts)} acts, {published} releases, "
            f"{len(hands.credentials)} people, {len(clients)} machines in {time.monotonic() - began:.0f} s."
        )

    def _require_empty(self) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demonstration is never played in production.")
        with acting_as(of_the_register("registrar"), read_only=True):
            if Organisation.objects.exists():
                raise CommandError(
                    "There are organisations in the register already; the demonstration is played into an empty one. "
                    "`make demo-reset` empties the embedded register and plays it anew."
                )

    def _hasten(self) -> None:
        """Do not wait for the disk at each of some thousand commits: a load that is cut off is played anew."""
        with connection.cursor() as cursor:
            cursor.execute("set synchronous_commit = off")

    def _register(self, last: date) -> tuple[dict[str, Organisation], Hands]:
        at = start_of_day(last - timedelta(days=365 * runs.YEARS + 30))
        with acting_as(of_the_register("registrar")) as registrar:
            registered = people.register_companies(by=registrar, at=at)
            return registered, people.enrol(registered, by=registrar, at=at)

    def _plan(self, hands: Hands, last: date, count: int, seed: int) -> tuple[Play, list[Act]]:
        plan = runs.plan(today=last, seed=seed, count=count)
        return Play(plan, hands), agenda.acts(plan, until=start_of_day(last), seed=seed)

    def _play(
        self,
        play: Play,
        acts: list[Act],
        registered: dict[str, Organisation],
        last: date,
        courses: onboarding.Courses,
        releases: int,
    ) -> int:
        """Day by day, a line for each year: the machines' arrival, applications, publications, the acts of the day."""
        by_day = {day: list(together) for day, together in groupby(acts, key=lambda act: act.at.date())}
        first = min(by_day, default=last)
        publishing = set(publications.days(first, last - timedelta(days=1), releases=releases))
        machines_on = last - MACHINES_SINCE
        published = 0
        days = sorted({*by_day, *publishing, machines_on})
        for year, together in groupby(days, key=lambda day: day.year):
            with self._phase(f"Playing {year}"):
                for day in together:
                    if day == machines_on:
                        play.clients = self._clients(registered, start_of_day(day))
                        owners.begin(play.hands, at=start_of_day(day))
                        facilities.begin(play.hands, play.plan, at=start_of_day(day))
                    courses.go_on(until=start_of_day(day) + ONBOARDED_AT)
                    if day in publishing:
                        published += self._publish(play, start_of_day(day) + PUBLISHED_AT)
                    if day in by_day:
                        play.day(by_day[day])
        return published

    def _publish(self, play: Play, at: datetime) -> bool:
        return publications.publish(play.hands, at=at)

    def _clients(self, registered: dict[str, Organisation], at: datetime) -> dict[str, Client]:
        with acting_as(of_the_register("registrar")) as registrar:
            return people.register_clients(registered, by=registrar, at=at)

    def _write(self, path: Path, hands: Hands, clients: list[Client]) -> None:
        """Keep the log-ins where only we can read them; the file appears whole or not at all."""
        content = {
            "base_url": settings.BASE_URL,
            "people": list(hands.credentials),
            "clients": [client.credentials for client in clients],
        }
        fresh = path.with_suffix(".fresh")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as handle:
            json.dump(content, handle, indent=1, ensure_ascii=False)
        fresh.replace(path)

    @contextmanager
    def _phase(self, told: str) -> Iterator[None]:
        begun = time.monotonic()
        yield
        self.stdout.write(f"{told}: {time.monotonic() - begun:.1f} s")
        self.stdout.flush()
