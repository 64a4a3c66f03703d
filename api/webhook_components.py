"""The schemas of webhooks, as api.components has them of all else."""

from collections.abc import Mapping
from typing import Any, Final

from api.schema_parts import (
    Schema,
    a_code,
    a_list,
    a_moment,
    a_request,
    a_text,
    an_address,
    an_object,
    component,
    nullable,
    results_of,
)
from api.webhook_bodies import DESCRIPTION_LENGTH
from registry.dispatch import actions
from registry.dispatch.kinds import event_kinds, subscribable
from registry.dispatch.models import DeliveryStatus, WebhookStatus
from registry.dispatch.signing import Scheme
from registry.dispatch.targets import LENGTH_LIMIT
from registry.dispatch.transport import Failure, Limits

_COUNT: Final = {"type": "integer", "minimum": 0}
_ID: Final = {"type": "string", "format": "uuid", "description": "Stable id."}
_NEXT: Final = nullable(a_text("Cursor of the next page; null at the end."))
_SCHEME: Final = a_code("`v1`: HMAC-SHA256 with a shared secret; `v1a`: Ed25519, you keep the public half.", Scheme)
_TARGET: Final = a_text(
    "https, port 443, a public host name: no user name, no address in numbers, no fragment.", maxLength=LENGTH_LIMIT
)
_DESCRIPTION: Final = a_text("Your own note.", maxLength=DESCRIPTION_LENGTH)
_KINDS: Final = {
    **a_list(a_code("A kind of event.", sorted(subscribable())), "The kinds of events that it is told of."),
    "minItems": 1,
}
_HOURS: Final = {
    "type": "integer",
    "minimum": 0,
    "maximum": int(actions.OVERLAP_LIMIT.total_seconds() // 3600),
    "default": int(actions.OVERLAP_USUAL.total_seconds() // 3600),
    "description": "How long the present keys sign beside the new one; 0 ends them at once.",
}

_WEBHOOK: Final[dict[str, Any]] = {
    "id": _ID,
    "url": an_address("Address of the webhook."),
    "target_url": _TARGET,
    "description": _DESCRIPTION,
    "kinds": _KINDS,
    "status": a_code("Only an active one is called. The register disables, you pause and delete.", WebhookStatus),
    "status_at": a_moment("Since when."),
    "reason": nullable(a_text("Why the register disabled it: `gone` or `failing`.")),
    "reason_sentence": nullable(a_text("The reason in the reader's language.")),
    "failing_since": nullable(a_moment("The first failure after the last success.")),
    "revision": {"type": "integer", "minimum": 1, "description": "Grows with every change; the number in the ETag."},
    "created_at": a_moment("When it was made."),
    "changed_at": a_moment("When it last changed."),
    "keys": a_list(component("WebhookKey"), "Its signing keys, newest first; all that have not ended sign."),
}

WEBHOOK_REQUESTS: Final[Mapping[str, Schema]] = {
    "NewWebhook": a_request(
        "An address to be told of events.",
        optional=("description", "scheme"),
        target_url=_TARGET,
        kinds=_KINDS,
        description=_DESCRIPTION,
        scheme={**_SCHEME, "default": Scheme.SHARED.value},
    ),
    "WebhookChange": {
        **a_request(
            "What shall change.",
            optional=("target_url", "kinds", "description", "status"),
            target_url=_TARGET,
            kinds=_KINDS,
            description=_DESCRIPTION,
            status=a_code("`active` also wakes a disabled one.", (WebhookStatus.ACTIVE, WebhookStatus.PAUSED)),
        ),
        "minProperties": 1,
    },
    "KeyRotation": a_request(
        "How the keys change over.",
        optional=("overlap_hours", "scheme"),
        overlap_hours=_HOURS,
        scheme={**_SCHEME, "description": "As before, unless said."},
    ),
    "Nothing": a_request("No member."),
}

WEBHOOK_ANSWERS: Final[Mapping[str, Schema]] = {
    "Webhook": an_object("A webhook.", **_WEBHOOK),
    "WebhookWithSecret": an_object(
        "A webhook whose key was made just now.",
        **_WEBHOOK,
        secret=nullable(
            a_text(
                "The shared secret, shown in the first answer only: null in a repetition of it and for `v1a`.",
                pattern="^whsec_[A-Za-z0-9+/]+=*$",
            )
        ),
    ),
    "WebhookKey": an_object(
        "A signing key, without its secret.",
        scheme=_SCHEME,
        public_key=nullable(a_text("For `v1a`: check signatures with it.", pattern="^whpk_[A-Za-z0-9+/]+=*$")),
        starts_at=a_moment("Signs from then on."),
        ends_at=nullable(a_moment("Signs until then; null for the newest key.")),
    ),
    "WebhookPage": results_of("Webhook", "A page of webhooks, newest first.", next=_NEXT),
    "Delivery": an_object(
        "One event for one webhook.",
        id=_ID,
        url=an_address("Address of the delivery."),
        webhook_id=_ID,
        message_id={**_ID, "description": "`webhook-id` of every attempt: handle each id once."},
        kind=a_code("The kind of event.", sorted(event_kinds())),
        data={
            "type": "object",
            "description": "What it happened to, as the message has it: `filing`, `webhook`, `client` or `client_key`.",
            "additionalProperties": {"type": "string"},
            "minProperties": 1,
        },
        event_at=a_moment("When it happened."),
        status=a_code("How far it has come.", DeliveryStatus),
        attempts_made={**_COUNT, "description": "In all, replays included."},
        next_attempt_at=nullable(a_moment("When it is tried next; null when it is not.")),
        created_at=a_moment("When the delivery was decided."),
        finished_at=nullable(a_moment("When it was delivered or given up.")),
        attempts=a_list(component("DeliveryAttempt"), "Every call of the address, oldest first."),
    ),
    "DeliveryAttempt": an_object(
        "One call of the address. The answer itself is not kept.",
        number={"type": "integer", "minimum": 1, "description": "Counts from 1."},
        at=a_moment("When it ended."),
        status_code={"type": ["integer", "null"], "description": "What the address answered, if it did."},
        duration_ms={**_COUNT, "description": "How long it took, in milliseconds."},
        answer_bytes={**_COUNT, "maximum": Limits().answer_bytes, "description": "How much of the answer was read."},
        failure={"anyOf": [a_code("Why it failed.", Failure), {"type": "null"}]},
        failure_sentence=nullable(a_text("The failure in the reader's language.")),
    ),
    "DeliveryPage": results_of("Delivery", "A page of the delivery log, newest first.", next=_NEXT),
    "EventKind": an_object(
        "A kind of event.",
        code=a_text("Stable code: `type` of the message."),
        sentence=a_text("What it says, in the reader's language."),
        names=a_text("The member of `data` that names what it happened to."),
        is_subscribable={"type": "boolean", "description": "Whether a webhook can ask for it."},
    ),
    "EventKindList": results_of("EventKind", "What webhooks can tell of."),
}
