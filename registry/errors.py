"""The one family of domain errors. Each says what is wrong and how to mend it; the edges render them."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Obstacle:
    """One thing in the way of a request, and the place where it stands.

    `pointer` is a JSON Pointer (RFC 6901) into the document, empty for the whole of it.
    """

    code: str
    pointer: str
    sentence: str
    remedy: str = ""
    severity: str = "error"


class DomainError(Exception):
    """Something the register refuses. `code` is stable; the sentence is meant for the person or machine that asked."""

    code = "refused"
    title = "Refused"

    def __init__(self, sentence: str, *, remedy: str = "", obstacles: Sequence[Obstacle] = ()) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.remedy = remedy
        self.obstacles = tuple(obstacles)


class NotFound(DomainError):
    """The object does not exist, or the actor may not know that it does: the two look alike."""

    code = "not-found"
    title = "Not found"

    def __init__(self) -> None:
        super().__init__("There is nothing here that you may see.", remedy="Check the reference.")


class NotPermitted(DomainError):
    """The actor's roles do not include the permission."""

    code = "not-permitted"
    title = "Not permitted"


class NotPossible(DomainError):
    """Nobody may do this in the present state."""

    code = "not-possible"
    title = "Not possible in this state"


class Invalid(DomainError):
    """The content was read and is wrong; `obstacles` lists every reason at once."""

    code = "validation"
    title = "The content is not valid"


class Stale(DomainError):
    """The object changed since the caller read it."""

    code = "precondition-failed"
    title = "Changed since you read it"


class Conflict(DomainError):
    """The same thing exists already."""

    code = "conflict"
    title = "Conflict"


class OutsideUnitOfWork(RuntimeError):
    """An action or scoped query was used without `acting_as`: a programming error, never an answer to a caller."""
