"""Reply templates filled for a case, in both languages."""

import shutil
from pathlib import Path

import pytest

from lib.config.settings import CONFIG, load_config, load_settings
from lib.desk.desk import Desk
from lib.domain.rules.permissions import Actor
from lib.domain.rules.replies import PLACEHOLDERS, Reply
from lib.errors import ConfigError, InvalidFields
from lib.i18n import LANGUAGES, Language
from lib.services.cases import handling
from lib.services.parts.replies import filled
from tests.cases import assigned, move, take_in


def reply(text: str) -> Reply:
    return Reply(key="x", zh="甲", en="A", zh_text=text, en_text=text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shipped_template_can_be_filled(desk: Desk, people: dict[str, Actor], language: Language) -> None:
    case = assigned(desk, people)
    assert len(desk.config.replies.reply) >= 7
    for template in desk.config.replies.reply:
        text = filled(desk, actor=people["handler"], case=case, reply=template, language=language)
        assert "{" not in text
        assert (case.case_no if template.key == "acknowledge" else "王小明") in text
        assert all(move in desk.config.workflow.moves for move in template.moves)


def test_what_the_case_knows_is_filled_in(desk: Desk, people: dict[str, Actor]) -> None:
    case = assigned(desk, people)
    text = filled(
        desk, actor=people["handler"], case=case, reply=reply("{client}|{case_no}|{stage}|{handler}|{agency}|{due}"),
        language="zh_CN",
    )  # fmt: skip
    client, number, stage, handler, agency, due = text.split("|")
    assert (client, number, stage, handler) == ("王小明", case.case_no, "已派单", "李经办")
    assert agency == desk.settings.workspace_name
    assert "3月2日" in due or "2026" in due


@pytest.mark.parametrize(("language", "blank"), [("zh_CN", "［承诺日期］"), ("en", "［Promised on］")])
def test_what_it_does_not_know_stays_a_blank(
    desk: Desk, people: dict[str, Actor], language: Language, blank: str
) -> None:
    case = take_in(desk, people["intake"])
    template = reply("{promised}")
    assert filled(desk, actor=people["intake"], case=case, reply=template, language=language) == blank


def test_a_name_that_one_may_not_see_is_not_given_away(desk: Desk, people: dict[str, Actor]) -> None:
    case = assigned(desk, people)
    text = filled(desk, actor=people["handler2"], case=case, reply=reply("{client}"), language="zh_CN")
    assert "王" not in text


@pytest.mark.parametrize(
    ("text", "why"),
    [("您好 {clinet}", "clinet"), ("{client!r}", "client!r"), ("{0}", "0"), ("{client", ""), ("{due:>9}", "due")],
)
def test_an_unknown_blank_is_refused_with_file_and_key(tmp_path: Path, text: str, why: str) -> None:
    folder = tmp_path / "config"
    shutil.copytree(CONFIG, folder)
    entry = f'[[reply]]\nkey = "mine"\nzh = "甲"\nen = "A"\nzh_text = "{text}"\nen_text = "fine"\n'
    (folder / "replies.toml").write_text(entry, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_config(load_settings(folder), folder)
    assert (refused.value.file, refused.value.key) == ("replies.toml", "reply.mine.zh_text")
    assert why in refused.value.why


def test_two_templates_of_one_key_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    shutil.copytree(CONFIG, folder)
    entry = '[[reply]]\nkey = "mine"\nzh = "甲"\nen = "A"\nzh_text = "a"\nen_text = "b"\n'
    (folder / "replies.toml").write_text(entry * 2, encoding="utf-8")
    with pytest.raises(ConfigError, match="mine"):
        load_config(load_settings(folder), folder)


def test_all_blanks_are_known_to_the_filling(desk: Desk, people: dict[str, Actor]) -> None:
    case = assigned(desk, people)
    template = reply(" ".join(f"{{{name}}}" for name in PLACEHOLDERS))
    for name in PLACEHOLDERS:
        assert f"［{name}］" not in filled(desk, actor=people["handler"], case=case, reply=template, language="zh_CN")


def test_a_text_with_a_blank_does_not_reach_the_client(desk: Desk, people: dict[str, Actor]) -> None:
    case = assigned(desk, people)
    with pytest.raises(InvalidFields) as refused:
        handling.add_note(desk, actor=people["handler"], case=case, text="预计 ［承诺日期］ 前", audience="client")
    assert [(one.field, one.code, one.value) for one in refused.value.problems] == [
        ("text", "blank_left", "［承诺日期］")
    ]
    handling.add_note(desk, actor=people["handler"], case=case, text="预计 ［承诺日期］ 前")  # among ourselves
    case = move(desk, people["handler"], case, "investigate", contacted_at=desk.now())
    with pytest.raises(InvalidFields, match="answer_text: blank_left"):
        move(desk, people["handler"], case, "answer", answer_text="已处理：［处理情况］")
