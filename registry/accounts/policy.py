"""The policy: who may do what, and who may see what. One file of data.

From it come the permission checks, the grants and row policies in PostgreSQL (registry.accounts.row_security), the
field sets of the API, the matrix in docs/access.md and the tests. Sources: AI Act Art. 78 (confidentiality, strictly
necessary data), Art. 88 (Commission's exclusive competence for Chapter V), Delegated Regulation (EU) 2024/1364 Art. 5.
"""

from dataclasses import dataclass
from enum import StrEnum

from registry.acting import Actor, Audience


class Permission(StrEnum):
    """What can be permitted: a noun of the register and a verb. Names equal the verbs of routes and ledger kinds."""

    ACCOUNT_GRANT = "account_grant"
    DUTY_DECIDE = "duty_decide"
    DUTY_PLEAD = "duty_plead"
    DUTY_REMIND = "duty_remind"
    DUTY_REPORT = "duty_report"
    FILING_ACCEPT = "filing_accept"
    FILING_AMEND = "filing_amend"
    FILING_ANSWER = "filing_answer"
    FILING_ASK = "filing_ask"
    FILING_CONFIRM_WITHDRAWAL = "filing_confirm_withdrawal"
    FILING_DRAFT = "filing_draft"
    FILING_READ = "filing_read"
    FILING_RETURN = "filing_return"
    FILING_REVIEW = "filing_review"
    FILING_SUBMIT = "filing_submit"
    FILING_WITHDRAW = "filing_withdraw"
    FINDING_READ = "finding_read"
    FINDING_WRITE = "finding_write"
    OBSERVATION_IMPORT = "observation_import"
    ORGANISATION_REGISTER = "organisation_register"
    OVERVIEW_READ = "overview_read"
    REFERENCE_LOAD = "reference_load"
    RELEASE_BUILD = "release_build"
    RISK_DECIDE = "risk_decide"
    WEBHOOK_MANAGE = "webhook_manage"
    WEBHOOK_SEND = "webhook_send"
    EVENT_RELAY = "event_relay"
    EXPIRED_PURGE = "expired_purge"


P = Permission


@dataclass(frozen=True)
class Role:
    """A role in plain words, the audience it looks from, and what it permits."""

    code: str
    name: str
    description: str
    audience: Audience
    permissions: frozenset[Permission]


_READ = {P.FILING_READ}
_FILE = _READ | {
    P.FILING_DRAFT,
    P.FILING_SUBMIT,
    P.FILING_AMEND,
    P.FILING_WITHDRAW,
    P.FILING_ANSWER,
    P.DUTY_PLEAD,
    P.DUTY_REPORT,
}
_ADMINISTER = _FILE | {P.WEBHOOK_MANAGE}
_DECIDE = _READ | {
    P.FILING_REVIEW,
    P.FILING_ASK,
    P.FILING_ACCEPT,
    P.FILING_RETURN,
    P.FILING_CONFIRM_WITHDRAWAL,
    P.DUTY_DECIDE,
    P.FINDING_READ,
    P.OVERVIEW_READ,
}


def _role(code: str, name: str, description: str, audience: Audience, permissions: set[Permission]) -> Role:
    return Role(code, name, description, audience, frozenset(permissions))


ROLES: dict[str, Role] = {
    role.code: role
    for role in (
        _role("provider_reader", "Reader", "Reads the organisation's own filings.", Audience.PROVIDER, _READ),
        _role("provider_submitter", "Submitter", "Files for the organisation.", Audience.PROVIDER, _FILE),
        _role(
            "provider_administrator",
            "Administrator",
            "Files, and keeps keys, webhooks and people.",
            Audience.PROVIDER,
            _ADMINISTER,
        ),
        _role("analyst", "Analyst", "Sees aggregates, never identities.", Audience.ANALYST, set()),
        _role("officer", "Officer", "Decides on filings of one Member State.", Audience.OFFICER, _DECIDE),
        _role("supervisor", "Supervisor", "An officer who also assigns.", Audience.OFFICER, _DECIDE),
        _role(
            "ai_office_officer",
            "AI Office",
            "Decides Union-wide, and alone on systemic risk (Art. 88).",
            Audience.AI_OFFICE,
            _DECIDE | {P.RISK_DECIDE},
        ),
        _role("statistician", "Statistician", "Prepares releases.", Audience.STATISTICIAN, set()),
        _role("auditor", "Auditor", "Checks log and configuration, no bodies.", Audience.AUDITOR, set()),
        _role("operator", "Operator", "Keeps the register running, no bodies.", Audience.OPERATOR, set()),
        _role(
            "registrar",
            "Registrar",
            "The register's own commands: reference data, organisations, accounts.",
            Audience.REGISTRAR,
            {P.ORGANISATION_REGISTER, P.ACCOUNT_GRANT, P.REFERENCE_LOAD, P.OBSERVATION_IMPORT},
        ),
        _role("screener", "Screener", "The worker that screens filings.", Audience.SCREENER, {P.FINDING_WRITE}),
        _role("clock", "Clock", "The worker that reminds of duties.", Audience.SCREENER, {P.DUTY_REMIND}),
        _role("relay", "Relay", "The worker that passes events on.", Audience.RELAY, {P.EVENT_RELAY}),
        _role("sender", "Sender", "The worker that calls webhooks.", Audience.SENDER, {P.WEBHOOK_SEND}),
        _role("housekeeper", "Housekeeper", "Deletes what has expired.", Audience.HOUSEKEEPER, {P.EXPIRED_PURGE}),
        _role("builder", "Builder", "The worker that builds statistics.", Audience.BUILDER, {P.RELEASE_BUILD}),
    )
}

SCOPE_PERMISSIONS: dict[str, frozenset[Permission]] = {
    "filings:read": frozenset(_READ),
    "filings:write": frozenset(_FILE),
    "webhooks:manage": frozenset({P.WEBHOOK_MANAGE}),
}


def of_the_register(code: str) -> Actor:
    """The register's own hand in one of its roles, such as `screener`."""
    role = ROLES[code]
    permissions = frozenset(str(p) for p in role.permissions)
    return Actor(id=f"register:{code}", name=role.name, audience=role.audience, permissions=permissions)


UNION = "EU"  # the territory of the AI Office
_AT_ANY_AUTHORITY = frozenset({Audience.ANALYST, Audience.STATISTICIAN, Audience.AUDITOR, Audience.OPERATOR})


def may_be_held(role: str, *, territory: str | None) -> bool:
    """Whether a person can hold the role: in an organisation (`territory` None) or at the authority of a territory.

    Nobody holds the register's own roles; an officer's territory is a Member State, the AI Office's the Union.
    """
    audience = ROLES[role].audience if role in ROLES else None
    if territory is None:
        return audience is Audience.PROVIDER
    if territory == UNION and audience is Audience.AI_OFFICE:
        return True
    return audience in _AT_ANY_AUTHORITY or (audience is Audience.OFFICER and territory != UNION)


# --- what the database grants -------------------------------------------------------------------------------------

# A draft is its provider's alone: who looks from outside sees what was filed.
OWN, TERRITORY, ALL = "own", "territory", "all"
FILED, TERRITORY_FILED = "filed", "territory, filed"
_IN_TERRITORY = "territory = (select nullif(current_setting('reg.territory', true), ''))"
_IS_FILED = "submitted_at is not null"
ROW_CONDITION: dict[str, str] = {
    OWN: "{organisation} = (select nullif(current_setting('reg.organisation', true), ''))::uuid",
    TERRITORY: _IN_TERRITORY,
    FILED: _IS_FILED,
    TERRITORY_FILED: f"{_IN_TERRITORY} and {_IS_FILED}",
    ALL: "true",
}


@dataclass(frozen=True)
class Grant:
    """What one audience may do with one table: a command, the rows, and the columns (empty: all)."""

    command: str
    rows: str
    columns: tuple[str, ...] = ()


def _read(rows: str, *columns: str) -> tuple[Grant, ...]:
    return (Grant("select", rows, columns),)


def _write(rows: str) -> tuple[Grant, ...]:
    return (Grant("select", rows), Grant("insert", rows))


def _change(rows: str, *columns: str) -> tuple[Grant, ...]:
    return (*_write(rows), Grant("update", rows, columns))


A = Audience
_REGULATORS_READ = {A.OFFICER: _read(TERRITORY), A.AI_OFFICE: _read(ALL)}
# Statistics need groups, places and amounts: no names, no references, no documents.
_COUNTED = (
    *("id", "organisation_id", "territory", "status", "submitted_at", "decided_at", "number", "kind", "run_stage"),
    *("training_compute_flop", "band", "site_country", "starts_on", "ends_on"),
)
_GROUPED = (
    *("id", "holding", "territory", "seat_country", "ultimate_parent_country"),
    *("is_developer", "is_compute_provider"),
)
_RECKONED = ("due_at", "not_before", "met_at", "is_current", "sequence", "changed_at", "reckoned_at")
_GRANTED = ("extended_until", "excused_at", "sequence", "changed_at")
_STATUS = ("status", "revision", "changed_at", "decided_at", "assigned_to")
_PUBLIC_LOG = ("index", "at", "commitment", "previous_hash", "entry_hash")
_APPENDS = (Grant("select", ALL, _PUBLIC_LOG), Grant("insert", ALL))
_EMITS = (Grant("insert", ALL),)
_EMITS_OWN = (Grant("insert", OWN),)
_WEBHOOK_HEALTH = ("status", "reason", "status_at", "failing_since", "given_up", "revision", "changed_at")
_DELIVERY_STATE = ("status", "attempts_in_a_row", "next_attempt_at", "leased_until", "finished_at")
_WRITERS = (A.PROVIDER, A.OFFICER, A.AI_OFFICE, A.REGISTRAR, A.SCREENER, A.BUILDER)

CONFIDENTIAL: dict[str, dict[Audience, tuple[Grant, ...]]] = {
    "organisations_organisation": {
        A.PROVIDER: _read(OWN),
        A.REGISTRAR: _change(ALL, "legal_name", "trade_names"),
        A.SCREENER: _read(ALL),
        A.BUILDER: _read(ALL, *_GROUPED),
        **_REGULATORS_READ,
    },
    "filings_filing": {
        A.PROVIDER: (
            *_write(OWN),
            Grant(
                "update",
                OWN,
                (
                    *_STATUS,
                    *("draft", "submitted_at", "number", "kind", "run_stage", "run_id", "lineage"),
                    *("training_compute_flop", "band", "site_country", "starts_on", "ends_on"),
                ),
            ),
        ),
        A.OFFICER: (*_read(TERRITORY_FILED), Grant("update", TERRITORY_FILED, _STATUS)),
        A.AI_OFFICE: (*_read(FILED), Grant("update", FILED, _STATUS)),
        A.SCREENER: _read(ALL),
        A.BUILDER: _read(FILED, *_COUNTED),
    },
    "filings_version": {A.PROVIDER: _write(OWN), **_REGULATORS_READ, A.SCREENER: _read(ALL)},
    "filings_answer": {A.PROVIDER: _write(OWN), **_REGULATORS_READ, A.SCREENER: _read(ALL)},
    "filings_transition": {A.PROVIDER: _write(OWN), A.OFFICER: _write(TERRITORY), A.AI_OFFICE: _write(ALL)},
    "filings_duty": {
        A.PROVIDER: _change(OWN, *_RECKONED),
        A.OFFICER: (*_read(TERRITORY), Grant("update", TERRITORY, _GRANTED)),
        A.AI_OFFICE: _change(ALL, *dict.fromkeys((*_RECKONED, *_GRANTED))),
        A.SCREENER: _change(ALL, *_RECKONED),
    },
    "filings_plea": {A.PROVIDER: _write(OWN), **_REGULATORS_READ, A.SCREENER: _read(ALL)},
    "filings_decision": {
        A.PROVIDER: _read(OWN),
        A.OFFICER: _write(TERRITORY),
        A.AI_OFFICE: _write(ALL),
        A.SCREENER: _read(ALL),
    },
    "filings_act": {A.PROVIDER: _write(OWN), **_REGULATORS_READ, A.SCREENER: _read(ALL)},
    "filings_reminder": {A.PROVIDER: _read(OWN), **_REGULATORS_READ, A.SCREENER: _write(ALL)},
    "filings_crossing": {
        A.PROVIDER: _write(OWN),
        A.SCREENER: _read(ALL),
        A.BUILDER: _read(ALL),
        **_REGULATORS_READ,
    },
    "screening_finding": {**_REGULATORS_READ, A.SCREENER: _write(ALL)},
    "screening_screening": {**_REGULATORS_READ, A.SCREENER: _write(ALL)},
    "oversight_look": {A.PROVIDER: _read(OWN), A.OFFICER: _write(TERRITORY), A.AI_OFFICE: _write(ALL)},
    "ledger_entry": dict.fromkeys(_WRITERS, _APPENDS)
    | {A.PUBLIC: _read(ALL, *_PUBLIC_LOG), A.AUDITOR: _read(ALL), A.OPERATOR: _read(ALL, *_PUBLIC_LOG)},
    "dispatch_event": dict.fromkeys(_WRITERS, _EMITS)
    | {
        A.PROVIDER: _EMITS_OWN,
        A.RELAY: (Grant("select", ALL), Grant("update", ALL, ("relayed_at",))),
        A.SENDER: _write(ALL),
        A.OPERATOR: _read(ALL, "id", "kind", "at", "relayed_at"),
    },
    "dispatch_reply": {
        A.PROVIDER: _write(OWN),
        A.HOUSEKEEPER: (Grant("select", ALL, ("id", "at")), Grant("delete", ALL)),
    },
    "dispatch_handled": {A.SCREENER: _write(ALL), A.BUILDER: _write(ALL), A.RELAY: _write(ALL)},
    "dispatch_webhook": {
        A.PROVIDER: _change(OWN, "url", "description", "kinds", "active_since", *_WEBHOOK_HEALTH),
        A.SENDER: (*_read(ALL), Grant("update", ALL, _WEBHOOK_HEALTH)),
    },
    # The secret goes in and is shown once, by the process that made it; only the sender reads it again.
    "dispatch_signingkey": {
        A.PROVIDER: (
            *_read(OWN, "id", "organisation_id", "webhook_id", "scheme", "public", "starts_at", "ends_at"),
            Grant("insert", OWN),
            Grant("update", OWN, ("ends_at", "sealed_secret")),
        ),
        A.SENDER: _read(ALL),
    },
    "dispatch_delivery": {
        A.PROVIDER: _change(OWN, *_DELIVERY_STATE),
        A.SENDER: _change(ALL, "attempts_made", *_DELIVERY_STATE),
    },
    "dispatch_attempt": {A.PROVIDER: _read(OWN), A.SENDER: _write(ALL)},
}

# Nothing in these is confidential: all may read, the named audience writes. The catalogue test holds the list complete.
OPEN: dict[str, Audience] = {
    "organisations_authority": A.REGISTRAR,
    "compute_accelerator": A.REGISTRAR,
    "filings_threshold": A.REGISTRAR,
    "filings_holiday": A.REGISTRAR,
    "filings_codelistitem": A.REGISTRAR,
    "screening_observation": A.REGISTRAR,
    "statistics_release": A.BUILDER,
    "statistics_cell": A.BUILDER,
}


@dataclass(frozen=True)
class SignIn:
    """A table of signing in: whose it is, what their logins may do with it, and what the registrar may."""

    logins: tuple[str, ...]
    commands: tuple[str, ...]
    registrar: tuple[str, ...] = ()


# Signing in happens before anybody is somebody, so the logins of the surfaces use these tables themselves: people's
# where people sign in, machines' where machines do. No audience may, but the registrar, who alone gives accounts, roles
# and keys: none of them can be made through the web.
PEOPLE: tuple[str, ...] = ("ecar_web", "ecar_web_portal")
MACHINES: tuple[str, ...] = ("ecar_web", "ecar_web_api")
SIGN_IN_LOGINS: tuple[str, ...] = tuple(dict.fromkeys((*PEOPLE, *MACHINES)))
_READS, _ADDS, _CHANGES = ("select",), ("select", "insert"), ("select", "insert", "update")
_EVERYTHING = (*_CHANGES, "delete")
SIGN_IN: dict[str, SignIn] = {
    "accounts_user": SignIn(PEOPLE, ("select", "update"), _CHANGES),
    "accounts_membership": SignIn(PEOPLE, _READS, _CHANGES),
    "account_emailaddress": SignIn(PEOPLE, _EVERYTHING, _ADDS),
    "account_emailconfirmation": SignIn(PEOPLE, _EVERYTHING),
    "mfa_authenticator": SignIn(PEOPLE, _EVERYTHING, _ADDS),
    "usersessions_usersession": SignIn(PEOPLE, _EVERYTHING),
    "django_session": SignIn(PEOPLE, _EVERYTHING),
    "accounts_apiclient": SignIn(MACHINES, _READS, _CHANGES),
    "accounts_clientkey": SignIn(MACHINES, _READS, _CHANGES),
    "accounts_spentassertion": SignIn(MACHINES, _ADDS),
    "oauth2_provider_accesstoken": SignIn(MACHINES, _ADDS),
    # Of grants that this house does not give: nobody's.
    "oauth2_provider_refreshtoken": SignIn((), ()),
    "oauth2_provider_idtoken": SignIn((), ()),
    "oauth2_provider_grant": SignIn((), ()),
    "oauth2_provider_devicegrant": SignIn((), ()),
}

# Sequences that are drawn from by name. Those behind identity columns need no grant.
SEQUENCES: dict[str, tuple[Audience, ...]] = {"filings_reference_number": (A.PROVIDER,)}

# Of its organisation, who signs in learns this much before being anybody.
NAMED_AT_SIGN_IN: tuple[str, ...] = ("id", "legal_name", "territory")

# What expires in them is deleted by the housekeeper, who may read only when it expires.
EXPIRING: dict[str, tuple[str, ...]] = {
    "accounts_spentassertion": ("id", "expires_at"),
    "oauth2_provider_accesstoken": ("id", "expires"),
    "django_session": ("session_key", "expire_date"),
}

# Django's own tables without any content of the register.
FRAMEWORK: tuple[str, ...] = (
    "django_migrations",
    "django_content_type",
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    "accounts_cache",
)

# One login per surface; what it may become is all that an injection there could reach. `web` serves all surfaces from
# one process (demonstration); production runs one process per surface with its own login (docs/running.md).
LOGINS: dict[str, tuple[Audience, ...]] = {
    "ecar_web": (A.PUBLIC, A.PROVIDER, A.ANALYST, A.OFFICER, A.AI_OFFICE, A.STATISTICIAN, A.AUDITOR, A.OPERATOR),
    "ecar_web_api": (A.PUBLIC, A.PROVIDER),
    "ecar_web_portal": (A.PROVIDER, A.ANALYST, A.OFFICER, A.AI_OFFICE, A.STATISTICIAN, A.AUDITOR, A.OPERATOR),
    "ecar_web_public": (A.PUBLIC,),
    "ecar_worker": (A.RELAY, A.SCREENER, A.SENDER, A.BUILDER, A.HOUSEKEEPER),
    "ecar_command": tuple(Audience),
}
