"""Checks that names used in one file of config/ are defined in another: a role, a stage, a move, an entry of a list.

Names that people change in the app are not checked: a rule of assignment may name a branch, a department or a person
that is only in the store (see `lib.services.work.assignment.unknown_names`).
"""

from collections.abc import Collection, Iterable, Iterator

from lib.config.model import Config
from lib.domain.clocks.escalation import HANDLER
from lib.domain.dangers.config import WHO
from lib.domain.records.case import ARCHIVED, Case
from lib.domain.records.fields import columns
from lib.domain.records.severity import PRIORITIES
from lib.domain.rules.follow_up_plan import TAKEN_BY
from lib.domain.rules.workflow import IN_REVIEW
from lib.errors import ConfigError

STAGES = ("accepted", "in_progress", "answered", IN_REVIEW, "closed", ARCHIVED)
MOVES = ("assign", "reassign", "archive")
"""Stages and moves that the code itself uses."""

_FIXED = frozenset({"", "stage", "role", "danger"})  # lists that are no part of lists.toml


def check_names(config: Config) -> None:
    """Raises ConfigError for the first name that is not defined."""
    _refuse_missing(_lists_missing(config))
    for file, key, names, known in _names(config):
        for name in names:
            if name not in known:
                raise ConfigError(file, key, f"no {name!r}", code="unknown_name", facts={"given": name})
    for file, key, codes, list_name in _codes(config):
        for code in codes:
            if code not in config.lists[list_name]:
                why, facts = f"no {code!r} in [{list_name}] of lists.toml", {"given": code, "list": list_name}
                raise ConfigError(file, key, why, code="unknown_code", facts=facts)
    _refuse_missing((*_workflow_missing(config), *_factors_missing(config)))


def _refuse_missing(places: Iterable[tuple[str, str]]) -> None:
    for file, key in places:
        raise ConfigError(file, key, "is missing", code="missing")


def _lists_missing(config: Config) -> Iterator[tuple[str, str]]:
    """Every list that a case takes a choice from, and those whose entries the files name."""
    asked = {column.choices for column in columns(Case).values()} | {"evidence_kind", "follow_up_purpose"}
    yield from (("lists.toml", name) for name in sorted(asked - _FIXED - config.lists.keys()))


def _workflow_missing(config: Config) -> Iterator[tuple[str, str]]:
    workflow = config.workflow
    yield from (("workflow.toml", f"stage.{key}") for key in STAGES if key not in workflow.stages)
    yield from (("workflow.toml", f"move.{key}") for key in MOVES if key not in workflow.moves)


def _factors_missing(config: Config) -> Iterator[tuple[str, str]]:
    judged = {factor.key for factor in config.severity.factors}
    yield from (("severity.toml", f"factors.{name}") for name in sorted(_factors() - judged))


def _factors() -> set[str]:
    """The factors of the severity that a case has a field for."""
    return {name.removeprefix("severity_") for name in columns(Case) if name.startswith("severity_")} - {"score"}


def _names(config: Config) -> Iterator[tuple[str, str, Iterable[str], Collection[str]]]:
    """(file, key, names, known): the names that stand at a key of a file, and those there are."""
    workflow, roles = config.workflow, config.roles.role
    yield "lists.toml", "priority", config.lists["priority"], PRIORITIES
    yield "severity.toml", "factors", [factor.key for factor in config.severity.factors], _factors()
    for step in config.sla.ladder:
        yield "sla.toml", f"ladder.{step.key}.tell", [step.tell], {HANDLER, *roles}
    yield "sla.toml", "silence.tell", config.sla.silence.tell, {HANDLER, *roles}
    yield "sla.toml", "silence.moves", sorted(config.sla.silence.moves), workflow.moves
    for danger in config.dangers.danger:
        yield "dangers.toml", f"danger.{danger.key}.tell", danger.tell, {*WHO, *roles}
    for rung in config.dangers.ladder:
        yield "dangers.toml", f"ladder.{rung.key}.tell", [rung.tell], {*WHO, *roles}
    for line in config.archive.rule:
        yield "archive.toml", f"rule.{line.key}.from", line.sources, workflow.stages
    for reply in config.replies.reply:
        yield "replies.toml", f"reply.{reply.key}.moves", reply.moves, workflow.moves
    for purpose, callers in config.follow_up.callers.items():
        yield "followup.toml", f"callers.{purpose}", callers, {TAKEN_BY, *roles}
    for rule in config.assignment.rule:
        yield "assignment.toml", f"rule.{rule.key}.role", [rule.role], {"", *roles}


def _codes(config: Config) -> Iterator[tuple[str, str, Iterable[str], str]]:
    """(file, key, codes, list) wherever a file names entries of a list."""
    for move in config.workflow.move:
        at = f"move.{move.key}"
        yield "workflow.toml", f"{at}.kinds", move.kinds, "kind"
        yield "workflow.toml", f"{at}.only", [kind for kinds in move.only.values() for kind in kinds], "kind"
        for field, values in (*move.needs_if.items(), *((field, [value]) for field, value in move.sets.items())):
            key = f"{at}.needs_if" if field in move.needs_if else f"{at}.sets"
            yield "workflow.toml", key, values, columns(Case)[field].choices
    yield "sla.toml", "from_receipt.kinds", sorted(config.sla.from_receipt.kinds), "kind"
    for rule in config.archive.rule:
        yield "archive.toml", f"rule.{rule.key}.kinds", rule.kinds, "kind"
        yield "archive.toml", f"rule.{rule.key}.kind_of", [rule.kind_of] if rule.kind_of else [], "evidence_kind"
    yield "archive.toml", "retention_years", config.archive.retention_years, "kind"
    yield "warranty.toml", "categories", config.warranty.categories, "category"
    yield "keywords.toml", "words", config.keywords.words, "category"
    for danger in config.dangers.danger:
        named = [danger.department] if danger.department else []
        yield "dangers.toml", f"danger.{danger.key}.department", named, "department"
    yield "followup.toml", "purposes", config.follow_up.purposes, "follow_up_purpose"
    yield "followup.toml", "callers", config.follow_up.callers, "follow_up_purpose"
    for trigger, plan in config.follow_up.plans.items():
        yield "followup.toml", f"plans.{trigger}.kinds", plan.kinds, "kind"
        yield "followup.toml", f"plans.{trigger}.categories", plan.categories, "category"
