"""Reply templates 话术: texts for the client by situation, with blanks such as {client} that the case fills."""

import re
from collections.abc import Iterator
from string import Formatter
from typing import Final

from pydantic import Field, field_validator, model_validator

from lib.domain.configured import Configured, Labelled

BLANK: Final = "［{}］"
"""How a blank that is filled in by hand looks in a text."""
_BLANKS = re.compile("［[^［］]*］")
PLACEHOLDERS = (
    "client", "case_no", "title", "stage", "due", "promised", "visit", "agency", "phone", "handler", "today",
)  # fmt: skip
"""What a text may ask for, in braces."""


class Reply(Labelled):
    """One template. `moves` are the steps in whose form it is offered; without any, it is for notes only."""

    key: str = Field(min_length=1)
    moves: tuple[str, ...] = ()
    zh_text: str = Field(min_length=1)
    en_text: str = Field(min_length=1)

    @field_validator("zh_text", "en_text")
    @classmethod
    def _known_placeholders(cls, text: str) -> str:
        for name in placeholders(text):
            if name not in PLACEHOLDERS:
                raise ValueError(f"no placeholder {{{name}}}; there are {', '.join(PLACEHOLDERS)}")
        return text

    def text(self, language: str) -> str:
        return self.zh_text if language.startswith("zh") else self.en_text


class RepliesConfig(Configured):
    """config/replies.toml."""

    reply: tuple[Reply, ...] = ()

    @model_validator(mode="after")
    def _each_key_once(self) -> "RepliesConfig":
        keys = [reply.key for reply in self.reply]
        for key in keys:
            if keys.count(key) > 1:
                raise ValueError(f"two templates {key!r}")
        return self

    def for_move(self, move: str) -> tuple[Reply, ...]:
        """The templates for the form of a step."""
        return tuple(reply for reply in self.reply if move in reply.moves)


def placeholders(text: str) -> Iterator[str]:
    """The names in braces. Raises ValueError where the braces are not in pairs."""
    for _, name, spec, conversion in Formatter().parse(text):
        if name is not None:
            yield name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")


def blanks_left(text: str) -> list[str]:
    """The blanks that nobody has filled in yet."""
    return _BLANKS.findall(text)
