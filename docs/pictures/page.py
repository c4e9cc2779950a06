"""What all drawn pictures have in common: the page around them, and turning it into a PNG."""

import html
import io
import os
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Playwright

LARGEST = 200_000  # bytes of a picture
SHARP = 1.5  # pixels of the picture for each of the page
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
STYLE = """
* { box-sizing: border-box; margin: 0 }
body { font: 15px/1.5 "Noto Sans CJK SC", "Noto Sans", "DejaVu Sans", sans-serif; color: #1f2933; background: #fff }
#picture { display: inline-block; padding: 20px; background: #f6f8fa }
.mark { display: inline-block; min-width: 20px; height: 20px; border-radius: 10px; background: #1f4e79; color: #fff;
  font: bold 12px/20px "Noto Sans", "DejaVu Sans", sans-serif; text-align: center; flex: none }
.legend { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 28px; margin-top: 16px }
.legend div { display: flex; gap: 9px; align-items: flex-start }
.legend .mark { margin-top: 1px }
"""


def launch(playwright: Playwright) -> Browser:
    """A Chromium: that of CASESHEET_CHROMIUM, or one that is installed."""
    executable = os.environ.get("CASESHEET_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    return playwright.chromium.launch(executable_path=executable, args=FLAGS)


def shoot(browser: Browser, style: str, body: str, path: Path) -> None:
    """Draw a page and keep it as a small picture. Raises ValueError where it is too large."""
    page = browser.new_page(viewport={"width": 1400, "height": 900}, device_scale_factor=SHARP)
    page.set_content(f"<style>{STYLE}{style}</style><div id=picture>{body}</div>")
    content = page.locator("#picture").screenshot()
    page.close()
    save(content, path)


def save(content: bytes, path: Path) -> None:
    """As a small picture: a palette is enough for flat colours. Raises ValueError where it is too large."""
    image = Image.open(io.BytesIO(content)).convert("RGB")
    out = io.BytesIO()
    image.quantize(128, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    if len(out.getvalue()) > LARGEST:
        raise ValueError(f"{path.name}: {len(out.getvalue())} bytes")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(out.getvalue())
    print(f"{path.parent.name}/{path.name}: {len(out.getvalue()) // 1024} kB")


def mark(text: object) -> str:
    return f"<span class=mark>{text}</span>"


def legend(texts: list[str]) -> str:
    """Numbered explanations; **bold** is bold."""
    lines = "".join(f"<div>{mark(number)}<span>{rich(text)}</span></div>" for number, text in enumerate(texts, 1))
    return f"<div class=legend>{lines}</div>"


def rich(text: str) -> str:
    """Text as HTML; what stands between pairs of ** is bold, between ` is code, and a line break stays one."""
    parts = html.escape(text).split("**")
    bold = "".join(f"<b>{part}</b>" if place % 2 else part for place, part in enumerate(parts))
    codes = bold.split("`")
    found = "".join(f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(codes))
    return found.replace("\n", "<br>")
