"""SQL of the policy: roles, grants and row policies, made from registry.accounts.policy and nothing else.

Applied as one transaction by `manage.py apply_policy`, after each migration: everything is revoked and granted anew,
so a grant that is no longer in the policy is gone. Every confidential table has row-level security enabled and forced.
"""

from collections.abc import Iterator

from registry.accounts import policy
from registry.acting import Audience

# The names in these statements are the policy's own; nothing of a request is ever among them.
DROP_POLICIES = """
do $$ declare old record; begin
  for old in select policyname from pg_policies where schemaname = 'public' and tablename = '{table}' loop
    execute format('drop policy %I on {table}', old.policyname);
  end loop;
end $$"""

CREATE_ROLE = """
do $$ begin
  if not exists (select from pg_roles where rolname = '{name}') then
    create role {name} {options};
  end if;
exception when duplicate_object or unique_violation then null;
end $$"""


# Two databases of one server may be at it at once: the roles are common to both.
GRANT_ROLE = """
do $$ begin
  grant {audience} to {login};
exception when unique_violation then null;
end $$"""

# Whose rows are one's own: the organisation's, or under a mandate the principal's, as long as the mandate is in force
# and, for writing, as far as it writes. The application checks the scope act by act; this holds if it forgets to.
SCOPE = """
create or replace function ecar_organisation(writes boolean) returns uuid
language plpgsql stable set search_path = public as $$
declare found uuid := nullif(current_setting('reg.organisation', true), '')::uuid;
begin
  if coalesce(current_setting('reg.mandate', true), '') = '' then
    return found;
  end if;
  return (
    select organisation_id from organisations_mandate
    where id = current_setting('reg.mandate', true)::uuid and organisation_id = found
      and agent_id = nullif(current_setting('reg.agent', true), '')::uuid
      and accepted_at is not null and declined_at is null and (revoked_at is null or revoked_at > statement_timestamp())
      and starts_at <= statement_timestamp() and ends_at > statement_timestamp() and (can_write or not writes)
  );
end $$"""

# Whatever else a role of ours was made a member of, in an earlier policy or by hand.
REVOKE_STRAY = """
do $$ declare stray record; begin
  for stray in
    select granted.rolname as audience, member.rolname as login
    from pg_auth_members
    join pg_roles granted on granted.oid = roleid join pg_roles member on member.oid = pg_auth_members.member
    where member.rolname in ({ours}) and (member.rolname, granted.rolname) not in ({known})
  loop
    execute format('revoke %I from %I', stray.audience, stray.login);
  end loop;
end $$"""


def roles() -> Iterator[str]:
    """Create audiences and logins where they are missing; let each login become its audiences, and no other role.

    Roles belong to the whole server, not to one database.
    """
    for audience in Audience:
        yield CREATE_ROLE.format(name=audience.value, options="nologin noinherit nobypassrls")
    for login, audiences in policy.LOGINS.items():
        yield CREATE_ROLE.format(name=login, options="login noinherit nobypassrls")
        for audience in audiences:
            yield GRANT_ROLE.format(audience=audience.value, login=login)
    ours = ", ".join(f"'{name}'" for name in (*policy.LOGINS, *(a.value for a in Audience)))
    known = ", ".join(f"('{login}', '{a.value}')" for login, audiences in policy.LOGINS.items() for a in audiences)
    yield REVOKE_STRAY.format(ours=ours, known=known)


def grants(tables: frozenset[str]) -> Iterator[str]:
    """Revoke everything, then grant and protect each of the `tables` of this database as the policy says."""
    everyone = ", ".join([*(a.value for a in Audience), *policy.LOGINS])
    yield "revoke all on all tables in schema public from public"
    yield f"revoke all on all tables in schema public from {everyone}"
    yield f"revoke all on all sequences in schema public from {everyone}"
    yield f"grant usage on schema public to {everyone}"
    yield "revoke create on schema public from public"
    yield SCOPE
    for function, audiences in policy.FUNCTIONS.items():
        yield f"revoke all on function {function} from public, {everyone}"
        yield f"grant execute on function {function} to {', '.join(audience.value for audience in audiences)}"
    for sequence, audiences in policy.SEQUENCES.items():
        yield f"grant usage on sequence {sequence} to {', '.join(audience.value for audience in audiences)}"
    for table, per_audience in policy.CONFIDENTIAL.items():
        yield from _protect(table)
        for audience, granted in per_audience.items():
            yield from _confidential(table, audience, granted)
        yield from _signing_in_reads(table)
    for table, writer in policy.OPEN.items():
        yield f"grant select on {table} to {everyone}"
        yield f"grant insert, update, delete on {table} to {writer.value}"
    for table in policy.SIGN_IN:
        if table in tables:
            yield from _sign_in(table)
    yield f"grant select on django_content_type to {everyone}"
    yield f"grant select on django_migrations to {everyone}"
    if "accounts_cache" in tables:
        yield f"grant select, insert, update, delete on accounts_cache to {', '.join(policy.LOGINS)}"


def _protect(table: str) -> Iterator[str]:
    yield f"alter table {table} enable row level security"
    yield f"alter table {table} force row level security"
    yield DROP_POLICIES.format(table=table)


def _confidential(table: str, audience: Audience, granted: tuple[policy.Grant, ...]) -> Iterator[str]:
    organisation = "id" if table == "organisations_organisation" else "organisation_id"
    for grant in granted:
        quoted = ", ".join(f'"{column}"' for column in grant.columns)
        columns = f" ({quoted})" if quoted else ""
        yield f"grant {grant.command}{columns} on {table} to {audience.value}"
        condition = policy.ROW_CONDITION[grant.rows].format(
            organisation=organisation,
            writes="false" if grant.command == "select" else "true",
            filed=policy.FILED_WHEN.get(table, policy.FILED_ELSE),
        )
        clauses = {
            "select": f"using ({condition})",
            "insert": f"with check ({condition})",
            "update": f"using ({condition}) with check ({condition})",
            "delete": f"using ({condition})",
        }
        yield (
            f"create policy {audience.value}_{grant.command} on {table} for {grant.command} "
            f"to {audience.value} {clauses[grant.command]}"
        )


def _signing_in_reads(table: str) -> Iterator[str]:
    """Who signs in must learn name and territory of their organisation before they are anybody."""
    if table == "organisations_organisation":
        for login in policy.SIGN_IN_LOGINS:
            yield f"grant select ({', '.join(policy.NAMED_AT_SIGN_IN)}) on {table} to {login}"
            yield f"create policy {login}_select on {table} for select to {login} using (true)"


def _sign_in(table: str) -> Iterator[str]:
    yield from _protect(table)
    allowed = policy.SIGN_IN[table]
    for role, commands in {
        **dict.fromkeys(allowed.logins, allowed.commands),
        Audience.REGISTRAR.value: allowed.registrar,
    }.items():
        if commands:
            yield f"grant {', '.join(commands)} on {table} to {role}"
            yield f"create policy {role}_all on {table} for all to {role} using (true) with check (true)"
    for audience, granted in policy.HANDS.get(table, {}).items():
        yield from _confidential(table, audience, granted)
    if table in policy.EXPIRING:
        keeper = Audience.HOUSEKEEPER.value
        yield f"grant delete, select ({', '.join(policy.EXPIRING[table])}) on {table} to {keeper}"
        yield f"create policy {keeper}_select on {table} for select to {keeper} using (true)"
        yield f"create policy {keeper}_delete on {table} for delete to {keeper} using (true)"
