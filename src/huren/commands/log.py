"""`huren log`: checkpoints, copies, checks and cosignatures of the audit log."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from huren.commands.console import tell
from huren.graph.model.text import Text
from huren.settings import Settings

logs = typer.Typer(help="The audit log: checkpoints, copies, checks, cosignatures.", no_args_is_help=True)

Keys = Annotated[
    list[str] | None, typer.Option("--witness-key", help="A witness's key that has to have signed.")
]


def settings() -> Settings:
    """The settings of this process."""
    return Settings.from_env(os.environ)


@logs.command("checkpoint")
def checkpoint_command() -> None:
    """Sign the log as it is now, and print the checkpoint."""
    from huren.commands.log_home import checkpoint

    typer.echo(str(asyncio.run(checkpoint(settings()))), nl=False)


@logs.command("key")
def key_command(
    witness: Annotated[bool, typer.Option("--witness", help="The key that cosigns others' logs.")] = False,
) -> None:
    """Print the public key of this home's log."""
    from huren.auth.log_keys import LogKeys

    keys = LogKeys(settings().home)
    typer.echo(str((keys.witness() if witness else keys.signer()).verifier))


@logs.command("trust")
def trust_command(key: Annotated[str, typer.Argument(help="The witness's public key.")]) -> None:
    """Count the cosignatures of a witness from now on."""
    from huren.auth.log_keys import LogKeys
    from huren.graph.log.note import Verifier

    LogKeys(settings().home).trust(Verifier.read(key))


@logs.command("export")
def export_command(
    file: Annotated[Path, typer.Argument(help="Where to write.")],
    entries: Annotated[bool, typer.Option("--entries", help="With what the entries say, and salts.")] = False,
) -> None:
    """Write leaf hashes and checkpoints to a file; alone they disclose nothing."""
    from huren.commands.log_home import export

    size = asyncio.run(export(settings(), file, entries))
    tell(Text(f"已导出 {size} 条", f"{size} entries exported"))


@logs.command("verify")
def verify_command(
    file: Annotated[
        Path | None, typer.Argument(help="An exported log; default: this home's database.")
    ] = None,
    checkpoint: Annotated[
        list[Path] | None, typer.Option(help="A checkpoint that somebody kept; several times.")
    ] = None,
    against: Annotated[
        Path | None, typer.Option(help="An export of before, which must be its start.")
    ] = None,
    log_key: Annotated[
        str | None, typer.Option("--log-key", help="The log's public key; default: this home's.")
    ] = None,
    witness_key: Keys = None,
) -> None:
    """Check the whole log: every entry, every hash, every signature. Says what is wrong, and where."""
    from huren.commands.log_verify import Asked, verify

    asked = Asked(file, tuple(checkpoint or ()), against, log_key, tuple(witness_key or ()))
    raise typer.Exit(asyncio.run(verify(settings(), asked)))


@logs.command("erase")
def erase_command(
    id: Annotated[str, typer.Argument(help="Id of the entry.")],
    ground: Annotated[str, typer.Option(help="On which ground, such as the number of a ruling.")],
) -> None:
    """Remove what an entry says, for good. Its leaf stays; that it was erased is itself logged."""
    from huren.commands.log_home import erase

    asyncio.run(erase(settings(), id, ground))
    tell(Text(f"已删除条目 {id} 的内容", f"erased what the entry {id} said"))


@logs.command("cosign")
def cosign_command(
    source: Annotated[str, typer.Argument(help="Address of the other exchange, or an exported log.")],
    log_key: Annotated[
        str | None, typer.Option("--log-key", help="Public key of that log; needed the first time.")
    ] = None,
) -> None:
    """Cosign the log of another exchange, if it goes on from what was seen of it here before.

    At an address the cosignature is handed in with the token in HUREN_TOKEN; it is printed in any case.
    """
    from huren.commands.log_cosign import cosign

    typer.echo(str(cosign(settings(), source, log_key, os.environ.get("HUREN_TOKEN", ""))))
