"""What the law asks by when, from the facts of a filing."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.filings import duties
from registry.filings.beside import Rebuttal
from registry.filings.duties import (
    Direction,
    Duty,
    DutyException,
    ExceptionKind,
    FilingFacts,
    State,
    Submission,
)
from registry.filings.working_days import BRUSSELS, end_of_day, is_working_day

SYSTEMIC = next(rule.threshold for rule in duties.rules() if rule.code == "systemic_risk_notification")
EU = frozenset({date(2026, 4, 6), date(2026, 5, 1), date(2026, 12, 24), date(2026, 12, 25), date(2027, 1, 1)})
FRANCE = frozenset({date(2026, 7, 14), date(2027, 3, 29), date(2027, 5, 17)})
CALENDAR = {"EU": EU, "FR": FRANCE}
NOON = datetime(2026, 9, 1, 10, 0, tzinfo=UTC)


def moment(year: int, month: int, day: int, hour: int = 12) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def listed(facts: FilingFacts, code: str, at: datetime = NOON) -> list[Duty]:
    return [duty for duty in duties.duties_of(facts, CALENDAR, at=at) if duty.code == code]


def only(facts: FilingFacts, code: str, at: datetime = NOON) -> Duty:
    (duty,) = listed(facts, code, at)
    return duty


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_every_duty_is_complete_in_every_language(language: str) -> None:
    for rule in duties.rules():
        text = duties.duty_text(rule.code, language)
        assert text.name
        assert text.sentence.endswith(".")


def test_every_duty_names_its_basis_and_fits_the_database() -> None:
    codes = [rule.code for rule in duties.rules()]
    assert len(set(codes)) == len(codes)
    for rule in duties.rules():
        assert rule.basis
        assert rule.source.startswith("https://")
        assert rule.force in {"law", "guidance", "register"}
        assert rule.calendar in {"EU", "national"}
        assert len(rule.code) <= 32


def test_the_duties_of_the_design_are_all_there() -> None:
    assert {rule.code for rule in duties.rules()} >= {
        "systemic_risk_notification",
        "upfront_estimate",
        "monitoring_update",
        "completion_report",
        "ownership_change",
        "facility_report",
        "training_content_summary",
        "reassessment_request",
        "record_retention",
    }


def test_no_facts_no_duties() -> None:
    assert duties.duties_of(FilingFacts(territory="FR"), CALENDAR, at=NOON) == ()


def test_a_missing_calendar_is_an_error_and_not_a_wrong_date() -> None:
    facts = FilingFacts(territory="PT", ownership_changed_on=(date(2026, 8, 1),))
    with pytest.raises(ValueError, match="PT"):
        duties.duties_of(facts, CALENDAR, at=NOON)


@pytest.mark.parametrize(
    ("facts", "last"),
    [
        ({"met_on": date(2026, 9, 1)}, date(2026, 9, 15)),
        ({"known_on": date(2026, 9, 1)}, date(2026, 9, 15)),
        ({"crossed": {SYSTEMIC: date(2026, 9, 1)}}, date(2026, 9, 15)),
        # the earliest of the three counts
        (
            {"met_on": date(2026, 9, 20), "known_on": date(2026, 9, 1), "crossed": {SYSTEMIC: date(2026, 9, 3)}},
            date(2026, 9, 15),
        ),
        # over Easter and over Christmas
        ({"known_on": date(2026, 3, 21)}, date(2026, 4, 7)),
        ({"known_on": date(2026, 12, 11)}, date(2026, 12, 28)),
        # Chapter V applies from 2 August 2025
        ({"known_on": date(2025, 3, 1)}, date(2025, 8, 18)),
        # models on the market before that day have until 2 August 2027 (Art. 111(3))
        ({"met_on": date(2025, 3, 1), "placed_on_market_on": date(2025, 4, 1)}, date(2027, 8, 2)),
    ],
)
def test_the_commission_is_notified_within_two_weeks_of_met_or_known(facts: dict[str, object], last: date) -> None:
    duty = only(FilingFacts(territory="FR", **facts), "systemic_risk_notification")  # type: ignore[arg-type]
    assert duty.due_at == end_of_day(last)
    assert duty.basis == "Regulation (EU) 2024/1689 Art. 52(1)"


def test_another_threshold_asks_for_no_notification_of_systemic_risk() -> None:
    facts = FilingFacts(territory="FR", crossed={"some_other": date(2026, 9, 1)})
    assert listed(facts, "systemic_risk_notification") == []


def test_only_a_submission_that_states_the_crossing_notifies() -> None:
    silent = Submission("notification", moment(2026, 8, 1))
    telling = Submission("update", moment(2026, 9, 10), frozenset({SYSTEMIC}))
    facts = FilingFacts(territory="FR", known_on=date(2026, 9, 1), submitted=(silent,))
    late_look = moment(2026, 9, 20)
    assert only(facts, "systemic_risk_notification", late_look).state is State.OVERDUE
    told = replace(facts, submitted=(silent, telling))
    assert only(told, "systemic_risk_notification", late_look).state is State.MET
    assert only(told, "systemic_risk_notification", late_look).met_at == telling.at


def test_a_crossing_to_come_is_known_once_a_version_states_it() -> None:
    telling = Submission("notification", moment(2026, 9, 1), frozenset({SYSTEMIC}))
    facts = FilingFacts(territory="FR", crossed={SYSTEMIC: date(2027, 3, 1)}, submitted=(telling,))
    duty = only(facts, "systemic_risk_notification")
    assert (duty.trigger_on, duty.state) == (date(2026, 9, 1), State.OPEN)  # asked two hours before it was filed
    assert only(facts, "systemic_risk_notification", moment(2026, 9, 2)).state is State.MET


def test_the_estimate_comes_before_the_day_of_the_start() -> None:
    facts = FilingFacts(territory="FR", planned_start_on=date(2026, 9, 6))
    assert only(facts, "upfront_estimate").due_at == end_of_day(date(2026, 9, 5))  # a Saturday: nothing is prolonged
    started = replace(facts, actual_start_on=date(2026, 9, 3))
    assert only(started, "upfront_estimate").due_at == end_of_day(date(2026, 9, 2))


def test_an_estimate_filed_on_the_day_of_the_start_is_late() -> None:
    facts = FilingFacts(
        territory="FR",
        actual_start_on=date(2026, 8, 20),
        submitted=(Submission("notification", moment(2026, 8, 20)),),
    )
    assert only(facts, "upfront_estimate").state is State.LATE


def test_monitoring_recurs_while_the_run_lasts() -> None:
    facts = FilingFacts(territory="FR", actual_start_on=date(2026, 1, 15))
    found = listed(facts, "monitoring_update", moment(2026, 9, 1))
    assert [(duty.trigger_on, duty.due_at) for duty in found] == [
        (date(2026, 1, 15), end_of_day(date(2026, 4, 15))),
        (date(2026, 4, 15), end_of_day(date(2026, 7, 15))),
        (date(2026, 7, 15), end_of_day(date(2026, 10, 15))),
    ]
    assert [duty.state for duty in found] == [State.OVERDUE, State.OVERDUE, State.OPEN]


def test_an_update_meets_the_window_in_which_it_falls() -> None:
    facts = FilingFacts(
        territory="FR",
        actual_start_on=date(2026, 1, 15),
        submitted=(Submission("update", moment(2026, 4, 1)), Submission("update", moment(2026, 7, 20))),
    )
    found = listed(facts, "monitoring_update", moment(2026, 9, 1))
    assert [duty.state for duty in found] == [State.MET, State.LATE, State.MET]


def test_monitoring_ends_with_the_run_and_completion_follows() -> None:
    facts = FilingFacts(territory="FR", actual_start_on=date(2026, 1, 15), actual_end_on=date(2026, 6, 1))
    assert len(listed(facts, "monitoring_update", moment(2027, 9, 1))) == 1
    assert only(facts, "completion_report").due_at == end_of_day(date(2026, 6, 29))


def test_each_change_of_ownership_has_its_28_days() -> None:
    facts = FilingFacts(
        territory="FR",
        ownership_changed_on=(date(2026, 6, 16), date(2026, 8, 3)),
        submitted=(Submission("update", moment(2026, 6, 20)),),
    )
    first, second = listed(facts, "ownership_change")
    assert first.due_at == end_of_day(date(2026, 7, 15))  # 14 July is a holiday in France
    assert (first.state, second.state) == (State.MET, State.OVERDUE)


@pytest.mark.parametrize(
    ("year", "last"),
    [(2025, date(2026, 5, 15)), (2026, date(2027, 5, 18))],  # 15 May 2027 is a Saturday, the 17th Whit Monday
)
def test_the_facility_reports_by_15_may_of_the_next_year(year: int, last: date) -> None:
    facts = FilingFacts(territory="FR", facility_operates_from=date(2025, 2, 1))
    by_year = {duty.trigger_on.year: duty for duty in listed(facts, "facility_report", moment(2027, 1, 1))}
    assert by_year[year].due_at == end_of_day(last)
    assert set(by_year) == {2025, 2026}


def test_a_report_counts_for_the_year_before_it() -> None:
    facts = FilingFacts(
        territory="FR",
        facility_operates_from=date(2025, 2, 1),
        submitted=(Submission("facility_report", moment(2026, 5, 4)),),
    )
    first, second = listed(facts, "facility_report", moment(2027, 6, 1))
    assert (first.state, second.state) == (State.MET, State.OVERDUE)


def test_the_summary_is_renewed_every_six_months() -> None:
    facts = FilingFacts(territory="FR", placed_on_market_on=date(2026, 2, 28))
    found = listed(facts, "training_content_summary", moment(2026, 9, 1))
    assert [duty.due_at for duty in found] == [end_of_day(date(2026, 8, 28)), end_of_day(date(2027, 3, 1))]


def test_the_summary_of_an_old_model_waits_for_august_2027() -> None:
    facts = FilingFacts(territory="FR", placed_on_market_on=date(2025, 4, 1))
    found = listed(facts, "training_content_summary", moment(2027, 8, 1))
    assert found
    assert all(duty.due_at is not None and duty.due_at >= end_of_day(date(2027, 8, 2)) for duty in found)


def test_a_reassessment_waits_six_months_from_the_last_decision() -> None:
    facts = FilingFacts(territory="FR", designated_on=date(2026, 3, 10))
    duty = only(facts, "reassessment_request")
    assert duty.due_at is None
    assert duty.not_before == datetime(2026, 9, 11, 0, 0, tzinfo=BRUSSELS)
    assert duties.state_at(duty, moment(2026, 9, 10)) is State.NOT_BEFORE
    assert duties.state_at(duty, moment(2026, 9, 11)) is State.OPEN
    refused = replace(facts, reassessment_refused_on=(date(2026, 11, 30),))
    assert only(refused, "reassessment_request").not_before == datetime(2027, 5, 31, 0, 0, tzinfo=BRUSSELS)


def test_a_premature_request_for_reassessment_does_not_count() -> None:
    facts = FilingFacts(
        territory="FR",
        designated_on=date(2026, 3, 10),
        submitted=(Submission("reassessment", moment(2026, 8, 1)), Submission("reassessment", moment(2026, 10, 1))),
    )
    assert only(facts, "reassessment_request", moment(2026, 9, 20)).state is State.OPEN
    assert only(facts, "reassessment_request", moment(2026, 10, 2)).state is State.MET


def test_documents_are_kept_ten_years() -> None:
    duty = only(FilingFacts(territory="FR", placed_on_market_on=date(2026, 2, 28)), "record_retention")
    assert duty.not_before == datetime(2036, 2, 29, 0, 0, tzinfo=BRUSSELS)
    assert duty.state is State.NOT_BEFORE
    assert duties.state_at(duty, moment(2036, 3, 1)) is State.MET


def test_an_extension_moves_the_due_moment_from_its_decision_on() -> None:
    extension = DutyException(
        kind=ExceptionKind.EXTENSION,
        duty_code="systemic_risk_notification",
        reason="Fire in the data centre",
        decided_by="officer",
        decided_at=moment(2026, 9, 18),
        granted_until=moment(2026, 9, 30),
    )
    facts = FilingFacts(territory="FR", known_on=date(2026, 9, 1), exceptions=(extension,))
    duty = only(facts, "systemic_risk_notification")
    states = [duties.state_at(duty, moment(2026, 9, day)) for day in (10, 17, 19)] + [
        duties.state_at(duty, moment(2026, 10, 1))
    ]
    assert states == [State.OPEN, State.OVERDUE, State.OPEN, State.OVERDUE]


def test_an_excuse_leaves_the_mark_and_says_so() -> None:
    excuse = DutyException(
        kind=ExceptionKind.EXCUSE,
        duty_code="completion_report",
        reason="Illness",
        decided_by="officer",
        decided_at=moment(2026, 8, 1),
    )
    facts = FilingFacts(
        territory="FR",
        actual_end_on=date(2026, 6, 1),
        submitted=(Submission("completion", moment(2026, 7, 20)),),
        exceptions=(excuse,),
    )
    duty = only(facts, "completion_report")
    assert duty.state is State.LATE
    assert duties.is_excused(duty, moment(2026, 8, 2))
    assert not duties.is_excused(duty, moment(2026, 7, 31))


@pytest.mark.parametrize(
    ("kind", "reason", "granted_until"),
    [
        (ExceptionKind.EXTENSION, " ", NOON),
        (ExceptionKind.EXTENSION, "why", None),
        (ExceptionKind.EXCUSE, "why", NOON),
    ],
)
def test_a_decision_has_a_reason_and_an_extension_its_end(
    kind: ExceptionKind, reason: str, granted_until: datetime | None
) -> None:
    with pytest.raises(ValueError, match=r"reason|until"):
        DutyException(
            kind=kind,
            duty_code="completion_report",
            reason=reason,
            decided_by="officer",
            decided_at=NOON,
            granted_until=granted_until,
        )


def test_a_rebuttal_has_its_own_state() -> None:
    rebuttal = Rebuttal(filed_at=moment(2026, 9, 1), decided_at=moment(2026, 10, 1), accepted=False)
    assert [rebuttal.state_at(moment(2026, month, 15)) for month in (8, 9, 10)] == ["none", "filed", "rejected"]
    assert replace(rebuttal, accepted=True).state_at(moment(2026, 10, 1)) == "accepted"


DAYS = st.dates(date(2025, 8, 2), date(2032, 12, 31))
MAYBE = st.none() | DAYS
MOMENTS = st.datetimes(datetime(2025, 8, 2), datetime(2033, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
SUBMISSIONS = st.builds(
    Submission,
    st.sampled_from(["notification", "update", "completion", "training_summary", "reassessment", "facility_report"]),
    MOMENTS,
    st.sampled_from([frozenset[str](), frozenset({SYSTEMIC})]),
)
FACTS = st.builds(
    FilingFacts,
    territory=st.just("FR"),
    planned_start_on=MAYBE,
    actual_start_on=MAYBE,
    actual_end_on=MAYBE,
    met_on=MAYBE,
    known_on=MAYBE,
    placed_on_market_on=MAYBE,
    ownership_changed_on=st.lists(DAYS, max_size=3).map(tuple),
    ownership_as_of=MAYBE,
    facility_operates_from=MAYBE,
    designated_on=MAYBE,
    submitted=st.lists(SUBMISSIONS, max_size=5).map(tuple),
)


@given(FACTS, MOMENTS)
def test_a_duty_stands_once_for_a_code_and_a_day(facts: FilingFacts, at: datetime) -> None:
    found = duties.duties_of(facts, CALENDAR, at=at)
    assert len({(duty.code, duty.trigger_on) for duty in found}) == len(found)
    assert all((duty.due_at is None) != (duty.not_before is None) for duty in found)


@given(FACTS, MOMENTS)
def test_what_is_due_after_an_event_is_due_on_a_working_day(facts: FilingFacts, at: datetime) -> None:
    before = {rule.code for rule in duties.rules() if rule.direction is Direction.BEFORE}
    holidays = {rule.code: EU if rule.calendar == "EU" else FRANCE for rule in duties.rules()}
    for duty in duties.duties_of(facts, CALENDAR, at=at):
        if duty.due_at is not None and duty.code not in before:
            assert is_working_day(duty.due_at.date(), holidays[duty.code])
            assert duty.due_at.date() > duty.trigger_on


@given(FACTS, MOMENTS, st.integers(0, 400))
def test_time_alone_never_mends_a_late_duty(facts: FilingFacts, at: datetime, days: int) -> None:
    for duty in duties.duties_of(facts, CALENDAR, at=at):
        later = duties.state_at(duty, at + timedelta(days=days))
        if duty.state in {State.LATE, State.MET}:
            assert later is duty.state
        if duty.state is State.OVERDUE:
            assert later in {State.OVERDUE, State.LATE}
        if duty.state is State.OPEN:
            assert later is not State.NOT_BEFORE


@given(FACTS, MOMENTS, SUBMISSIONS)
def test_filing_more_never_makes_a_duty_worse(facts: FilingFacts, at: datetime, more: Submission) -> None:
    rank = {State.NOT_BEFORE: 0, State.MET: 0, State.OPEN: 1, State.LATE: 1, State.OVERDUE: 2}
    richer = replace(facts, submitted=(*facts.submitted, more))
    for old, new in zip(
        duties.duties_of(facts, CALENDAR, at=at), duties.duties_of(richer, CALENDAR, at=at), strict=True
    ):
        assert (old.code, old.trigger_on) == (new.code, new.trigger_on)
        assert rank[new.state] <= rank[old.state]


@given(FACTS, MOMENTS, MOMENTS)
def test_the_list_grows_with_time_and_keeps_what_it_had(facts: FilingFacts, one: datetime, other: datetime) -> None:
    early, late = sorted((one, other))
    then = {(d.code, d.trigger_on, d.due_at, d.not_before) for d in duties.duties_of(facts, CALENDAR, at=early)}
    now = {(d.code, d.trigger_on, d.due_at, d.not_before) for d in duties.duties_of(facts, CALENDAR, at=late)}
    assert then <= now


@pytest.mark.parametrize(
    ("language", "act", "never"),
    [
        (
            "fr",
            r"(Articles? \d|Annexe|Point).* (du règlement( délégué)? \(UE\) |lignes directrices)",
            r"\bart\.|\bpar\.",
        ),
        (
            "de",
            r"(Artikel|Anhang|Randnummer) .* der ((Delegierten )?Verordnung \(EU\) |Leitlinien)",
            r"Art\.|Abs\.|Buchst\.",
        ),
    ],
)
def test_each_legal_basis_is_cited_as_the_official_journal_does(language: str, act: str, never: str) -> None:
    for rule in duties.rules():
        cited = duties.basis_text(rule.code, language)
        assert re.match(act, cited), cited
        assert not re.search(never, cited), cited
