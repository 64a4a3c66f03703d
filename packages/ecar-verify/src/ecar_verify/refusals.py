"""Why something does not hold, one class for each exit code."""

from collections.abc import Mapping, Sequence

VALID = 0


class Refused(Exception):
    """Something does not hold; `code` is the exit code, the text the reason in English."""

    code = 10


class Malformed(Refused):
    """It is not of its form, or cannot be read: nothing could be judged."""

    code = 10


class BadSignature(Refused):
    """No trusted key signed it, or a trusted key's signature does not hold."""

    code = 20


class NotIncluded(Refused):
    """It is not in the log, or does not belong to what is."""

    code = 30


class Misbehaviour(Refused):
    """The log signed what cannot be true together. `checkpoints` are signed notes, `details` what else shows it."""

    code = 40

    def __init__(self, reason: str, *, checkpoints: Sequence[str] = (), details: Mapping[str, object] | None = None):
        """Keep what the evidence file is to hold."""
        super().__init__(reason)
        self.checkpoints = tuple(checkpoints)
        self.details = dict(details or {})


class QuorumMissing(Refused):
    """All holds, but too few witnesses say so."""

    code = 50
