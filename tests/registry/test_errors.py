"""Sentences of refusals: told in English where they are raised, in three languages to whoever asks."""

import pytest

from registry import errors
from registry.errors import DomainError, NotPossible, in_language, told

DAYS = "It must lie ahead, after the due moment, and within {days} days of it."
STATE = {"en": "withdrawn", "fr": "Retiré", "de": "Zurückgenommen"}


def test_a_sentence_reads_as_english() -> None:
    assert told(DAYS, days=90) == "It must lie ahead, after the due moment, and within 90 days of it."
    assert str(NotPossible("Wait for it.")) == "Wait for it."


@pytest.mark.parametrize(("language", "words"), [("en", "within 90 days"), ("fr", "les 90 jours"), ("de", "90 Tage")])
def test_a_sentence_is_told_in_each_language_with_its_values(language: str, words: str) -> None:
    assert words in in_language(told(DAYS, days=90), language)


def test_a_value_may_have_words_of_its_own_in_each_language() -> None:
    refused = DomainError("No further version can be filed while the filing is {state}.", state=STATE)
    assert refused.sentence == "No further version can be filed while the filing is withdrawn."
    assert "« Retiré »" in in_language(refused.sentence, "fr")
    assert "„Zurückgenommen“" in in_language(refused.sentence, "de")


def test_the_values_of_an_error_fill_its_remedy_too() -> None:
    refused = DomainError("Wait for it.", remedy="Possible now: {ways}.", ways={"en": "a", "fr": "b", "de": "c"})
    assert [in_language(refused.remedy, language)[-2:] for language in ("en", "fr", "de")] == ["a.", "b.", "c."]


def test_what_was_told_before_keeps_its_own_values() -> None:
    refused = DomainError(
        "Keys overlap by 0 to {hours} hours.", remedy=told("Possible now: {ways}.", ways="x"), hours=9
    )
    assert in_language(refused.remedy, "de") == "Jetzt möglich: x."


@pytest.mark.parametrize("sentence", ["", "Not of the catalogue.", "Déjà en français, avec {accolades}."])
def test_what_the_catalogue_does_not_have_is_told_as_it_stands(sentence: str) -> None:
    assert in_language(sentence, "de") == sentence


def test_the_catalogue_has_each_sentence_once_and_whole() -> None:
    rows = errors.catalogue()
    assert all(set(row) == {"en", "fr", "de"} and all(row.values()) for row in rows.values())
    for language in ("fr", "de"):
        assert len({row[language] for row in rows.values()}) == len(rows)
