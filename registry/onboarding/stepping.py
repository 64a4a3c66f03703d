"""One step of an application: the status moves, the letter is written, the outbox announces, the ledger commits."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from registry import rows
from registry.acting import Actor, Audience
from registry.dispatch import outbox
from registry.errors import Stale
from registry.ledger import chain, log
from registry.ledger.log import Line
from registry.onboarding import letters, lifecycle, particulars
from registry.onboarding.lifecycle import Status
from registry.onboarding.models import Application, Step

_COLUMNS = {
    Audience.APPLICANT: ["status", "revision", "content", "changed_at", "submitted_at", "expires_at"],
    Audience.ENROLLER: ["status", "revision", "changed_at", "organisation"],
}
_AUTHORITYS = ["status", "revision", "changed_at", "decided_at", "assigned_to", "heard_until"]


@dataclass(frozen=True)
class Said:
    """What is said with a step: a reason, its code, the field it is tied to, and what the answer made of the field."""

    reason: str = ""
    code: str = ""
    pointer: str = ""
    changed_to: str = ""


def locked(reference: str, by: Actor, *, revision: int | None = None) -> Application:
    """The application, visible to `by` and locked. Raises `NotFound`, `Stale` when it changed since `revision`."""
    found = rows.locked(Application.objects.visible_to(by).filter(reference=reference))
    if revision is not None and found.revision != revision:
        raise Stale("The application changed since you read it.", remedy="Look at it again, then decide.")
    return found


def take(application: Application, verb: str, said: Said, *, by: Actor, at: datetime) -> Application:
    """Take the one transition called `verb` out of the present status of a locked application."""
    step = lifecycle.require_verb(application.status, verb)
    source = application.status
    application.status = step.target.value
    application.revision += 1
    application.changed_at = at
    if step.target in {Status.APPROVED, Status.REFUSED}:
        application.decided_at = at
    application.save(update_fields=_COLUMNS.get(by.audience, _AUTHORITYS))
    letters.write_about(application, verb, at=at)
    outbox.put(step.kind, subjects=[application.reference], at=at)
    _record(application, step.kind, verb, source, said, by=by, at=at)
    return application


def _record(
    application: Application, kind: str, verb: str, source: str, said: Said, *, by: Actor, at: datetime
) -> None:
    salt = secrets.token_bytes(chain.HASH_BYTES)
    statement = {
        "application": application.reference,
        "verb": verb,
        "content": particulars.digest(application.content).hex(),
        "pointer": said.pointer,
        "code": said.code,
        "reason": said.reason,
        "by": by.id,
        "at": at.isoformat(),
    }
    commitment = chain.commitment(salt=salt, digest=particulars.digest(statement))
    entry = log.append([Line(kind, application.reference, commitment)], by=by, at=at)[0]
    rows.insert(
        Step,
        [
            {
                "application_id": application.id,
                "link": application.link,
                "territory": application.territory,
                "verb": verb,
                "source": source,
                "target": application.status,
                "at": at,
                "actor": by.id,
                "actor_name": by.name,
                "pointer": said.pointer,
                "code": said.code,
                "reason": said.reason,
                "changed_to": said.changed_to,
                "salt": salt,
                "entry_id": entry.index,
            }
        ],
    )
