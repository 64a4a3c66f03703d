"""The demonstration, in which every release is revised after a late filer (see benches.releases)."""

from datetime import date, datetime
from itertools import groupby
from time import perf_counter
from typing import Any

from benches.releases import APPEARS_AFTER, REVISED_AFTER, Row
from registry.accounts.policy import of_the_register
from registry.acting import acting_as
from registry.management.commands.load_demonstration import Command
from registry.management.demonstration import publications
from registry.management.demonstration.acts import Act
from registry.management.demonstration.people import Hands
from registry.management.demonstration.playing import Play
from registry.periods import Quarter
from registry.statistics import building, vintages
from registry.statistics.models import State, Vintage


class Revising(Command):
    """Plays as the command does; `rows` tells of every vintage."""

    def __init__(self, *said: Any, **named: Any) -> None:
        super().__init__(*said, **named)
        self.rows: list[Row] = []
        self._late: dict[Quarter, Act] = {}

    def _plan(self, hands: Hands, last: date, count: int, seed: int) -> tuple[Play, list[Act]]:
        play, acts = super()._plan(hands, last, count, seed)
        filed = [act for act in acts if act.verb == "file" and not act.run.base]
        self._late = {quarter: list(own)[-1] for quarter, own in groupby(filed, key=_quarter)}
        held = {id(act) for act in self._late.values()}
        return play, [act for act in acts if id(act) not in held]

    def _publish(self, play: Play, at: datetime) -> bool:
        quarter = publications.ended(at.date())
        is_published = self._told(play, quarter, at)
        if is_published and quarter in self._late:
            play.day([self._late[quarter]])
            self._told(play, quarter, at + APPEARS_AFTER, drafted_at=at + REVISED_AFTER)
        return is_published

    def _told(self, play: Play, quarter: Quarter, at: datetime, *, drafted_at: datetime | None = None) -> bool:
        """Build, attack and, where it is clean, publish; add its row."""
        begun = perf_counter()
        drafted_at = drafted_at or at - publications.DRAFTED_BEFORE
        vintage = publications.built(play.hands, quarter, drafted_at=drafted_at, publish_at=at)
        seconds = perf_counter() - begun
        publications.approve(play.hands, vintage, at=at)
        with acting_as(of_the_register("builder"), read_only=True) as by:
            stored = Vintage.objects.visible_to(by).get(id=vintage.id)
            cells = withheld = 0
            if stored.state != State.DROPPED:
                shown = [cell for table in building.release_of(stored).tables for cell in table.cells]
                cells, withheld = len(shown), sum(cell.values[0] is None for cell in shown)
        self.rows.append(Row(vintages.name(stored), stored.state, stored.verdict, cells, withheld, seconds))
        return stored.state == State.PUBLISHED


def _quarter(act: Act) -> Quarter:
    return Quarter.of(act.at.date())
