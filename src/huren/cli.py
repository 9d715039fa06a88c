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
from huren.errors import HurenError
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
schemas = typer.Typer(help="The GraphQL schema.", no_args_is_help=True)
app.add_typer(tokens, name="token")
app.add_typer(seal_keys, name="seal-key")
app.add_typer(schemas, name="schema")

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
def serve_command(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 8000,
    plain_http: Annotated[
        bool, typer.Option("--plain-http", help="Allow an address that others can reach, without TLS.")
    ] = False,
) -> None:
    """Serve GraphQL on one port, until Ctrl-C."""
    from huren.commands.serve import check_host, serve

    check_host(host, plain_http)
    asyncio.run(serve(settings(), host, port))


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
