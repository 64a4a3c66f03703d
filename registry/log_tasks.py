"""The task of the public log: the sequencer, by the clock."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from celery import shared_task
from django.utils import timezone

from registry.accounts.policy import of_the_register
from registry.ledger import keeping

BEAT: Final[Mapping[str, float]] = MappingProxyType({"sequence_log": 30.0})


@shared_task(name="sequence_log")
def sequence_log() -> int:
    """Put what was entered into the public log, publish it, collect the witnesses' signatures; returns its size."""
    return keeping.keep(by=of_the_register("sequencer"), clock=timezone.now, version=keeping.running_version())
