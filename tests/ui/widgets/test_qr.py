"""QR codes are images that a browser shows, the same for the same address."""

import io

from PIL import Image

from lib.ui.widgets import qr


def test_a_code_is_a_png_with_a_quiet_zone() -> None:
    content = qr.png("https://desk.example.cn/track?token=abc")

    with Image.open(io.BytesIO(content)) as image:
        assert image.format == "PNG"
        grey = image.convert("L")
        assert image.width == image.height
        assert {grey.getpixel((x, 8)) for x in range(grey.width)} == {255}
        assert 0 in {grey.getpixel((x, 4 * 8 + 1)) for x in range(grey.width)}


def test_another_address_gives_another_code() -> None:
    assert qr.png("https://a.example") != qr.png("https://b.example")
    assert qr.png("https://a.example") == qr.png("https://a.example")
