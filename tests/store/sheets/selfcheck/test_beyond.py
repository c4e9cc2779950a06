"""The self-check beyond one spreadsheet and one account: a copy of the file, and what another account marks."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from lib.errors import BadCredentials
from lib.store.sheets.api.account import ServiceAccount, open_account, open_key
from lib.store.sheets.api.client import SheetsClient
from lib.store.sheets.selfcheck import selfcheck
from tests.google.client import key_file
from tests.store.sheets.support import NOWHERE, QUICK, Sheets, unlimited

NOW = datetime(2026, 3, 2, tzinfo=UTC)
THEIRS = "robot@other.iam.test"
pytestmark = pytest.mark.trial(40)


def other(sheets: Sheets, email: str = THEIRS) -> SheetsClient:
    """The same spreadsheet through another account, which it is shared with."""
    sheets.manager.share(email)
    account = open_account(NOWHERE, sheets.server.url)
    account.session.headers["Authorization"] = f"Bearer {email}"
    return SheetsClient(ServiceAccount(account.session, email), sheets.id, patience=QUICK, quota=unlimited())


def run(sheets: Sheets, *, with_other: SheetsClient | None = None) -> dict[str, selfcheck.Finding]:
    found = selfcheck.run(sheets.client(), other=with_other, wait=1.0, sleep=lambda _: None)
    return {finding.name: finding for finding in found}


def rules(sheets: Sheets, **changed: str) -> None:
    sheets.server.google.control({"rules": changed})


@pytest.mark.parametrize(
    ("metadata", "held", "detail"),
    [("kept", True, ""), ("renumbered", False, "no number"), ("left", False, "no marker, no number")],
)
def test_a_copy_of_a_file_is_made_looked_at_and_deleted(sheets: Sheets, metadata: str, held: bool, detail: str) -> None:
    rules(sheets, copied_metadata=metadata)
    before = set(sheets.server.store.files)
    found = run(sheets)["copy_of_file"]
    assert (found.held, found.detail, found.needed) == (held, detail, False)
    assert set(sheets.server.store.files) == before, "nothing that was made for the trial is left"


def test_an_account_that_may_make_no_file_has_seen_nothing_of_copies(sheets: Sheets) -> None:
    sheets.server.fault(method="POST", path=r"/v4/spreadsheets(\?|$)", status=403)
    found = run(sheets)
    assert not found["copy_of_file"].held
    assert "does not have permission" in found["copy_of_file"].detail
    assert found["version_follows"].held, "the rest goes on"


def test_a_copy_that_fails_leaves_no_file_behind(sheets: Sheets) -> None:
    sheets.server.fault(method="POST", path="/copy", status=403)
    before = set(sheets.server.store.files)
    assert not run(sheets)["copy_of_file"].held
    assert set(sheets.server.store.files) == before


def test_the_marks_of_another_account_are_seen_and_removed(sheets: Sheets) -> None:
    found = run(sheets, with_other=other(sheets))
    assert found["other_account"].held, found["other_account"].detail
    assert found["other_account"].needed
    assert not sheets.manager.book.metadata
    assert {"other_account", "other_project"}.isdisjoint(run(sheets)), "with one account they are not tried"


def test_a_mark_for_another_project_alone_is_told_where_it_holds_a_number_unseen(sheets: Sheets) -> None:
    """Visibility PROJECT is seen by the project that made it, and ids are of the spreadsheet: Google's reference."""
    found = run(sheets, with_other=other(sheets))["other_project"]
    assert (found.held, found.detail, found.needed) == (False, "not seen, number taken", False)
    assert not sheets.manager.book.metadata
    same_project = other(sheets, "second@loopback.test")
    assert run(sheets, with_other=same_project)["other_project"].held


def test_several_processes_are_refused_where_accounts_do_not_see_each_other(sheets: Sheets) -> None:
    rules(sheets, foreign_metadata="unseen")
    found = run(sheets, with_other=other(sheets))
    assert (found["other_account"].held, found["other_account"].detail) == (False, "not seen, number taken")
    assert selfcheck.result(list(found.values()), NOW)["writers_allowed"] is False


def test_a_key_file_opens_another_account(sheets: Sheets, tmp_path: Path) -> None:
    sheets.manager.share(THEIRS)
    account = open_key(key_file(tmp_path, sheets.server.url, THEIRS), sheets.server.url)
    assert account.email == THEIRS
    SheetsClient(account, sheets.id, patience=QUICK, quota=unlimited()).metadata("sheets.properties")
    assert sheets.server.log.entries[-1]["user"] == THEIRS


@pytest.mark.parametrize("content", [None, "{", "[]", "{}"])
def test_a_key_file_that_is_none_is_told(tmp_path: Path, content: str | None) -> None:
    key = tmp_path / "key.json"
    if content is not None:
        key.write_text(content, "utf-8")
    with pytest.raises(BadCredentials):
        open_key(key)
