"""What spreadsheets show where a formula failed: it is no value, wherever it comes from."""

import re

_ERRORS = frozenset(
    """#null! #div/0! #value! #ref! #name? #num! #n/a #getting_data #spill! #calc! #field! #blocked! #connect! #unknown!
    #busy! #python! #external! #error! #nv #bezug! #wert! #zahl! #valeur! #nombre! #nom?""".split()  # noqa: SIM905
)
_OFFICE_ERROR = re.compile(r"err:\d{3}")


def is_error(text: str) -> bool:
    """Whether a text is what Excel, WPS, LibreOffice or Google show where a formula failed."""
    folded = text.strip().casefold()
    return folded in _ERRORS or (folded.startswith("err:") and _OFFICE_ERROR.fullmatch(folded) is not None)
