"""A purpose is a legal basis of the list that the authority may use, with what that basis needs."""

import pytest

from registry.acting import Actor
from registry.errors import Invalid
from registry.oversight import purposes
from tests.conftest import person

OFFICER = person("officer", territory="FR")
AI_OFFICE = person("ai_office_officer", territory="EU")


@pytest.mark.parametrize("basis", purposes.bases().values(), ids=lambda basis: basis.code)
def test_a_basis_has_its_article_words_and_source(basis: purposes.Basis) -> None:
    assert basis.article
    assert basis.source
    assert set(basis.words) == {"en", "fr", "de"}
    assert all(basis.words.values())
    assert basis.audiences


@pytest.mark.parametrize(
    ("by", "basis", "case", "sentence", "pointer"),
    [
        (OFFICER, "curiosity", "", "", "/basis"),
        (OFFICER, "", "", "", "/basis"),
        (OFFICER, "documentation", "7", "", "/basis"),
        (AI_OFFICE, "export_control", "7", "Weights left the Union.", "/basis"),
        (AI_OFFICE, "documentation", "", "", "/case"),
        (AI_OFFICE, "documentation", "  ", "", "/case"),
        (OFFICER, "quality", "", "", "/sentence"),
        (OFFICER, "quality", "", "too short", "/sentence"),
        (OFFICER, "review", "x" * 101, "", ""),
        (OFFICER, "review", "", "x" * 501, ""),
    ],
)
def test_what_is_missing_is_refused_and_named(by: Actor, basis: str, case: str, sentence: str, pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        purposes.stated(basis=basis, case=case, sentence=sentence, by=by)
    assert [each.pointer for each in refused.value.obstacles] == [pointer]


def test_a_whole_purpose_is_told_in_one_line_in_three_languages() -> None:
    stated = purposes.stated(basis="quality", case=" T-1 ", sentence="Two  names of one model.", by=OFFICER)
    assert stated.case == "T-1"
    assert stated.text("en") == "Quality of the register’s data, AI Act Art. 78(2) (T-1): Two names of one model."
    assert stated.text("de").startswith("Qualität der Daten")
    assert purposes.in_words("", "", "As said before", language="fr") == "As said before"


def test_only_some_bases_are_good_for_lists() -> None:
    for_lists = {basis.code for basis in purposes.bases_of(OFFICER, for_lists=True)}
    assert for_lists == {"review", "finding"}
    with pytest.raises(Invalid):
        purposes.stated(basis="alert", case="", sentence="", by=OFFICER, for_lists=True)
    assert purposes.bases_of(person("analyst", territory="EU")) == ()
