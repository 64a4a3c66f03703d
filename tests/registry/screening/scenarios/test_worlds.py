"""Invented worlds: who is in them, that they repeat, and that what the rules see holds no label."""

from dataclasses import fields
from decimal import Decimal

import pytest

from registry.periods import Period
from registry.screening import position_reading, position_terms, positions
from registry.screening.scenarios import evading, honest, measuring, snapshots, worlds
from registry.screening.scenarios.builder import AS_OF
from registry.screening.scenarios.facts import Actor, Facts
from registry.screening.scenarios.snapshots import Screened
from registry.screening.scenarios.worlds import World

ORGANISATIONS, RECORDS = 350, 4_000


@pytest.fixture(scope="module")
def world() -> World:
    return worlds.build(organisations=ORGANISATIONS, records=RECORDS, seed=7)


@pytest.fixture(scope="module")
def screened(world: World) -> Screened:
    return snapshots.of(world.facts)


def test_a_world_is_as_large_as_asked_for_and_can_be_made_again(world: World) -> None:
    assert sum(not entity.is_person for entity in world.facts.entities.values()) >= ORGANISATIONS
    assert len(world.facts.records) >= RECORDS
    assert worlds.build(organisations=ORGANISATIONS, records=RECORDS, seed=7) == world
    assert worlds.build(organisations=ORGANISATIONS, records=RECORDS, seed=8) != world


def test_everybody_is_in_it(world: World) -> None:
    scenarios = {actor.scenario for actor in world.actors}
    makers = {*evading.EVADING, *honest.HONEST, evading.forty_parts}
    assert scenarios == {"provider", *(maker.__name__ for maker in makers)}
    assert all(actor.expects for actor in world.actors if actor.is_evading)
    assert not any(actor.expects for actor in world.actors if not actor.is_evading)


def test_no_company_belongs_to_two_actors(world: World) -> None:
    companies = [entity for actor in world.actors for entity in actor.entities]
    assert len(companies) == len(set(companies))


def test_facts_have_no_room_for_a_label(world: World) -> None:
    """What is screened is made of the facts, and these do not know the actors."""
    labels = {field.name for field in fields(Actor)} - {"entities", "facilities"}
    assert labels.isdisjoint(field.name for field in fields(Facts))
    words = {maker.__name__ for maker in evading.EVADING} | {"evading", "honest"}
    assert not any(word in repr(each) for each in world.facts.filings for word in words)
    assert not any(word in repr(each) for each in world.facts.customers.values() for word in words)


def test_evading_is_found_and_the_honest_are_left_alone(world: World, screened: Screened) -> None:
    measured = measuring.measure(screened.seen, world.actors)
    assert measured.evading >= 30
    assert measured.recall >= 0.95
    assert measured.false_alarms <= 0.05


def test_every_scenario_is_found_by_a_rule_that_is_meant_to(world: World, screened: Screened) -> None:
    by_rule = {row.rule: row for row in measuring.measure(screened.seen, world.actors).by_rule}
    meant = {rule for actor in world.actors for rule in actor.expects}
    assert all(by_rule[rule].seen for rule in meant)


def test_the_forty_parts_cross_the_threshold_in_their_group_s_position(world: World, screened: Screened) -> None:
    """2 × 10^25 over five providers and eight subsidiaries: counted once, though it is filed and reported."""
    (actor,) = (actor for actor in world.actors if actor.scenario == "forty_parts")
    (group,) = {screened.group_of[entity] for entity in actor.entities}
    terms = position_terms.terms(on=AS_OF)
    reading = position_reading.read(screened.positions[group], on=AS_OF, window_days=180, terms=terms)
    limit = next(limit for limit in reading.limits if limit.code == "systemic-risk")
    assert limit.crossed_on is not None
    assert Decimal("2e25") <= reading.peak.flop <= Decimal("2.6e25")
    parts = [each for each in world.facts.filings if each.by in actor.entities]
    assert len(parts) == 40
    assert max(each.reported_flop for each in parts) < Decimal("1e24")


def test_positions_kept_record_by_record_equal_those_of_the_whole_world(world: World, screened: Screened) -> None:
    actor = next(actor for actor in world.actors if actor.scenario == "over_subsidiaries")
    kept: dict[str, positions.Position] = {}
    for entity, contribution in snapshots.contributions(world.facts):
        if entity in actor.entities:
            before = kept.get(entity, positions.EMPTY)
            kept[entity] = positions.apply(before, positions.Change(after=(contribution,)))
    group = screened.group_of[next(iter(actor.entities))]
    whole = positions.group_position((position, Period(AS_OF.replace(year=2000))) for position in kept.values())
    assert whole == screened.positions[group]
