"""Every key of the session state, in one place."""

SIGNED_IN = "signed_in"  # the session that a right password opened, as the cookie will hold it
KEEP_SESSION = "keep_session_code"  # one-time code: the browser is still to take the cookie
PERSONA = "demo_persona"  # staff_id chosen in the demo workspace
LANGUAGE = "interface_language"
FORM = "form:"  # + form key: the state of an open form (see lib.ui.forms)
HOME_SHOWS = "home.shows"  # the count on the home page whose cases are listed
HOME_ROWS = "home.rows"
NEW_CASE_NO = "new_case_no"  # the case just taken in, until the person goes on
CASES = "cases."  # + parameter: the widgets of the cases page (see lib.ui.cases_filter)
CASES_ADDRESS = "cases_address"  # the parameters that those widgets were last set from or wrote
CASE_MOVE = "case_move"  # (case_no, move): the action whose form is open
CASE_GROUP = "case_group"  # (case_no, group): the facts that are being edited
CASE_TAB = "case_tab"
FLASH = "flash"  # a message for the next run
SEARCH = "find"
REVEALED = "revealed"  # (case_no, field) pairs that the person asked to see
REPORTED = "reported_case"  # the case this visitor of the public page has just reported
FOLLOW_UP_ROWS = "follow_ups.rows"
SURVEY_LINK = "survey_link"  # (case_no, survey_id) of the survey whose link is shown
PERSON = "settings.person"  # staff_id of the person whose form is open, "" for a new one
ONE_TIME = "settings.one_time_password"  # (staff_id, password) until the administrator has noted it
HEALTH = "health."  # + what: problems found, and in which state of the data; how many are shown; what a person saw
ROUND = "round:"  # + editor: how often it was saved, so that it begins afresh
IMPORT = "import."  # + step: the widgets and results of the import
EXPORT = "export."  # + widget
WEEKLY_BEHIND = "weekly.behind"  # key of the figure whose cases are listed
