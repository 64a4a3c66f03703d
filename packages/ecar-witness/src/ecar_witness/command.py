"""`ecar-witness key` and `ecar-witness run`: everything lies in one folder."""

import argparse
import os
import sys
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ecar_witness import notes
from ecar_witness.memory import Memory
from ecar_witness.notes import WITNESS, Key, Malformed
from ecar_witness.server import Server
from ecar_witness.witness import Witness


def main(arguments: list[str] | None = None) -> int:
    """Do what the arguments ask; 2 for wrong use."""
    given = _parser().parse_args(arguments)
    key = ensure_key(given.folder / "key.pem")
    public = Key(given.name, WITNESS, key.public_key().public_bytes_raw())
    if given.task == "key":
        sys.stdout.write(f"{public}\n")
        return 0
    try:
        logs = [notes.read_key(text) for text in given.log]
    except Malformed as malformed:
        sys.stderr.write(f"--log: {malformed}\n")
        return 2
    server = Server((given.host, given.port), made(given.name, key, logs, given.folder))
    sys.stdout.write(f"{public}\nlistening on {given.host}:{server.server_address[1]}\n")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        return 0
    finally:
        server.server_close()
    return 0


def made(name: str, key: Ed25519PrivateKey, logs: list[Key], folder: Path) -> Witness:
    """A witness whose memory and evidence lie in a folder."""
    memory = Memory(folder / "witness.sqlite")
    return Witness(name=name, key=key, logs=logs, memory=memory, evidence=folder / "evidence")


def ensure_key(path: Path) -> Ed25519PrivateKey:
    """The key in the PEM file, made first (mode 600) if there is none. Raises ValueError for another kind of key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        pem = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{path} does not hold an Ed25519 key")
    return key


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ecar-witness", description="Witness public logs (C2SP tlog-witness).")
    tasks = parser.add_subparsers(dest="task", required=True, metavar="task")
    for task, told in (("key", "show the verifier key, made if need be"), ("run", "answer requests to sign")):
        each = tasks.add_parser(task, help=told, description=told)
        each.add_argument("--name", required=True, help="name of the witness, such as witness.example.eu/w1")
        each.add_argument("--folder", type=Path, default=Path("ecar-witness"), help="for key, memory and evidence")
    each.add_argument("--log", action="append", required=True, metavar="KEY", help="verifier key of a log to watch")
    each.add_argument("--host", default="127.0.0.1")
    each.add_argument("--port", type=int, default=8700)
    return parser
