"""Taking in tables of cases from elsewhere (requirement A10): plan, dry run, import, rejected rows, undo."""

from lib.services.data.importing.check import Checked, Remark, RowRefusal, Skipped, check_rows
from lib.services.data.importing.mapping import (
    ColumnRule,
    ImportMapping,
    mapping_from_toml,
    save_mapping,
    saved_mapping,
    saved_mappings,
)
from lib.services.data.importing.plan import ImportPlan, plan_import
from lib.services.data.importing.rejected import rejected_file
from lib.services.data.importing.run import ImportReport, report_of, run_import
from lib.services.data.importing.undo import undo_import

__all__ = [
    "Checked",
    "ColumnRule",
    "ImportMapping",
    "ImportPlan",
    "ImportReport",
    "Remark",
    "RowRefusal",
    "Skipped",
    "check_rows",
    "mapping_from_toml",
    "plan_import",
    "rejected_file",
    "report_of",
    "run_import",
    "save_mapping",
    "saved_mapping",
    "saved_mappings",
    "undo_import",
]
