"""The handling plan 处理方案 (requirement D5): what is proposed to the client, with room to agree and sign."""

from lib.documents.paper.blocks import Fact, blanks, facts, section, tick_boxes
from lib.documents.paper.layout import PageLayout
from lib.documents.paper.letterhead import Letterhead
from lib.documents.paper.reader import CaseReader
from lib.domain.records.fields import columns
from lib.i18n import t

_BY_HAND = 120.0  # points: what the client fills in stays together


def lay_out(reader: CaseReader, head: Letterhead) -> PageLayout:
    """The plan of the case as it stands."""
    sheet = PageLayout()
    head.open(sheet)
    facts(sheet, [Fact(t("Subject"), reader.value("title"), wide=True), *reader.facts(("priority", "category"))])
    section(sheet, t("Client and address"))
    facts(sheet, _whose(reader))
    section(sheet, t("What was reported and found"))
    facts(sheet, list(reader.facts(("description", "wanted_outcome", "visit_findings", "responsible_party"))))
    section(sheet, t("What we propose"))
    facts(sheet, _proposed(reader))
    _consent(sheet)
    head.close(sheet)
    return sheet


def _whose(reader: CaseReader) -> list[Fact]:
    address = Fact(t("Address"), reader.place())
    return [Fact(t("Client"), reader.value("client_name")), Fact(t("Telephone"), reader.value("client_phone")), address]


def _proposed(reader: CaseReader) -> list[Fact]:
    """Every part of a plan, also one that is empty: the client sees that nothing was left out by mistake."""
    names = ("plan_measures", "plan_days", "plan_deadline", "plan_compensation", "plan_effect")
    known = columns(type(reader.case))
    told = [reader.fact(name) for name in names if name in known]
    return [*told, Fact(t("Responsible"), reader.person(reader.case.assignee))]


def _consent(sheet: PageLayout) -> None:
    sheet.keep(_BY_HAND)
    section(sheet, t("The client's answer"))
    tick_boxes(sheet, t("I find this plan"), (t("right: begin the work"), t("not right: please change it")))
    sheet.space(8)
    blanks(sheet, (t("Client"), t("Date")))
    blanks(sheet, (t("For the agency"), t("Date")))
