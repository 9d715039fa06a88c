"""What the audit log holds: who read or wrote what, when, for which purpose, on which ground. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex

from huren.graph.model.canonical import canonical


@dataclass(frozen=True, slots=True)
class Read:
    """A read of restricted data of somebody else, as the visibility gate tells it.

    ``subject``: what was read, such as a product's key. ``owner``: id of the organisation whose data it
    is. ``field``: class of fields. ``purpose``: what for, where stated. ``ground``: what permitted it, such
    as the id of a grant.
    """

    subject: str
    owner: str
    field: str
    purpose: str | None
    ground: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log. ``id`` is unique; ``action`` is ``read``, ``erase`` or the name of a write.

    ``org`` and ``client`` acted, in the request ``request``; ``owner`` is the organisation whose data it is
    about. A write also tells its ``revision`` and the SHA-256 of what was asked (``body_hash``).
    """

    id: str
    action: str
    at: datetime
    org: str
    client: str
    owner: str
    subject: str
    ground: str
    field: str | None = None
    purpose: str | None = None
    request: str | None = None
    revision: int | None = None
    body_hash: str | None = None

    @property
    def text(self) -> str:
        """The entry as canonical JSON (RFC 8785): what is committed to. Absent facts are left out."""
        facts = {
            "id": self.id,
            "action": self.action,
            "at": self.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "org": self.org,
            "client": self.client,
            "owner": self.owner,
            "subject": self.subject,
            "ground": self.ground,
            "field": self.field,
            "purpose": self.purpose,
            "request": self.request,
            "revision": self.revision,
            "bodyHash": self.body_hash,
        }
        return canonical({name: fact for name, fact in facts.items() if fact is not None}).decode()


def salt() -> str:
    """128 random bits, so that nobody can guess an entry from its commitment."""
    return token_hex(16)


def commitment(text: str, salted: str) -> bytes:
    """What a leaf is the hash of: entry and salt, one for all readers. Without the salt it tells nothing."""
    return canonical({"entry": text, "salt": salted})
