"""The operations of webhooks, as api.operations has them of all else."""

from collections.abc import Mapping
from typing import Any, Final

from api.operation import Operation, Reply, parameter
from registry.dispatch.models import DeliveryStatus

_TAG: Final = "Webhooks"
_WEBHOOK: Final = Reply("Webhook", "The webhook as it now is.", ("ETag",))
_DELIVERY: Final = Reply("Delivery", "The delivery; its address tells what becomes of it.", ("Location",))
_CHANGING: Final = ("not-found", "webhook-target-forbidden")

WEBHOOK_TAG: Final = {"name": _TAG, "description": "Signed messages to your own addresses (Standard Webhooks 1.1.0)."}

WEBHOOK_OPERATIONS: Final[Mapping[tuple[str, str], Operation]] = {
    ("webhooks", "GET"): Operation(
        id="webhooks_list",
        tag=_TAG,
        summary="List your webhooks",
        replies={200: Reply("WebhookPage", "A page of webhooks, newest first.")},
    ),
    ("webhooks", "POST"): Operation(
        id="webhooks_make",
        tag=_TAG,
        summary="Make a webhook",
        replies={201: Reply("WebhookWithSecret", "The webhook, with its secret this once.", ("ETag", "Location"))},
        body="NewWebhook",
        problems=("conflict", "webhook-target-forbidden"),
        examples=("webhook",),
    ),
    ("webhooks-one", "GET"): Operation(
        id="webhooks_read",
        tag=_TAG,
        summary="Read a webhook",
        replies={200: _WEBHOOK},
        problems=("not-found",),
    ),
    ("webhooks-one", "PATCH"): Operation(
        id="webhooks_change",
        tag=_TAG,
        summary="Change, pause or wake a webhook",
        replies={200: _WEBHOOK},
        body="WebhookChange",
        if_match="required",
        problems=(*_CHANGING, "missing"),
        examples=("webhook_pause",),
    ),
    ("webhooks-one", "DELETE"): Operation(
        id="webhooks_delete",
        tag=_TAG,
        summary="Delete a webhook",
        replies={200: Reply("Webhook", "What it was.")},
        if_match="required",
        problems=("not-found",),
    ),
    ("webhooks-rotate", "POST"): Operation(
        id="webhooks_rotate",
        tag=_TAG,
        summary="Rotate the signing key of a webhook",
        replies={200: Reply("WebhookWithSecret", "The webhook, with its new secret this once.", ("ETag",))},
        body="KeyRotation",
        problems=("not-found", "conflict"),
        examples=("rotate",),
    ),
    ("webhooks-test", "POST"): Operation(
        id="webhooks_test",
        tag=_TAG,
        summary="Send a test event to a webhook",
        replies={202: _DELIVERY},
        body="Nothing",
        problems=("not-found", "not-possible"),
    ),
    ("webhooks-deliveries", "GET"): Operation(
        id="deliveries_list",
        tag=_TAG,
        summary="Read the delivery log of a webhook",
        replies={200: Reply("DeliveryPage", "A page of deliveries, newest first.")},
        problems=("not-found",),
    ),
    ("webhooks-deliveries-one", "GET"): Operation(
        id="deliveries_read",
        tag=_TAG,
        summary="Read a delivery",
        replies={200: Reply("Delivery", "The delivery with every attempt.")},
        problems=("not-found",),
    ),
    ("webhooks-deliveries-replay", "POST"): Operation(
        id="deliveries_replay",
        tag=_TAG,
        summary="Send a delivery again",
        replies={202: _DELIVERY},
        body="Nothing",
        problems=("not-found", "not-possible"),
    ),
    ("event-kinds", "GET"): Operation(
        id="event_kinds",
        tag=_TAG,
        summary="List the kinds of events",
        replies={200: Reply("EventKindList", "The list.")},
    ),
}

WEBHOOK_QUERY: Final[Mapping[str, Any]] = {
    "delivery_status": parameter(
        "query",
        "delivery_status",
        "Only deliveries in this status.",
        {"type": "string", "enum": list(DeliveryStatus.values)},
    ),
}
WEBHOOK_PATH: Final[Mapping[str, Any]] = {
    "webhook": parameter("path", "webhook", "Id of the webhook.", {"type": "string", "format": "uuid"}),
    "delivery": parameter("path", "delivery", "Id of the delivery.", {"type": "string", "format": "uuid"}),
}
