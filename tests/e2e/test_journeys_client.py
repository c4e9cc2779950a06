"""A client by herself: she reports with a photo, keeps the number, and sees what becomes of it. Nobody else does."""

import io
import re
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from lib.domain.records.case_parts import Evidence
from tests.e2e import hands
from tests.e2e.conftest import ON_BOTH_STORES, App
from tests.e2e.hands import fill, fits, press, settle, stored, whole

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("second_client"), ON_BOTH_STORES]

QUESTION = "Please send a photo of the ceiling in daylight."
NOTHING = "No case was found for this number and these digits"


def _photo() -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (320, 240), (120, 140, 90)).save(content, "JPEG")
    return content.getvalue()


def test_a_client_reports_and_follows_her_case(app: App, open_page: Callable[..., Page]):
    client = open_page(width=390, height=844, locale="en-US")
    number = _report(app, client)
    _track(app, client, number, "5678")
    body = client.get_by_test_id("stMain")
    expect(body).to_contain_text("Your report has arrived and is being looked at.")
    head = open_page(locale="en-US")
    app.sign_in(head, "head", f"/case?no={number}")
    press(head, "Ask for more")
    fill(head, "Reason for waiting", QUESTION)
    hands.date(head, "Promised on", hands.today())
    press(head, "Ask for more")
    expect(head.get_by_test_id("stMain")).to_contain_text("Needs information")
    client.reload()
    settle(client)
    expect(body).to_contain_text("We need some more information from you.")
    expect(body).to_contain_text(QUESTION)
    fits(client)
    whole(client)


def test_wrong_digits_say_no_more_than_a_wrong_number(app: App, open_page: Callable[..., Page]):
    client = open_page(width=390, height=844, locale="en-US")
    number = _report(app, client)
    stranger = open_page(width=390, height=844, locale="en-US")
    said = []
    for case_no, digits in ((number, "0000"), ("TS-2026-999999", "5678")):
        _track(app, stranger, case_no, digits)
        expect(stranger.get_by_role("alert")).to_contain_text(NOTHING)
        expect(stranger.get_by_test_id("stMain")).not_to_contain_text("Anna")
        assert "token" not in stranger.url
        said.append(stranger.get_by_role("alert").inner_text())
    assert said[0] == said[1]


def _report(app: App, page: Page) -> str:
    app.open(page, "/report")
    fits(page)
    page.get_by_label("What happened?").fill("Water has been dripping from the kitchen ceiling since last night")
    page.get_by_role("button", name="Repair").or_(page.get_by_role("radio", name="Repair")).click()
    for label, text in (("Your name", "Anna Bell"), ("Your telephone", "+86 139 1234 5678"), ("Building", "3")):
        page.get_by_label(label).fill(text)
    page.locator("input[type=file]").set_input_files(
        {"name": "ceiling.jpg", "mimeType": "image/jpeg", "buffer": _photo()}
    )
    expect(page.get_by_test_id("stFileUploader")).to_contain_text("ceiling.jpg")
    press(page, "Send")
    expect(page.get_by_role("alert")).to_contain_text("Your consent")  # refused, and nothing is lost
    expect(page.get_by_label("Your name")).to_have_value("Anna Bell")
    page.get_by_text("I agree that").click()
    press(page, "Send")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(re.compile(r"^TS-\d{4}-\d{6}$"))
    fits(page)
    number = heading.inner_text()
    case = stored(app.desk, number)
    assert (case.client_name, case.client_phone, case.kind, case.taken_by) == (
        "Anna Bell", "13912345678", "repair", "client",
    )  # fmt: skip
    photos = [one for one in app.desk.snapshot[Evidence].values() if one.case_no == number]
    assert [photo.media_type for photo in photos] == ["image/jpeg"]
    assert Image.open(io.BytesIO(app.desk.files.get(photos[0].sha256))).size == (320, 240)
    return number


def _track(app: App, page: Page, number: str, digits: str) -> None:
    app.open(page, "/track")
    page.get_by_label("Case number").fill(number)
    page.get_by_label("Last four digits").fill(digits)
    press(page, "Show the progress")
