"""The audit log in GraphQL."""

from __future__ import annotations

from base64 import b64encode
from typing import Annotated

import strawberry

from huren.graph.log.note import Note
from huren.graph.log.read import LAST, Stored
from huren.graph.log.tree import leaf_hash
from huren.graph.model.audit import commitment
from huren.resolvers import auditing
from huren.schema.arguments import After, First
from huren.schema.context import Info
from huren.schema.node import PageInfo
from huren.schema.paging import check_first, cursor, place

Size = Annotated[int, strawberry.argument(description="Number of entries of a checkpoint.")]


@strawberry.type(description="The log up to a size, signed: a note of the form C2SP tlog-checkpoint.")
class LogCheckpoint:
    """Public."""

    origin: str = strawberry.field(description="Name of the log.")
    size: int = strawberry.field(description="How many entries it speaks of.")
    root: str = strawberry.field(description="Root of the tree (RFC 6962), base64.")
    note: str = strawberry.field(description="The signed note, with the cosignatures that came for it.")

    @classmethod
    def of(cls, value: Note) -> LogCheckpoint:
        """The door from the domain."""
        said = value.checkpoint
        return cls(origin=said.origin, size=said.size, root=_text(said.root), note=str(value))


@strawberry.type(description="One line of the log: who read or wrote what, what for, on which ground.")
class LogEntry:
    """Seen by the organisation whose data it is about, and by auditors."""

    id: strawberry.ID = strawberry.field(description="Under which its proof is asked for.")
    text: str = strawberry.field(
        description="The entry as canonical JSON (RFC 8785): id, action, at, org, client, owner, subject,"
        " ground and, where there are, field, purpose, request, revision, bodyHash."
    )

    @classmethod
    def of(cls, value: Stored) -> LogEntry:
        """The door from the domain."""
        return cls(id=strawberry.ID(value.id), text=value.text)


@strawberry.type(description="One page of entries, the newest first.")
class LogEntryConnection:
    """Of the Relay connection specification."""

    nodes: list[LogEntry] = strawberry.field(description="The entries.")
    page_info: PageInfo = strawberry.field(description="Where the page lies.")


@strawberry.type(description="The proof that an entry is in the log. Hashes are base64.")
class LogInclusion:
    """Whoever has it can check it alone."""

    entry: LogEntry = strawberry.field(description="The entry.")
    salt: str = strawberry.field(
        description="Of its commitment: the leaf is the RFC 6962 hash of the canonical JSON of"
        ' {"entry": text, "salt": salt}.'
    )
    leaf: str = strawberry.field(description="Hash of the leaf.")
    index: int = strawberry.field(description="Position of the leaf, from 0.")
    path: list[str] = strawberry.field(description="The audit path (RFC 9162, 2.1.3), lowest first.")
    checkpoint: LogCheckpoint = strawberry.field(description="Whose root the path leads to.")

    @classmethod
    def of(cls, value: auditing.Inclusion) -> LogInclusion:
        """The door from the domain."""
        stored = value.stored
        return cls(
            entry=LogEntry.of(stored),
            salt=stored.salt,
            leaf=_text(leaf_hash(commitment(stored.text, stored.salt))),
            index=stored.position,
            path=[_text(part) for part in value.path],
            checkpoint=LogCheckpoint.of(value.note),
        )


@strawberry.type
class LogQuery:
    """Questions about the log."""

    @strawberry.field(description="The newest checkpoint.")
    async def log_checkpoint(self, info: Info) -> LogCheckpoint | None:
        return LogCheckpoint.of(await auditing.latest(info.context.exchange))

    @strawberry.field(description="Who read or wrote an organisation's data, the newest first.")
    async def log_entries(
        self,
        info: Info,
        first: First,
        after: After = None,
        owner: Annotated[
            str | None,
            strawberry.argument(
                description="Organisation whose data it is about; default: one's own. Of others, and `*` for"
                " all: needs `audit:read`."
            ),
        ] = None,
    ) -> LogEntryConnection | None:
        secret, listing = info.context.exchange.keys.cursor, f"log {info.context.caller.org} {owner}"
        start = place(secret, listing, after)
        before = int(start[0]) if start else LAST
        found = await auditing.entries(info.context, owner, before, check_first(first) + 1)
        shown = found[:first]
        marks = [cursor(secret, listing, [str(one.position)]) for one in (shown[:1] + shown[-1:])]
        return LogEntryConnection(
            nodes=[LogEntry.of(one) for one in shown],
            page_info=PageInfo(
                has_next_page=len(found) > first,
                has_previous_page=after is not None,
                start_cursor=marks[0] if marks else None,
                end_cursor=marks[-1] if marks else None,
            ),
        )

    @strawberry.field(description="The proof that an entry about one's own data is in the log.")
    async def log_inclusion(
        self,
        info: Info,
        entry: Annotated[strawberry.ID, strawberry.argument(description="Id of the entry.")],
    ) -> LogInclusion | None:
        return LogInclusion.of(await auditing.inclusion(info.context, entry))

    @strawberry.field(
        description="The proof (RFC 9162, 2.1.4) that the first `old` entries stand unchanged in `new`."
    )
    async def log_consistency(self, info: Info, old: Size, new: Size) -> list[str] | None:
        return [_text(part) for part in await auditing.consistency(info.context, old, new)]


@strawberry.input(description="A witness's cosignature on one of the last checkpoints.")
class CosignLogInput:
    """It counts by its key, whoever brings it."""

    idempotency_key: strawberry.ID = strawberry.field(
        description="As for every mutation; a cosignature is taken once, whatever key it comes under."
    )
    cosignature: str = strawberry.field(
        description="The signature line that `huren log cosign` prints (C2SP tlog-cosignature)."
    )


@strawberry.type
class LogMutation:
    """What witnesses send."""

    @strawberry.mutation(description="Hand in a cosignature; answers the checkpoint with all that it has.")
    async def cosign_log(
        self,
        info: Info,
        input: Annotated[CosignLogInput, strawberry.argument(description="What is handed in.")],
    ) -> LogCheckpoint | None:
        return LogCheckpoint.of(await auditing.cosign(info.context.exchange, input.cosignature))


def _text(hash: bytes) -> str:
    return b64encode(hash).decode()
