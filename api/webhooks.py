"""Webhooks over HTTP: manage addresses and keys, send a test, read the delivery log, replay."""

from collections.abc import Callable
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from api.bodies import one_of
from api.endpoint import Answer, Endpoint, expected_revision, members
from api.filings import spoken
from api.pagination import page
from api.problems import refusal
from api.webhook_bodies import accepted, answered, delivery_shown, description_of, hours, kinds_of, shown, text
from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.dispatch import actions, webhooks
from registry.dispatch.kinds import event_kinds, subscribable
from registry.dispatch.models import Attempt, Delivery, DeliveryStatus, SigningKey, Webhook, WebhookStatus
from registry.dispatch.signing import Scheme
from registry.dispatch.targets import Target
from registry.errors import NotFound, Obstacle

P = Permission
SCHEMES = tuple(scheme.value for scheme in Scheme)
SETTABLE = (WebhookStatus.ACTIVE.value, WebhookStatus.PAUSED.value)


class EventKinds(Endpoint):
    """`/event-kinds/`: what webhooks can tell of."""

    permissions = {"GET": None}

    def get(self, request: Request) -> Response:
        """Every kind of event with its meaning. Those that can be asked for are marked."""
        language = spoken(request)
        found = [
            {
                "code": kind.code,
                "sentence": kind.texts[language],
                "names": kind.names,
                "is_subscribable": kind.code in subscribable(),
            }
            for kind in event_kinds().values()
        ]
        return Response({"results": found})


class Webhooks(Endpoint):
    """`/webhooks/`: the organisation's webhooks, newest first; make one."""

    permissions = {"GET": P.WEBHOOK_MANAGE, "POST": P.WEBHOOK_MANAGE}
    parameters = ("limit", "cursor")

    def get(self, request: Request) -> Response:
        """A page of webhooks, without their secrets. Follow `next` until it is null."""
        language = spoken(request)
        with self.reading(request) as actor:
            chosen = _living(actor)
            found = page(
                chosen, query=self.query, moment="created_at", endpoint="webhooks", organisation=actor.organisation
            )
            body = {"results": [shown(webhook, language) for webhook in found.rows], "next": found.next}
        return Response(body)

    def post(self, request: Request) -> Response:
        """Make a webhook. Its `secret` (scheme `v1`) is in this answer and in no other, not even a repetition of it."""
        body = members(request, required=("target_url", "kinds"), optional=("description", "scheme"))
        language = spoken(request)
        kinds, description = kinds_of(body["kinds"]), description_of(body.get("description", ""))
        scheme = Scheme(one_of(body.get("scheme", Scheme.SHARED.value), "/scheme", SCHEMES))
        text(body["target_url"], "/target_url")

        def perform(actor: Actor) -> tuple[actions.Keyed, int]:
            made = actions.create(
                target=_target(body["target_url"]),
                kinds=kinds,
                description=description,
                scheme=scheme,
                by=actor,
                at=self.now,
            )
            return made, 201

        return _write_keyed(self, request, perform, language)


class OneWebhook(Endpoint):
    """`/webhooks/<webhook>/`: one webhook with its keys' public halves."""

    permissions = {"GET": P.WEBHOOK_MANAGE, "PATCH": P.WEBHOOK_MANAGE, "DELETE": P.WEBHOOK_MANAGE}

    def get(self, request: Request, webhook: UUID) -> Response:
        """The webhook; its revision is the `ETag`. `reason_sentence` says why the register disabled it."""
        language = spoken(request)
        with self.reading(request) as actor:
            answer = answered(_found(actor, webhook), 200, language)
        return Response(answer.body, headers=dict(answer.headers))

    def patch(self, request: Request, webhook: UUID) -> Response:
        """Change address, kinds, description or status. Needs `If-Match`. `active` wakes a disabled webhook."""
        body = members(request, required=(), optional=("target_url", "kinds", "description", "status"))
        if not body:
            raise refusal([Obstacle("missing", "", "")])
        revision, language = expected_revision(request), spoken(request)
        kinds = kinds_of(body["kinds"]) if "kinds" in body else None
        description = description_of(body["description"]) if "description" in body else None
        status = one_of(body["status"], "/status", SETTABLE) if "status" in body else None
        if "target_url" in body:
            text(body["target_url"], "/target_url")

        def perform(actor: Actor) -> Answer:
            actions.change(
                webhook=webhook,
                revision=revision,
                target=_target(body["target_url"]) if "target_url" in body else None,
                kinds=kinds,
                description=description,
                active=status == WebhookStatus.ACTIVE if status else None,
                by=actor,
                at=self.now,
            )
            return answered(_found(actor, webhook), 200, language)

        return self.write(request, perform)

    def delete(self, request: Request, webhook: UUID) -> Response:
        """Take it out of use for good and erase its secrets. Needs `If-Match`. Answers what it was."""
        revision, language = expected_revision(request), spoken(request)

        def perform(actor: Actor) -> Answer:
            last = shown(_found(actor, webhook), language)
            gone = actions.delete(webhook=webhook, revision=revision, by=actor, at=self.now)
            return Answer(200, {**last, "status": gone.status, "keys": []})

        return self.write(request, perform)


class Rotate(Endpoint):
    """`/webhooks/<webhook>/rotate/`: a new signing key."""

    permissions = {"POST": P.WEBHOOK_MANAGE}

    def post(self, request: Request, webhook: UUID) -> Response:
        """Make a new key; the old ones sign beside it for `overlap_hours` (24 unless said, 0 ends them at once)."""
        body = members(request, required=(), optional=("overlap_hours", "scheme"))
        scheme = Scheme(one_of(body["scheme"], "/scheme", SCHEMES)) if "scheme" in body else None
        overlap = hours(body["overlap_hours"]) if "overlap_hours" in body else actions.OVERLAP_USUAL

        def perform(actor: Actor) -> tuple[actions.Keyed, int]:
            made = actions.rotate(webhook=webhook, scheme=scheme, overlap=overlap, by=actor, at=self.now)
            return made, 200

        return _write_keyed(self, request, perform, spoken(request))


class SendTest(Endpoint):
    """`/webhooks/<webhook>/test/`: a test event for this webhook alone."""

    permissions = {"POST": P.WEBHOOK_MANAGE}

    def post(self, request: Request, webhook: UUID) -> Response:
        """Send a test. 202 with its delivery, whose address tells within seconds what became of it."""
        members(request, required=())
        language = spoken(request)

        def perform(actor: Actor) -> Answer:
            return accepted(actions.send_test(webhook=webhook, by=actor, at=self.now), language)

        return self.write(request, perform)


class Deliveries(Endpoint):
    """`/webhooks/<webhook>/deliveries/`: the delivery log of a webhook, newest first."""

    permissions = {"GET": P.WEBHOOK_MANAGE}
    parameters = ("limit", "cursor", "delivery_status")

    def get(self, request: Request, webhook: UUID) -> Response:
        """A page of deliveries with every attempt: status code, duration, failure, and when the next one is."""
        language = spoken(request)
        status = self.query.choice("delivery_status", choices=DeliveryStatus.values)
        with self.reading(request) as actor:
            chosen = _logged(actor).filter(webhook=_found(actor, webhook))
            if status:
                chosen = chosen.filter(status=status)
            found = page(
                chosen,
                query=self.query,
                moment="created_at",
                endpoint=f"deliveries {webhook}",
                organisation=actor.organisation,
            )
            body = {"results": [delivery_shown(row, language) for row in found.rows], "next": found.next}
        return Response(body)


class OneDelivery(Endpoint):
    """`/webhooks/<webhook>/deliveries/<delivery>/`: one event for one webhook."""

    permissions = {"GET": P.WEBHOOK_MANAGE}

    def get(self, request: Request, webhook: UUID, delivery: UUID) -> Response:
        """The delivery with every attempt."""
        language = spoken(request)
        with self.reading(request) as actor:
            found = _logged(actor).filter(webhook=_found(actor, webhook), id=delivery).first()
            if found is None:
                raise NotFound
            body = delivery_shown(found, language)
        return Response(body)


class Replay(Endpoint):
    """`/webhooks/<webhook>/deliveries/<delivery>/replay/`: send it again."""

    permissions = {"POST": P.WEBHOOK_MANAGE}

    def post(self, request: Request, webhook: UUID, delivery: UUID) -> Response:
        """Send the same message again, with the same `webhook-id`, whatever became of it. 202 with the delivery."""
        members(request, required=())
        language = spoken(request)

        def perform(actor: Actor) -> Answer:
            return accepted(actions.replay(webhook=webhook, delivery=delivery, by=actor, at=self.now), language)

        return self.write(request, perform)


def _target(url: str) -> Target:
    """The target, judged with its name resolved. What cannot be called is told in one sentence for all reasons."""
    return webhooks.guard().admit(url)


def _found(actor: Actor, webhook: UUID) -> Webhook:
    found = _living(actor).filter(id=webhook).first()
    if found is None:
        raise NotFound
    return found


def _living(actor: Actor) -> QuerySet[Webhook]:
    keys = SigningKey.objects.visible_to(actor).defer("sealed_secret").order_by("-starts_at", "-id")
    visible = Webhook.objects.visible_to(actor).exclude(status=WebhookStatus.DELETED)
    return visible.prefetch_related(Prefetch("keys", queryset=keys))


def _logged(actor: Actor) -> QuerySet[Delivery]:
    attempts = Attempt.objects.visible_to(actor).order_by("number")
    deliveries = Delivery.objects.visible_to(actor).select_related("webhook")
    return deliveries.prefetch_related(Prefetch("attempts", queryset=attempts))


def _write_keyed(
    endpoint: Endpoint, request: Request, perform: Callable[[Actor], tuple[actions.Keyed, int]], language: str
) -> Response:
    """A write whose answer shows a secret. What is kept for repetition is the answer without it."""
    secret: list[str] = []

    def performed(actor: Actor) -> Answer:
        made, status = perform(actor)
        if made.key.scheme is Scheme.SHARED:
            secret.append(made.key.secret)
        answer = answered(_found(actor, made.webhook.id), status, language)
        return Answer(status, {**answer.body, "secret": None}, answer.headers)

    response = endpoint.write(request, performed)
    if secret and "Idempotent-Replayed" not in response:
        response.data = {**response.data, "secret": secret[-1]}
    return response
