"""The demonstration: planned the same for the same day, plausible, filed through the actions, open to sign in to."""

import json
import stat
import uuid
from collections import Counter
from datetime import UTC, date, datetime
from io import StringIO
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyotp
import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client, TestCase, override_settings
from django.urls import reverse
from jwcrypto import jwk, jwt

from registry.accounts import client_assertion
from registry.accounts.models import User
from registry.accounts.policy import of_the_register
from registry.acting import Actor, Audience, acting_as
from registry.compute.models import AccessRecord, Return, Upload
from registry.filings import assessment
from registry.filings.checks.subject import Context, OrganisationFacts
from registry.filings.models import Duty, Filing, Transition, Version
from registry.ledger.models import Entry
from registry.management.demonstration import agenda, hours, papers, returns, runs
from registry.management.demonstration.acts import stage_on
from registry.management.demonstration.organisations import COMPANIES, TERRITORIES
from registry.management.demonstration.playing import KEPT
from registry.organisations.models import Organisation
from registry.oversight.case_models import CaseFinding
from registry.screening.models import Finding
from registry.statistics.models import CalendarEntry, Vintage

TODAY = date(2026, 11, 20)
UNTIL = datetime(2026, 11, 20, tzinfo=UTC)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
RUNS = 40
COMMAND = "load_demonstration"
AUDITOR = Actor(id="test", name="Auditor", audience=Audience.AUDITOR)

pytestmark = pytest.mark.xdist_group("demonstration")


# --- planned -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def plan() -> runs.Plan:
    """The whole demonstration, planned."""
    return runs.plan(today=TODAY)


def test_forty_organisations_stand_in_fifteen_member_states() -> None:
    assert len(COMPANIES) == len({company.slug for company in COMPANIES}) == len({c.lei for c in COMPANIES}) == 40
    assert len(TERRITORIES) == 15


def test_the_same_day_and_seed_give_the_same_plan_and_another_seed_another(plan: runs.Plan) -> None:
    assert runs.plan(today=TODAY) == plan
    assert agenda.acts(plan, until=UNTIL, seed=1) == agenda.acts(plan, until=UNTIL, seed=1)
    assert runs.plan(today=TODAY, seed=1).runs != plan.runs


def test_twelve_hundred_runs_over_three_years_are_mostly_of_middling_size(plan: runs.Plan) -> None:
    assert len(plan.runs) == len({run.key for run in plan.runs}) == 1_200
    span = plan.runs[-1].notified_on - plan.runs[0].notified_on
    assert 3 * 350 <= span.days <= 3 * 366
    decades = Counter(run.flop.adjusted() for run in plan.runs)
    assert decades[21] + decades[22] + decades[23] > 0.8 * len(plan.runs)
    assert 15 <= sum(run.is_above_threshold for run in plan.runs) <= 25


def test_every_kind_of_fate_and_oddity_occurs(plan: runs.Plan) -> None:
    fates = {run.fate for run in plan.runs}
    assert fates >= {*runs.FATES, *runs.OPEN_FATES, "late", "draft"}
    assert {run.oddity for run in plan.runs} - {""} <= set(KEPT)
    parts = [run for run in plan.runs if run.lineage == "rheingold-split"]
    assert len(parts) == 6
    assert max(run.flop for run in parts) < runs.SYSTEMIC_RISK_FLOP < sum(run.flop for run in parts)


def test_nobody_sits_twice_at_one_time_and_no_act_precedes_the_one_before(plan: runs.Plan) -> None:
    slots = {hours.sitting(territory, after=TODAY) for territory in (*TERRITORIES, hours.UNION)}
    assert len(slots) == 16
    acts = agenda.acts(plan, until=UNTIL, seed=runs.SEED)
    assert all(before.at <= after.at for before, after in pairwise(acts))
    by_run: dict[str, list[datetime]] = {}
    for act in acts:
        by_run.setdefault(act.run.key, []).append(act.at)
    assert all(sorted(set(moments)) == moments for moments in by_run.values())


def test_first_documents_pass_every_check_but_for_warnings_with_a_reason(plan: runs.Plan) -> None:
    firsts = [act for act in agenda.acts(plan, until=UNTIL, seed=runs.SEED) if act.verb == "file"]
    for act in [act for number, act in enumerate(firsts) if act.run.oddity or number % 4 == 0]:
        day, company = act.at.date(), act.run.company
        facts = OrganisationFacts(
            legal_name=company.name, lei=company.lei, seat_country=company.country, territory=company.country
        )
        content = papers.document(act.run, plan, stage=stage_on(act.run, day), on=day)
        judged = assessment.assess(content, context=Context(today=TODAY, kind="notification", organisation=facts))
        in_the_way = {(each.severity, each.code) for each in judged.answers if each.severity != "note"}
        # Judged as of today, so that the checks of today are asked: then a plan of last year lies in the past.
        in_the_way -= {("warning", code) for code in ("planned-start-has-passed", "signed-long-ago")}
        in_the_way -= {("warning", code) for code in ("statement-out-of-date", "ownership-out-of-date")}
        is_explained = bool(act.run.oddity or act.run.fate in KEPT)
        assert not in_the_way or is_explained, (act.run.key, in_the_way)
        assert all(severity == "warning" for severity, _ in in_the_way), (act.run.key, in_the_way)


# --- played --------------------------------------------------------------------------------------------------------


def _counted(model: Any, field: str) -> Counter[str]:
    with acting_as(of_the_register("screener")):
        return Counter(model.objects.values_list(field, flat=True))


def _assertion(client: dict[str, str], key: Any, algorithm: str) -> str:
    now = int(NOON.timestamp())
    claims = {"iss": client["client_id"], "sub": client["client_id"], "aud": settings.BASE_URL, "iat": now}
    claims |= {"exp": now + 60, "jti": str(uuid.uuid4())}
    token = jwt.JWT(header={"alg": algorithm, "kid": client["key_id"]}, claims=claims)
    token.make_signed_token(key)
    return str(token.serialize())


class TestPlayed(TestCase):
    """One small load for all of these tests; each sees it untouched."""

    complaints: str
    log_ins: dict[str, Any]
    mode: int

    @classmethod
    def setUpTestData(cls) -> None:
        complained = StringIO()
        with TemporaryDirectory() as folder, override_settings(VAR=Path(folder)):
            call_command(COMMAND, f"--today={TODAY}", f"--runs={RUNS}", stdout=StringIO(), stderr=complained)
            written = Path(folder) / "demo.json"
            cls.log_ins, cls.mode = json.loads(written.read_text()), stat.S_IMODE(written.stat().st_mode)
        cls.complaints = complained.getvalue()

    def person(self, role: str) -> dict[str, str]:
        """The first person of that role."""
        return next(person for person in self.log_ins["people"] if person["role"] == role)

    def test_every_run_is_filed_and_nothing_is_refused(self) -> None:
        assert self.complaints == ""
        with acting_as(of_the_register("registrar")):
            assert Organisation.objects.filter(is_illustrative=True).count() == 40
        assert sum(_counted(Filing, "status").values()) == RUNS
        assert _counted(Version, "kind")["notification"] == sum(_counted(Filing, "status").values()) - 2

    def test_filings_stand_in_every_state(self) -> None:
        assert _counted(Filing, "status").keys() >= {
            "draft",
            "submitted",
            "in_review",
            "awaiting_provider",
            "returned",
            "accepted",
        }

    def test_what_was_filed_is_screened_and_late_notifications_are_found(self) -> None:
        with acting_as(of_the_register("screener")):
            findings = set(Finding.objects.values_list("rule", "filing__client_reference"))
        assert ("R-01", "nordlicht-model-00") in findings
        assert {rule for rule, _ in findings} >= {"R-01", "R-02", "R-03", "R-04"}

    def test_returns_of_three_months_are_sent_and_one_is_open(self) -> None:
        with acting_as(of_the_register("screener")):
            sent = Counter(Return.objects.values_list("organisation__legal_name", "month", "state", "is_none"))
            records = AccessRecord.objects.current().count()
        with acting_as(of_the_register("intake")):
            refused = sum(Upload.objects.values_list("lines_refused", flat=True))
        months = [date(2026, month, 1) for month in (8, 9, 10)]
        assert sent.keys() == {
            *(("Maas Compute", month, "submitted", False) for month in months),
            *(("Saimaa Compute", month, "submitted", month == months[-1]) for month in months),
            *(("Mistrale Calcul", month, "submitted", False) for month in months[:-1]),
            ("Mistrale Calcul", months[-1], "open", False),
        }
        with acting_as(of_the_register("clock")):
            owed = Duty.objects.filter(code="monthly_return", trigger_on__lt=TODAY).values_list("met_at", flat=True)
            assert [at is None for at in owed].count(True) == 1
            assert len(owed) == 9
        assert (records, refused) == (8 * 24 + 3, 3 * 2)

    def test_a_use_nobody_filed_is_found_and_in_a_case(self) -> None:
        with acting_as(of_the_register("screener")):
            found = list(CaseFinding.objects.filter(finding__rule="R-24").select_related("case"))
        assert {(each.case.title, each.territory) for each in found} == {(returns.PATTERN, "FR")}
        assert len({each.case_id for each in found}) == 1

    def test_the_log_follows_the_time_that_is_played(self) -> None:
        with acting_as(AUDITOR):
            moments = list(Entry.objects.order_by("index").values_list("at", flat=True))
        assert moments == sorted(moments)
        assert moments[-1] < UNTIL

    def test_the_last_releases_are_found_clean_by_the_auditor_and_published(self) -> None:
        with acting_as(of_the_register("builder")):
            known = Vintage.objects.filter(publish_at__lte=UNTIL).order_by("publish_at")
            found = list(known.values_list("release", "state", "verdict"))
            ahead = CalendarEntry.objects.filter(publish_at__gt=UNTIL).count()
        assert [release for release, _, _ in found] == ["2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3"]
        assert {(state, verdict) for _, state, verdict in found} == {("published", "clean")}
        assert ahead >= 1

    def test_decisions_carry_their_reasons(self) -> None:
        office = Actor(id="test", name="AI Office", audience=Audience.AI_OFFICE)
        with acting_as(office):
            decided = list(
                Transition.objects.filter(verb__in=("accept", "return", "ask")).values_list("reason", flat=True)
            )
        assert len(decided) > 10
        assert all(decided)

    def test_the_log_ins_are_readable_by_their_owner_alone(self) -> None:
        assert self.mode == 0o600
        log_ins = self.log_ins
        assert set(log_ins) == {"base_url", "people", "clients"}
        for person in log_ins["people"]:
            assert set(person) - {"authority", "organisation"} == {"email", "password", "totp_secret", "role", "name"}
            assert len(person["password"]) >= 20
        assert len({client["organisation"] for client in log_ins["clients"]}) >= 5
        for client in log_ins["clients"]:
            assert set(client) == {"organisation", "client_id", "private_key", "key_id", "scopes"}

    def test_people_sign_in_with_password_and_one_time_code(self) -> None:
        for role in ("provider_submitter", "officer"):
            person, browser = self.person(role), Client()
            answer = browser.post(reverse("account_login"), {"login": person["email"], "password": person["password"]})
            assert (answer.status_code, answer["Location"]) == (302, reverse("mfa_authenticate"))
            assert "_auth_user_id" not in browser.session
            browser.post(reverse("mfa_authenticate"), {"code": pyotp.TOTP(person["totp_secret"]).now()})
            user = User.objects.get(email=person["email"])
            assert browser.session["_auth_user_id"] == str(user.pk)
            assert set(Authenticator.objects.filter(user=user).values_list("type", flat=True)) == {
                "totp",
                "recovery_codes",
            }

    def test_a_machine_proves_its_key_whichever_kind_it_has(self) -> None:
        kinds = set()
        for client in self.log_ins["clients"]:
            key = jwk.JWK.from_pem(client["private_key"].encode())
            algorithm = {"EC": "ES256", "OKP": "EdDSA"}[key["kty"]]
            kinds.add(algorithm)
            with time_machine.travel(NOON, tick=False):
                proven = client_assertion.verified(_assertion(client, key, algorithm), now=int(NOON.timestamp()))
            assert proven is not None
            assert (proven.client_id, str(proven.organisation)) == (client["client_id"], client["organisation"])
        assert kinds == {"ES256", "EdDSA"}

    def test_a_second_load_is_refused_in_a_sentence(self) -> None:
        with pytest.raises(CommandError, match="There are organisations in the register already"):
            call_command(COMMAND, "--runs=1")

    def test_production_never_plays_it(self) -> None:
        with override_settings(PRODUCTION=True), pytest.raises(CommandError, match="never played in production"):
            call_command(COMMAND, "--runs=1")


@pytest.mark.django_db
def test_too_few_runs_are_refused_before_anything_is_stored() -> None:
    with pytest.raises(CommandError, match="at least 40"):
        call_command(COMMAND, "--runs=39")
    with acting_as(of_the_register("registrar")):
        assert not Organisation.objects.exists()
