"""Settings and configuration, read once. A failure names the file and the key.

Where a setting comes from, the strongest first: an environment variable CASESHEET_<NAME>, `[casesheet]` in
.streamlit/secrets.toml, config/app.toml. The rules of the trade come from the other files of config/.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from lib.config import Config
from lib.config_names import check_names
from lib.domain.assignment import AssignmentConfig
from lib.domain.clocks import SlaConfig
from lib.domain.completeness import ArchiveConfig
from lib.domain.custom_fields import FieldsConfig
from lib.domain.dangers.config import DangersConfig
from lib.domain.follow_up_plan import FollowUpConfig
from lib.domain.numbering import NumberPattern
from lib.domain.permissions import RolesConfig
from lib.domain.replies import RepliesConfig
from lib.domain.satisfaction import SurveyConfig
from lib.domain.severity import SeverityConfig
from lib.domain.suggestion import KeywordsConfig
from lib.domain.warranty import WarrantyConfig
from lib.domain.work_hours import known_zone
from lib.domain.workflow import Workflow
from lib.errors import ConfigError
from lib.i18n import Language
from lib.public_holidays import HolidaysFile

ROOT = Path(__file__).resolve().parent.parent
CONFIG = ROOT / "config"
M = TypeVar("M", bound=BaseModel)


class Settings(BaseSettings):
    """config/app.toml and what overrides it."""

    model_config = SettingsConfigDict(env_prefix="CASESHEET_", frozen=True, extra="forbid")

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
    """Issuers of one organisation that do not send `email_verified` and whose addresses are believed all the same."""
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
        """The environment is stronger than the values that the files gave to the constructor."""
        return env_settings, init_settings


def load_settings(config_dir: Path = CONFIG, **overrides: Any) -> Settings:
    """Settings from the files and the environment; `overrides` are the command line's. Raises ConfigError."""
    values = _toml(config_dir / "app.toml")
    secrets = config_dir.parent / ".streamlit" / "secrets.toml"
    if secrets.exists():
        values |= _toml(secrets).get("casesheet", {})
    try:
        settings = Settings(**values)
        return settings.model_copy(update={k: v for k, v in overrides.items() if v is not None})
    except ValidationError as wrong:
        raise _config_error("app.toml", wrong, values) from None


def load_config(settings: Settings, config_dir: Path = CONFIG) -> Config:
    """Every file of rules. Raises ConfigError."""
    config = Config(
        workflow=_model(Workflow, config_dir / "workflow.toml"),
        sla=_model(SlaConfig, config_dir / "sla.toml"),
        severity=_model(SeverityConfig, config_dir / "severity.toml"),
        warranty=_model(WarrantyConfig, config_dir / "warranty.toml"),
        follow_up=_model(FollowUpConfig, config_dir / "followup.toml"),
        survey=_model(SurveyConfig, config_dir / "survey.toml"),
        roles=_model(RolesConfig, config_dir / "roles.toml"),
        calendar=_model(HolidaysFile, config_dir / "holidays.toml").calendar(settings.time_zone),
        keywords=_model(KeywordsConfig, config_dir / "keywords.toml"),
        dangers=_model(DangersConfig, config_dir / "dangers.toml"),
        replies=_model(RepliesConfig, config_dir / "replies.toml"),
        assignment=_model(AssignmentConfig, config_dir / "assignment.toml"),
        fields=_model(FieldsConfig, config_dir / "fields.toml"),
        archive=_model(ArchiveConfig, config_dir / "archive.toml"),
        lists=_list_seeds(config_dir / "lists.toml"),
    )
    check_names(config)
    return config


def _list_seeds(path: Path) -> Mapping[str, Mapping[str, tuple[str, str]]]:
    seeds: dict[str, dict[str, tuple[str, str]]] = {}
    for name, items in _toml(path).items():
        seeds[name] = {}
        for code, labels in items.items():
            if not (isinstance(labels, list) and len(labels) == 2 and all(isinstance(text, str) for text in labels)):
                raise ConfigError(path.name, f"{name}.{code}", "expected [Chinese, English]")
            seeds[name][code] = (labels[0], labels[1])
    return seeds


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as missing:
        raise ConfigError(path.name, "", str(missing.strerror)) from missing
    except tomllib.TOMLDecodeError as wrong:
        raise ConfigError(path.name, "", str(wrong)) from wrong


def _model(model: type[M], path: Path) -> M:
    values = _toml(path)
    try:
        return model.model_validate(values)
    except ValidationError as wrong:
        raise _config_error(path.name, wrong, values) from None


def _config_error(file: str, wrong: ValidationError, values: Mapping[str, Any]) -> ConfigError:
    first = wrong.errors(include_url=False)[0]
    facts = {name: value for name, value in first.get("ctx", {}).items() if name != "error"}
    place = _place(first["loc"], values) or facts.pop("at", "")  # a rule about several keys says itself where
    return ConfigError(file, place, first["msg"], code=first["type"], facts=facts)


def _place(loc: tuple[int | str, ...], values: Any) -> str:
    """The key as it stands in the file; an entry of a list of tables goes by its own key, such as stage.waiting."""
    parts = []
    for part in loc:
        values = _within(values, part)
        if part != "[key]":
            named = isinstance(part, int) and isinstance(values, dict) and "key" in values
            parts.append(str(values["key"] if named else part))
    return ".".join(parts)


def _within(values: Any, part: int | str) -> Any:
    if isinstance(values, dict):
        return values.get(part)
    return values[part] if isinstance(values, list) and isinstance(part, int) else None
