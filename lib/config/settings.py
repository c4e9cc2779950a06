"""Settings and configuration, read once. A failure names the file and the key.

The sources of a setting, in order of precedence: an environment variable CASESHEET_<NAME>, `[casesheet]` in
.streamlit/secrets.toml, config/app.toml. The rules of the trade come from the other files of config/.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, StringConstraints, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from lib.config.holidays import HolidaysFile
from lib.config.model import Config
from lib.config.references import check_names
from lib.domain.clocks.clocks import SlaConfig
from lib.domain.dangers.config import DangersConfig
from lib.domain.records.custom_fields import FieldsConfig
from lib.domain.records.record import Choice
from lib.domain.records.severity import SeverityConfig
from lib.domain.rules.assignment import AssignmentConfig
from lib.domain.rules.completeness import ArchiveConfig
from lib.domain.rules.follow_up_plan import FollowUpConfig
from lib.domain.rules.numbering import NumberPattern
from lib.domain.rules.permissions import RolesConfig
from lib.domain.rules.replies import RepliesConfig
from lib.domain.rules.satisfaction import SurveyConfig
from lib.domain.rules.suggestion import KeywordsConfig
from lib.domain.rules.warranty import WarrantyConfig
from lib.domain.rules.workflow import Workflow
from lib.domain.time.work_hours import known_zone
from lib.errors import ConfigError
from lib.i18n import Language
from lib.toml_files import config_error, read_as, read_toml

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "config"
_PREFIX = "CASESHEET_"
_SECTION = "casesheet"  # of the secrets
ListName = Annotated[str, StringConstraints(min_length=1, max_length=39)]  # with a code it makes the key of an entry


class Settings(BaseSettings):
    """config/app.toml and what overrides it."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True, extra="forbid")

    store: str
    files_dir: Path | str
    """A folder, or an address such as s3://bucket/prefix."""
    files_endpoint: str = ""
    """The service of the bucket, such as https://oss-cn-shanghai.aliyuncs.com; empty for Amazon's own."""
    files_key: str = ""
    files_secret: SecretStr = SecretStr("")
    files_addressing: Literal["auto", "virtual", "path"] = "auto"
    """Whether the bucket is part of the host name (virtual) or of the path."""
    secret_file: Path
    secret: SecretStr | None = None
    workspace_name: str
    service_phone: str
    logo: str = ""
    """Path of a PNG or JPEG file for printed documents, empty for none."""
    time_zone: str
    default_language: Language
    number_pattern: str
    public_url: str
    phone_region: str
    hotlines: frozenset[str]
    survey_valid_days: int = Field(ge=1)
    csat_target: float = Field(gt=0, le=1)
    retention_years: int = Field(ge=1)
    openid_issuers: frozenset[str] = frozenset()
    """The `iss` of the OpenID providers accepted; empty for those that [auth] in secrets.toml names."""
    openid_tenants: frozenset[str] = frozenset()
    """The organisations accepted (Microsoft's `tid`, Google's `hd`), empty for any that those issuers know."""
    openid_verified_by: frozenset[str] = frozenset()
    """Issuers of one organisation that do not send `email_verified` and whose addresses are trusted anyway."""
    google_endpoint: str = ""
    """For development: a loopback server that answers in Google's place."""

    @field_validator("logo")
    @classmethod
    def _is_there(cls, path: str) -> str:
        if path and not Path(path).is_file():
            raise ValueError(f"no such file: {path}")
        return path

    @field_validator("number_pattern")
    @classmethod
    def _is_pattern(cls, text: str) -> str:
        NumberPattern(text)
        return text

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        return known_zone(name)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def pattern(self) -> NumberPattern:
        return NumberPattern(self.number_pattern)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment overrides the values from the files, which are given to the constructor."""
        return env_settings, init_settings


def load_settings(config_dir: Path = CONFIG, **overrides: Any) -> Settings:
    """Settings from the files and the environment; `overrides` are the command line's. Raises ConfigError."""
    values = read_toml(config_dir / "app.toml")
    secret = _secrets(config_dir.parent / ".streamlit" / "secrets.toml")
    try:
        settings = Settings(**{**values, **secret})
        return settings.model_copy(update={k: v for k, v in overrides.items() if v is not None})
    except ValidationError as wrong:
        name = str(wrong.errors(include_url=False)[0]["loc"][0])
        raise config_error(_source_of(name, secret), wrong, {**values, **secret}) from None
    except SettingsError as wrong:  # a list in the environment that is no JSON
        name = next((name for name in Settings.model_fields if f'"{name}"' in str(wrong)), "")
        raise ConfigError(_source_of(name, secret), name, str(wrong)) from wrong


def _secrets(path: Path) -> Mapping[str, Any]:
    found = read_toml(path).get(_SECTION, {}) if path.exists() else {}
    if not isinstance(found, dict):
        raise ConfigError(path.name, _SECTION, "dict_type", code="dict_type")
    return found


def _source_of(name: str, secret: Mapping[str, Any]) -> str:
    """The source of a setting: the one with the highest precedence that sets it."""
    variable = f"{_PREFIX}{name.upper()}"
    if variable in os.environ:
        return variable
    return "secrets.toml" if name in secret else "app.toml"


def load_config(settings: Settings, config_dir: Path = CONFIG) -> Config:
    """Every file of rules. Raises ConfigError."""
    config = Config(
        workflow=read_as(Workflow, config_dir / "workflow.toml"),
        sla=read_as(SlaConfig, config_dir / "sla.toml"),
        severity=read_as(SeverityConfig, config_dir / "severity.toml"),
        warranty=read_as(WarrantyConfig, config_dir / "warranty.toml"),
        follow_up=read_as(FollowUpConfig, config_dir / "followup.toml"),
        survey=read_as(SurveyConfig, config_dir / "survey.toml"),
        roles=read_as(RolesConfig, config_dir / "roles.toml"),
        calendar=read_as(HolidaysFile, config_dir / "holidays.toml").calendar(settings.time_zone),
        keywords=read_as(KeywordsConfig, config_dir / "keywords.toml"),
        dangers=read_as(DangersConfig, config_dir / "dangers.toml"),
        replies=read_as(RepliesConfig, config_dir / "replies.toml"),
        assignment=read_as(AssignmentConfig, config_dir / "assignment.toml"),
        fields=read_as(FieldsConfig, config_dir / "fields.toml"),
        archive=read_as(ArchiveConfig, config_dir / "archive.toml"),
        lists=_list_seeds(config_dir / "lists.toml"),
    )
    check_names(config)
    return config


def _list_seeds(path: Path) -> Mapping[str, Mapping[str, tuple[str, str]]]:
    return read_as(dict[ListName, dict[Choice, tuple[str, str]]], path)
