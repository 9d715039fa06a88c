"""Every error that huren raises on purpose: a stable code, two sentences, the place and the fix.

Whatever is no :class:`HurenError` reaches a caller only as "internal error".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Place:
    """Where bad input stands: a file with its 1-based line, and a column or field by name."""

    file: str | None = None
    line: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        parts = [self.file, None if self.line is None else str(self.line), self.column]
        return ":".join(p for p in parts if p)


class HurenError(Exception):
    """An error a person can act on.

    ``code`` is stable and for programs; ``en`` and ``zh`` say what happened with the user's own names;
    ``fix`` and ``fix_zh`` are orders one can follow; ``place`` says where.
    """

    code: ClassVar[str] = "BAD_USER_INPUT"

    def __init__(
        self, en: str, zh: str, *, fix: str = "", fix_zh: str = "", place: Place | None = None
    ) -> None:
        super().__init__(en)
        self.en, self.zh, self.fix, self.fix_zh, self.place = en, zh, fix, fix_zh or fix, place


class BadInput(HurenError):
    """A value that cannot be understood or is out of range."""


class NotFound(HurenError):
    """Nothing of that name is visible to the caller."""

    code = "NOT_FOUND"


class Conflict(HurenError):
    """The request contradicts what is there: an ambiguous name, a reused idempotency key."""

    code = "CONFLICT"


class Unauthenticated(HurenError):
    """No valid bearer token came with the request."""

    code = "UNAUTHENTICATED"


class Forbidden(HurenError):
    """The token lacks a scope; the sentence names it."""

    code = "FORBIDDEN"


class LimitExceeded(HurenError):
    """More was asked for than one request may have."""

    code = "LIMIT_EXCEEDED"


class Unavailable(HurenError):
    """The database did not answer in time; the same request with the same key may be sent again."""

    code = "SERVICE_UNAVAILABLE"


class RateLimited(HurenError):
    """The client, or its organisation, has used up what it may ask; after ``retry_after`` seconds again."""

    code = "RATE_LIMITED"

    def __init__(self, en: str, zh: str, *, fix: str, fix_zh: str, retry_after: int) -> None:
        super().__init__(en, zh, fix=fix, fix_zh=fix_zh)
        self.retry_after = retry_after


class BodyTooSlow(HurenError):
    """The body of a request did not come in time."""

    code = "BODY_TOO_SLOW"


class BadRequest(HurenError):
    """The body of a request is no JSON object of the right members."""

    code = "BAD_REQUEST"


class MethodNotAllowed(HurenError):
    """The address does not take that HTTP method."""

    code = "METHOD_NOT_ALLOWED"


class NotAcceptable(HurenError):
    """The client takes none of the media types that there are."""

    code = "NOT_ACCEPTABLE"


class BodyTooLarge(HurenError):
    """The body of a request is larger than one may be."""

    code = "BODY_TOO_LARGE"


class UnsupportedMediaType(HurenError):
    """The body of a request is not plain JSON."""

    code = "UNSUPPORTED_MEDIA_TYPE"


class UnlinkedInputs(HurenError):
    """A roll-up is partial and the caller did not allow that."""

    code = "UNLINKED_INPUTS"


class ConsumingLoop(HurenError):
    """A supply loop consumes all that it makes (spectral radius >= 1)."""

    code = "CONSUMING_LOOP"


class BadSeal(HurenError):
    """A sealed decision that does not hold; the sentence says which check it fails."""

    code = "BAD_SEAL"


class DamagedLog(HurenError):
    """The audit log is not what it was when somebody signed it; the sentence says where."""

    code = "LOG_DAMAGED"


class BadPackage(HurenError):
    """A supply package with one or more bad rows; ``problems`` holds all of them, nothing was written."""

    code = "BAD_PACKAGE"

    def __init__(self, problems: tuple[HurenError, ...]) -> None:
        n = len(problems)
        super().__init__(
            f"{n} problem{'s' if n > 1 else ''} in the package; nothing was written",
            f"数据包有 {n} 处问题,未写入任何内容",
            fix="Correct the rows named and import again.",
            fix_zh="请改正所列各行后重新导入。",
        )
        self.problems = problems
