"""Every error in words: no reason code without its words, in both languages, whatever the facts."""

import ast
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from lib import errors
from lib.auth.passwords import Weakness
from lib.domain.records.lists import Lists
from lib.domain.records.workspace import ListItem
from lib.domain.text import phones
from lib.domain.text.uploads import MEGABYTE, BadUpload, UploadProblem
from lib.domain.time import written
from lib.errors import Clash, Difference, Problem
from lib.i18n import in_language
from lib.store.schema import SCHEMA
from lib.tabular import table
from lib.tabular.writing import CellTooLong
from lib.words.errors import KNOWN_ERRORS, explain
from lib.words.names import field_name, reason_words
from lib.words.reasons import REASONS

LIB = Path(__file__).resolve().parents[2] / "lib"
_CODED = {"Problem": 1, "BadCell": 0, "HealthProblem": 4}


def codes_in_source() -> Iterator[tuple[str, str]]:
    """Every reason code that is written out in lib/, with its place."""
    for path in sorted(LIB.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _CODED:
                at = _CODED[node.func.id]
                named = [word.value for word in node.keywords if word.arg in ("code", "reason")]
                for given in [*node.args[at : at + 1], *named]:
                    yield from ((code, f"{path.name}:{given.lineno}") for code in _constants(given))


def _constants(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _constants(node.body)
        yield from _constants(node.orelse)


def test_every_code_in_the_source_has_words() -> None:
    found = dict(codes_in_source())
    assert len(found) > 30
    assert {code: place for code, place in found.items() if code not in REASONS} == {}


@pytest.mark.parametrize(
    "codes",
    [
        {f"phone_{reason}" for reason in get_args(phones.Reason)},
        {f"date_{why}" for why in get_args(written.Why)},
        {weakness.value for weakness in Weakness},
    ],
    ids=["phones", "dates", "passwords"],
)
def test_every_code_that_is_put_together_has_words(codes: set[str]) -> None:
    assert codes - set(REASONS) == set()


WRONG: tuple[Any, ...] = (
    "x",
    "x" * 60_000,
    -1,
    99,
    1.5,
    float("nan"),
    None,
    [],
    {},
    True,
    "\ud800",
    datetime(2026, 1, 1),  # noqa: DTZ001
)


def test_every_code_of_a_record_type_has_words() -> None:
    """Each field of each record is given wrong values; whatever its type answers must be known."""
    missing = {}
    for tab in SCHEMA.values():
        for name in tab.columns:
            for value in WRONG:
                try:
                    tab.model.model_validate({name: value})
                except ValidationError as wrong:
                    found = {error["type"]: (tab.name, name, str(value)[:20]) for error in wrong.errors()}
                    missing |= {code: place for code, place in found.items() if code not in REASONS}
    assert missing == {}


LISTS = Lists([ListItem(item_id="stage.new", list_name="stage", code="new", zh="待研判", en="New")])
UNTIL = datetime(2026, 3, 2, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
EXAMPLES: list[tuple[Exception, str, str]] = [
    (errors.InvalidFields("cases", [Problem("client_phone", "missing")]), "客户电话", "Client phone"),
    (errors.InvalidFields("cases", [Problem("channel", "unknown_choice", "鸽子")]), "鸽子", "鸽子"),
    (
        errors.InvalidFields("mapping", [Problem("columns.a", "value_error", facts={"why": "because"})]),
        "because",
        "columns.a",
    ),
    (errors.NotAllowed("case.assign"), "", ""),
    (errors.NotAllowed("case.assign", record="TS-1"), "TS-1", "TS-1"),
    (errors.WrongStage(case_no="TS-1", stage="new", move="close"), "待研判", "New"),
    (errors.WrongStage(case_no="TS-1", stage="new", move="close", why="own"), "TS-1", "TS-1"),
    (errors.Conflict([Clash("cases", "TS-1", "stage", "a", "new", "b")]), "待研判", "New"),
    (errors.Conflict([Clash("cases", "TS-1", "", "", None, None)]), "TS-1", "TS-1"),
    (errors.NotFound("cases", "TS-1"), "案件", "Cases"),
    (errors.AlreadyExists("lists", "a"), "列表", "Lists"),
    (errors.ChangedSince("imp-1", ["TS-1"]), "TS-1", "TS-1"),
    (errors.CannotMove("other_data", [Difference("cases", "TS-1", "changed", ("stage",))]), "阶段", "Stage"),
    *((errors.CannotMove(why), "", "") for why in ("unfit", "by_hand", "unfinished", "source_changed", "in_use")),
    *(
        (errors.SignInFailed(why), "", "")
        for why in ("wrong", "busy", "expired", "locked", "stranger", "issuer", "tenant", "unverified", "undated")
    ),
    (errors.SessionEnded(), "", ""),
    (errors.ConfigError("app.toml", "store", "gone"), "app.toml", "app.toml"),
    (errors.StoreBusy(), "", ""),
    (errors.NoWorkspace("data/office.db"), "", ""),
    (errors.UnfinishedCopy(0, 7), "", ""),
    (errors.TableMissing("cases"), "案件", "Cases"),
    (errors.StoreTooNew("9.1", "1.4"), "", ""),
    (errors.NoDemoHere("cases", 3), "", ""),
    (errors.DemoHere(), "演示", "demo"),
    (errors.OpeningFailed("7A3F", "KeyError"), "7A3F", "7A3F"),
    (errors.StoreUnavailable("password=hidden"), "", ""),
    (errors.WriteTooLarge(3, 2), "", ""),
    (errors.FileLost("5e", "missing"), "找不到", "missing"),
    (errors.FileLost("5e", "damaged"), "校验值", "checksum"),
    (errors.FilesUnavailable("timed out"), "无法访问", "cannot be reached"),
    (errors.NoAccess("app@example.iam", "hidden"), "app@example.iam", "app@example.iam"),
    (errors.SpreadsheetMissing("1abc"), "1abc", "1abc"),
    (errors.TabMissing("cases"), "案件", "Cases"),
    (errors.TabMissing("archive"), "案件归档", "Archived cases"),
    (errors.HeaderMissing("cases", ["title"]), "标题", "Title"),
    (errors.HeaderMissing("archive", ["title", "community"]), "标题、小区", "Title, Community"),
    (errors.HeaderTwice("cases", ["title"]), "标题", "Title"),
    (errors.CellsProtected("app@example.iam", "hidden"), "app@example.iam", "app@example.iam"),
    (errors.ApiDisabled("hidden"), "Google Drive API", "Google Drive API"),
    (errors.DriveFull("app@example.iam", "hidden"), "app@example.iam", "app@example.iam"),
    (errors.QuotaExceeded("hidden"), "", ""),
    (errors.QuotaExceeded("hidden", 120.0), "2分钟", "2 minutes"),
    (errors.QuotaExceeded("hidden", float("inf")), "1440分钟", "1440 minutes"),
    (errors.NetworkDown("hidden"), "", ""),
    (errors.NetworkDown("hidden", 61.0), "2分钟", "2 minutes"),
    (errors.SeveralWriters(UNTIL), "", ""),
    *((errors.BadCredentials(reason, "hidden"), "", "") for reason in ("missing", "invalid", "refused")),
    (
        BadUpload(UploadProblem.TOO_LARGE, "a.png", size=60_000_000, limit=50 * MEGABYTE),
        "不能超过50 MB",
        "50 MB are allowed",
    ),
    (CellTooLong(sheet="案件", row=3, column="描述", length=40_000), "40000", "40000"),
    (errors.NoDemoHere("accounts", 3), "3", "3"),
    (errors.OpeningFailed("a1b2", "KeyError"), "a1b2", "a1b2"),
    (errors.StoreTooNew("2.9", "1.30"), "", ""),
    (errors.NoWorkspace("sqlite:///hidden.db"), "", ""),
    (errors.UnfinishedCopy(0, 12), "", ""),
    *((errors.SurveyClosed("s1", why), "", "") for why in ("answered", "expired")),
    *((table.UnreadableTable(reason, line=7, limit=9, sheet="表"), "", "") for reason in get_args(table.Reason)),
    *((BadUpload(problem, "a.exe"), "", "") for problem in UploadProblem),
]


@pytest.mark.parametrize(("error", "zh", "en"), EXAMPLES, ids=lambda value: type(value).__name__)
def test_every_error_is_told_in_both_languages(error: Exception, zh: str, en: str) -> None:
    assert isinstance(error, KNOWN_ERRORS)
    for language, expected in (("zh_CN", zh), ("en", en)):
        with in_language(language):  # type: ignore[arg-type]
            text = "\n".join(explain(error, lists=LISTS))
        assert expected in text
        assert text
        assert "{" not in text
        assert "hidden" not in text


def test_every_kind_of_our_errors_has_its_own_words() -> None:
    general = explain(RuntimeError("x"))
    internal = {errors.CasesheetError, errors.Refused}
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.CasesheetError)
    ]
    told = {type(error) for error, _, _ in EXAMPLES}
    store = {errors.StoreError, errors.StaleSequence, errors.OutcomeUnknown}
    assert set(kinds) - internal - told - store == set()
    assert [explain(kind("x")) for kind in store] != [general] * 3


def test_unknown_codes_and_fields_do_not_fail() -> None:
    with in_language("en"):
        assert reason_words("never heard of") == "is not valid"
        assert field_name("cases", "nothing") == "nothing"
        assert field_name("nothing", "where") == "Condition"
