"""The policy: who may do what, and who may see what, as read from data/policy.toml, where it is said.

From it come the permission checks, the grants and row policies in PostgreSQL (registry.accounts.row_security), the
field sets of the API, the matrix in docs/access.md and the tests. A word the file uses and this module does not know
is refused when the register starts. Sources: see the file.
"""

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Any

from registry.acting import Actor, Audience


class Permission(StrEnum):
    """What can be permitted: a noun of the register and a verb. Names equal the verbs of routes and ledger kinds."""

    ACCOUNT_GRANT = "account_grant"
    ACCOUNT_END = "account_end"
    APPLICATION_CARRY_OUT = "application_carry_out"
    APPLICATION_DECIDE = "application_decide"
    APPLICATION_FOLLOW = "application_follow"
    AUTHORISATION_RECORD = "authorisation_record"
    INVITATION_USE = "invitation_use"
    CASE_HANDLE = "case_handle"
    CASE_OPEN = "case_open"
    CASE_READ = "case_read"
    CLIENT_MANAGE = "client_manage"
    EXPORT_MAKE = "export_make"
    DUTY_DECIDE = "duty_decide"
    DUTY_PLEAD = "duty_plead"
    DUTY_REMIND = "duty_remind"
    DUTY_REPORT = "duty_report"
    FACILITY_READ = "facility_read"
    FACILITY_STATE = "facility_state"
    FILING_ACCEPT = "filing_accept"
    FILING_AMEND = "filing_amend"
    FILING_ANSWER = "filing_answer"
    FILING_ASK = "filing_ask"
    FILING_ASSIGN = "filing_assign"
    FILING_CONFIRM_WITHDRAWAL = "filing_confirm_withdrawal"
    FILING_DRAFT = "filing_draft"
    FILING_HOLD = "filing_hold"
    FILING_READ = "filing_read"
    FILING_RETURN = "filing_return"
    FILING_REVIEW = "filing_review"
    FILING_SHARE = "filing_share"
    FILING_SUBMIT = "filing_submit"
    FILING_WITHDRAW = "filing_withdraw"
    FINDING_READ = "finding_read"
    FINDING_WRITE = "finding_write"
    LOG_SEQUENCE = "log_sequence"
    LOOK_READ = "look_read"
    MAIL_SEND = "mail_send"
    MANDATE_MANAGE = "mandate_manage"
    MEMBER_MANAGE = "member_manage"
    MISMATCH_ANSWER = "mismatch_answer"
    MISMATCH_READ = "mismatch_read"
    OBSERVATION_IMPORT = "observation_import"
    OBSERVATION_REVIEW = "observation_review"
    ORGANISATION_CONFIRM = "organisation_confirm"
    ORGANISATION_READ = "organisation_read"
    ORGANISATION_REGISTER = "organisation_register"
    ORGANISATION_REMIND = "organisation_remind"
    ORGANISATION_STATE = "organisation_state"
    OVERVIEW_READ = "overview_read"
    OWNERSHIP_RECKON = "ownership_reckon"
    OWNERSHIP_STATE = "ownership_state"
    POSITION_KEEP = "position_keep"
    POSITION_READ = "position_read"
    PROPOSAL_CARRY_OUT = "proposal_carry_out"
    RECEIPT_READ = "receipt_read"
    RETENTION_READ = "retention_read"
    RETURN_FILE = "return_file"
    RETURN_READ = "return_read"
    RETURN_STORE = "return_store"
    REFERENCE_LOAD = "reference_load"
    RELEASE_APPROVE = "release_approve"
    RELEASE_BUILD = "release_build"
    RELEASE_DRAFT = "release_draft"
    RELEASE_READ = "release_read"
    RISK_DECIDE = "risk_decide"
    TALLY_KEEP = "tally_keep"
    TALLY_READ = "tally_read"
    WEBHOOK_MANAGE = "webhook_manage"
    WEBHOOK_SEND = "webhook_send"
    EVENT_RELAY = "event_relay"
    EXPIRED_PURGE = "expired_purge"


_FILE = Path(__file__).parent / "data" / "policy.toml"
with _FILE.open("rb") as _file:
    _SAID = tomllib.load(_file)


@dataclass(frozen=True)
class Role:
    """A role in plain words, the audience it looks from, and what it permits."""

    code: str
    name: str
    description: str
    audience: Audience
    permissions: frozenset[Permission]


def _audience(name: str) -> Audience:
    """The audience of that name; the file writes `ai_office` for `Audience.AI_OFFICE`."""
    return Audience[name.upper()]


def _audiences(names: list[str] | str) -> tuple[Audience, ...]:
    return tuple(Audience) if names == "every" else tuple(map(_audience, names))


def _roles(said: list[dict[str, Any]]) -> dict[str, Role]:
    """The roles in their order; one may include an earlier one."""
    found: dict[str, Role] = {}
    for role in said:
        permissions = frozenset(map(Permission, role.get("permissions", ())))
        if "includes" in role:
            permissions |= found[role["includes"]].permissions
        code, audience = role["code"], _audience(role["audience"])
        found[code] = Role(code, role["name"], role["description"], audience, permissions)
    return found


def _scope(said: dict[str, Any]) -> frozenset[Permission]:
    of_role = ROLES[said["of_role"]].permissions if "of_role" in said else frozenset()
    return of_role | frozenset(map(Permission, said.get("permissions", ())))


ROLES: dict[str, Role] = _roles(_SAID["role"])
SCOPE_PERMISSIONS: dict[str, frozenset[Permission]] = {name: _scope(said) for name, said in _SAID["scopes"].items()}


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

OWN, TERRITORY, ALL = "own", "territory", "all"
AUTHORITY, COLLEAGUE, USER, CLIENT, KEY = "authority", "colleague", "user", "client", "key"
FILED, TERRITORY_FILED = "filed", "territory, filed"
DIRECT, PARTY, LINK = "direct", "party", "link"
SHARED, SHOWN = "shared", "shown"
_PLACE = "(select nullif(current_setting('reg.territory', true), ''))"
_IN_TERRITORY = f"territory = {_PLACE}"
_IS_FILED = "{filed}"
_MINE = "(select nullif(current_setting('reg.organisation', true), ''))::uuid"
ROW_CONDITION: dict[str, str] = {
    # under a mandate this is the principal while the mandate is in force, and for writing only if it writes
    OWN: "{organisation} = (select ecar_organisation({writes}))",
    DIRECT: "{organisation} = " + _MINE + " and coalesce(current_setting('reg.mandate', true), '') = ''",
    # a mandate: of the principal, of the agent; under a mandate that one alone
    PARTY: "case when coalesce(current_setting('reg.mandate', true), '') = '' "
    f"then organisation_id = {_MINE} or agent_id = {_MINE} "
    "else id = (select nullif(current_setting('reg.mandate', true), ''))::uuid "
    "and agent_id = (select nullif(current_setting('reg.agent', true), ''))::uuid end",
    LINK: "link = (select nullif(current_setting('reg.link', true), ''))",
    TERRITORY: _IN_TERRITORY,
    FILED: _IS_FILED,
    TERRITORY_FILED: f"{_IN_TERRITORY} and {_IS_FILED}",
    AUTHORITY: f"authority_id in (select code from organisations_authority where {_IN_TERRITORY})",  # noqa: S608
    # what the competent authority showed to that of another State, while it lasts; and a look at that, by the latter
    SHARED: f"({_IN_TERRITORY} or (recipient = {_PLACE} and ends_at > now()))",
    SHOWN: f"({_IN_TERRITORY} or exists (select from oversight_sharing as shown "
    f"where shown.filing_id = oversight_look.filing_id and shown.recipient = {_PLACE}))",
    # these see through the row policies of the table they ask
    COLLEAGUE: "id in (select user_id from accounts_membership)",
    USER: "user_id in (select user_id from accounts_membership)",
    CLIENT: "client_id in (select id from accounts_apiclient)",
    KEY: "client_key_id in (select id from accounts_clientkey)",
    ALL: "true",
}


# What says that a row is about something that was filed: of a step that it took place on a version, not on a draft.
FILED_WHEN: dict[str, str] = {
    "filings_transition": "version_number > 0",
    "compute_accessrecord": "(monthly_return_id, since_version) in "
    "(select id, generate_series(1, least(version, 9999)) from compute_return)",
    "statistics_vintage": "published_at is not null",
    "statistics_vintagefile": "vintage_id in (select id from statistics_vintage where published_at is not null)",
}
FILED_ELSE = "submitted_at is not null"


@dataclass(frozen=True)
class Grant:
    """What one audience may do with one table: a command, the rows, and the columns (empty: all)."""

    command: str
    rows: str
    columns: tuple[str, ...] = ()


_GRANT = re.compile(
    rf"(?P<command>select|insert|update|delete) (?P<rows>{'|'.join(sorted(ROW_CONDITION, key=len, reverse=True))})"
    r"(?: \((?P<columns>[@a-z0-9_, ]+)\))?"
)


def _columns(said: str) -> tuple[str, ...]:
    """Columns of a grant in the order said, each once; @name stands for a list of them."""
    lists = _SAID["columns"]
    names = (lists[name[1:]] if name.startswith("@") else [name] for name in said.split(", "))
    return tuple(dict.fromkeys(chain.from_iterable(names)))


def grant_of(said: str) -> Grant:
    """The grant that a text of the file says, such as `update own (status, @counted)`; ValueError for any other."""
    found = _GRANT.fullmatch(said)
    if found is None:
        raise ValueError(f"{_FILE.name}: «{said}» is no grant: write «command rows» or «command rows (columns)».")
    return Grant(found["command"], found["rows"], _columns(found["columns"]) if found["columns"] else ())


CONFIDENTIAL: dict[str, dict[Audience, tuple[Grant, ...]]] = {
    table: {_audience(name): tuple(map(grant_of, grants)) for name, grants in said.items()}
    for table, said in _SAID["confidential"].items()
}
OPEN: dict[str, Audience] = {table: _audience(name) for table, name in _SAID["open"].items()}
SEQUENCES: dict[str, tuple[Audience, ...]] = {name: _audiences(said) for name, said in _SAID["sequences"].items()}
# Functions that lend the hand of the tables' owner; nobody else may run them.
FUNCTIONS: dict[str, tuple[Audience, ...]] = {name: _audiences(said) for name, said in _SAID["functions"].items()}

# --- signing in ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SignIn:
    """A table of signing in: whose it is, what their logins may do with it, and what the registrar may."""

    logins: tuple[str, ...]
    commands: tuple[str, ...]
    registrar: tuple[str, ...] = ()


PEOPLE: tuple[str, ...] = tuple(_SAID["signing_in"]["people"])
MACHINES: tuple[str, ...] = tuple(_SAID["signing_in"]["machines"])
NAMED_AT_SIGN_IN: tuple[str, ...] = tuple(_SAID["signing_in"]["organisation_columns"])
SIGN_IN_LOGINS: tuple[str, ...] = tuple(dict.fromkeys((*PEOPLE, *MACHINES)))
_LOGINS_OF = {"people": PEOPLE, "machines": MACHINES, "nobody": ()}
SIGN_IN: dict[str, SignIn] = {
    table: SignIn(_LOGINS_OF[said["logins"]], tuple(said["commands"]), tuple(said["registrar"]))
    for table, said in _SAID["sign_in"].items()
}
# What expires in them is deleted by the housekeeper, who may read only when it expires: key, time.
EXPIRING: dict[str, tuple[str, ...]] = {
    table: tuple(said["expires"]) for table, said in _SAID["sign_in"].items() if "expires" in said
}
# What audiences may do with tables of signing in: who keeps people and keys sees their own, the steward makes them.
HANDS: dict[str, dict[Audience, tuple[Grant, ...]]] = {
    table: {_audience(name): tuple(map(grant_of, grants)) for name, grants in said["hands"].items()}
    for table, said in _SAID["sign_in"].items()
    if "hands" in said
}
FRAMEWORK: tuple[str, ...] = tuple(_SAID["framework"]["tables"])
LOGINS: dict[str, tuple[Audience, ...]] = {login: _audiences(said) for login, said in _SAID["logins"].items()}
