"""The policy as data: roles that make sense, scopes that give no more than roles, conditions for every table."""

import pytest

from registry.accounts import policy, retention
from registry.accounts.policy import (
    CONFIDENTIAL,
    LOGINS,
    OWN,
    ROLES,
    ROW_CONDITION,
    SCOPE_PERMISSIONS,
    Grant,
    Permission,
)
from registry.acting import Audience

REGULATORS = {Audience.OFFICER, Audience.AI_OFFICE}
REGISTERS_OWN = {
    Audience.REGISTRAR,
    Audience.SCREENER,
    Audience.INTAKE,
    Audience.RELAY,
    Audience.SENDER,
    Audience.MAILER,
    Audience.BUILDER,
    Audience.HOUSEKEEPER,
    Audience.STEWARD,
    Audience.ENROLLER,
    Audience.SEQUENCER,
}
PUBLISHED = {"ledger_entry", "ledger_leaf"}  # of these everybody sees hashes, and nobody who files more than hashes
SURFACES = {login: audiences for login, audiences in LOGINS.items() if login.startswith("ecar_web")}


def test_every_permission_is_somebodys_and_every_role_knows_its_code() -> None:
    given = set().union(*(role.permissions for role in ROLES.values()))
    assert given == set(Permission)
    assert all(role.code == code for code, role in ROLES.items())


@pytest.mark.parametrize("code", ["analyst", "statistician", "auditor", "operator"])
def test_who_sees_no_identities_is_permitted_nothing_about_a_filing(code: str) -> None:
    of_releases = {Permission.RELEASE_DRAFT, Permission.RELEASE_READ} if code == "statistician" else set()
    common = {Permission.LOOK_READ, Permission.RETENTION_READ, Permission.TALLY_READ}
    assert ROLES[code].permissions <= common | of_releases


def test_a_machine_is_never_permitted_more_than_an_administrator_of_its_organisation() -> None:
    for permissions in SCOPE_PERMISSIONS.values():
        assert permissions <= ROLES["provider_administrator"].permissions


def test_reading_is_no_writing() -> None:
    assert SCOPE_PERMISSIONS["filings:read"] == {
        Permission.FACILITY_READ,
        Permission.FILING_READ,
        Permission.LOOK_READ,
        Permission.MISMATCH_READ,
        Permission.ORGANISATION_READ,
        Permission.RECEIPT_READ,
        Permission.RETURN_READ,
    }


def test_filing_and_deciding_are_never_in_one_hand() -> None:
    for role in ROLES.values():
        files = Permission.FILING_SUBMIT in role.permissions
        decides = Permission.FILING_ACCEPT in role.permissions
        assert not (files and decides), role.code


def test_systemic_risk_is_the_ai_offices_alone() -> None:
    deciding = {code for code, role in ROLES.items() if Permission.RISK_DECIDE in role.permissions}
    assert deciding == {"ai_office_officer", "ai_office_supervisor"}


def test_accounts_are_given_by_the_registrar_alone_which_no_surface_can_become() -> None:
    assert {code for code, role in ROLES.items() if Permission.ACCOUNT_GRANT in role.permissions} == {"registrar"}
    assert all(Audience.REGISTRAR not in audiences for audiences in SURFACES.values())


def test_no_surface_becomes_one_of_the_registers_own_hands_and_no_worker_a_person() -> None:
    for audiences in SURFACES.values():
        assert not REGISTERS_OWN & set(audiences)
    assert set(LOGINS["ecar_worker"]) <= REGISTERS_OWN - {Audience.REGISTRAR}


def test_the_surfaces_of_production_share_only_what_they_must() -> None:
    apart = [set(LOGINS[login]) for login in ("ecar_web_api", "ecar_web_portal", "ecar_web_public")]
    assert set().union(*apart) == set(LOGINS["ecar_web"])
    assert apart[0] & REGULATORS == set()
    assert apart[2] == {Audience.PUBLIC, Audience.APPLICANT}


@pytest.mark.parametrize("table", sorted(CONFIDENTIAL))
def test_a_provider_never_reaches_more_than_its_own_of_a_confidential_table(table: str) -> None:
    for grant in CONFIDENTIAL[table].get(Audience.PROVIDER, ()):
        assert grant.rows in {OWN, policy.DIRECT, policy.PARTY} or table in PUBLISHED


@pytest.mark.parametrize("table", sorted(CONFIDENTIAL))
def test_an_officer_never_reaches_beyond_the_territory_of_a_confidential_table(table: str) -> None:
    for grant in CONFIDENTIAL[table].get(Audience.OFFICER, ()):
        shown = grant.rows in {policy.SHARED, policy.SHOWN} and table in {"oversight_look", "oversight_sharing"}
        assert shown or grant.rows.startswith(policy.TERRITORY) or table in {*PUBLISHED, "dispatch_event"}


@pytest.mark.parametrize("table", sorted(CONFIDENTIAL))
def test_who_sees_aggregates_or_nothing_has_no_grant_on_rows(table: str) -> None:
    counts = {"oversight_tally"}  # sums that name nobody
    released = {"statistics_vintage", "statistics_vintagefile"}  # of these everybody sees what is published
    reviewed = {*released, "statistics_vintageplan", "statistics_vintagereport"}
    allowed = {Audience.PUBLIC: PUBLISHED | released, Audience.ANALYST: counts, Audience.STATISTICIAN: reviewed}
    for audience, tables in allowed.items():
        grants = CONFIDENTIAL[table].get(audience, ())
        writes_only = audience is Audience.STATISTICIAN and table in {"dispatch_event", "ledger_entry"}
        seen = [grant for grant in grants if not (writes_only and _shows_no_more_than_hashes(grant))]
        assert not seen or table in tables


def _shows_no_more_than_hashes(grant: Grant) -> bool:
    """Whether it adds, or shows the public columns of the log."""
    return grant.command == "insert" or set(grant.columns) == {
        "index",
        "at",
        "commitment",
        "previous_hash",
        "entry_hash",
    }


def test_nothing_that_was_recorded_may_be_deleted_but_what_is_kept_for_a_period() -> None:
    deleting = {
        table
        for table, per_audience in CONFIDENTIAL.items()
        for grants in per_audience.values()
        for grant in grants
        if grant.command == "delete"
    }
    held_back = {"compute_accessrecord"}  # lines of an upload that was refused whole: they were never recorded
    # Rows that repeat one that is emptied go with it (registry/ledger/data/emptied.toml)
    repeating = {"onboarding_observation", "organisations_ownershipentity", "organisations_ownershipholding"}
    # Sums over filings and records, reckoned anew when these change
    reckoned = {f"screening_{name}" for name in ("bundle", "groupmember", "matchrate", "position")}
    reckoned |= {"screening_postedrun", "screening_posteduse", "oversight_tally"}
    kept_for_a_period = {rule.table for rule in retention.rules() if not rule.columns}
    unfiled = {"filings_amendment"}  # what is being written: a version once it is handed in
    assert deleting == kept_for_a_period | held_back | repeating | reckoned | unfiled
    assert not {table for table in deleting - unfiled if table.startswith(("filings_", "ledger_"))}


def test_every_grant_has_a_condition_and_a_known_command() -> None:
    for per_audience in CONFIDENTIAL.values():
        for grants in per_audience.values():
            assert len({grant.command for grant in grants}) == len(grants), "one grant for each command"
            for grant in grants:
                assert grant.rows in ROW_CONDITION
                assert grant.command in {"select", "insert", "update", "delete"}


HOLDERS = [
    ("provider_submitter", None, True),
    ("provider_submitter", "FR", False),
    ("provider_administrator", "EU", False),
    ("officer", None, False),
    ("officer", "FR", True),
    ("officer", "EU", False),
    ("supervisor", "DE", True),
    ("ai_office_officer", "EU", True),
    ("ai_office_officer", "FR", False),
    ("ai_office_officer", None, False),
    ("ai_office_supervisor", "EU", True),
    ("ai_office_supervisor", "FR", False),
    ("analyst", "EU", True),
    ("auditor", "FR", True),
    ("operator", None, False),
    ("registrar", "EU", False),
    ("screener", "EU", False),
    ("steward", "EU", False),
    ("relay", None, False),
    ("housekeeper", "EU", False),
    ("emperor", "EU", False),
]


@pytest.mark.parametrize(("role", "territory", "may"), HOLDERS)
def test_a_role_is_held_where_it_belongs_and_the_registers_own_by_nobody(
    role: str, territory: str | None, may: bool
) -> None:
    assert policy.may_be_held(role, territory=territory) is may


def test_every_role_is_a_persons_or_the_registers_never_both() -> None:
    for code, role in ROLES.items():
        held = any(policy.may_be_held(code, territory=place) for place in (None, "FR", "EU"))
        assert held is (role.audience not in {*REGISTERS_OWN, Audience.APPLICANT}), code


@pytest.mark.parametrize(
    "said",
    ["select", "read own", "select mine", "select own()", "select own (a; drop table b)", "select own, insert own", ""],
)
def test_a_grant_that_is_no_grant_stops_the_register_naming_it(said: str) -> None:
    with pytest.raises(ValueError, match="is no grant: write «command rows»"):
        policy.grant_of(said)


def test_a_grant_names_its_columns_each_once_and_lists_stand_for_theirs() -> None:
    assert policy.grant_of("update territory, filed (@granted, sequence, note)") == policy.Grant(
        "update", policy.TERRITORY_FILED, ("extended_until", "excused_at", "sequence", "changed_at", "note")
    )
