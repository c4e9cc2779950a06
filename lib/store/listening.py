"""Immediate notification of what other processes save, if the database offers it: PostgreSQL's LISTEN and NOTIFY."""

import logging
import threading
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

log = logging.getLogger("casesheet")
CHANNEL = "casesheet"


def tell(connection: Connection) -> None:
    """With the transaction that saves: whoever listens hears of it when it is in, and not before."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_notify(CHANNEL, "")))


class Listener:
    """One connection that listens, made when first asked and anew after it was lost. For one thread at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._closed = False

    def wait(self, seconds: float) -> bool:
        """Waits until somebody saved or so many seconds have passed; returns False at once if the database cannot
        notify.
        """
        if self._engine.dialect.name != "postgresql":
            return False
        from psycopg import Error

        try:
            with self._lock:
                if self._closed:
                    return False
                for _ in self._listening().notifies(timeout=seconds, stop_after=1):
                    pass
        except (SQLAlchemyError, Error) as lost:
            log.info("no news from the database: %s", lost)
            self._drop()
            return False
        return True

    def close(self) -> None:
        """No more listening: a thread that still asks opens no connection anew."""
        self._closed = True
        self._drop()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()

    def _listening(self) -> Any:
        """The driver's own connection."""
        if self._connection is None:
            self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            self._connection.exec_driver_sql(f"LISTEN {CHANNEL}")
        return self._connection.connection.driver_connection
