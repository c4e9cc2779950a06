"""The only place where adapters are chosen. `open_desk` returns the Desk that all upper layers use."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.auth.tokens import Signer, load_secret
from lib.config.model import Config
from lib.config.settings import CONFIG, ROOT, Settings, load_config, load_settings
from lib.desk.desk import Desk, fixed_lists
from lib.errors import StoreUnavailable
from lib.services.commit_rules.policy import CasePolicy
from lib.store.commit.loop import Committer
from lib.store.files import FileStore, s3_options
from lib.store.port import Store
from lib.store.schema import SCHEMA, declare
from lib.store.sql import SqlStore
from lib.store.whole import require_whole

if TYPE_CHECKING:
    from lib.store.sheets.api.client import SheetsClient


def _utc_now() -> datetime:
    return datetime.now(UTC)


def open_store(
    url: str, settings: Settings | None = None, config: Config | None = None, *, create: bool = False
) -> Store:
    """The adapter for a store address; with `create` the folder of a file is made. Raises StoreUnavailable where none
    fits.

    A spreadsheet (gsheets://ID) needs the settings and the rules, which are read from the usual places unless given.
    """
    scheme = url.partition(":")[0]
    if scheme == "sqlite":
        path = url.removeprefix("sqlite:///") if url.startswith("sqlite:///") else ""
        if path and path != ":memory:":
            file = ROOT / path
            if create:
                file.parent.mkdir(parents=True, exist_ok=True)
            return SqlStore(f"sqlite:///{file}")
        return SqlStore(url)
    if scheme.startswith("postgresql"):
        return SqlStore(url)
    if scheme == "gsheets":
        settings = settings or load_settings()
        config = config or load_config(settings)
        declare(config.fields.columns())
        return _open_sheets(url, settings, config)
    raise StoreUnavailable(f"no adapter for {scheme}:")


def _open_sheets(url: str, settings: Settings, config: Config) -> Store:
    """Imported late, so that a workspace in a database does not load Google's libraries."""
    from lib.store.sheets.model.options import Options
    from lib.store.sheets.selfcheck.lease import Lease
    from lib.store.sheets.setup.dropdowns import Dropdowns
    from lib.store.sheets.store import SheetsStore

    fixed = fixed_lists(config)
    options = Options(zone=settings.zone, language=settings.default_language, fixed=fixed)
    client = open_spreadsheet(url, settings)
    return SheetsStore(client, options, lease=Lease(client), dropdowns=Dropdowns(client))


def open_spreadsheet(url: str, settings: Settings, *, key: Path | None = None) -> "SheetsClient":
    """The transport to one spreadsheet, through the app's account or the one whose key is in a file.

    Raises StoreUnavailable where the address names none, and BadCredentials."""
    from lib.store.sheets.api.account import open_account, open_key
    from lib.store.sheets.api.client import SheetsClient

    spreadsheet_id = url.removeprefix("gsheets://").strip("/")
    if not url.startswith("gsheets:") or not spreadsheet_id:
        raise StoreUnavailable("gsheets://SPREADSHEET_ID")
    if key:
        account = open_key(key, settings.google_endpoint)
    else:
        account = open_account(ROOT / ".streamlit" / "secrets.toml", settings.google_endpoint)
    return SheetsClient(account, spreadsheet_id)


def open_files(settings: Settings) -> FileStore:
    """Where the files of cases are: a folder, or an address that fsspec knows. Raises ConfigError."""
    place = str(settings.files_dir)
    if "://" not in place:
        return FileStore(ROOT / place)
    if not place.startswith("s3"):
        return FileStore(place)
    return FileStore(
        place,
        s3_options(
            endpoint=settings.files_endpoint,
            key=settings.files_key,
            secret=settings.files_secret.get_secret_value(),
            addressing=settings.files_addressing,
        ),
    )


def open_desk(
    settings: Settings | None = None,
    *,
    config_dir: Path = CONFIG,
    clock: Callable[[], datetime] = _utc_now,
    create: bool = False,
    **overrides: Any,
) -> Desk:
    """Open the workspace that the settings name, bring its tables up to date, and load the snapshot.

    A workspace is created only with `create`. Raises ConfigError and StoreUnavailable, of which NoWorkspace,
    StoreTooNew, and UnfinishedCopy for one to which a move was interrupted. A workspace without people is open, but
    nobody can sign in: see `lib.services.workspace.workspace.initialise`.
    """
    settings = settings or load_settings(config_dir, **overrides)
    config = load_config(settings, config_dir)
    declare(config.fields.columns())
    store = open_store(settings.store, settings, config, create=create)
    store.provision(SCHEMA, create=create)
    secret = settings.secret.get_secret_value() if settings.secret else None
    desk = Desk(
        settings=settings,
        config=config,
        store=store,
        committer=Committer(store, pattern=settings.pattern, zone=settings.zone),
        files=open_files(settings),
        signer=Signer(load_secret(ROOT / settings.secret_file, secret)),
        clock=clock,
    )
    desk.committer.policy = CasePolicy(desk)
    desk.committer.refresh()
    require_whole(store, desk.snapshot.seq)
    desk.committer.keep_up()
    return desk
