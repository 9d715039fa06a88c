"""Signed notes against the published vector, and every way in which one can be wrong."""

from __future__ import annotations

from base64 import b64decode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from huren.errors import BadInput
from huren.graph.log.note import LOG, WITNESS, Checkpoint, Note, Signature, Signer, Verifier, cosigned_at

# The example of golang.org/x/mod/sumdb/note, from which C2SP signed-note comes.
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
LINE = (
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvq"
    "fqdngotpRZb6KE6RyyBwJnAM="
)
PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PRIVATE = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"

# The example of C2SP tlog-cosignature: a checkpoint with the log's line and a witness's.
EXAMPLE = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhc"
    "yv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "\u2014 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX"
    "3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)


def test_the_published_note_and_key() -> None:
    key = Verifier.read(PUBLIC)
    assert str(key) == PUBLIC
    assert str(Signature.read(LINE)) == LINE
    assert key.holds(TEXT, Signature.read(LINE))
    assert not key.holds(TEXT + "x\n", Signature.read(LINE))
    signer = Signer("PeterNeumann", LOG, Ed25519PrivateKey.from_private_bytes(b64decode(PRIVATE)[1:]))
    assert (str(signer.sign(TEXT)), str(signer.verifier)) == (LINE, PUBLIC)


def test_the_published_checkpoint_is_read_as_it_stands() -> None:
    note = Note.read(EXAMPLE)
    assert str(note) == EXAMPLE
    assert (note.checkpoint.origin, note.checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert note.checkpoint.text == note.text
    assert cosigned_at(note.signatures[1]) == 0x641850CB


def signer(kind: int) -> Signer:
    """A key."""
    return Signer("example.com/a", kind, Ed25519PrivateKey.generate())


def test_a_cosignature_is_over_text_and_time() -> None:
    witness, note = signer(WITNESS), Note.read(EXAMPLE)
    line = witness.sign(note.text, 1_700_000_000)
    assert witness.verifier.signed(note.plus([line])) == line
    assert cosigned_at(line) == 1_700_000_000
    other = Signature(line.name, line.blob[:4] + (1_700_000_001).to_bytes(8) + line.blob[12:])
    assert not witness.verifier.holds(note.text, other)
    message = f"cosignature/v1\ntime 1700000000\n{note.text}".encode()
    witness.key.public_key().verify(line.blob[12:], message)


@given(st.integers(0, 2), st.binary(min_size=1, max_size=90))
def test_no_other_bytes_hold(which: int, noise: bytes) -> None:
    key, note = signer((LOG, WITNESS)[which % 2]), Note.read(EXAMPLE)
    for blob in (noise, key.verifier.key_id + noise, key.sign(note.text).blob[:-1]):
        assert not key.verifier.holds(note.text, Signature(key.name, blob))


BODY = Checkpoint("a", 1, bytes(32)).text
BAD = [
    "",
    "\n",
    BODY,
    BODY + "\n",
    BODY + "\nno line\n",
    BODY + f"\n{LINE}",
    BODY.replace("1", "01") + f"\n{LINE}\n",
    BODY.replace("1", "-1") + f"\n{LINE}\n",
    BODY.replace("AAAA", "AAA?") + f"\n{LINE}\n",
    "a\r\n1\nAAAA\n" + f"\n{LINE}\n",
    BODY + f"\n{LINE}\n" * 2 + "\u2014 x\n",
    BODY + "\n" + f"{LINE}\n" * 101,
]


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        Note.read(text)


@pytest.mark.parametrize(
    "text", ["", "a", "a+b+c", PUBLIC.replace("c74f", "c74e"), PUBLIC.replace("+AR", "+Ag"), f"x {PUBLIC}"]
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        Verifier.read(text)


@given(st.text(max_size=200))
def test_any_text_is_a_note_or_refused(text: str) -> None:
    for read in (Note.read, Verifier.read, Signature.read):
        try:
            read(text)
        except BadInput:
            continue
