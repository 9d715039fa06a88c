"""Sealed decisions: deciding and signing in one write, finding them again, and asking the same once more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from huren import __version__
from huren.auth.scopes import DECISION_SEAL, RECOGNITION_READ
from huren.auth.seal_keys import SealKeys, published, union
from huren.auth.seals import refused, sign, verify
from huren.errors import BadInput
from huren.graph import seals, writing
from huren.graph.database import Database
from huren.graph.model.canonical import canonical
from huren.graph.model.seal import SealedDecision, SealKey
from huren.mappings import replaying, sealing
from huren.mappings.replaying import Cause, Difference
from huren.mappings.sealing import Document, Made
from huren.resolvers import recognition
from huren.resolvers.certificate_sight import NUMBERS, for_caller, seen_as, withheld
from huren.resolvers.context import Context, Exchange
from huren.resolvers.recognition import Answer, Case
from huren.resolvers.writing import write


@dataclass(frozen=True, slots=True)
class Checked:
    """A sealed decision that holds, and the key that signed it."""

    document: Document
    key: SealKey


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a seal did: the signed decision, the decision, and the write."""

    sealed: SealedDecision
    answer: Answer
    write: writing.Answer


@dataclass(frozen=True, slots=True)
class Replay:
    """The sealed question asked again: what differs, and what changed in engine and rules since."""

    answer: Answer
    differences: tuple[Difference, ...]
    causes: tuple[Cause, ...]


async def seal(ctx: Context, key: str, certificate: str, case: Case) -> Sealed:
    """Decide, sign and store; a repeated ``key`` answers the very first signature.

    The decision is made before the write begins, from what was on record at its ``known_at``. What is signed
    is what the caller may see of it.
    Raises: Forbidden, NotFound, EmptyRuleSet, Conflict for a key used for something else.
    """
    ctx.caller.require(DECISION_SEAL)
    answer = await recognition.decided(ctx, certificate, case)
    [names] = await withheld(ctx, [answer.decision])
    answer = replace(answer, decision=seen_as(answer.decision, names))

    async def prepare() -> writing.Effect:
        ours = ctx.exchange.keys.seals
        return seals.store(lambda id: _signed(id, answer, names, ours), ours.public)

    asked = {"certificate": certificate, **asdict(case)}
    done = await write(ctx, "sealDecision", key, asked, prepare)
    sealed = await seals.get(ctx.database, done.body["id"])
    if done.repeated:
        document = (await _check(ctx, sealed.jws)).document
        answer = await _shown(ctx, await _again(ctx, document))
    return Sealed(sealed, answer, done)


def _signed(id: str, answer: Answer, names: frozenset[str], keys: SealKeys) -> SealedDecision:
    with keys.signing() as by:
        made = Made(answer.revision, __version__, by.at, names)
        payload = canonical(sealing.document(answer.decision, made))
        text = sign(payload, by.key, by.alg)
    return SealedDecision(id, text, by.key.thumbprint(), by.at, sealing.digest(payload))


async def sealed_decision(ctx: Context, id: str) -> SealedDecision:
    """The sealed decision of this id. Raises: Forbidden, NotFound."""
    ctx.caller.require(RECOGNITION_READ)
    return await seals.get(ctx.database, id)


async def replay(ctx: Context, id: str | None, jws: str | None) -> Replay:
    """Check a sealed decision, by id or as it stands, and ask its question again with its two times.

    Compared is what was sealed, without the facts that were left out of it.
    Raises: Forbidden, BadInput for both or neither, BadSeal, NotFound.
    """
    ctx.caller.require(RECOGNITION_READ)
    if (id is None) == (jws is None):
        raise BadInput(
            "give exactly one of `id` and `jws`",
            "`id` 与 `jws` 须恰好提供一个",
            fix="Name the sealed decision by its id, or give its JWS.",
            fix_zh="请提供封存决定的标识,或其 JWS。",
        )
    text = (await seals.get(ctx.database, id)).jws if id is not None else jws or ""
    sealed = (await _check(ctx, text)).document
    answer = await _again(ctx, sealed)
    names = sealing.hidden_in(sealed) & NUMBERS
    made = Made(answer.revision, __version__, sealing.sealed_at(sealed), names)
    now = sealing.document(seen_as(answer.decision, names), made)
    shown = await _shown(ctx, answer)
    return Replay(shown, replaying.differences(sealed, now), replaying.causes(sealed, now))


async def _again(ctx: Context, sealed: Document) -> Answer:
    asked = sealing.question_of(sealed)
    case = Case(asked.destination, asked.purpose, asked.as_of, asked.known_at, asked.against)
    return await recognition.decided(ctx, asked.certificate, case)


async def _shown(ctx: Context, answer: Answer) -> Answer:
    [decision] = await for_caller(ctx, [answer.decision])
    return replace(answer, decision=decision)


def check(jws: str, keys: Mapping[str, SealKey]) -> Checked:
    """The decision that ``jws`` seals, by one of ``keys`` (by kid). Offline. Raises: BadSeal."""
    signed = verify(jws, keys)
    document, key = sealing.read(signed.payload), signed.key
    at = sealing.sealed_at(document)
    if not key.signs_at(at):
        raise refused(
            f"it was sealed at {sealing.written(at)}, outside the period of its key ({period(key)})",
            f"封存时刻 {sealing.written(at)} 不在密钥有效期内({period(key)})",
        )
    return Checked(document, key)


def period(key: SealKey) -> str:
    """When ``key`` signs, as an ISO 8601 interval; ``..`` where it has not ended."""
    until = ".." if key.until is None else sealing.written(key.until)
    return f"{sealing.written(key.since)}/{until}"


async def _check(ctx: Context, jws: str) -> Checked:
    return check(jws, await trusted(ctx.exchange.database, ctx.exchange.keys.seals))


async def trusted(database: Database, ours: SealKeys) -> dict[str, SealKey]:
    """The public keys of this home, and those on record of every home that shares the database, by kid."""
    return union(ours.public(), await seals.keys(database))


async def key_set(exchange: Exchange) -> dict[str, Any]:
    """Those keys as a JSON Web Key Set."""
    return published((await trusted(exchange.database, exchange.keys.seals)).values())
