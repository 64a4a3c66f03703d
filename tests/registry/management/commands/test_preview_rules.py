"""The preview of a change: what would change is listed and counted, and nothing is changed."""

import io
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from registry.acting import Actor, acting_as
from registry.filings import actions, document, judgement, previews, thresholds
from registry.filings.actions import NewFiling
from registry.filings.checks import catalogue, engine
from registry.filings.checks.engine import Answer as Said
from registry.filings.models import Answer, Duty, Filing, Version
from registry.screening.models import Finding
from tests.conftest import NOON
from tests.documents import changed, planned_run

pytestmark = pytest.mark.django_db
HALVED = """
[[threshold]]
code = "systemic-risk"
quantity = "cumulative_training_compute_flop"
unit = "FLOP"
value = "{value}"
operator = "{operator}"
applies_to = ["model"]
jurisdiction = "EU"
effect = "duty"
legal_basis = "A delegated act under Art. 51(3)"
source = "A draft"
valid_from = 2027-01-01
en = "A draft."
fr = "Un projet."
de = "Ein Entwurf."
"""


@pytest.fixture
def references(alice: Actor) -> list[str]:
    """Two filings of 2.3e25 FLOP, one of them withdrawn."""
    items = [NewFiling(planned_run()), NewFiling(planned_run(run__client_run_id="withdrawn"))]
    with acting_as(alice):
        outcomes = actions.file(items, by=alice, at=NOON)
    assert [each.refusal for each in outcomes] == [None, None]
    with acting_as(alice):
        actions.withdraw(reference=outcomes[1].reference, reason="Cancelled.", revision=None, by=alice, at=NOON)
    return [each.reference for each in outcomes]


def told(**options: object) -> list[str]:
    out = io.StringIO()
    call_command("preview_rules", stdout=out, **options)
    return out.getvalue().splitlines()


def drafted(folder: Path, value: str, operator: str = "gt") -> Path:
    path = folder / "draft.toml"
    path.write_text(HALVED.format(value=value, operator=operator), encoding="utf-8")
    return path


def test_a_higher_threshold_lists_and_counts_who_would_no_longer_cross_it(
    references: list[str], tmp_path: Path
) -> None:
    before = [list(model.objects.order_by("pk").values()) for model in (Filing, Version, Duty, Answer)]
    lines = told(thresholds=drafted(tmp_path, "1e26"))
    assert lines[0].endswith("against the draft's of 2027-01-01.")
    listed = [line for line in lines if line.startswith("ECAR")]
    assert listed == [f"{references[0]} /run cumulative: 2.3e+25 would no longer cross systemic-risk (1e25 -> 1e26)"]
    assert "systemic-risk: 0 would cross it, 1 would no longer." in lines
    assert before == [list(model.objects.order_by("pk").values()) for model in (Filing, Version, Duty, Answer)]


@pytest.mark.parametrize(
    ("value", "operator", "count"), [("2.3e25", "gt", 1), ("2.3e25", "ge", 0), ("2.29e25", "gt", 0)]
)
def test_the_boundary_belongs_to_the_side_that_the_operator_says(
    references: list[str], tmp_path: Path, value: str, operator: str, count: int
) -> None:
    lines = told(thresholds=drafted(tmp_path, value, operator))
    assert len([line for line in lines if line.startswith(references[0])]) == count
    assert ("No stored value changes side." in lines) is (count == 0)


def test_the_other_thresholds_stay_as_they_are(references: list[str], tmp_path: Path) -> None:
    rows = previews.draft(drafted(tmp_path, "1e26").read_text(encoding="utf-8"))
    assert {row.code for row in rows} == {row.code for row in thresholds.rows()}
    kept = [row for row in rows if row.code != "systemic-risk"]
    assert kept == [row for row in thresholds.rows() if row.code != "systemic-risk"]


@pytest.mark.parametrize("content", ["", "[[threshold]]\ncode = 'x'\n", "no toml", None])
def test_what_is_no_table_of_thresholds_is_refused(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "draft.toml"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(CommandError, match=str(path)):
        told(thresholds=path)


def test_every_quantity_that_a_document_states_is_a_value() -> None:
    content = document.read(planned_run(run__biological_sequence_data=True))
    found = list(previews.values_of("ECAR-1", content, judgement.estimate(content)))
    quantities = {value.stored.quantity for value in found}
    assert quantities == {
        thresholds.Quantity.TRAINING_COMPUTE,
        thresholds.Quantity.BIOLOGICAL_TRAINING_COMPUTE,
        thresholds.Quantity.CUMULATIVE_TRAINING_COMPUTE,
        thresholds.Quantity.BUSINESS_USERS,
        thresholds.Quantity.IT_POWER,
        thresholds.Quantity.CLUSTER_NETWORK,
        thresholds.Quantity.CLUSTER_OPERATIONS,
        thresholds.Quantity.OWNERSHIP_SHARE,
    }
    assert len({value.stored.reference for value in found}) == len(found)


def test_a_model_that_only_recognises_is_spared_the_general_purpose_threshold() -> None:
    modality = [{"modality": "other", "maximum_size": "one class"}]
    content = document.read(planned_run(model__modalities_out=modality))
    (value,) = [
        each
        for each in previews.values_of("ECAR-1", content, judgement.estimate(content))
        if each.stored.quantity is thresholds.Quantity.TRAINING_COMPUTE
    ]
    assert "general-purpose" in value.spared


def test_the_checks_of_today_change_no_answer_of_today(references: list[str], alice: Actor) -> None:
    with acting_as(alice):
        content = changed(planned_run(), model__version="3.1")
        actions.amend(
            reference=references[0],
            kind="update",
            content=content,
            revision=None,
            by=alice,
            at=NOON + timedelta(days=1),
        )
    assert told(checks=True)[-1] == "Every answer would be the same."


def test_a_check_that_answers_otherwise_is_listed_with_both_answers(
    references: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    version = Version.objects.get(filing__reference=references[0])
    stored = set(version.answers.values_list("severity", "code", "pointer"))
    check = catalogue.catalogue(NOON.date())[0]
    monkeypatch.setattr(engine, "answer", lambda *_: (Said(check.code, "warning", "/run", {}),))
    lines = told(checks=True)
    assert f"{references[0]} version 1, judged by {version.rule_set}" in lines
    assert f"  + warning {check.code} /run" in lines
    assert {line.strip() for line in lines if line.startswith("  -")} == {f"- {s} {c} {p}" for s, c, p in stored}
    assert lines[-1] == "Judged otherwise: 1."
    assert set(version.answers.values_list("severity", "code", "pointer")) == stored


def test_checks_can_be_judged_as_of_another_day(references: list[str]) -> None:
    lines = told(checks=True, on=date(2027, 6, 1))
    assert any(line.startswith(f"{references[0]} version 1") for line in lines)
    assert json.loads(Version.objects.get(filing__reference=references[0]).canonical)["run"]["planned_start_on"]


def test_one_preview_is_asked_for_at_a_time(tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        told()


NARROWED = """
[[rule]]
code = "R-03"
version = "2"
valid_from = 2027-01-01
subjects = ["filing"]
severity = "high"
formula = "A draft."
source = "A draft"
limits = { ratio_from = "RATIO", ratio_until = "1.3" }
[rule.name]
en = "A draft."
fr = "Un projet."
de = "Ein Entwurf."
[rule.sentences.methods]
en = "A draft."
fr = "Un projet."
de = "Ein Entwurf."
[rule.sentences.reported]
en = "A draft."
fr = "Un projet."
de = "Ein Entwurf."
"""


def flags(folder: Path, ratio_from: str) -> Path:
    path = folder / "flags.toml"
    path.write_text(NARROWED.replace("RATIO", ratio_from), encoding="utf-8")
    return path


def test_a_narrower_flag_lists_and_counts_what_it_would_find(references: list[str], tmp_path: Path) -> None:
    lines = told(flags=flags(tmp_path, "1.01"))
    assert lines[0].endswith("against the draft's of 2027-01-01.")
    assert f"{references[0]} R-03: nothing -> methods, reported" in lines
    assert lines[-1] == "R-03: 2 would appear, 0 disappear, 0 change."
    assert not Finding.objects.exists()


def test_flags_that_are_not_in_force_yet_find_nothing_otherwise(references: list[str], tmp_path: Path) -> None:
    path = flags(tmp_path, "1.01")
    assert told(flags=path, on=date(2026, 12, 31))[-1] == "Every finding would be the same."


def test_a_file_that_is_no_table_of_flags_is_refused(tmp_path: Path) -> None:
    path = flags(tmp_path, "much")
    with pytest.raises(CommandError, match="is no table of screening rules"):
        told(flags=path)
