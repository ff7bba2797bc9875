"""`rowhouse certs …`: certificates for the parts that stand behind the front door, by an authority of one's own.

public/  ca.crt, which clients trust, and each part's certificate
keys/    each part's key, for that part alone
ca.key   what signs; better kept somewhere else
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from rowhouse.kit.certificates import Certificate, days_left, issue, make_authority

app = typer.Typer(no_args_is_help=True, help="Certificates of the internal parts.")

AUTHORITY = "Rowhouse's internal parts"
NAMES: Mapping[str, Sequence[str]] = {
    part: (part, "localhost", "127.0.0.1") for part in ("postgres", "pgbouncer", "valkey", "mosquitto")
}
"""The parts, with the names they are reached by."""
BUNDLE, SIGNER = Path("public/ca.crt"), Path("ca.key")
WARN_DAYS = 30
Folder = Annotated[Path, typer.Argument(help="where they are kept")]


@app.callback()
def group() -> None:
    """Certificates."""


@app.command()
def make(
    folder: Folder,
    name: Annotated[
        list[str] | None,
        typer.Option(help="a part that is reached by another name too: postgres=db.internal"),
    ] = None,
) -> None:
    """Make an authority and a certificate for each part; refuses to replace any."""
    if (folder / SIGNER).exists() or (folder / BUNDLE).exists():
        _fail(f"{folder} holds an authority already: rotate it")
    names = _names(name or ())
    for made, mode in ((folder, 0o711), (folder / "public", 0o755), (folder / "keys", 0o700)):
        made.mkdir(mode=mode, parents=True, exist_ok=True)
    authority = make_authority(AUTHORITY)
    _write(folder / SIGNER, authority.key_pem, secret=True)
    _write(folder / BUNDLE, authority.pem)
    for part, known in names.items():
        _issue(folder, authority, part, known)
    typer.echo(
        f"{folder / BUNDLE} is what clients trust; each part has its folder with server.crt and server.key."
    )


@app.command()
def rotate(
    folder: Folder,
    authority: Annotated[
        bool, typer.Option("--authority", help="a new authority too; the former is trusted beside it")
    ] = False,
) -> None:
    """Give each part a new key and certificate for the same names. Then reload the parts (docs/operations/tls.md)."""
    signer = _signer(folder)
    if authority:
        bundle = (folder / BUNDLE).read_bytes()
        newest = x509.load_pem_x509_certificates(bundle)[0].public_bytes(Encoding.PEM)
        signer = make_authority(AUTHORITY)
        # The new one first; of the former ones only the last: two rotations end the trust in a lost key.
        _write(folder / BUNDLE, signer.pem + newest)
        _write(folder / SIGNER, signer.key_pem, secret=True)
    for path in _leaves(folder):
        _issue(folder, signer, path.stem, _names_of(path))
    typer.echo("Rotated.")


@app.command()
def check(
    folder: Folder,
    days: Annotated[int, typer.Option(help="fewer days left than this is a failure")] = WARN_DAYS,
) -> None:
    """Say how long each is good for; fails when one ends soon."""
    soon = False
    for path in (folder / BUNDLE, *_leaves(folder)):
        left = days_left(x509.load_pem_x509_certificates(path.read_bytes())[0])
        soon |= left < days
        typer.secho(f"{path.relative_to(folder)}: {left} days", fg="red" if left < days else None)
    if soon:
        raise typer.Exit(1)


def _names(more: Sequence[str]) -> dict[str, list[str]]:
    names = {part: list(known) for part, known in NAMES.items()}
    for one in more:
        part, found, other = one.partition("=")
        if part not in names or not found or not other:
            _fail(f"--name takes a part ({', '.join(names)}), '=' and a name, not {one!r}")
        names[part].append(other)
    return names


def _names_of(path: Path) -> list[str]:
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(one.value) for one in found]


def _signer(folder: Path) -> Certificate:
    try:
        key = (folder / SIGNER).read_bytes()
        certificate = x509.load_pem_x509_certificates((folder / BUNDLE).read_bytes())[0]
        return Certificate.of_pem(certificate.public_bytes(Encoding.PEM), key)
    except (FileNotFoundError, ValueError) as error:
        _fail(f"{folder} holds no authority ({BUNDLE} and its {SIGNER}): {error}")


def _leaves(folder: Path) -> Iterator[Path]:
    return (path for path in sorted((folder / "public").glob("*.crt")) if path.name != BUNDLE.name)


def _issue(folder: Path, authority: Certificate, part: str, names: Sequence[str]) -> None:
    made = issue(authority, names)
    _write(folder / "keys" / f"{part}.key", made.key_pem, secret=True)
    _write(folder / "public" / f"{part}.crt", made.pem)


def _write(path: Path, content: bytes, *, secret: bool = False) -> None:
    """In one step: a part that reloads meanwhile reads the old or the new."""
    staged = path.with_name(f".{path.name}.new")
    staged.unlink(missing_ok=True)
    staged.touch(mode=0o600 if secret else 0o644)
    staged.write_bytes(content)
    staged.replace(path)


def _fail(message: str) -> NoReturn:
    typer.secho(message, fg="red", err=True)
    raise typer.Exit(1)
