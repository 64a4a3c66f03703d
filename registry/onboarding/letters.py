"""Letters to people without an account: written with the step that causes them, sent by the mailer, in their language.

As for webhooks and mails, three units of work: a row is written where the step is taken, `claim` leases those that are
due, the mail server is called outside any transaction, `record` notes what it said. The secret of a link is made when
the letter is sent and stands in no table.
"""

import textwrap
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

from django.conf import settings
from django.core import mail
from django.core.mail import EmailMessage

from registry import rows
from registry.acting import Actor, inside_acting_as
from registry.dispatch import retries
from registry.dispatch.letters import WIDTH
from registry.dispatch.mail import MailFailure, hand_over, plain
from registry.languages import SPOKEN
from registry.onboarding import links
from registry.onboarding.models import Application, Letter, LetterStatus

_DATA: Final = Path(__file__).with_name("data") / "letters.toml"
LEASE: Final = timedelta(minutes=2)
CLAIMED_AT_ONCE: Final = 8
# The letter that a step of an application causes.
ABOUT: Final = {
    "confirm": "application_received",
    "ask": "application_asked",
    "hear": "application_hearing",
    "refuse": "application_refused",
    "approve": "application_approved",
    "withdraw": "application_withdrawn",
}


@dataclass(frozen=True)
class Claimed:
    """A letter that this worker may send until `leased_until`."""

    id: UUID
    kind: str
    target: UUID
    address: str
    language: str
    leased_until: datetime


def kinds() -> tuple[str, ...]:
    """The kinds of letters."""
    return tuple(_read()["kinds"])


def write(
    kind: str, *, target: UUID, address: str, language: str, at: datetime, link: str = "", territory: str = ""
) -> None:
    """Have a letter sent. `target` is the application, invitation or person whose link or page it leads to."""
    if kind not in _read()["kinds"]:
        raise KeyError(kind)
    row = {"id": uuid4(), "kind": kind, "target": target, "link": link, "territory": territory}
    state = {"status": "pending", "attempts": 0, "failure": "", "leased_until": None, "finished_at": None}
    to = {"address": address, "language": language}
    rows.insert(Letter, [{**row, **to, **state, "next_attempt_at": at, "created_at": at}])


def write_about(application: Application, verb: str, *, at: datetime) -> None:
    """Write to the contact of an application about a step, where the step is one of those that are told."""
    if verb in ABOUT:
        write(
            ABOUT[verb],
            target=application.id,
            address=application.content["contact"]["email"],
            language=application.language,
            at=at,
            link=application.link,
            territory=application.territory,
        )


def text(kind: str, language: str) -> tuple[str, str]:
    """Title and text of a letter without its link: also what an officer is shown before deciding."""
    row = _read()["kinds"][kind][language]
    return str(row["title"]), str(row["text"])


@inside_acting_as
def claim(*, by: Actor, at: datetime, limit: int = CLAIMED_AT_ONCE) -> list[Claimed]:
    """Lease up to `limit` letters that are due, the longest waiting first."""
    by.require("mail_send")
    due = Letter.objects.visible_to(by).filter(status=LetterStatus.PENDING, next_attempt_at__lte=at)
    free = due.exclude(leased_until__gt=at).order_by("next_attempt_at", "id").select_for_update(skip_locked=True)
    found = list(free[:limit])
    until = at + LEASE
    Letter.objects.filter(id__in=[each.id for each in found]).update(leased_until=until)
    return [Claimed(each.id, each.kind, each.target, each.address, each.language, until) for each in found]


def send_all(claimed: Sequence[Claimed]) -> list[tuple[Claimed, str]]:
    """Hand the letters to the mail server; what went wrong with each, or nothing. Outside any unit of work."""
    results: list[tuple[Claimed, str]] = []
    server = mail.get_connection()
    try:
        for each in claimed:
            failure = hand_over(message(each), server)
            results.append((each, failure.value if failure else ""))
            if failure is MailFailure.CONNECTION:
                break
    finally:
        server.close()
    return results


@inside_acting_as
def record(results: Sequence[tuple[Claimed, str]], *, by: Actor, at: datetime) -> int:
    """Note what became of each letter; returns how many were sent."""
    by.require("mail_send")
    sent = 0
    for claimed, failure in results:
        leased = Letter.objects.visible_to(by).filter(id=claimed.id, leased_until=claimed.leased_until)
        found = leased.select_for_update().first()
        if found is not None:
            _note(found, failure, at=at)
            sent += not failure
    return sent


def message(each: Claimed) -> EmailMessage:
    """The letter as it is sent."""
    language = each.language if each.language in SPOKEN else "en"
    title, body = text(each.kind, language)
    frame = _read()["frame"][language]
    parts = (_wrapped(body), address_of(each.kind, each.target, language), f"-- \n{_wrapped(frame['foot'])}")
    whole = "\n\n".join(parts) + "\n"
    return plain(f"[{frame['register']}] {title}", whole, to=each.address, language=language, number=each.id)


def address_of(kind: str, target: UUID, language: str) -> str:
    """The page that a letter leads to, with the secret where it has one."""
    row = _read()["kinds"][kind]
    secret = links.secret_of(row["link"], target) if row["link"] else ""
    return str(settings.BASE_URL) + str(row["path"]).format(language=language, secret=secret)


def _note(found: Letter, failure: str, *, at: datetime) -> None:
    found.attempts += 1
    found.failure, found.leased_until = failure, None
    again = None
    if failure and failure != MailFailure.REFUSED.value:
        again = retries.next_attempt(attempts=found.attempts, after=at, seed=str(found.id))
    found.next_attempt_at = again
    if again is None:
        found.status, found.finished_at = (LetterStatus.FAILED if failure else LetterStatus.SENT), at
    found.save(update_fields=["status", "attempts", "failure", "next_attempt_at", "leased_until", "finished_at"])


def _wrapped(paragraph: str) -> str:
    return textwrap.fill(paragraph, WIDTH, break_long_words=False, break_on_hyphens=False)


@cache
def _read() -> dict[str, Any]:
    return tomllib.loads(_DATA.read_text(encoding="utf-8"))
