"""What webhooks and their deliveries look like in answers, and how requests become values of the domain."""

from datetime import timedelta
from typing import Any

from api.bodies import moment
from api.endpoint import Answer
from api.problems import refusal
from registry.dispatch import actions
from registry.dispatch.kinds import event_kinds, failure_text, reason_text
from registry.dispatch.models import Delivery, Webhook
from registry.errors import Obstacle, told

DESCRIPTION_LENGTH = 200


def text(value: object, pointer: str) -> str:
    """`value` if it is a text; else 422."""
    if not isinstance(value, str):
        raise refusal([Obstacle("text", pointer, "A text is needed.")])
    return value


def kinds_of(value: object) -> list[str]:
    """Codes of event kinds; 422 unless it is a list of texts. The action knows which codes there are."""
    if not isinstance(value, list) or not all(isinstance(kind, str) for kind in value):
        raise refusal([Obstacle("not-a-list", "/kinds", "Kinds are a list of codes.")])
    return value


def description_of(value: object) -> str:
    """A description, which may be empty; else 422."""
    if not isinstance(value, str) or len(value) > DESCRIPTION_LENGTH:
        sentence = told("A text of at most {longest} characters is needed.", longest=DESCRIPTION_LENGTH)
        raise refusal([Obstacle("text", "/description", sentence)])
    return value


def hours(value: object) -> timedelta:
    """An overlap in whole hours; else 422. What is out of the range the action refuses."""
    limit = int(actions.OVERLAP_LIMIT.total_seconds() // 3600)
    if not isinstance(value, int) or isinstance(value, bool):
        raise refusal([Obstacle("number", "/overlap_hours", "A whole number is needed.")])
    return timedelta(hours=max(-1, min(value, limit + 1)))


def answered(webhook: Webhook, status: int, language: str) -> Answer:
    """A webhook, its revision as the ETag, its address as Location when it is new."""
    body = shown(webhook, language)
    headers = {"ETag": f'"{webhook.revision}"'}
    if status == 201:
        headers["Location"] = body["url"]
    return Answer(status, body, headers)


def shown(webhook: Webhook, language: str) -> dict[str, Any]:
    """A webhook with the public halves of its keys, which must be prefetched without the secrets."""
    return {
        "id": str(webhook.id),
        "url": f"/api/v1/webhooks/{webhook.id}/",
        "target_url": webhook.url,
        "description": webhook.description,
        "kinds": webhook.kinds,
        "status": webhook.status,
        "status_at": moment(webhook.status_at),
        "reason": webhook.reason or None,
        "reason_sentence": reason_text(webhook.reason, language=language) if webhook.reason else None,
        "failing_since": moment(webhook.failing_since),
        "revision": webhook.revision,
        "created_at": moment(webhook.created_at),
        "changed_at": moment(webhook.changed_at),
        "keys": [
            {
                "scheme": key.scheme,
                "public_key": key.public or None,
                "starts_at": moment(key.starts_at),
                "ends_at": moment(key.ends_at),
            }
            for key in webhook.keys.all()
        ],
    }


def accepted(delivery: Delivery, language: str) -> Answer:
    """A delivery that will be made: 202."""
    body = delivery_shown(delivery, language)
    return Answer(202, body, {"Location": body["url"]})


def delivery_shown(delivery: Delivery, language: str) -> dict[str, Any]:
    """A delivery with its attempts, in the reader's language."""
    return {
        "id": str(delivery.id),
        "url": f"/api/v1/webhooks/{delivery.webhook_id}/deliveries/{delivery.id}/",
        "webhook_id": str(delivery.webhook_id),
        "message_id": str(delivery.event_key),
        "kind": delivery.kind,
        "data": {event_kinds()[delivery.kind].names: delivery.subject},
        "event_at": moment(delivery.event_at),
        "status": delivery.status,
        "attempts_made": delivery.attempts_made,
        "next_attempt_at": moment(delivery.due_at()),
        "created_at": moment(delivery.created_at),
        "finished_at": moment(delivery.finished_at),
        "attempts": [
            {
                "number": attempt.number,
                "at": moment(attempt.at),
                "status_code": attempt.status_code,
                "duration_ms": attempt.duration_ms,
                "answer_bytes": attempt.answer_bytes,
                "failure": attempt.failure or None,
                "failure_sentence": failure_text(attempt.failure, language=language) if attempt.failure else None,
            }
            for attempt in delivery.attempts.all()
        ],
    }
