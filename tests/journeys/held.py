"""A program: file one run for an organisation, say that it is filed, and commit when a line comes in.

`python -m tests.journeys.held ORGANISATION`, with the environment of a running register.
"""

import sys
from datetime import UTC, datetime
from uuid import UUID

import django

django.setup()

from registry.accounts.policy import ROLES  # noqa: E402
from registry.acting import Actor, acting_as  # noqa: E402
from registry.filings import actions  # noqa: E402
from tests.journeys.dated import run_of_today  # noqa: E402


def main(organisation: UUID) -> None:
    """Hold the unit of work open between filing and commit, as a slow network or a pausing process would."""
    role = ROLES["provider_submitter"]
    permissions = frozenset(str(permission) for permission in role.permissions)
    actor = Actor("register:held", "Held", role.audience, permissions, organisation)
    new = actions.NewFiling(run_of_today(run__client_run_id="held"), client_reference="held")
    with acting_as(actor):
        outcome = actions.file([new], by=actor, at=datetime.now(UTC))[0]
        sys.stdout.write(f"{outcome.reference}\n")
        sys.stdout.flush()
        sys.stdin.readline()


if __name__ == "__main__":
    main(UUID(sys.argv[1]))
