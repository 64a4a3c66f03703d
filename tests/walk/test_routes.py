"""What the walk over the pages knows of the addresses: nothing that is not there, and a reason for each gap."""

from tests.walk import routes


def test_a_route_left_out_is_a_route_and_has_a_reason() -> None:
    known = {str(each.name) for each in routes.patterns()}
    assert routes.files() <= known
    assert set(routes.left_out()) <= known
    assert all(len(reason) > 10 for reason in routes.left_out().values())


def test_no_file_is_also_a_page_left_out() -> None:
    assert not routes.files() & set(routes.left_out())


def test_an_address_is_told_apart_by_its_topic_and_its_question_but_not_by_which_one_it_shows() -> None:
    one, other = (f"/en/workspace/filings/ECAR-2026-{number}/draft/" for number in ("000001-1", "000002-2"))
    assert routes.route_of(one) == routes.route_of(other) == ("workspace-filings-draft", frozenset())
    assert routes.route_of(f"{one}run/") != routes.route_of(f"{one}model/")
    assert routes.route_of("/en/oversight/queue/?view=mine&next=1") == routes.route_of("/en/oversight/queue/?view=open")
    assert routes.route_of("/en/oversight/queue/") != routes.route_of("/en/oversight/queue/?view=mine")
    assert routes.route_of("/en/nothing/") is None
