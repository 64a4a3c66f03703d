"""Public reports against filings: equal names answer, less is a hint, and the threshold itself is not above."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.screening import missing
from registry.screening.missing import Filed, Likeness, Reported, Unmatched

LIMIT = Decimal("1e25")
FILED = Filed("ECAR-1", ("Aurelia Grande", "Aurelia Grande 2.0"), ("Aurélia Modèles SA", "Aurelia"))


def report(name: str = "Aurelia Grande", makers: str = "Aurelia Modeles", flop: str = "2e25") -> Reported:
    return Reported("7", name, makers, date(2026, 3, 1), Decimal(flop))


def found(*reports: Reported) -> list[Unmatched]:
    return list(missing.unmatched(reports, [FILED], threshold=LIMIT))


@pytest.mark.parametrize(
    ("name", "makers"),
    [
        ("Aurelia Grande", "Aurélia Modèles SA"),
        ("aurelia-grande", "AURELIA MODELES S.A."),
        ("Aurelia Grande 2.0", "Somebody Else, Aurelia"),
        ("Aurelia Grande (2.0)", "Aurélia Modèles"),
    ],
)
def test_the_same_names_spelt_otherwise_are_answered(name: str, makers: str) -> None:
    assert found(report(name, makers)) == []


@pytest.mark.parametrize(
    ("name", "makers", "likeness"),
    [
        ("Aurelia Grande", "Borealis", Likeness.MODEL),
        ("Aurelia Petite", "Aurélia Modèles", Likeness.MAKER),
        ("Aurelia", "Aurélia Modèles", Likeness.MAKER),
        ("Heron", "Heron Labs", Likeness.NONE),
        ("", "", Likeness.NONE),
    ],
)
def test_less_than_both_names_is_a_hint_and_no_answer(name: str, makers: str, likeness: Likeness) -> None:
    (one,) = found(report(name, makers))
    assert one.likeness is likeness
    assert one.candidates == (() if likeness is Likeness.NONE else ("ECAR-1",))


def test_the_threshold_itself_is_not_above_it() -> None:
    assert found(report("Heron", "Heron", "1e25")) == []
    assert len(found(report("Heron", "Heron", "1.0000001e25"))) == 1


def test_a_name_of_empty_words_is_still_a_name() -> None:
    assert missing.plain("The Group") == "thegroup"
    assert missing.plain("S.A.") == "sa"
    assert missing.plain("Mistral AI") == missing.plain("MISTRAL") == "mistral"


@given(st.from_regex(r"[a-z]{3,12}( [a-z]{3,12})?", fullmatch=True))
def test_case_and_legal_form_make_no_difference(name: str) -> None:
    for spelt in (name.upper(), f"{name}, Inc.", f"The {name.title()}", name.replace(" ", "-")):
        assert missing.plain(spelt) == missing.plain(name)
