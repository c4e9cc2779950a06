"""What people see when something fails that nobody foresaw: no word of what it was, and a number for the log."""

import logging

import pytest
from streamlit.testing.v1 import AppTest


def test_a_fault_is_told_without_its_inside_and_logged_with_it(caplog: pytest.LogCaptureFixture) -> None:
    def page() -> None:
        from lib.ui.frame.failures import show_failure

        show_failure(KeyError("/srv/secret/path"))

    with caplog.at_level(logging.ERROR, logger="casesheet"):
        at = AppTest.from_function(page, default_timeout=20).run()
    (error,) = at.error
    assert "secret" not in error.value
    (record,) = [one for one in caplog.records if one.name == "casesheet"]
    assert record.getMessage().removeprefix("failure ") in error.value
    assert record.exc_info is not None
