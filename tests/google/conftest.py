"""A server and a spreadsheet for each test."""

from collections.abc import Callable, Iterator
from typing import Any

import gspread
import pytest

from tests.google.server import SheetsServer

Send = Callable[..., Any]


@pytest.fixture
def sheets() -> Iterator[SheetsServer]:
    with SheetsServer() as server:
        yield server


@pytest.fixture
def book(sheets: SheetsServer) -> gspread.Spreadsheet:
    """A spreadsheet that the caller `app` owns, through gspread."""
    return sheets.client("app").create("案件台账")


@pytest.fixture
def send(sheets: SheetsServer, book: gspread.Spreadsheet) -> Send:
    """Sends the requests of one batch and gives the replies; keywords go into the body beside them."""

    def batch(*requests: dict[str, Any], **more: Any) -> Any:
        answer = book.batch_update({"requests": list(requests), **more})
        return answer if more else answer["replies"]

    return batch


def cells(*values: Any) -> dict[str, Any]:
    """RowData of typed values."""
    kinds = {bool: "boolValue", int: "numberValue", float: "numberValue", str: "stringValue"}
    return {"values": [{} if v is None else {"userEnteredValue": {kinds[type(v)]: v}} for v in values]}
