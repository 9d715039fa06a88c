"""The command `huren`. Each command is a file of `huren.commands`; what it needs is imported when it runs."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from huren import __version__
from huren.commands.console import show, tell
from huren.commands.log import logs
from huren.errors import HurenError
from huren.graph.model.supply import GwpSet, Prefer
from huren.graph.model.text import Text
from huren.settings import Settings

app = typer.Typer(
    name="huren",
    help="huren 互认: product carbon footprints with all suppliers; recognition of certificates, explained.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
tokens = typer.Typer(help="Access tokens.", no_args_is_help=True)
seal_keys = typer.Typer(help="The keys that seal decisions.", no_args_is_help=True)
clients = typer.Typer(help="Clients of the authorization server.", no_args_is_help=True)
token_keys = typer.Typer(help="The keys that access tokens are signed with.", no_args_is_help=True)
schemas = typer.Typer(help="The GraphQL schema.", no_args_is_help=True)
app.add_typer(tokens, name="token")
app.add_typer(seal_keys, name="seal-key")
app.add_typer(clients, name="client")
app.add_typer(token_keys, name="token-key")
app.add_typer(schemas, name="schema")
trusted = typer.Typer(help="Trusted documents.", no_args_is_help=True)
app.add_typer(trusted, name="documents")
app.add_typer(logs, name="log")

DAY = 8 * 60 * 60


def settings() -> Settings:
    """The settings of this process."""
    return Settings.from_env(os.environ)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"huren {__version__}")
        raise typer.Exit


@app.callback()
def huren(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """The options of all commands."""


@app.command("serve")
def serve_command(  # noqa: PLR0913, PLR0917 (each is an option)
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer.")] = 2,
    memory: Annotated[int, typer.Option(min=256, help="MiB above which a worker is replaced.")] = 1024,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate and its chain (PEM).")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its private key (PEM, not encrypted).")] = None,
    tls_proxy: Annotated[bool, typer.Option("--tls-proxy", help="A proxy in front does TLS.")] = False,
) -> None:
    """Serve GraphQL on one port, until Ctrl-C."""
    from huren.commands.exposure import Stand
    from huren.commands.serve import serve
    from huren.commands.worker import Size

    stand = Stand.of(host, tls_cert, tls_key, tls_proxy)
    asyncio.run(serve(settings(), stand, port, Size(workers, memory)))


@app.command("import")
def import_command(
    path: Annotated[Path, typer.Argument(help="A folder, its datapackage.json, or a .zip of it.")],
    org: Annotated[
        str | None, typer.Option("--as", help="Organisation to act for; default: the administrator.")
    ] = None,
) -> None:
    """Load a supply package: all of it, or nothing and a list of what is wrong."""
    from huren.commands.imports import import_path

    asyncio.run(import_path(settings(), path, org))


@app.command("export")
def export_tables_command(
    folder: Annotated[Path, typer.Argument(help="A new folder, such as graph-2026-11-30.")],
    gwp: Annotated[GwpSet, typer.Option(help="Set of GWP factors.")] = GwpSet.AR6,
    prefer: Annotated[
        Prefer, typer.Option(help="Which footprint counts where a product has both.")
    ] = Prefer.MODELLED,
) -> None:
    """Write all products, inputs and emissions with their footprints to Parquet files."""
    from huren.commands.export import export

    asyncio.run(export(settings(), folder, gwp, prefer))


@app.command("backup")
def backup_command(
    file: Annotated[Path, typer.Argument(help="A new file, such as huren-2026-11-30.backup.")],
    keys: Annotated[
        bool, typer.Option("--keys", help="With the home's private keys and checkpoints.")
    ] = False,
) -> None:
    """Write the home's database to one file, and try it. Nothing else may use the home meanwhile."""
    from huren.commands.backup import make

    asyncio.run(make(settings(), file, keys))


@app.command("restore")
def restore_command(
    file: Annotated[Path, typer.Argument(help="What `huren backup` wrote.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the database that is there.")] = False,
) -> None:
    """Put a backup in the place of the home's database: all of it, or nothing is changed."""
    from huren.commands.backup import restore

    asyncio.run(restore(settings(), file, force))


@app.command("check")
def check_command(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="TOML files or folders to lay over the shipped data.")
    ] = None,
) -> None:
    """Check schemes, rules, agreements and purposes: each problem by file, line, key, reason and fix."""
    from huren.commands.check import check

    raise typer.Exit(check(paths or ()))


@app.command("demo")
def demo_command() -> None:
    """Load the shipped packages, and print a footprint and where its certificate stands."""
    from rich.console import Console

    from huren.commands.demo import demo

    asyncio.run(demo(settings(), Console()))


@tokens.command("mint")
def mint_command(
    org: Annotated[
        str | None, typer.Option("--as", help="Organisation to act for; default: the administrator.")
    ] = None,
    scope: Annotated[
        list[str] | None, typer.Option(help="What it permits, several times; default: all of it.")
    ] = None,
    ttl: Annotated[int, typer.Option(help="Seconds it lives, at most a day.")] = DAY,
) -> None:
    """Print a bearer token, alone, on stdout."""
    from huren.commands.token import mint_token

    typer.echo(mint_token(settings(), org, scope or (), ttl))


@app.command("verify")
def verify_command(
    file: Annotated[Path, typer.Argument(help="A JWS, alone or in the JSON that the API answered.")],
    jwks: Annotated[
        Path | None, typer.Option(help="The keys of who sealed it; default: this home's own.")
    ] = None,
) -> None:
    """Check a sealed decision offline, and print what it says."""
    from huren.commands.seals import verify_file

    verify_file(settings(), file, jwks)


@seal_keys.command("rotate")
def rotate_command(
    alg: Annotated[str, typer.Option(help="Ed25519 or ES256.")] = "Ed25519",
) -> None:
    """Make a new key that seals from now on, and retire the present one."""
    from huren.commands.seals import rotate

    rotate(settings(), alg)


@seal_keys.command("list")
def list_command() -> None:
    """Print the public keys of this home, with their periods."""
    from huren.commands.seals import list_keys

    list_keys(settings())


@clients.command("create")
def create_client_command(
    name: Annotated[str, typer.Argument(help="What people call it.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(help="What it may hold, several times; default: all that its organisation's role has."),
    ] = None,
    org: Annotated[
        str | None, typer.Option("--as", help="Organisation it speaks for; default: the administrator.")
    ] = None,
    jwks: Annotated[
        Path | None, typer.Option(help="Its public keys (JWKS): it signs, and gets no secret.")
    ] = None,
    dpop: Annotated[bool, typer.Option("--dpop", help="Only tokens bound to a key of the client.")] = False,
) -> None:
    """Register a client, and print its id and, once, its secret."""
    from huren.commands.clients import create

    asyncio.run(create(settings(), name, org, scope or (), jwks, dpop))


@clients.command("list")
def list_clients_command() -> None:
    """Print every client: id, name, organisation, authentication, state, scopes."""
    from huren.commands.clients import list_all

    asyncio.run(list_all(settings()))


@clients.command("disable")
def disable_client_command(id: Annotated[str, typer.Argument(help="Its id.")]) -> None:
    """Refuse a client and all its tokens, within a second."""
    from huren.commands.clients import disable

    asyncio.run(disable(settings(), id))


@clients.command("rotate-secret")
def rotate_secret_command(id: Annotated[str, typer.Argument(help="Its id.")]) -> None:
    """Replace the secret of a client, and print the new one once."""
    from huren.commands.clients import rotate_secret

    asyncio.run(rotate_secret(settings(), id))


@token_keys.command("rotate")
def rotate_token_key_command(
    lead: Annotated[int, typer.Option(help="Seconds that it is published before it signs.")] = 600,
) -> None:
    """Make the next key that signs access tokens, and publish it."""
    from huren.commands.token_keys import rotate

    asyncio.run(rotate(settings(), lead))


@token_keys.command("list")
def list_token_keys_command() -> None:
    """Print the public keys of access tokens of this home, with their periods."""
    from huren.commands.token_keys import list_all

    list_all(settings())


@app.command("migrate")
def migrate_command() -> None:
    """Bring the database to this version: migrations, reference data, regions."""
    from huren.app import open_exchange

    async def run() -> None:
        async with open_exchange(settings(), tell):
            tell(Text(zh="数据库已就绪", en="the database is up to date"))

    asyncio.run(run())


@schemas.command("export")
def export_command() -> None:
    """Print the GraphQL schema (SDL)."""
    from huren.schema.build import printed

    typer.echo(printed(), nl=False)


@trusted.command("check")
def documents_command(
    path: Annotated[Path, typer.Argument(help="A folder of *.graphql files, or a JSON file.")],
) -> None:
    """Say under which ids documents are asked for, once each is valid."""
    from huren.commands.documents import check

    check(path)


def main() -> None:
    """The entry point: errors of ours are a sentence and a fix, without a traceback."""
    try:
        app()
    except HurenError as error:
        show(error)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
