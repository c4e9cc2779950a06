"""The public report: open to everybody, loses nothing, answers with a receipt, and takes one case for one report."""

import pytest
from streamlit.testing.v1 import AppTest

from lib.auth.rate_limit import RateLimiter
from lib.desk.desk import Desk
from lib.domain.records.case import Case
from lib.domain.records.case_parts import Evidence
from lib.i18n import in_language, t
from lib.services.cases import tracking
from lib.ui.frame import public_page
from tests.pages.conftest import OpenPage

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
TEXT = "厨房漏水 *很急* <b>$5$</b>"


@pytest.fixture(autouse=True)
def fresh_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in public_page.LIMITS:
        monkeypatch.setitem(public_page.LIMITS, name, RateLimiter(20, 1))


def _fill(at: AppTest, phone: str = "19900001234", *, form: str = "report") -> None:
    at.text_area(key=f"{form}.description").input(TEXT)
    at.pills(key=f"{form}.kind").set_value("repair")
    at.text_input(key=f"{form}.client_name").input("王小明")
    at.text_input(key=f"{form}.client_phone").input(phone)
    at.text_input(key=f"{form}.community").input("阳光花园")
    at.checkbox(key=f"{form}.consent").check()


def _send(at: AppTest) -> AppTest:
    send = next(button for button in at.button if button.form_id.startswith("report"))
    return send.click().run()


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_the_form_in_both_languages_without_anything_of_the_staff(open_page: OpenPage, language: str) -> None:
    at = open_page("report", language=language)

    assert not at.exception
    with in_language(language):  # type: ignore[arg-type]
        assert at.header[0].value == t("Report a problem")
        assert at.text_area(key="report.description").label.startswith(t("What happened?"))
    assert not at.sidebar.children
    assert any("tel:" in block.value for block in at.markdown)


def test_a_report_ends_in_a_receipt(open_page: OpenPage, desk: Desk) -> None:
    at = open_page("report", language="en")
    at.file_uploader(key="report.files").set_value(("漏水.png", PNG, "image/png"))
    _fill(at)

    _send(at)

    assert not at.exception
    (case,) = desk.snapshot[Case].values()
    assert (case.description, case.channel, case.taken_by) == (TEXT, "website", "client")
    assert [evidence.case_no for evidence in desk.snapshot[Evidence].values()] == [case.case_no]
    assert at.title[0].value == case.case_no
    shown = tracking.track_by_token(desk, str(at.query_params["token"]))
    assert shown is not None
    assert shown.case_no == case.case_no
    assert "/track?token=" in at.code[0].value


def test_the_receipt_survives_a_reload(open_page: OpenPage, desk: Desk) -> None:
    at = open_page("report")
    _fill(at)
    _send(at)

    again = open_page("report", token=str(at.query_params["token"]))

    assert again.title[0].value == at.title[0].value


def test_an_error_keeps_what_was_typed(open_page: OpenPage, desk: Desk) -> None:
    at = open_page("report", language="en")
    _fill(at, phone="123")

    _send(at)

    assert len(desk.snapshot[Case]) == 0
    assert "Your telephone" in at.error[0].value
    assert at.text_area(key="report.description").value == TEXT
    assert at.text_input(key="report.client_phone").value == "123"
    assert at.pills(key="report.kind").value == "repair"


def test_a_program_in_disguise_is_refused_with_the_form_kept(open_page: OpenPage, desk: Desk) -> None:
    at = open_page("report", language="en")
    at.file_uploader(key="report.files").set_value(("photo.png", b"MZ\x90", "image/png"))
    _fill(at)

    _send(at)

    assert len(desk.snapshot[Case]) == 0
    assert "photo\\.png" in at.error[0].value
    assert at.text_input(key="report.client_name").value == "王小明"


def test_a_second_report_is_a_second_case(open_page: OpenPage, desk: Desk) -> None:
    at = open_page("report", language="en")
    _fill(at)
    _send(at)

    next(button for button in at.button if button.label == "Report something else").click().run()
    assert at.text_area(key="report.1.description").value == ""
    _fill(at, form="report.1")
    _send(at)

    assert len(desk.snapshot[Case]) == 2


def test_too_many_reports_from_one_address_wait(
    open_page: OpenPage, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(public_page.LIMITS, "report", RateLimiter(1, 0.0001))
    monkeypatch.setattr(public_page, "client_address", lambda: "203.0.113.7")
    at = open_page("report", language="en")
    _fill(at, phone="123")
    _send(at)

    at.text_input(key="report.client_phone").input("19900001234")
    _send(at)

    assert len(desk.snapshot[Case]) == 0
    assert len(at.warning) == 1
    assert at.text_area(key="report.description").value == TEXT


def test_the_hidden_field_catches_programs(open_page: OpenPage, desk: Desk) -> None:
    at = open_page("report", language="en")
    _fill(at)
    at.text_input(key="report_trap").input("https://spam.example")

    _send(at)

    assert len(desk.snapshot[Case]) == 0
    assert len(at.error) == 1


@pytest.mark.trial(29)
def test_one_refused_photo_keeps_back_neither_the_others_nor_the_report(open_page: OpenPage, desk: Desk) -> None:
    at = open_page("report", language="en")
    photos = [("mmexport1.jpg", PNG, "image/jpeg"), ("photo.png", b"MZ\x90", "image/png")]
    at.file_uploader(key="report.files").set_value(photos)
    _fill(at)

    _send(at)

    (kept,) = desk.snapshot[Evidence].values()
    assert (kept.name, kept.media_type) == ("mmexport1.png", "image/png")
    assert at.title[0].value == kept.case_no
    assert "photo\\.png" in at.warning[0].value
