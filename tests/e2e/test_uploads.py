"""Files sent to the server's own upload address, as a page does it and as somebody else would."""

import io

import pytest
from PIL import Image
from playwright.sync_api import Page, Request, expect

pytestmark = [pytest.mark.browser, pytest.mark.trial(22)]

MB = 1_048_576


def photo() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (80, 60), "teal").save(file, "JPEG")
    return file.getvalue()


def test_a_client_sends_a_photo_and_nobody_fills_the_memory(app, open_page):
    page: Page = open_page()
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method == "PUT" else None)
    app.open(page, "/report")
    page.locator("input[type=file]").set_input_files({"name": "leak.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    expect(page.get_by_text("leak.jpg")).to_be_visible()
    app.settle(page)
    (request,) = sent
    assert request.response().status == 204
    place = request.url.rpartition("/")[0]

    def put(name: str, size: int) -> int:
        """As a program would, with all that the browser sends."""
        form = {"file": {"name": name, "mimeType": "image/jpeg", "buffer": b"0" * size}}
        token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "_streamlit_xsrf")
        return page.request.put(f"{place}/{name}", multipart=form, headers={"X-Xsrftoken": token}).status

    assert put("large", 49 * MB) == 413
    assert [put(f"more{number}", 1000) for number in range(6)] == [204] * 4 + [429] * 2
    app.open(page, "/track")
    assert put("later", 1000) >= 400, "the page that offered it is gone"
