"""The interface in 简体中文 and English.

The message id is the English source text; config/locale/*.po hold what differs. Write `t("Save")` where a
text is shown, `N_("Save")` where it is only declared (tables, enums), and `t(declared)` where that is shown.
"""

from lib.i18n.durations import format_duration, relative, time_left_words
from lib.i18n.formats import format_date, format_datetime, format_number, format_percent
from lib.i18n.languages import DEFAULT, LANGUAGES, Language, pick
from lib.i18n.translate import (
    N_,
    Translator,
    current_language,
    find_language_by,
    in_language,
    t,
    tn,
    use_language,
)

__all__ = [
    "DEFAULT",
    "LANGUAGES",
    "N_",
    "Language",
    "Translator",
    "current_language",
    "find_language_by",
    "format_date",
    "format_datetime",
    "format_duration",
    "format_number",
    "format_percent",
    "in_language",
    "pick",
    "relative",
    "t",
    "time_left_words",
    "tn",
    "use_language",
]
