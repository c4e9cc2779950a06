"""What people typed, shown as they typed it where Streamlit reads Markdown."""

import re

_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^=])")


def plain(text: str) -> str:
    """The text with every mark of Markdown, colours, icons and links made harmless, on one line."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))
