"""The rules of the trade as configured: everything in config/ but the settings of the installation."""

from collections.abc import Mapping
from dataclasses import dataclass

from lib.domain.assignment import AssignmentConfig
from lib.domain.clocks import SlaConfig
from lib.domain.completeness import ArchiveConfig
from lib.domain.custom_fields import FieldsConfig
from lib.domain.dangers.config import DangersConfig
from lib.domain.follow_up_plan import FollowUpConfig
from lib.domain.permissions import RolesConfig
from lib.domain.replies import RepliesConfig
from lib.domain.satisfaction import SurveyConfig
from lib.domain.severity import SeverityConfig
from lib.domain.suggestion import KeywordsConfig
from lib.domain.warranty import WarrantyConfig
from lib.domain.work_hours import CalendarConfig
from lib.domain.workflow import Workflow


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
