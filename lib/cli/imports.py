"""Importing cases from a file, and taking an import back."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from lib.cli.session import print_json, progress, session_of
from lib.desk.desk import Desk
from lib.i18n import format_percent, t, tn
from lib.services.data.importing import (
    Checked,
    ImportMapping,
    ImportPlan,
    ImportReport,
    check_rows,
    mapping_from_toml,
    plan_import,
    rejected_file,
    report_of,
    run_import,
    undo_import,
)
from lib.services.data.importing.mapping import mapping_of
from lib.services.data.importing.remarks import remark_words
from lib.services.data.importing.values import value_meanings, with_values
from lib.words.names import field_name, reason_words

app = typer.Typer(help="Import cases, or take an import back.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]
_SHOWN = 20
_VALUES = 200  # of one column in the JSON report


@app.command("cases")
def import_cases(
    ctx: typer.Context,
    file: File,
    map: Annotated[
        str | None, typer.Option("--map", metavar="NAME|FILE.toml", help="A saved mapping or a TOML file.")
    ] = None,
    sheet: Annotated[
        str | None, typer.Option(help="The sheet of a workbook (default: the first with content).")
    ] = None,
    undated: Annotated[
        str | None,
        typer.Option(metavar="new|YYYY-MM-DD", help="Rows without a date: new today, or taken in on that day."),
    ] = None,
    clocks: Annotated[
        bool, typer.Option("--clocks", help="Run the clocks of open cases since their intake (default: no alerts).")
    ] = False,
    value: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN:TEXT=CODE", help="What a value means, such as 状态:已结=closed; may be repeated."),
    ] = None,
    new_entries: Annotated[
        bool, typer.Option("--new-entries", help="Add what no list has yet to the lists (told by --dry-run).")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check every row, save nothing.")] = False,
    rejected: Annotated[
        Path | None, typer.Option(help="Write the rows that fail to this file (.csv or .xlsx), to correct and load.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
) -> None:
    """Import the cases of a CSV, XLSX, XLS or ODS file. Rows that are there already are skipped."""
    session = session_of(ctx)
    mapping = _mapping(map)
    plan = plan_import(
        session.desk,
        actor=session.actor,
        content=file.read_bytes(),
        filename=file.name,
        mapping=mapping,
        sheet=sheet,
    )
    plan = _decided(plan, undated, clocks=clocks)
    plan = replace(plan, mapping=with_values(session.desk, plan.mapping, _values(plan, value or [])))
    if not as_json:
        _tell_mapping(plan)
    checked = check_rows(session.desk, plan, progress(t("Checked")))
    if rejected is not None and checked.refusals:
        rejected.write_bytes(rejected_file(checked, format="xlsx" if rejected.suffix.lower() == ".xlsx" else "csv"))
    report = report_of(checked)
    if not dry_run:
        report = run_import(
            session.desk,
            actor=session.actor,
            checked=checked,
            new_entries=new_entries,
            progress=progress(t("Imported")),
        )
    if as_json:
        print_json(_as_json(session.desk, report, checked))
    else:
        _tell(report, checked, dry_run=dry_run)
    if report.rejected and not (report.imported or report.skipped):
        raise typer.Exit(1)


@app.command("undo")
def undo(
    ctx: typer.Context,
    import_id: str,
    force: Annotated[bool, typer.Option("--force", help="Also where people have worked on the cases since.")] = False,
) -> None:
    """Remove all cases of one import."""
    session = session_of(ctx)
    count = undo_import(
        session.desk, actor=session.actor, import_id=import_id, force=force, progress=progress(t("Removed"))
    )
    typer.echo(tn("{n} case removed", "{n} cases removed", count))


def _mapping(given: str | None) -> ImportMapping | str | None:
    if given is None or not given.lower().endswith(".toml"):
        return given
    path = Path(given)
    if not path.is_file():
        raise typer.BadParameter(t("There is no file {name}.", name=given), param_hint="--map")
    return mapping_from_toml(path.read_bytes())


def _decided(plan: ImportPlan, undated: str | None, *, clocks: bool) -> ImportPlan:
    """The plan with what the options say in place of what its mapping says."""
    said: dict[str, Any] = {"clocks": True} if clocks else {}
    if undated is not None:
        said["undated"] = undated
    return plan if not said else replace(plan, mapping=mapping_of(plan.mapping.model_dump() | said))


def _values(plan: ImportPlan, given: Sequence[str]) -> dict[str, dict[str, str]]:
    """COLUMN:TEXT=CODE as {column: {text: code}}; a column may have a colon in its name."""
    found: dict[str, dict[str, str]] = {}
    for item in given:
        left, equals, code = item.rpartition("=")
        headers = (header for header in plan.mapping.columns if left.startswith(f"{header}:"))
        header = max(headers, key=len, default="")
        if not equals or not header:
            raise typer.BadParameter(
                t("“{text}” is not COLUMN:TEXT=CODE with a column that is imported.", text=item), param_hint="--value"
            )
        found.setdefault(header, {})[left.removeprefix(f"{header}:")] = code.strip()
    return found


def _tell_mapping(plan: ImportPlan) -> None:
    """What each column was taken for, so that a wrong guess is seen; and which sheet was read of several."""
    if len(plan.table.sheets) > 1:
        names = ", ".join(plan.table.sheets)
        typer.echo(t("Sheet “{sheet}” of: {sheets}", sheet=plan.table.name, sheets=names), err=True)
    for rule in plan.told():
        sure = f" ({format_percent(rule['confidence'])})" if rule["reason"] != "chosen" else ""
        typer.echo(f"{rule['header']} → {field_name('cases', rule['field'])}{sure}", err=True)
    if plan.left_out:
        typer.echo(t("Not imported: {columns}", columns=", ".join(plan.left_out)), err=True)
    if plan.absent:
        typer.echo(t("In the mapping, not in the file: {columns}", columns=", ".join(plan.absent)), err=True)


def _as_json(desk: Desk, report: ImportReport, checked: Checked) -> dict[str, Any]:
    """The report with what became of the columns and of other rows, and the reasons in words beside their codes."""
    plain = report.as_dict()
    plain["rejected"] = [{**item, "message": reason_words(item["reason"])} for item in plain["rejected"]]
    return plain | {
        "mapping": checked.plan.told(),
        "left_out": list(checked.plan.left_out),
        "absent": list(checked.plan.absent),
        "values": [
            {"header": header, "field": rule.field, **asdict(meaning)}
            for header, rule, meanings in value_meanings(desk, checked.plan)
            for meaning in meanings[:_VALUES]
        ],
        "remarks": [{**asdict(remark), "message": remark_words(remark)} for remark in checked.remarks],
    }


def _tell(report: ImportReport, checked: Checked, *, dry_run: bool) -> None:
    for remark in checked.remarks:
        where = t("Row {row}", row=remark.row) if remark.row else remark.column
        typer.echo(f"{where}: “{remark.value}” {remark_words(remark)}", err=True)
    for item in report.rejected[:_SHOWN]:
        where = t("Row {row}, {column}", row=item.row, column=item.column)
        typer.echo(f"{where}: “{item.value}” {reason_words(item.reason)}", err=True)
    if len(report.rejected) > _SHOWN:
        typer.echo(t("… and {n} more", n=len(report.rejected) - _SHOWN), err=True)
    counts = {
        "imported": report.imported,
        "skipped": report.skipped,
        "rejected": len(checked.rejected_rows),
        "rows": report.rows,
    }
    if dry_run:
        typer.echo(t("{rows} rows: {imported} can be imported, {skipped} are there, {rejected} rejected", **counts))
    else:
        typer.echo(t("{rows} rows: {imported} imported, {skipped} skipped, {rejected} rejected", **counts))
        if report.import_id:
            typer.echo(t("Import {import_id}", import_id=report.import_id))
