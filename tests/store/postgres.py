"""A PostgreSQL server for the tests: one that CASESHEET_TEST_POSTGRES names, or a throw-away one of our own."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa

VARIABLE = "CASESHEET_TEST_POSTGRES"
_QUICK = "-c fsync=off -c max_connections=60 -c shared_buffers=32MB"


class Server:
    """A running server; `url` is that of its maintenance database. `stop` and `start` only where it is our own."""

    def __init__(self, url: str, folder: Path | None = None, programs: Path | None = None) -> None:
        self.url, self._folder, self._programs = sa.make_url(url), folder, programs

    @property
    def own(self) -> bool:
        return self._folder is not None

    @contextmanager
    def database(self) -> Iterator[str]:
        """The address of a new, empty database, dropped afterwards."""
        name = f"casesheet_{uuid4().hex}"
        self._admin(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        try:
            yield self.url.set(database=name).render_as_string(hide_password=False)
        finally:
            self._admin(f"DROP DATABASE {name} WITH (FORCE)")

    def start(self) -> None:
        options = f"-p {self.url.port} -c listen_addresses=127.0.0.1 -k {self._folder} {_QUICK}"
        self._control("-o", options, "-l", f"{self._folder}/log", "start")

    def stop(self) -> None:
        self._control("-m", "immediate", "stop")

    def _control(self, *words: str) -> None:
        run_as_postgres(f"{self._programs}/pg_ctl", "-w", "-D", f"{self._folder}/data", *words)

    def _admin(self, statement: str) -> None:
        engine = sa.create_engine(self.url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.execute(sa.text(statement))


def run_as_postgres(*command: str) -> None:
    """PostgreSQL refuses to run as root: then its own user does it."""
    user = "postgres" if os.geteuid() == 0 else None
    subprocess.run(command, check=True, user=user, stdout=subprocess.DEVNULL, cwd="/")


def programs() -> Path | None:
    """The folder of the newest PostgreSQL installed here, None without one (or without a user to run it as)."""
    if os.geteuid() == 0 and "postgres" not in {entry.pw_name for entry in pwd.getpwall()}:
        return None
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@contextmanager
def throw_away(folder_of_programs: Path) -> Iterator[Server]:
    """A cluster on a free loopback port, in a folder that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="casesheet-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    try:
        data = ("-D", f"{folder}/data", "-U", "casesheet", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C")
        run_as_postgres(f"{folder_of_programs}/initdb", *data)
        address = f"postgresql+psycopg://casesheet@127.0.0.1:{_free_port()}/postgres"
        server = Server(address, folder, folder_of_programs)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
