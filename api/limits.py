"""The limits of the interface as a page, docs/api/limits.md: each figure is the constant that enforces it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.conf import settings

from api import batch, bodies, endpoint, guards, parameters, problems, reading, throttling
from registry.accounts import actions as accounts
from registry.accounts import client_assertion, retention
from registry.dispatch import actions as webhooks
from registry.dispatch import retries, targets, transport
from registry.onboarding import allowance, applications, invitations, lifecycle

HEAD: Final = """\
# Limits

Drawn by `manage.py draw_limits` from the constants that enforce them; do not edit. What is beyond a limit is refused
with the [problem](problems.md) named beside it, never cut. Lengths and counts of single members stand in the JSON
Schema of the filing document and in the OpenAPI document.
"""
CALLS: Final = """\
Calls are counted for each client, whatever address it comes from, in minutes that begin at a second of its own. Calls
without a token, with one that does not hold, and to addresses that do not exist count for the address they come from
(an IPv6 network of {bits} bits). Every answer under `/api/` carries
[`RateLimit-Policy` and `RateLimit`](https://www.ietf.org/archive/id/draft-ietf-httpapi-ratelimit-headers-10.html):
the name of the policy, its quota `q` in `w` seconds, what remains `r`, and after how many seconds `t` all of it is
there again. The call beyond gets 429 `rate-limited` with `Retry-After`. One client's exhaustion touches no other.

A batch is one write, however many items it has; so are a dry run, a repetition and a write that is refused. All web
processes count in one cache (Valkey). While it does not answer, nobody is refused, `RateLimit` is missing, and the log
says so. Where there is none the count stands in a table and calls at the same instant may be counted as one.

These are the figures of production. Elsewhere (demonstration, tests) each is {times:,} times as large. `RATE_TOKENS`,
`RATE_WRITES`, `RATE_READS` and `RATE_PUBLIC` in the environment set one. Behind a proxy, name it in `TRUSTED_PROXIES`
(networks or addresses, separated by commas), or all of its callers without a token count as one address.
"""
MEANINGS: Final = {
    "tokens": "access tokens of one client",
    "writes": "POST, PUT, PATCH and DELETE of one client",
    "reads": "GET and HEAD of one client",
    "public": "calls from one address by whoever has proved nothing",
}


@dataclass(frozen=True)
class Row:
    """One limit: what is limited, the figure with its unit, and the problem beyond it."""

    what: str
    figure: str
    beyond: str


def as_markdown() -> str:
    """Return the whole page."""
    calls = CALLS.format(bits=throttling.IPV6_PREFIX_BITS, times=settings.RATES_ELSEWHERE)
    parts = [HEAD, "## Calls", "", calls, *_table("Policy", _rates())]
    for title, rows in (
        ("Requests", _requests()),
        ("Values", _values()),
        ("Lists and batches", _lists()),
        ("Applications and invitations", _onboarding()),
        ("Tokens and keys", _credentials()),
        ("Webhooks", _webhooks()),
    ):
        parts += [f"## {title}", "", *_table("What", rows)]
    return "\n".join(parts)


def _rates() -> Iterator[Row]:
    for policy in throttling.Policy:
        calls = settings.RATES_IN_PRODUCTION[policy.value]
        yield Row(f"`{policy}`: {MEANINGS[policy]}", f"{calls} in {throttling.WINDOW_SECONDS} s", "429 `rate-limited`")


def _requests() -> Iterator[Row]:
    for media_type, most in guards.BODY_TYPES.items():
        yield Row(f"body, `{media_type}`", _octets(most), _problem("body-too-large"))
    for path, types in guards.BODY_TYPES_AT.items():
        for media_type, most in types.items():
            yield Row(f"body of `{path}`, `{media_type}`", _octets(most), _problem("body-too-large"))
    yield Row("address with its query", _octets(guards.ADDRESS_LIMIT_BYTES), _problem("uri-too-long"))
    yield Row("header fields together", _octets(guards.HEADERS_LIMIT_BYTES), _problem("headers-too-large"))
    yield Row("query parameters", f"{parameters.PARAMETERS_LIMIT}", _problem("invalid-parameter"))
    yield Row("`cursor`", f"{parameters.CURSOR_CHARACTERS_LIMIT:,} characters", _problem("invalid-parameter"))
    yield Row("`Idempotency-Key`", f"{endpoint.KEY_LENGTH} characters", _problem("idempotency-key-invalid"))
    answers_kept = timedelta(**dict(retention.rule("first answers").keep))
    yield Row("first answer kept for repetition", _span(answers_kept), "done anew")


def _values() -> Iterator[Row]:
    yield Row("depth of a JSON value", f"{reading.DEPTH_LIMIT}", _problem("too-deep"))
    yield Row("values in a body, or in an item of a batch", f"{reading.VALUES_LIMIT:,}", _problem("too-many-values"))
    yield Row("values in a batch", f"{reading.BATCH_VALUES_LIMIT:,}", _problem("too-many-values"))
    yield Row("a whole number", f"{reading.INTEGER_DIGITS_LIMIT} digits", _problem("number-out-of-range"))
    yield Row("a number as text", f"{reading.NUMBER_CHARACTERS_LIMIT:,} characters", "400 `number-out-of-range`")
    yield Row("exponent of a number", f"{reading.LARGEST_EXPONENT}", _problem("number-out-of-range"))
    yield Row("`client_reference`", f"{bodies.CLIENT_REFERENCE_LENGTH} characters", _problem("validation"))
    yield Row("a reason or an answer", f"{bodies.REASON_LENGTH:,} characters", _problem("validation"))
    yield Row("obstacles told in one problem", f"{problems.ERRORS_SHOWN}", "`errors_total` says how many there are")


def _lists() -> Iterator[Row]:
    usual, most = parameters.LIMIT_USUAL, parameters.LIMIT_LARGEST
    yield Row("rows of a page", f"{most}, without `limit` {usual}", _problem("invalid-parameter"))
    yield Row("items of a batch", f"{batch.ITEMS_LIMIT:,}", _problem("validation"))
    yield Row("`client_id` of an item", f"{batch.CLIENT_ID_LENGTH} characters", _problem("validation"))


def _onboarding() -> Iterator[Row]:
    begun = f"{allowance.IN_PRODUCTION} in {allowance.HOUR_SECONDS:,} s"
    yield Row("applications begun from one address", begun, _problem("rate-limited"))
    yield Row("an answer of an applicant", f"{applications.LONGEST_ANSWER:,} characters", _problem("validation"))
    yield Row("life of the link of an application", _span(lifecycle.periods().link), "deleted, unless confirmed")
    yield Row("life of the link of an invitation", _span(lifecycle.periods().invitation), "sent again on request")
    yield Row("invitations sent to one person", f"{invitations.MOST_A_DAY} a day", "not sent")


def _credentials() -> Iterator[Row]:
    life = settings.OAUTH2_PROVIDER["ACCESS_TOKEN_EXPIRE_SECONDS"]
    yield Row("life of an access token", f"{life} s", _problem("unauthorized"))
    yield Row("life of an assertion", f"{client_assertion.LONGEST_LIFE_SECONDS} s", "401 `invalid_client`")
    yield Row("an assertion", f"{client_assertion.LONGEST_ASSERTION:,} characters", "401 `invalid_client`")
    yield Row("life of a client's key", _span(accounts.LONGEST_KEY_LIFE), "not registered")


def _webhooks() -> Iterator[Row]:
    limits = transport.Limits()
    yield Row("webhooks of an organisation", f"{webhooks.WEBHOOKS_LIMIT}", _problem("conflict"))
    yield Row("address of a webhook", f"{targets.LENGTH_LIMIT:,} characters", _problem(targets.FORBIDDEN))
    yield Row("secrets that hold at once", f"{webhooks.KEYS_LIMIT}", _problem("conflict"))
    yield Row("time an old secret still holds", _span(webhooks.OVERLAP_LIMIT), _problem("number-out-of-range"))
    yield Row("one attempt", f"{limits.seconds:g} s", "the attempt has failed")
    yield Row("the part of your answer that is read", _octets(limits.answer_bytes), "the attempt has failed")
    yield Row("attempts at one delivery", f"{len(retries.PAUSES)}", "given up; replay it")
    yield Row("deliveries in a row given up", f"{retries.GIVEN_UP_LIMIT}", "the webhook is disabled, with notice")
    yield Row("time without a success", _span(retries.FAILING_LIMIT), "the webhook is disabled, with notice")


def _table(first: str, rows: Iterator[Row]) -> Iterator[str]:
    yield from (f"| {first} | Limit | Beyond |", "| --- | --- | --- |")
    yield from (f"| {row.what} | {row.figure} | {row.beyond} |" for row in rows)
    yield ""


def _problem(slug: str) -> str:
    return f"{problems.CATALOGUE[slug].status} `{slug}`"


def _octets(count: int) -> str:
    for unit, size in (("MiB", 1024 * 1024), ("KiB", 1024)):
        if count % size == 0:
            return f"{count // size} {unit}"
    return f"{count:,} octets"


def _span(length: timedelta) -> str:
    return f"{length.days} days"
