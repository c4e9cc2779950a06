"""Diagrams: how things hang together, and the steps in Google's console; boxes of our own, no likeness of screens."""

from collections.abc import Sequence

from pictures.page import rich

STYLE = """
.row { display: flex; align-items: stretch; gap: 0 }
.box { background: #fff; border: 1.5px solid #9fb3c8; border-radius: 10px; padding: 13px 15px; width: 232px }
.box h3 { font-size: 16px; color: #102a43; margin-bottom: 6px }
.box.main { border-color: #1f4e79; background: #eaf2fb }
.box.sheet { border-color: #2f855a; background: #ecf8f1 }
.stack { display: flex; flex-direction: column; gap: 14px; justify-content: center }
.link { width: 128px; display: flex; flex-direction: column; justify-content: center; text-align: center;
  font-size: 13px; line-height: 1.35; color: #334e68; padding: 0 8px }
.line { height: 14px; margin: 5px 0; position: relative }
.line::before { content: ""; position: absolute; left: 4px; right: 4px; top: 6px; border-top: 2px solid #52606d }
.line.both::after { content: ""; position: absolute; right: 0; top: 1px; border: 6px solid transparent;
  border-left-color: #52606d; border-right-width: 0 }
.line.both .back { position: absolute; left: 0; top: 1px; border: 6px solid transparent; border-right-color: #52606d;
  border-left-width: 0 }
.foot { margin-top: 14px; font-size: 14px; color: #334e68; max-width: 1310px }
.steps { display: grid; grid-template-columns: repeat(3, 372px); gap: 16px }
.step { background: #fff; border: 1.5px solid #bcccdc; border-radius: 10px; padding: 14px 16px 16px }
.step h3 { font-size: 16px; display: flex; gap: 9px; align-items: center; margin-bottom: 8px }
.step h3 .mark { width: 24px; height: 24px; border-radius: 12px; line-height: 24px; font-size: 14px }
.step p { font-size: 14px; margin-bottom: 8px }
.path { font-size: 13px; color: #486581; border-left: 3px solid #9fb3c8; padding-left: 9px; margin-bottom: 10px }
.field { display: flex; font-size: 13px; border: 1px solid #cbd2d9; border-radius: 5px; margin-top: 6px;
  overflow: hidden }
.field span:first-child { background: #f0f4f8; color: #486581; padding: 4px 9px; width: 86px; flex: none }
.field span:last-child { padding: 4px 8px; font-weight: bold; font-size: 12.5px; overflow-wrap: anywhere }
.press { display: inline-block; background: #1f4e79; color: #fff; border-radius: 5px; padding: 3px 12px;
  font-size: 13px;  margin: 8px 6px 0 0 }
code, .code { font: 12.5px/1.5 "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace }
.code { background: #102a43; color: #f0f4f8; border-radius: 6px; padding: 8px 11px; white-space: pre-wrap;
  overflow-wrap: anywhere; margin-top: 8px; font-size: 12px }
.note { font-size: 13px; color: #486581; margin-top: 9px }
.note.warn { color: #9b2c2c; font-weight: bold }
"""
ADDRESS = "casesheet@anjudesk.iam.gserviceaccount.com"
_TOGETHER = {
    "zh": (
        ("店长、主管", "打开在线表格：查看、过滤、修改、补录。"),
        ("一线同事", "在电脑或手机上用系统：登记、处理、回访。"),
        ("客户", "反映问题、查进度、评价，都走系统的网页。"),
        ("在线表格", "公司的全部数据：案件、任务、回访……\n只共享给店长和服务账号。"),
        ("案件台账系统", "检查、编号、计时、提醒、统计。\n每次改动都记入历史。"),
        "直接修改",
        "浏览器",
        "服务账号\n几秒同步一次",
        "两边改的是同一份数据。表格里的修改几秒后出现在系统里，记为“在表格中修改”；系统里的保存立刻写进表格。"
        "两人同时改同一格时，系统会让人选择，不会悄悄覆盖。",
    ),
    "en": (
        ("Managers", "open the spreadsheet: look, filter, change, add rows."),
        ("The team", "works in the app, on desktop and phone: intake, handling, follow-ups."),
        ("Clients", "report, track and rate on pages of the app."),
        (
            "The spreadsheet",
            "all data of the agency: cases, tasks, follow-ups …\nShared with managers and the app's account.",
        ),
        ("Casesheet, the app", "checks, numbers, clocks, reminders, figures.\nEvery change goes into History."),
        "edit it directly",
        "browser",
        "service account,\nin step within seconds",
        "Both sides work on the same data. What is changed in the sheet shows in the app seconds later, called 'Edited "
        "in the sheet'; what is saved in the app is in the sheet at once. When two people change the same cell, the "
        "app asks which value is right and overwrites nothing silently.",
    ),
}
_CONSOLE = "console.cloud.google.com"
_ACCOUNT = {
    "zh": (
        (
            "新建项目",
            "一个项目只给这套系统用。",
            f"{_CONSOLE} → 项目选择器 → 新建项目",
            [("项目名称", "anjudesk")],
            "创建",
            "",
        ),
        (
            "启用两个接口",
            "在 API 库中搜索，逐个启用。",
            "API 和服务 → 库",
            [("第一个", "Google Sheets API"), ("第二个", "Google Drive API")],
            "启用",
            "",
        ),
        (
            "新建服务账号",
            "它是系统登录谷歌用的账号，不需要给它项目角色。",
            "IAM 和管理 → 服务账号 → 创建服务账号",
            [("名称", "casesheet"), ("邮箱", ADDRESS)],
            "完成",
            "",
        ),
        (
            "下载密钥",
            "点开服务账号，新建一把密钥，类型选 JSON。",
            "密钥 → 添加密钥 → 创建新密钥",
            [("类型", "JSON")],
            "创建",
            "!文件只能下载这一次。不要发邮件，不要传微信。",
        ),
        (
            "把密钥交给系统",
            "两种办法任选。一是把内容抄进 `.streamlit/secrets.toml`：",
            "",
            '[gcp_service_account]\nclient_email = "casesheet@…"\nprivate_key = "-----BEGIN…"\ntoken_uri = "https://…/token"',
            "",
            "二是放好文件，用变量 GOOGLE_APPLICATION_CREDENTIALS 指明位置。",
        ),
        (
            "建表格、试一试",
            "新建并共享给店长，再核对一遍。",
            "",
            "sheet setup --share 店长邮箱\nsheet check\nsheet selfcheck",
            "",
            "",
        ),
    ),
    "en": (
        (
            "Create a project",
            "One project for this app alone.",
            f"{_CONSOLE} → project picker → New project",
            [("Name", "anjudesk")],
            "Create",
            "",
        ),
        (
            "Enable two interfaces",
            "Search for each in the library and enable it.",
            "APIs & Services → Library",
            [("First", "Google Sheets API"), ("Second", "Google Drive API")],
            "Enable",
            "",
        ),
        (
            "Create a service account",
            "It is what the app signs in with. It needs no role in the project.",
            "IAM & Admin → Service accounts → Create",
            [("Name", "casesheet"), ("E-mail", ADDRESS)],
            "Done",
            "",
        ),
        (
            "Download a key",
            "Open the account and make a new key of type JSON.",
            "Keys → Add key → Create new key",
            [("Type", "JSON")],
            "Create",
            "!It can be downloaded this once. Do not send it by mail or chat.",
        ),
        (
            "Give the key to the app",
            "Either copy its content into `.streamlit/secrets.toml`:",
            "",
            '[gcp_service_account]\nclient_email = "casesheet@…"\nprivate_key = "-----BEGIN…"\ntoken_uri = "https://…/token"',
            "",
            "or keep the file and name it in GOOGLE_APPLICATION_CREDENTIALS.",
        ),
        (
            "Make the sheet and try it",
            "Make it, share it with the managers, compare it.",
            "",
            "sheet setup --share MANAGER\nsheet check\nsheet selfcheck",
            "",
            "",
        ),
    ),
}
_SHARE = """python -m lib.cli \\
  --store gsheets://{id} \\
  sheet setup \\
  --share li@example.com \\
  --share wang@example.com"""
_SHARING = {
    "zh": (
        (
            "谁能打开表格",
            "用 `sheet setup` 新建的表格属于服务账号。自己建的表格，要把服务账号加为**编辑者**。",
            [
                ("服务账号", "编辑者（必须）"),
                ("店长、主管", "编辑者"),
                ("其他同事", "不共享，用系统"),
                ("链接", "受限，不公开"),
            ],
            "!能打开表格的人，看得到所有客户的姓名和电话。",
        ),
        (
            "手工共享",
            "在表格右上角打开共享窗口，填入服务账号的邮箱。",
            [("添加", ADDRESS), ("权限", "编辑者"), ("通知", "不必勾选")],
            "邮箱写在密钥文件的 client_email 里，也出现在报错信息里。",
        ),
        (
            "用命令共享",
            "`--share` 可以写多次；已经共享过的人会跳过。",
            _SHARE.format(id="表格编号"),
            "表格编号在网址里：docs.google.com/spreadsheets/d/**表格编号**/edit",
        ),
    ),
    "en": (
        (
            "Who may open it",
            "A sheet made by `sheet setup` is the service account's. To one of yours, add the account as **editor**.",
            [
                ("The account", "editor (needed)"),
                ("Managers", "editor"),
                ("The team", "not shared: the app"),
                ("Link", "restricted, not public"),
            ],
            "!Whoever can open it sees names and phones of all clients.",
        ),
        (
            "Share by hand",
            "Open the sharing window at the top right of the sheet and enter the account's e-mail address.",
            [("Add", ADDRESS), ("Role", "editor"), ("Notify", "not needed")],
            "The address is client_email in the key file; error messages name it too.",
        ),
        (
            "Share by command",
            "`--share` may be repeated; people who can edit already are skipped.",
            _SHARE.format(id="ID"),
            "The ID is in the address: docs.google.com/spreadsheets/d/**ID**/edit",
        ),
    ),
}


def together(language: str) -> str:
    """How the app, the sheet and people hang together."""
    managers, team, clients, sheet, app, edit, browser, account, words = _TOGETHER[language]
    boxes = [_box(*managers), _box(*sheet, kind="sheet"), _box(*app, kind="main"), _box(*team) + _box(*clients)]
    stacks = [f"<div class=stack>{box}</div>" for box in boxes]
    links = [_link(edit), _link(account), _link(browser)]
    row = stacks[0] + "".join(link + stack for link, stack in zip(links, stacks[1:], strict=True))
    return f"<div class=row>{row}</div><div class=foot>{rich(words)}</div>"


def _box(title: str, text: str, *, kind: str = "") -> str:
    return f"<div class='box {kind}'><h3>{rich(title)}</h3>{rich(text)}</div>"


def _link(text: str) -> str:
    return f"<div class=link>{rich(text)}<div class='line both'><span class=back></span></div></div>"


def account(language: str) -> str:
    """From a project in the console to a sheet that works, in six steps."""
    panels = [_step(number, *step) for number, step in enumerate(_ACCOUNT[language], 1)]
    return f"<div class=steps>{''.join(panels)}</div>"


def _step(
    number: int, title: str, text: str, path: str, what: str | Sequence[tuple[str, str]], press: str, warn: str
) -> str:
    parts = [
        f"<h3><span class=mark>{number}</span>{rich(title)}</h3><p>{rich(text)}</p>",
        f"<div class=path>{rich(path)}</div>" if path else "",
        _what(what),
        f"<span class=press>{rich(press)}</span>" if press else "",
        _note(warn) if warn else "",
    ]
    return f"<div class=step>{''.join(parts)}</div>"


def _note(text: str) -> str:
    """A remark; one that begins with ! is a warning."""
    return f"<div class='note{' warn' if text.startswith('!') else ''}'>{rich(text.removeprefix('!'))}</div>"


def _what(what: str | Sequence[tuple[str, str]]) -> str:
    """A command or a file as it is written, or fields with what goes into them."""
    if isinstance(what, str):
        return f"<div class=code>{rich(what)}</div>"
    return "".join(
        f"<div class=field><span>{rich(name)}</span><span>{rich(value).replace('@', '@<wbr>')}</span></div>"
        for name, value in what
    )


def sharing(language: str) -> str:
    """Who may open the sheet, and two ways to let somebody."""
    panels = [
        _step(number, title, text, "", what, "", warn)
        for number, (title, text, what, warn) in enumerate(_SHARING[language], 1)
    ]
    return f"<div class=steps>{''.join(panels)}</div>"
