"""What somebody types is always a query; hits are marked where they stand; the database takes words apart alike."""

import pytest
from django.db import connection

from registry import searching

ODD = ["", '"', "- - -", "or or", "-x", '""', "\x00" * 10_000, "!!!", "()&|:*", "\u202e", "-" * 10_000, '-"a b"']
TEXTS = [
    "Nébula-7, GROSS und klein: Straße, Œuvre, Ærø, Łódź, Đakovo, Ångström",
    "l’avenir «d’abord» “now” – £5·10²⁵ × 3…",
    "ΣΊΣΥΦΟΣ Жар-птица İstanbul ﬁne",
    "a@b.example/path_to?x=1#y [z] {w} ~^`|\\",
]


@pytest.mark.parametrize("typed", ODD)
def test_what_holds_no_word_seeks_nothing(typed: str) -> None:
    assert searching.read(typed).words == frozenset()


@pytest.mark.parametrize(
    ("typed", "websearch", "words"),
    [
        ("Nébula", '"nebula"', {"nebula"}),
        ("run-42", '"run 42"', {"run", "42"}),
        ('"large  run" -small', '"large run" -"small"', {"large", "run"}),
        ("paris OR lyon", '"paris" or "lyon"', {"paris", "lyon"}),
        ("' or 1=1 --", 'or "1 1"', {"1"}),
    ],
)
def test_quotes_minus_and_or_mean_what_they_mean_elsewhere(typed: str, websearch: str, words: set[str]) -> None:
    sought = searching.read(typed)
    assert (sought.websearch, sought.words) == (websearch, words)


@pytest.mark.parametrize(
    ("typed", "reference"),
    [("ecar-2026-000123-7", "ECAR-2026-000123-7"), ("ECAF-2026", "ECAF-2026"), ("ecar", ""), ("ECAR-2026 %", "")],
)
def test_a_reference_is_known_by_its_form(typed: str, reference: str) -> None:
    assert searching.read(typed).reference == reference


def test_no_query_is_longer_than_can_be_meant() -> None:
    assert len(searching.read("word " * 5_000).websearch) < 200


def test_a_hit_is_marked_as_it_is_written_and_the_rest_is_cut() -> None:
    text = f"{'before ' * 30}the Nébula-7 run{' after' * 60}"
    found = searching.marked(text, frozenset({"nebula"}))
    assert [each.text for each in found if each.is_hit] == ["Nébula"]
    assert "".join(each.text for each in found).startswith("… before")
    assert "".join(each.text for each in found).endswith("after …")
    assert sum(len(each.text) for each in found) < 220
    assert "".join(each.text for each in searching.marked("Nothing here", frozenset({"x"}))) == "Nothing here"


@pytest.mark.django_db
@pytest.mark.parametrize("text", TEXTS)
def test_the_database_takes_words_apart_as_the_marks_do(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select ecar_plain(%s)", [text])
        assert cursor.fetchone() == (searching.plain(text),)
        said = searching.read(f'"{text.replace(chr(34), " ")}"').websearch
        cursor.execute("select ecar_words(%s) @@ websearch_to_tsquery('simple', %s)", [text, said])
        assert cursor.fetchone() == (True,)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("document", "words"),
    [
        ('{"name": "Nébula", "list": [{"name": "Lyon"}, 7, null, "x"]}', "'lyon':1 'nebula':3 'x':2"),
        ("", ""),
        ("{}", ""),
        (None, None),
    ],
)
def test_a_document_has_the_words_of_its_texts_and_not_of_its_members(document: str, words: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select ecar_document_words(%s)::text", [document])
        assert cursor.fetchone() == (words,)


@pytest.mark.django_db
def test_a_very_long_document_can_be_kept() -> None:
    long = "jsonb_build_object('x', string_agg(md5(n::text), ' '))::text"
    with connection.cursor() as cursor:
        cursor.execute(f"select length(ecar_document_words({long})) from generate_series(1, 100000) as n")  # noqa: S608
        assert 1_000 < cursor.fetchone()[0] < 10_000


def test_what_is_searched_names_the_columns_it_reads() -> None:
    said = searching.Words("legal_name", searching.AsText("trade_names"), "lei")
    assert said.columns == ("legal_name", "trade_names", "lei")
    assert searching.DocumentWords(searching.AsText("draft")).columns == ("draft",)
