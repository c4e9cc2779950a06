"""Looking into a case, agreeing on a plan, waiting for others, and the answer."""

from datetime import timedelta

from lib.demo.agenda import Story
from lib.demo.cast.pictures import picture
from lib.demo.life import Life
from lib.domain.records.case_parts import Task
from lib.services.cases import handling, intake
from lib.services.parts import contacts, tasks, visits

_ON_SITE = timedelta(minutes=37)  # until the findings are written down


def look_into(life: Life) -> Story:
    """Investigation: tasks, outside parties, what was found on site."""
    yield life.soon(1, 5)
    life.move(life.handler, "investigate")
    if life.dossier.topic.simple:
        return
    if life.takes("tasks"):
        _plan_task(life)
    yield life.before(life.case.plan_due, 0.15, 0.5)
    if life.takes("party") or life.takes("waits"):
        _ask_party(life)
    if life.dossier.topic.photo and life.rng.random() < 0.3:
        photo = [("上门照片.png", picture(life.rng.randrange(99)))]
        intake.add_to_case(life.desk, actor=life.handler, case_no=life.no, text="", files=photo)


def agree(life: Life) -> Story:
    """A plan and the client's consent for what is major, or where it was promised; else work begins."""
    if life.dossier.topic.simple:
        return
    due, findings = life.case.plan_due, life.tell(life.dossier.topic.findings)
    yield life.after(due, 0.5, 6) if life.takes("slow_plan") else life.before(due, 0.3, 0.9)
    if life.case.priority not in ("P1", "P2") and not life.takes("planned"):
        life.move(life.handler, "start", {"visit_findings": findings})
        return
    if visits.is_open(life.case) and life.case.visit_at and life.case.visit_at > life.desk.now():
        yield life.desk.calendar.add(life.case.visit_at, _ON_SITE)
    visits.record_findings(life.desk, actor=life.handler, case=life.case, findings=findings)
    yield life.soon(0.1, 0.5)
    _offer(life)
    yield life.soon(2, 12)
    if life.takes("reworked"):
        life.move(life.handler, "rework_plan", text=life.say("rework"))
        yield life.soon(1, 4)
        _offer(life)
        yield life.soon(1, 8)
    who = life.case.client_name or life.dossier.client.name
    how = life.rng.choice(("phone", "wechat", "written", "in_person"))
    life.move(life.handler, "consent", {"consent_at": life.desk.now(), "consent_how": how, "consent_by": who})


def wait_for_others(life: Life) -> Story:
    """The clocks stand still while somebody outside has to act."""
    if life.dossier.topic.simple or not life.takes("waits"):
        return
    yield life.before(life.case.resolve_due, 0.05, 0.2)
    life.move(
        life.handler, "wait", {"wait_reason": life.say("wait"), "promised_on": life.promise(life.rng.randint(2, 5))}
    )
    yield life.soon(8, 36)
    life.move(life.handler, "resume")


def answer(life: Life) -> Story:
    """The result told to the client, in time or not; often something is told in between."""
    if not life.dossier.topic.simple and life.rng.random() < 0.55:
        yield life.before(life.case.resolve_due, 0.1, 0.4)
        _tell_progress(life)
    due = life.case.resolve_due
    yield life.after(due, 1, 24) if life.takes("late") else life.before(due, 0.2, 0.9)
    _finish_tasks(life)
    values = {"answer_text": life.tell(life.dossier.topic.answers)}
    if life.rng.random() < 0.5:
        values["prevention"] = life.say("prevention")
    life.move(life.handler, "answer", values)


def answer_again(life: Life) -> Story:
    """After a review or a reopening."""
    yield life.before(life.case.resolve_due, 0.2, 0.7)
    life.move(life.handler, "answer", {"answer_text": life.say("again")})


def _offer(life: Life) -> None:
    rng, topic = life.rng, life.dossier.topic
    values = {
        "plan_measures": life.tell(topic.measures),
        "plan_deadline": life.day(rng.randint(3, 7)),
        "plan_days": rng.randint(1, 5),
        "promised_on": life.promise(rng.randint(1, 2)),
        "plan_effect": life.say("effect"),
    }
    if rng.random() < 0.3:
        values["plan_compensation"] = float(rng.choice((200, 300, 500, 800, 1200, 2000)))
    major = life.case.priority in ("P1", "P2")
    written = ("处理方案.txt", f"{life.case.title}\n\n{values['plan_measures']}\n".encode()) if major else None
    life.move(life.handler, "offer_plan", values, written_plan=written)


def _plan_task(life: Life) -> None:
    for title in dict.fromkeys((life.say("task"), life.say("task"))):
        values = {"title": title, "due_at": life.before(life.case.resolve_due, 0.3, 0.9)}
        receipt = tasks.add_task(life.desk, actor=life.handler, case=life.case, values=values)
        life.tasks.append(receipt.first("tasks"))


def _finish_tasks(life: Life) -> None:
    for task_id in life.tasks:
        tasks.finish_task(life.desk, actor=life.handler, task=life.desk.snapshot[Task][task_id])
    life.tasks.clear()


def _ask_party(life: Life) -> None:
    values = {
        "party": life.dossier.topic.parties[0],
        "name": life.dossier.slots["party"],
        "phone": f"1990000{9000 + sum(map(ord, life.dossier.slots['party'])) % 900}",
        "asked": life.say("asked"),
        "promised_on": life.promise(life.rng.randint(2, 6)),
    }
    contacts.add_contact(life.desk, actor=life.handler, case=life.case, values=values)


def _tell_progress(life: Life) -> None:
    if life.rng.random() < 0.65:
        text = life.say("update")
        handling.add_note(life.desk, actor=life.handler, case=life.case, text=text, action="message", audience="client")
    else:
        handling.add_note(life.desk, actor=life.handler, case=life.case, text=life.say("internal"))
