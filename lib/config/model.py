"""The rules of the trade as configured: everything in config/ but the settings of the installation."""

from collections.abc import Mapping
from dataclasses import dataclass

from lib.domain.clocks.clocks import SlaConfig
from lib.domain.dangers.config import DangersConfig
from lib.domain.records.custom_fields import FieldsConfig
from lib.domain.records.severity import SeverityConfig
from lib.domain.rules.assignment import AssignmentConfig
from lib.domain.rules.completeness import ArchiveConfig
from lib.domain.rules.follow_up_plan import FollowUpConfig
from lib.domain.rules.permissions import RolesConfig
from lib.domain.rules.replies import RepliesConfig
from lib.domain.rules.satisfaction import SurveyConfig
from lib.domain.rules.suggestion import KeywordsConfig
from lib.domain.rules.warranty import WarrantyConfig
from lib.domain.rules.workflow import Workflow
from lib.domain.time.work_hours import CalendarConfig


@dataclass(frozen=True, slots=True)
class Config:
    """One model for each file."""

    workflow: Workflow
    sla: SlaConfig
    severity: SeverityConfig
    warranty: WarrantyConfig
    follow_up: FollowUpConfig
    survey: SurveyConfig
    roles: RolesConfig
    calendar: CalendarConfig
    keywords: KeywordsConfig
    dangers: DangersConfig
    replies: RepliesConfig
    fields: FieldsConfig
    assignment: AssignmentConfig
    archive: ArchiveConfig
    lists: Mapping[str, Mapping[str, tuple[str, str]]]
