"""The only place where adapters are chosen. `open_desk` gives the Desk that everything above works on."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lib.auth.tokens import Signer, load_secret
from lib.errors import StoreUnavailable
from lib.services.desk import Desk
from lib.services.guards import guard_choices, guard_emails, guard_import_keys, guard_people, guard_steps
from lib.settings import CONFIG, ROOT, Settings, load_config, load_settings
from lib.store.commit import Committer
from lib.store.files import FileStore
from lib.store.port import Store
from lib.store.schema import SCHEMA
from lib.store.sql import SqlStore


def _utc_now() -> datetime:
    return datetime.now(UTC)


def open_store(url: str) -> Store:
    """The adapter for a store address. Raises StoreUnavailable where none fits."""
    scheme = url.partition(":")[0]
    if scheme == "sqlite":
        path = url.removeprefix("sqlite:///")
        if path and path != ":memory:":
            file = ROOT / path
            file.parent.mkdir(parents=True, exist_ok=True)
            return SqlStore(f"sqlite:///{file}")
        return SqlStore(url)
    if scheme.startswith("postgresql"):
        return SqlStore(url)
    raise StoreUnavailable(f"no adapter for {scheme}:")


def open_desk(
    settings: Settings | None = None,
    *,
    config_dir: Path = CONFIG,
    clock: Callable[[], datetime] = _utc_now,
    **overrides: Any,
) -> Desk:
    """Open the workspace that the settings name, set up its tables, and load the snapshot.

    Raises ConfigError and StoreUnavailable. A workspace without people is open, but nobody can sign in: see
    `lib.services.workspace.initialise`.
    """
    settings = settings or load_settings(config_dir, **overrides)
    config = load_config(settings, config_dir)
    store = open_store(settings.store)
    store.provision(SCHEMA)
    guards = [guard_steps(config.workflow), guard_people, guard_emails, guard_import_keys]
    committer = Committer(store, pattern=settings.pattern, zone=settings.zone, guards=guards)
    secret = settings.secret.get_secret_value() if settings.secret else None
    desk = Desk(
        settings=settings,
        config=config,
        store=store,
        committer=committer,
        files=FileStore(ROOT / settings.files_dir),
        signer=Signer(load_secret(ROOT / settings.secret_file, secret)),
        clock=clock,
    )
    guards.append(guard_choices(lambda: desk.lists))
    committer.refresh()
    return desk
