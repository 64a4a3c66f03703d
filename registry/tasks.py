"""The worker's edge: which tasks listen to which event, what runs by the clock, and the tasks themselves.

A task carries ids only, opens one unit of work, notes there that it has met its event, and calls the domain once. What
it misses the sweeps find, so that a broker that loses everything delays work and loses none.
"""

import logging
import re
import time
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from celery import Task, current_app, shared_task
from django.utils import timezone

from registry import case_tasks, log_tasks, position_tasks, return_tasks, screening_tasks, statistics_tasks
from registry.accounts import actions as accounts
from registry.accounts import clients, memberships, proposals, retention, stewardship
from registry.accounts.policy import of_the_register
from registry.accounts.stewardship import Executor
from registry.acting import acting_as
from registry.dispatch import kinds, letters, mail, outbox, webhooks
from registry.dispatch.transport import Limits
from registry.errors import DomainError
from registry.filings import duty_clock, facility_duties, organisation_duties, ownership_reckoning, ownership_statements
from registry.filings.storing import AMENDED, SUBMITTED
from registry.onboarding import confirmations, enrolment, idle, invitations, mandate_actions, statements
from registry.onboarding import letters as onboarding_letters
from registry.oversight import erasure, holds
from registry.screening import actions as screening
from registry.screening import authorisations

log = logging.getLogger(__name__)

SWEPT_AT_ONCE: Final = 100
RECKONED_AT_ONCE: Final = 500
REMINDED_AT_ONCE: Final = 5_000
CALLING_SECONDS: Final = 30.0  # then the next run goes on: a round may take 40 more, a task may run for 120
UUID_FORM: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # a subject that is an organisation
SENDING_SECONDS: Final = 30.0  # as for calling: a round waits for the mail server
DELETING_SECONDS: Final = 60.0
CARRIED_AT_ONCE: Final = 100
STALLED_AFTER: Final = timedelta(minutes=5)
ERASED_AT_ONCE: Final = 500
DELETED_AT_ONCE: Final = 5_000
# What a single filing can be at fault for; an outage of the database is not among them and ends the sweep.
UNSCREENABLE: Final = (DomainError, ValueError, LookupError, ArithmeticError)


@shared_task(name="screen_filing")
def screen_filing(*, reference: str, event_key: str) -> None:
    """Screen the newest version of a filing, once for each event."""
    now = timezone.now()
    with acting_as(of_the_register("screener")) as screener:
        if outbox.first_time(task="screen_filing", event_key=event_key, at=now):
            screening.screen(reference=reference, by=screener, at=now)


@shared_task(name="sweep_unscreened")
def sweep_unscreened() -> int:
    """Screen what no event led to, such as everything after a new rule set; returns how many filings. Each is a unit of
    work of its own: one that cannot be screened does not keep the others waiting.
    """
    now = timezone.now()
    with acting_as(of_the_register("screener"), read_only=True) as screener:
        waiting = screening.unscreened(limit=SWEPT_AT_ONCE, by=screener)
    screened = 0
    for reference in waiting:
        try:
            with acting_as(screener):
                screening.screen(reference=reference, by=screener, at=now)
            screened += 1
        except UNSCREENABLE:
            log.exception("%s cannot be screened", reference)
    return screened


@shared_task(name="watch_events")
def watch_events() -> int:
    """Warn of events that wait longer than they should: the relay or the broker is down. Returns how many."""
    with acting_as(of_the_register("relay"), read_only=True):
        count, oldest = outbox.waiting(since=timezone.now() - STALLED_AFTER)
    if oldest is not None:
        age = int((timezone.now() - oldest).total_seconds())
        log.warning("%d events wait to be relayed, the oldest for %d seconds", count, age)
    return count


@shared_task(name="purge_expired")
def purge_expired() -> int:
    """Delete expired assertions, tokens and sessions; returns how many."""
    with acting_as(of_the_register("housekeeper")) as housekeeper:
        return accounts.purge_expired(by=housekeeper, at=timezone.now())


@shared_task(name="apply_retention")
def apply_retention() -> int:
    """Delete and erase what was kept for its period, each class in units of work of its own; says how many."""
    started, now, deleted = time.monotonic(), timezone.now(), 0
    housekeeper = of_the_register("housekeeper")
    for rule in retention.rules():
        count = DELETED_AT_ONCE
        while count == DELETED_AT_ONCE and time.monotonic() - started < DELETING_SECONDS:
            with acting_as(housekeeper):
                count = retention.apply(rule, by=housekeeper, at=now, limit=DELETED_AT_ONCE)
            deleted += count
    for ground in erasure.grounds():
        with acting_as(housekeeper):
            deleted += erasure.erase(ground, by=housekeeper, at=now, limit=ERASED_AT_ONCE)
    return deleted


@shared_task(name="announce_event")
def announce_event(*, reference: str, event_key: str) -> None:
    """Write the deliveries of an event; a second time does nothing. `reference` is the event's subject.

    The calls are another task's: slow receivers hold up no announcement. It is woken where nothing waits yet; where
    something does, a run is under way or the clock's next one is near.
    """
    now = timezone.now()
    with acting_as(of_the_register("sender")) as sender:
        deliveries = webhooks.fan_out(keys=[event_key], by=sender, at=now)
        is_idle = bool(deliveries) and not webhooks.is_anything_due(by=sender, before=now, at=now)
    if is_idle:
        call_webhooks.apply_async(kwargs={}, retry=False, expires=BEAT["call_webhooks"])


@shared_task(name="sweep_events")
def sweep_events() -> int:
    """Write the deliveries that no message led to; returns how many. The next run of `call_webhooks` makes them."""
    with acting_as(of_the_register("sender")) as sender:
        return webhooks.fan_out(by=sender, at=timezone.now())


@shared_task(name="call_webhooks")
def call_webhooks() -> int:
    """Make the deliveries that are due; returns how many attempts. The calls stand between two units of work."""
    started, attempts = time.monotonic(), 0
    sender = of_the_register("sender")
    while time.monotonic() - started < CALLING_SECONDS:
        now = timezone.now()
        with acting_as(sender):
            claimed = webhooks.claim(by=sender, at=now)
        if not claimed:
            break
        results = webhooks.send_all(claimed, guard=webhooks.guard(), at=now, limits=Limits())
        with acting_as(sender):
            webhooks.record(results, by=sender, at=timezone.now())
        attempts += len(results)
    return attempts


@shared_task(name="mail_event")
def mail_event(*, reference: str, event_key: str) -> None:
    """Write to the people who are to know of an event; a second time does nothing."""
    with acting_as(of_the_register("mailer")) as mailer:
        mails = mail.fan_out(keys=[event_key], by=mailer, at=timezone.now())
    if mails:
        send_mails()


@shared_task(name="sweep_mails")
def sweep_mails() -> int:
    """Write the mails that no message led to; returns how many. The next run of `send_mails` sends them."""
    with acting_as(of_the_register("mailer")) as mailer:
        return mail.fan_out(by=mailer, at=timezone.now())


@shared_task(name="send_mails")
def send_mails() -> int:
    """Send the mails that are due; returns how many left. The mail server is called between two units of work."""
    started, sent = time.monotonic(), 0
    mailer = of_the_register("mailer")
    while time.monotonic() - started < SENDING_SECONDS:
        with acting_as(mailer):
            claimed = mail.claim(by=mailer, at=timezone.now())
        if not claimed:
            break
        results = mail.send_all(claimed)
        with acting_as(mailer):
            sent += mail.record(results, by=mailer, at=timezone.now())
        if len(results) < len(claimed):
            break  # the mail server is away
    return sent


@shared_task(name="watch_duties")
def watch_duties() -> int:
    """Reckon duties anew whose moment has passed, and tell providers of those due soon or overdue; returns how many."""
    now, clock = timezone.now(), of_the_register("clock")
    with acting_as(clock):
        reckoned = duty_clock.reckon_passed(by=clock, at=now, limit=RECKONED_AT_ONCE)
    with acting_as(clock):
        reckoned += organisation_duties.reckon_passed(by=clock, at=now, limit=RECKONED_AT_ONCE)
    with acting_as(clock):
        return reckoned + duty_clock.remind(by=clock, at=now, limit=REMINDED_AT_ONCE)


# What carries out each kind of proposal that two persons confirmed (registry/accounts/data/proposals.toml).
EXECUTORS: Final[Mapping[str, Executor]] = MappingProxyType(
    {**clients.EXECUTORS, **memberships.EXECUTORS, **holds.EXECUTORS, **authorisations.EXECUTORS}
)


@shared_task(name="carry_out_proposal")
def carry_out_proposal(*, reference: str, event_key: str = "") -> None:
    """Carry out what two persons decided; a second time does nothing. What is not possible is stored as failed."""
    now, steward = timezone.now(), of_the_register("steward")
    proposal = UUID(reference)
    try:
        with acting_as(steward):
            stewardship.carry_out(proposal_id=proposal, executors=EXECUTORS, by=steward, at=now, announce=outbox.put)
    except DomainError as refused:
        outcome = f"{refused.sentence}\n{refused.remedy}".strip()
        with acting_as(steward):
            stewardship.fail(proposal_id=proposal, outcome=outcome, by=steward, at=now, announce=outbox.put)


@shared_task(name="sweep_proposals")
def sweep_proposals() -> int:
    """End proposals that waited too long, and carry out what no event led to; returns how many of both."""
    with acting_as(of_the_register("steward")) as steward:
        expired = stewardship.expire(by=steward, at=timezone.now(), announce=outbox.put, limit=CARRIED_AT_ONCE)
    with acting_as(steward, read_only=True):
        waiting = stewardship.waiting(by=steward, limit=CARRIED_AT_ONCE)
    for proposal in waiting:
        carry_out_proposal(reference=str(proposal))
    return expired + len(waiting)


@shared_task(name="watch_client_keys")
def watch_client_keys() -> int:
    """Tell organisations of keys that end within 30, 14 and 3 days; returns how many."""
    with acting_as(of_the_register("steward")) as steward:
        return clients.warn_of_expiry(by=steward, at=timezone.now(), announce=outbox.put)


@shared_task(name="onboard")
def onboard(*, reference: str, event_key: str) -> None:
    """Do what an event of onboarding asks for, about an application, a mandate or a statement. Can be repeated."""
    sweep_onboarding()
    with acting_as(of_the_register("enroller")) as enroller:
        if UUID_FORM.fullmatch(reference):
            statements.apply_newest(organisation=reference, by=enroller)
            mandate_actions.tell_other_side(mandate=reference, event=event_key, by=enroller, at=timezone.now())


@shared_task(name="invite_member")
def invite_member(*, reference: str, event_key: str) -> None:
    """Write to somebody who was made a member how they come in, once for each event."""
    with acting_as(of_the_register("enroller")) as enroller:
        if outbox.first_time(task="invite_member", event_key=event_key, at=timezone.now()):
            invitations.invite(user=UUID(reference), by=enroller, at=timezone.now())


@shared_task(name="sweep_onboarding")
def sweep_onboarding() -> int:
    """Enter what was approved, notice facts, show mandates to their agents; returns how many. Each by itself."""
    now, enroller = timezone.now(), of_the_register("enroller")
    with acting_as(enroller, read_only=True):
        waiting = enrolment.waiting(by=enroller, limit=SWEPT_AT_ONCE)
    done = 0
    for reference in waiting:
        try:
            with acting_as(enroller):
                entered = enrolment.carry_out(reference=reference, by=enroller, at=now)
                done += entered is not None or enrolment.observe(reference=reference, by=enroller, at=now)
        except DomainError:
            log.exception("%s cannot be entered", reference)
    with acting_as(enroller):
        return done + mandate_actions.place(by=enroller, at=now)


@shared_task(name="keep_onboarding")
def keep_onboarding() -> int:
    """Open, remind of and mark yearly confirmations; remind and end idle accounts."""
    now, enroller = timezone.now(), of_the_register("enroller")
    with acting_as(enroller):
        touched = confirmations.keep(by=enroller, at=now)
    with acting_as(enroller):
        return touched + sum(idle.keep(by=enroller, at=now))


@shared_task(name="send_onboarding_letters")
def send_onboarding_letters() -> int:
    """Send letters to people without an account; returns how many left. The mail server is called between two units."""
    started, sent = time.monotonic(), 0
    mailer = of_the_register("mailer")
    while time.monotonic() - started < SENDING_SECONDS:
        with acting_as(mailer):
            claimed = onboarding_letters.claim(by=mailer, at=timezone.now())
        if not claimed:
            break
        results = onboarding_letters.send_all(claimed)
        with acting_as(mailer):
            sent += onboarding_letters.record(results, by=mailer, at=timezone.now())
        if len(results) < len(claimed):
            break  # the mail server is away
    return sent


@shared_task(name="reckon_ownership")
def reckon_ownership(*, reference: str = "", event_key: str = "") -> int:
    """Bring group and parents up to date: after a statement of all that are connected with the organisation, by the
    clock of every one, because holdings begin and end. Returns how many changed; the same however often it runs.
    """
    now = timezone.now()
    with acting_as(of_the_register("screener")) as screener:
        if event_key and not outbox.first_time(task="reckon_ownership", event_key=event_key, at=now):
            return 0
        organisation = UUID(reference) if reference else None
        return ownership_reckoning.reckon(by=screener, at=now, organisation=organisation)


@shared_task(name="owe_reports")
def owe_reports(*, reference: str, event_key: str) -> None:
    """Reckon the yearly duty of a facility after what was said of it; the same however often it runs."""
    with acting_as(of_the_register("clock")) as clock:
        facility_duties.follow(reference=reference, by=clock, at=timezone.now())


# Event kind to the tasks that are told of it. An event that nobody listens to is relayed to nobody.
_TOLD: Final[tuple[tuple[Task[Any, Any], frozenset[str]], ...]] = (
    (screen_filing, frozenset({SUBMITTED, AMENDED})),
    (carry_out_proposal, frozenset({proposals.CONFIRMED})),
    (onboard, frozenset({"application.submitted", "application.approved", *mandate_actions.KINDS, statements.STATED})),
    (invite_member, invitations.CAUSES),
    (announce_event, kinds.subscribable()),
    (reckon_ownership, frozenset({ownership_statements.STATED})),
    *case_tasks.TOLD,
    *position_tasks.TOLD,
    *statistics_tasks.TOLD,
    *screening_tasks.TOLD,
    (owe_reports, facility_duties.CAUSES),
    (mail_event, frozenset(letters.mail_kinds())),
    *return_tasks.TOLD,
)
LISTENERS: Final[Mapping[str, tuple[Task[Any, Any], ...]]] = MappingProxyType(
    {
        kind: tuple(task for task, told in _TOLD if kind in told)
        for kind in sorted(frozenset().union(*(told for _, told in _TOLD)))
    }
)

# What runs by the clock: name of the task and seconds between two runs.
BEAT: Final[Mapping[str, float]] = MappingProxyType(
    {
        "sweep_unscreened": 60.0,
        "watch_events": 60.0,
        "watch_duties": 300.0,
        "call_webhooks": 5.0,
        "sweep_events": 60.0,
        "send_mails": 30.0,
        "sweep_onboarding": 60.0,
        "send_onboarding_letters": 10.0,
        "keep_onboarding": 3600.0,
        "sweep_mails": 60.0,
        "sweep_proposals": 60.0,
        "watch_client_keys": 3600.0,
        "purge_expired": 3600.0,
        "apply_retention": 6 * 3600.0,
        "reckon_ownership": 6 * 3600.0,
        **log_tasks.BEAT,
        **case_tasks.BEAT,
        **position_tasks.BEAT,
        **screening_tasks.BEAT,
        **return_tasks.BEAT,
        **statistics_tasks.BEAT,
    }
)
current_app.conf.beat_schedule = {
    name: {"task": name, "schedule": seconds, "options": {"expires": seconds}} for name, seconds in BEAT.items()
}
# Whoever publishes holds a unit of work open, so kombu must not try again by itself: it would take six seconds.
current_app.conf.broker_transport_options = {**current_app.conf.broker_transport_options, "max_retries": 0}


def publish(key: str, kind: str, subject: str) -> None:
    """Hand an event to the broker, one message for each task that listens.

    Raises kombu's OperationalError while the broker is away; it does not wait for it.
    """
    for task in LISTENERS.get(kind, ()):
        task.apply_async(kwargs={"reference": subject, "event_key": key}, retry=False)
