"""The languages that the interface speaks."""

from typing import Final, Literal

Language = Literal["zh_CN", "en"]

LANGUAGES: Final[tuple[Language, ...]] = ("zh_CN", "en")
DEFAULT: Final[Language] = "zh_CN"

_BY_PRIMARY_TAG: Final[dict[str, Language]] = {"zh": "zh_CN", "en": "en"}


def pick(language_tag: str | None, default: Language = DEFAULT) -> Language:
    """The language for a browser's BCP 47 tag such as "zh-CN" or "en-US"; all Chinese gets zh_CN."""
    primary = (language_tag or "").strip().replace("_", "-").partition("-")[0].lower()
    return _BY_PRIMARY_TAG.get(primary, default)
