"""Taking in, judging, assigning and calling the client for the first time."""

from datetime import datetime, timedelta
from typing import Any

from lib.demo.aftercare import plan_calls
from lib.demo.agenda import Story
from lib.demo.cast.pictures import picture
from lib.demo.life import Life
from lib.domain.records.case import Case
from lib.domain.rules.permissions import CLIENT
from lib.domain.text.uploads import PUBLIC, STAFF
from lib.services.cases import handling, intake
from lib.services.emergencies import taking
from lib.services.work import assignment

_AGAIN = "再次来电反映同一问题：{title}"
_SAME = ("client_phone", "client_name", "relation", "community", "building", "unit", "room", "kind", "branch")
_GROUNDS = ("out_of_warranty", "not_ours", "own_cause")
_OTHER_BRANCH = 0.35  # counts like this share of their capacity if the case is of another branch


def take_in(life: Life) -> None:
    """Intake by the branch, or by the client on the website."""
    dossier, rng = life.dossier, life.rng
    files = []
    if dossier.topic.photo and rng.random() < 0.35:
        files = [(f"现场照片{n + 1}.png", picture(rng.randrange(99))) for n in range(rng.randint(1, 2))]
    herself = dossier.channel == "website"
    receipt = intake.register(
        life.desk,
        actor=CLIENT if herself else life.receptionist,
        values=dossier.intake,
        files=files,
        rules=PUBLIC if herself else STAFF,
    )
    life.no = receipt.first("cases")
    if taking.is_untaken(life.desk, life.case):
        _take(life)


def _take(life: Life) -> None:
    """Somebody is there, takes the emergency and goes through the checklist."""
    taking.take(life.desk, actor=life.receptionist, case=life.case, language="zh_CN")
    for check in taking.checklist(life.desk, life.case, "zh_CN"):
        if check.task is not None:
            taking.tick(life.desk, check.task, actor=life.receptionist, done=True)


def judge(life: Life) -> Story:
    """Triage: accepted, declined, thanked, or accepted after the client was asked for more."""
    due, topic = life.case.acknowledge_due, life.dossier.topic
    if life.dossier.quick:
        yield life.world.later(0.3)
    else:
        yield life.after(due, 0.2, 3) if life.takes("slow_triage") else life.before(due, 0.1, 0.85)
    if topic.thanks:
        plan_calls(life, life.move(life.head, "thank", {"answer_text": life.tell(topic.answers)}))
        return
    if life.takes("asks_more"):
        life.move(life.head, "ask_more", {"wait_reason": life.say("need_info"), "promised_on": life.promise(3)})
        yield life.soon(3, 18)
        _supply(life)
        yield life.soon(0.4, 2)
    if life.takes("withdrawn"):
        life.move(life.receptionist, "withdraw", {"withdraw_ground": "solved_between"})
        return
    if life.takes("declined") and life.case.priority != "P1":
        ground = life.rng.choice(_GROUNDS)
        told = {"decline_ground": ground, "decline_reason": life.say(f"decline_{ground}")}
        life.move(life.head, "decline", {**told, "category": topic.category})
        return
    _accept(life)
    if life.takes("reported_again"):
        _merge_second_report(life)


def _merge_second_report(life: Life) -> None:
    """The client calls a second time, somebody takes a new case in, and the head puts the two together."""
    said = {"description": _AGAIN.format(title=life.case.title), "channel": "hotline"}
    values = {**{name: getattr(life.case, name) for name in _SAME}, **said}
    receipt = intake.register(life.desk, actor=life.receptionist, values=values)
    again = life.desk.snapshot[Case][receipt.first("cases")]
    into = {"merged_into": life.no}
    handling.make_move(life.desk, actor=life.head, case=again, move="merge", values=into)


def _supply(life: Life) -> None:
    photo = [("补充照片.png", picture(life.rng.randrange(99)))] if life.dossier.topic.photo else []
    text = life.say("supplied")
    intake.add_to_case(life.desk, actor=life.receptionist, case_no=life.no, text=text, files=photo)


def _accept(life: Life) -> None:
    topic = life.dossier.topic
    party = life.rng.choice(topic.parties)
    values: dict[str, Any] = {**life.dossier.severity, "category": topic.category, "responsible_party": party}
    values["accept_text"] = f"您反映的问题已受理，案件编号 {life.no}，我们会安排专人与您联系。"
    if topic.category.startswith("quality") and life.rng.random() < 0.7:
        values["handover_on"] = life.case.taken_at.date() - timedelta(days=life.rng.randint(20, 2400))
    life.move(life.head, "accept", values)


def give(life: Life) -> Story:
    """Assignment by load."""
    if life.dossier.quick:
        yield life.world.later(0.1)
    else:
        yield life.soon(0.1, 0.7)
    assignment.assign(
        life.desk,
        actor=life.head,
        cases=[life.case],
        assignee=least_loaded(life),
        department=life.dossier.topic.department,
    )


def least_loaded(life: Life, *, but: str = "") -> str:
    """The handler of the department with the least open work, rather one of the client's branch."""
    department, branch = life.dossier.topic.department, life.dossier.client.branch
    handlers = [
        load
        for load in assignment.loads(life.desk)
        if load.staff.role == "handler" and not load.away and load.staff.staff_id != but
    ]
    own = [load for load in handlers if load.staff.department == department] or handlers
    return min(own, key=lambda load: load.share + _OTHER_BRANCH * (load.staff.branch != branch)).staff.staff_id


def call(life: Life) -> Story:
    """The first contact, sometimes at the second try."""
    due = life.case.contact_due
    yield life.after(due, 0.3, 4) if life.takes("slow_contact") else life.before(due, 0.15, 0.7)
    if life.rng.random() < 0.12:
        handling.add_note(life.desk, actor=life.handler, case=life.case, text=life.say("missed"), action="call")
        yield life.before(due, 0.4, 0.9)
    visit = {"visit_at": _next_quarter(life.soon(2, 10))} if life.dossier.topic.photo else {}
    life.move(life.handler, "contact", visit, life.say("contact"))


def _next_quarter(moment: datetime) -> datetime:
    """The next full quarter of an hour, as appointments are made."""
    return moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0) + timedelta(minutes=15)
