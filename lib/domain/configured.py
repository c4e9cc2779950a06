"""What the parts of a config file have in common."""

from pydantic import BaseModel, ConfigDict, Field


class Configured(BaseModel):
    """A part of a config file. An unknown key is an error, so that a mistyped key is not ignored silently."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Labelled(Configured):
    """A part with a name for people, in Chinese and in English."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def label(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en
