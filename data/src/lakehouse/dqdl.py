"""Reads rulesets written in DQDL, the rule language of AWS Glue Data Quality, as far as this pipeline uses it.

The subset, with the meaning that Glue gives it:

    Rules = [ <rule>, <rule>, ... ]        # comments as here
    RowCount <number condition>            ColumnCount <number condition>       ColumnExists "column"
    IsComplete "column"                    Completeness "column" <number condition>
    IsUnique "column" ...                  Uniqueness "column" ... <number condition>
    IsPrimaryKey "column" ...              ReferentialIntegrity "a,b" "dataset.{c,d}" <number condition>
    ColumnValues "column" <value condition> [with threshold <number condition>]

A condition is `= != < <= > >=` and an operand, `[not] between x and y` (both ends excluded), `[not] in [x, y]`, and for
values `matches "expression"` (the whole value). Operands are numbers, texts, dates ("2025-03-01", `now()`,
`(now() - 3 days)`), NULL, EMPTY and WHITESPACES_ONLY. A rule that looks at rows may end in `where "<SQL condition>"`.
Everything else of DQDL is refused by name.
"""

from __future__ import annotations

from lakehouse.dqdl_conditions import COMPARISONS, OPERATORS, ConditionReader, show
from lakehouse.dqdl_model import OUTSIDE, SECTIONS_OUTSIDE, SHAPES, Condition, Rule, Ruleset, Shape, split_reference
from lakehouse.dqdl_tokens import DqdlError, Token, join_tokens

__all__ = ["DqdlError", "Rule", "Ruleset", "parse_ruleset"]


def parse_ruleset(text: str, name: str = "ruleset") -> Ruleset:
    """Reads a document. Raises DqdlError, which begins with `name:line:column`."""
    return _RulesetReader(text, name).document()


class _RulesetReader(ConditionReader):
    """Recursive descent over the tokens; one method per construct of the language."""

    def document(self) -> Ruleset:
        if self._token.text in SECTIONS_OUTSIDE:
            raise self._outside(f"a section {self._token.text}")
        self._expect("Rules")
        self._expect("=")
        self._expect("[")
        rules = self._separated(self._rule, "]")
        if self._token.kind != "end":
            if self._token.text in SECTIONS_OUTSIDE:
                raise self._outside(f"a section {self._token.text}")
            raise self._fail(f"got {show(self._token)}, expected nothing after the rules")
        return Ruleset(self._name, tuple(rules))

    def _rule(self) -> Rule:
        first = self._place
        shape = self._rule_type()
        start = self._tokens[first]
        parameters = self._parameters(start, shape)
        condition = self._rule_condition(start, shape)
        where = self._where(start, shape)
        threshold = self._threshold(start, shape)
        text = join_tokens(self._tokens[first : self._place])
        rule = Rule(start.text, parameters, condition, threshold, where, text, start.line, start.column)
        if rule.type == "ReferentialIntegrity":
            try:
                split_reference(rule)
            except ValueError as error:
                raise self._fail(str(error), start) from error
        return rule

    def _rule_type(self) -> Shape:
        token = self._token
        if token.text == "(":
            raise self._outside("a rule combined with and/or", "write each rule by itself")
        if token.text in OUTSIDE:
            raise self._outside(f"the rule type {token.text}", f"it has {', '.join(SHAPES)}")
        if token.kind != "word" or token.text not in SHAPES:
            raise self._fail(f"got {show(token)}, expected a rule type: {', '.join(SHAPES)}")
        self._next()
        return SHAPES[token.text]

    def _parameters(self, rule: Token, shape: Shape) -> tuple[str, ...]:
        found: list[str] = []
        while self._token.kind == "string" or (
            self._token.kind == "word" and self._token.text not in (*OPERATORS, "where", "with")
        ):
            token = self._next()
            if len(found) == shape.most:
                raise self._fail(f"{rule.text} takes {_count(shape)}, got another: {show(token)}", token)
            found.append(self._text(token) if token.kind == "string" else token.text)
        if len(found) < shape.least:
            raise self._fail(f"{rule.text} takes {_count(shape)}, got {show(self._token)}")
        return tuple(found)

    def _rule_condition(self, rule: Token, shape: Shape) -> Condition | None:
        token = self._token
        begins = token.text in COMPARISONS or token.text in OPERATORS
        if shape.condition == "none":
            if begins:
                raise self._fail(f"{rule.text} takes no condition, got {show(token)}")
            return None
        if not begins:
            raise self._fail(f"{rule.text} needs a condition, got {show(token)}")
        return self._number_condition() if shape.condition == "number" else self._condition()

    def _where(self, rule: Token, shape: Shape) -> str | None:
        token = self._take("where")
        if token is None:
            return None
        if not shape.where:
            raise self._fail(f"{rule.text} takes no where", token)
        return self._string("an SQL condition in quotes")

    def _threshold(self, rule: Token, shape: Shape) -> Condition | None:
        token = self._take("with")
        if token is None:
            return None
        if not shape.threshold:
            raise self._fail(f"{rule.text} takes no threshold", token)
        self._expect("threshold")
        return self._number_condition()


def _count(shape: Shape) -> str:
    if shape.most == shape.least:
        return {0: "no parameter", 1: "one column"}.get(shape.least, f"{shape.least} parameters")
    return "one or more columns"
