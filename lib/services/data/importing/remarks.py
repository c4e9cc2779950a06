"""What a remark of a dry run says, the same on the page and on the command line."""

from lib.i18n import N_, t
from lib.services.data.importing.check import Remark

_WORDS = {
    "emptied": N_("left empty"),
    "added": N_("added to the list"),
    "total": N_("a line of totals: not imported"),
    "footer": N_("the foot of the table: not imported"),
    "header_again": N_("the headers once more: not imported"),
    "number_only": N_("a number and nothing else: not imported"),
}


def remark_words(remark: Remark) -> str:
    """What is done, in the current language."""
    return t(_WORDS[remark.what])
