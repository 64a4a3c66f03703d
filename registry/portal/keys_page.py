"""An organisation's machine clients: their keys, how long they hold, when they were used, and the last calls."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts import calls, client_keys, clients
from registry.accounts.models import ApiClient, Call, ClientKey, StaticKey
from registry.accounts.policy import SCOPE_PERMISSIONS, Permission
from registry.acting import Actor
from registry.dispatch import outbox
from registry.errors import Invalid, NotPermitted, NotPossible
from registry.filings.working_days import end_of_day
from registry.portal import addresses, proposals_page
from registry.portal.page import PROVIDERS, Page, said
from registry.portal.presentation.filing import Decision
from registry.portal.presentation.marks import Crumb, Field, Heading, Label, Notice, Tab, Tone
from registry.portal.presentation.people import CallLine, CallsOf, ClientLine, KeyLine, KeysPage

KINDS = ("client.",)
CALLS_SHOWN = 50
ERRORS, ERRORS_OF = "errors", timedelta(days=7)
SOON = timedelta(days=max(clients.WARNED_DAYS))


class Keys(Page):
    """The machine clients."""

    permission = Permission.CLIENT_MANAGE
    audiences = PROVIDERS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page."""
        return self.whole()

    def whole(self, *, secret: str = "", notices: tuple[Notice, ...] = ()) -> HttpResponse:
        """The page, with a static key shown this once where one was proposed just now."""
        with self.reading() as actor:
            waiting = proposals_page.waiting(actor, prefix=KINDS)
            decided = proposals_page.decided(actor, prefix=KINDS)
            known = list(clients.visible_to(actor).order_by("name", "id"))
            keys = _keys(known, self.now)
            only_errors = self.request.GET.get("calls") == ERRORS
            last = {each.pk: _calls(each, self.now, only_errors=only_errors) for each in known}
        page = KeysPage(
            heading=Heading(
                gettext("Machine clients"),
                gettext(
                    "Adding a client or a key needs two administrators; ending one needs you alone, and is at once."
                ),
                (Crumb(gettext("Workspace"), reverse("workspace")), Crumb(gettext("Machine clients"))),
            ),
            waiting=waiting,
            clients=tuple(_client(each, keys[each.pk], last[each.pk], self.now) for each in known),
            register=(_registration(),),
            decided=decided,
            secret=secret,
            notices=notices,
        )
        return self.shown("workspace/keys.html", page)


class Register(Page):
    """Propose a client."""

    permission = Permission.CLIENT_MANAGE
    audiences = PROVIDERS

    def post(self, request: HttpRequest) -> HttpResponse:
        """Propose it, then back to the clients."""

        def act(actor: Actor) -> None:
            clients.propose_client(
                name=request.POST.get("name", ""),
                scopes=[scope for scope in SCOPE_PERMISSIONS if request.POST.get(f"scope-{scope}")],
                key=request.POST.get("key", ""),
                not_after=_day(request.POST.get("not_after", "")),
                by=actor,
                at=self.now,
                announce=outbox.put,
            )

        return _proposed(self, act)


class Add(Page):
    """Propose a further key."""

    permission = Permission.CLIENT_MANAGE
    audiences = PROVIDERS

    def post(self, request: HttpRequest, client: str) -> HttpResponse:
        """Propose it, then back to the clients."""

        def act(actor: Actor) -> None:
            clients.propose_key(
                client_id=client,
                key=request.POST.get("key", ""),
                not_after=_day(request.POST.get("not_after", "")),
                by=actor,
                at=self.now,
                announce=outbox.put,
            )

        return _proposed(self, act)


class AddStatic(Keys):
    """Propose a static key, in a sandbox; it is shown in this answer and never again."""

    permission = Permission.CLIENT_MANAGE
    audiences = PROVIDERS

    def post(self, request: HttpRequest, client: str) -> HttpResponse:
        """Propose it and show it."""
        try:
            with self.writing() as actor:
                _, secret = clients.propose_static_key(
                    client_id=client, is_sandbox=settings.SANDBOX_KEYS, by=actor, at=self.now, announce=outbox.put
                )
        except (NotPossible, NotPermitted, Invalid) as refused:
            return self.whole(notices=(Notice("error", " ".join(said(refused))),))
        return self.whole(secret=secret)

    def get(self, request: HttpRequest, client: str = "") -> HttpResponse:
        """The page, without a secret."""
        return self.whole()


class End(Page):
    """End a key at once."""

    permission = Permission.CLIENT_MANAGE
    audiences = PROVIDERS

    def post(self, request: HttpRequest, client: str) -> HttpResponse:
        """End it, then back to the clients."""
        key = request.POST.get("key_id", "")

        def act(actor: Actor) -> None:
            end = clients.end_static_key if key.startswith(clients.STATIC_PREFIX) else clients.end_key
            named = {"hint": key} if key.startswith(clients.STATIC_PREFIX) else {"key_id": key}
            end(client_id=client, by=actor, at=self.now, announce=outbox.put, **named)

        return proposals_page.take(self, act, done=gettext("The key has ended."), back="keys")


class Revoke(Page):
    """End a client at once."""

    permission = Permission.CLIENT_MANAGE
    audiences = PROVIDERS

    def post(self, request: HttpRequest, client: str) -> HttpResponse:
        """Revoke it, then back to the clients."""

        def act(actor: Actor) -> None:
            clients.revoke(client_id=client, by=actor, at=self.now, announce=outbox.put)

        return proposals_page.take(self, act, done=gettext("The client is revoked."), back="keys")


def _proposed(page: Page, act: Callable[[Actor], None]) -> HttpResponse:
    done = gettext("Proposed. Another administrator must confirm it.")
    return proposals_page.take(page, act, done=done, back="keys")


def _day(written: str) -> datetime | None:
    """The end of a day in Brussels; None for an empty field. Raises `Invalid` for what is no day."""
    if not written:
        return None
    try:
        return end_of_day(datetime.strptime(written, "%Y-%m-%d").date())  # noqa: DTZ007  (a day has no zone)
    except ValueError as error:
        raise Invalid(gettext("The last day must be a day, such as 2027-06-30.")) from error


def _keys(known: list[ApiClient], at: datetime) -> dict[int, list[KeyLine]]:
    found: dict[int, list[KeyLine]] = defaultdict(list)
    for key in ClientKey.objects.filter(client__in=known).select_related("client", "use").order_by("-ends_at"):
        found[key.client_id].append(_key(key, at))
    statics = StaticKey.objects.filter(client__in=known).select_related("client").defer("checksum")
    for static in statics.order_by("-ends_at"):
        state, href = _state(static.starts_at, static.ends_at, at), ""
        if static.ends_at > at:
            href = reverse("keys-end", args=[static.client.client_id])
        line = KeyLine(static.hint, gettext("static, sandbox"), "", static.starts_at, static.ends_at, state, None, href)
        found[static.client_id].append(line)
    return found


def _key(key: ClientKey, at: datetime) -> KeyLine:
    use = getattr(key, "use", None)
    return KeyLine(
        key.key_id,
        client_keys.kind_of(key.public_jwk),
        client_keys.thumbprint_of(key.public_jwk),
        key.starts_at,
        key.ends_at,
        _state(key.starts_at, key.ends_at, at),
        use.at if use else None,
        reverse("keys-end", args=[key.client.client_id]) if key.ends_at > at else "",
    )


def _state(starts_at: datetime, ends_at: datetime, at: datetime) -> Label:
    if ends_at <= at:
        return Label(gettext("ended"), Tone.PLAIN, "x")
    if starts_at > at:
        return Label(gettext("begins later"), Tone.WAITING, "clock")
    if ends_at - at <= SOON:
        return Label(gettext("ends soon"), Tone.WAITING, "clock-countdown")
    return Label(gettext("in force"), Tone.DONE, "check-circle")


def _calls(client: ApiClient, at: datetime, *, only_errors: bool) -> CallsOf:
    """The last calls of a client, or those of the last days that were refused or failed."""
    noted = Call.objects.filter(client=client).order_by("-id")
    wrong = calls.errors(noted, since=at - ERRORS_OF)
    chosen, errors = wrong if only_errors else noted, wrong.count()
    here = f"{reverse('keys')}?calls="
    return CallsOf(
        rows=tuple(_call(call) for call in chosen[:CALLS_SHOWN]),
        tabs=(
            Tab(gettext("Last calls"), min(noted.count(), CALLS_SHOWN), f"{here}#client-{client.pk}", not only_errors),
            Tab(gettext("Errors of the last 7 days"), errors, f"{here}{ERRORS}#client-{client.pk}", only_errors),
        ),
        errors=errors,
        is_open=only_errors,
    )


def _call(call: Call) -> CallLine:
    is_refused = call.status >= calls.REFUSED_FROM
    status = Label(str(call.status), Tone.ALERT if is_refused else Tone.DONE, "warning" if is_refused else "check")
    href = addresses.of("problem", slug=call.problem) if call.problem else ""
    what = f"{call.method} {addresses.template(call.route)}"
    return CallLine(call.at, what, status, call.problem, call.trace_id, href)


def _client(client: ApiClient, keys: list[KeyLine], last: CallsOf, at: datetime) -> ClientLine:
    is_over = client.ends_at is not None and client.ends_at <= at
    state = Label(gettext("revoked"), Tone.ALERT, "x") if is_over else Label(gettext("in force"), Tone.DONE, "check")
    return ClientLine(
        uid=f"client-{client.pk}",
        name=client.name,
        client_id=client.client_id,
        scopes=tuple(client.scopes.split()),
        state=state,
        keys=tuple(keys),
        calls=last,
        decisions=() if is_over else _decisions(client),
    )


def _decisions(client: ApiClient) -> tuple[Decision, ...]:
    number, named = client.pk, [client.client_id]
    forms = [
        Decision(
            f"add-{number}",
            gettext("Propose a further key"),
            gettext("Both keys hold side by side until the old one ends: change over without a gap."),
            reverse("keys-add", args=named),
            "key",
            _key_fields(),
        )
    ]
    if settings.SANDBOX_KEYS:
        forms.append(
            Decision(
                f"static-{number}",
                gettext("Propose a static key"),
                gettext(
                    "For the sandbox only, for 90 days. It is shown once, and opens nothing before it is confirmed."
                ),
                reverse("keys-static", args=named),
                "key",
                (Field("sure", gettext("Show me the key"), "check", required=True),),
            )
        )
    forms.append(
        Decision(
            f"revoke-{number}",
            gettext("Revoke the client"),
            gettext("At once and for ever: its keys and tokens open nothing any more."),
            reverse("keys-revoke", args=named),
            "prohibit",
            (Field("sure", gettext("I mean this client"), "check", required=True),),
        )
    )
    return tuple(forms)


def _registration() -> Decision:
    scopes = tuple(
        Field(f"scope-{scope}", scope, "check", value="yes" if scope == "filings:read" else "")
        for scope in SCOPE_PERMISSIONS
    )
    return Decision(
        "register",
        gettext("Propose a machine client"),
        gettext("It signs in with its own key. Send the public half only; the private one never leaves your machine."),
        reverse("keys-register"),
        "plus",
        (Field("name", gettext("Name"), required=True, limit=100), *scopes, *_key_fields()),
        main=True,
    )


def _key_fields() -> tuple[Field, ...]:
    return (
        Field(
            "key",
            gettext("Public key"),
            "area",
            help=gettext("JWK or PEM: EC P-256 (ES256) or Ed25519 (EdDSA)."),
            required=True,
            limit=4096,
            rows=6,
        ),
        Field(
            "not_after",
            gettext("Last day"),
            "date",
            help=gettext("At most 398 days from now; a year if you leave it empty."),
        ),
    )
