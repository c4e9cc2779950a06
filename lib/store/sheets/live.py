"""The store as the app uses it: it also keeps dropdowns up to date, and writers apart where they must be."""

import logging
from dataclasses import replace

from lib.domain.records.people import Staff
from lib.domain.records.workspace import ListItem
from lib.errors import StoreError
from lib.i18n import pick
from lib.store.codec import decode
from lib.store.port import Load, Pull, Write
from lib.store.schema import SCHEMA
from lib.store.sheets.api.client import SheetsClient
from lib.store.sheets.model.options import Options
from lib.store.sheets.selfcheck.selfcheck import SETTING, writers_allowed
from lib.store.sheets.setup.choices import Words
from lib.store.sheets.setup.dropdowns import Dropdowns
from lib.store.sheets.store import SheetsStore
from lib.store.sheets.write.lease import Lease

log = logging.getLogger("casesheet")


class LiveStore(SheetsStore):
    """A `SheetsStore` whose writes ask the result of the self-check first (see `Lease`)."""

    def __init__(self, client: SheetsClient, options: Options | None = None, *, lease: Lease | None = None) -> None:
        super().__init__(client, options)
        self._lease, self._dropdowns = lease or Lease(client), Dropdowns(client)
        self._followed: object = None

    def pull(self, since: int | None) -> Pull:
        pulled = super().pull(since)
        self._follow()
        return pulled

    def write(self, write: Write) -> None:
        self._ask()
        super().write(write)

    def load(self, load: Load) -> None:
        self._ask()
        super().load(load)

    def _ask(self) -> None:
        with self._lock:
            setting = self._records["settings"].app.get(SETTING, {}).get("value")
            if not writers_allowed(self._selfcheck or str(setting or "")):
                self._lease.hold()

    def _follow(self) -> None:
        """After new words were read. It may be done the next time: nothing depends on it but what dropdowns offer."""
        with self._lock:
            if self._cells.words is self._followed:
                return
            self._followed = self._cells.words
            words = self._words()
            if not words.items:
                return  # the workspace is not set up yet; the dropdowns offer what it will begin with
            try:
                self._dropdowns.follow(replace(words, items=[*words.items, *self._options.fixed]))
            except StoreError as failed:
                log.info("the dropdowns could not be brought up to date: %s", failed)
                self._followed = None

    def _words(self) -> Words:
        items = [one for one in self._known("lists") if isinstance(one, ListItem)]
        staff = [one for one in self._known("staff") if isinstance(one, Staff)]
        return Words(pick(self._options.language), items, staff, self._former.texts)

    def _known(self, name: str) -> list[object]:
        return list(decode(SCHEMA[name], list(self._records[name].app.values()))[0])
