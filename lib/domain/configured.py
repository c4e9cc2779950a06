"""What the parts of a config file have in common."""

from pydantic import BaseModel, ConfigDict, Field


class Configured(BaseModel):
    """A part of a config file: a key that it does not know is an error, not a word nobody hears."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Labelled(Configured):
    """A part with a name for people, in Chinese and in English."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def label(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en
