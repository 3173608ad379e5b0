from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.dqdl import DqdlError, parse_ruleset
from lakehouse.dqdl_model import Condition, Keyword, Now, Rule


def rule_of(text: str) -> Rule:
    (rule,) = parse_ruleset(f"Rules = [ {text} ]").rules
    return rule


def number(operator: str, *operands: str, negated: bool = False) -> Condition:
    return Condition(operator, tuple(Decimal(operand) for operand in operands), negated)


@pytest.mark.parametrize(
    ("text", "type_", "parameters", "condition"),
    [
        ("RowCount > 0", "RowCount", (), number(">", "0")),
        ("RowCount between 10 and 20", "RowCount", (), number("between", "10", "20")),
        ("RowCount not between -1 and 1.5", "RowCount", (), number("between", "-1", "1.5", negated=True)),
        ("RowCount in [1, 2, 3]", "RowCount", (), number("in", "1", "2", "3")),
        ("ColumnCount = 10", "ColumnCount", (), number("=", "10")),
        ('ColumnExists "a b"', "ColumnExists", ("a b",), None),
        ("IsComplete order_id", "IsComplete", ("order_id",), None),
        ('IsUnique "a" "b"', "IsUnique", ("a", "b"), None),
        ('IsPrimaryKey a "b" c', "IsPrimaryKey", ("a", "b", "c"), None),
        ('Completeness "a" >= 0.95', "Completeness", ("a",), number(">=", "0.95")),
        ('Uniqueness "a" != 1', "Uniqueness", ("a",), number("!=", "1")),
        ('ColumnValues "a" > -1.25', "ColumnValues", ("a",), number(">", "-1.25")),
        ('ColumnValues "a" = "x y"', "ColumnValues", ("a",), Condition("=", ("x y",))),
        ('ColumnValues "a" != NULL', "ColumnValues", ("a",), Condition("!=", (Keyword("NULL"),))),
        (
            'ColumnValues "a" not in ["x", null, EMPTY, whitespaces_only]',
            "ColumnValues",
            ("a",),
            Condition("in", ("x", Keyword("NULL"), Keyword("EMPTY"), Keyword("WHITESPACES_ONLY")), True),
        ),
        ('ColumnValues "a" in [1, NULL]', "ColumnValues", ("a",), Condition("in", (Decimal(1), Keyword("NULL")))),
        ('ColumnValues "a" matches "[a-z]+"', "ColumnValues", ("a",), Condition("matches", ("[a-z]+",))),
        (r'ColumnValues "a" = "say \"hi\" \\ there"', "ColumnValues", ("a",), Condition("=", (r'say "hi" \ there',))),
        ('ColumnValues "d" >= "2025-03-01"', "ColumnValues", ("d",), Condition(">=", ("2025-03-01",))),
        ('ColumnValues "d" <= now()', "ColumnValues", ("d",), Condition("<=", (Now(),))),
        ('ColumnValues "d" > (now() - 3 days)', "ColumnValues", ("d",), Condition(">", (Now(timedelta(-3)),))),
        (
            'ColumnValues "d" between "2025-03-01" AND (now() + 12 hours)',
            "ColumnValues",
            ("d",),
            Condition("between", ("2025-03-01", Now(timedelta(hours=12)))),
        ),
        (
            'ReferentialIntegrity "a,b" "other.{c,d}" = 1.0',
            "ReferentialIntegrity",
            ("a,b", "other.{c,d}"),
            number("=", "1.0"),
        ),
    ],
)
def test_rules_of_the_subset(text: str, type_: str, parameters: tuple[str, ...], condition: Condition | None) -> None:
    rule = rule_of(text)
    assert (rule.type, rule.parameters, rule.condition) == (type_, parameters, condition)
    assert (rule.threshold, rule.where) == (None, None)
    assert rule.text == text


def test_where_and_threshold() -> None:
    rule = rule_of('ColumnValues "a" in [1,2]   where "b > 0"\n with threshold > 0.9')
    assert rule.where == "b > 0"
    assert rule.threshold == number(">", "0.9")
    assert rule.text == 'ColumnValues "a" in [1, 2] where "b > 0" with threshold > 0.9'


def test_a_document_with_comments_keeps_order_and_places() -> None:
    text = '# about orders\nRules = [\n  RowCount > 0, # at all\n\n  # the key\n\tIsPrimaryKey "a#b"\n]\n# end'
    rules = parse_ruleset(text, "orders.dqdl").rules
    assert [(rule.type, rule.line, rule.column) for rule in rules] == [("RowCount", 3, 3), ("IsPrimaryKey", 6, 2)]
    assert rules[1].parameters == ("a#b",)


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("", "1:1", "got the end, expected Rules"),
        ("rules = [ RowCount > 0 ]", "1:1", "got rules, expected Rules"),
        ("Rules [ RowCount > 0 ]", "1:7", "got [, expected ="),
        ("Rules = { }", "1:9", "got {, expected ["),
        ("Rules = [ ]", "1:11", "got ], expected a rule type"),
        ("Rules = [ RowCount > 0", "1:23", "got the end, expected , or ]"),
        ("Rules = [ RowCount > 0, ]", "1:25", "got ], expected a rule type"),
        ("Rules = [ RowCount > 0 ] more", "1:26", "got more, expected nothing after the rules"),
        ('Rules = [\n  RowCount > 0,\n  IsComplete "a" > 0.5 ]', "3:18", "IsComplete takes no condition, got >"),
        ('Rules = [ IsUnique "a" <= 1 ]', "1:24", "IsUnique takes no condition, got <="),
        ("Rules = [ IsComplete ]", "1:22", "IsComplete takes one column, got ]"),
        ('Rules = [ Completeness "a" ]', "1:28", "Completeness needs a condition, got ]"),
        ('Rules = [ ColumnValues "a" "b" > 1 ]', "1:28", 'ColumnValues takes one column, got another: "b"'),
        ('Rules = [ RowCount "a" > 1 ]', "1:20", 'RowCount takes no parameter, got another: "a"'),
        ('Rules = [ RowCount = "ten" ]', "1:20", "this condition is about a number"),
        ("Rules = [ RowCount = NULL ]", "1:20", "this condition is about a number"),
        ('Rules = [ Completeness "a" matches "x" ]', "1:28", "this condition is about a number"),
        ('Rules = [ Completeness "a" > 0.4 with threshold > 0.4 ]', "1:34", "Completeness takes no threshold"),
        ('Rules = [ ColumnValues "a" > 0.4 with ]', "1:39", "got ], expected threshold"),
        ('Rules = [ ColumnValues "a" > 0.4 with threshold ]', "1:49", "got ], expected a condition"),
        ('Rules = [ ColumnExists "a" where "b" ]', "1:28", "ColumnExists takes no where"),
        ('Rules = [ IsComplete "a" where 3 ]', "1:32", "got 3, expected an SQL condition in quotes"),
        ('Rules = [ ColumnValues "a" in [1, "2"] ]', "1:28", "the operands are of different kinds"),
        ('Rules = [ ColumnValues "a" in [now(), "x"] ]', "1:28", "the operands are of different kinds"),
        ('Rules = [ ColumnValues "a" in [] ]', "1:32", "got ], expected a number, a text or a date"),
        ('Rules = [ ColumnValues "a" > "x" ]', "1:28", "> takes numbers or dates"),
        ('Rules = [ ColumnValues "a" < NULL ]', "1:28", "< takes numbers or dates"),
        ('Rules = [ ColumnValues "a" between 1 or 2 ]', "1:38", "got or, expected and"),
        ('Rules = [ ColumnValues "a" between 1, 2 ]', "1:37", "got ,, expected and"),
        ('Rules = [ ColumnValues "a" not > 2 ]', "1:32", "got >, expected between or in"),
        ('Rules = [ ColumnValues "a" matches 3 ]', "1:36", "got 3, expected an expression in quotes"),
        ('Rules = [ ColumnValues "a" matches "[" ]', "1:36", "not an expression"),
        (r'Rules = [ ColumnValues "a" matches "^\d+$" ]', "1:36", r"\d means d in DQDL"),
        ('Rules = [ ColumnValues "a" = (now() - 3 weeks) ]', "1:41", "got weeks, expected days or hours"),
        ('Rules = [ ColumnValues "a" > (now()) ]', "1:36", "got ), expected - or +"),
        ('Rules = [ ColumnValues "a" = - ]', "1:32", "got ], expected a number"),
        ('Rules = [ ReferentialIntegrity "a" "b" > 0 ]', "1:11", 'got "b" for "a", expected dataset.column'),
        ('Rules = [ ReferentialIntegrity "a,b" "o.c" > 0 ]', "1:11", 'got "o.c" for "a,b", expected dataset.column'),
        ('Rules = [ ReferentialIntegrity "a" > 0 ]', "1:36", "ReferentialIntegrity takes 2 parameters, got >"),
        ('Rules = [\n IsComplete "a ]', "2:13", "a text that does not end"),
        ("Rules = [ RowCount > $limit ]", "1:22", "unexpected '$'"),
        ("Rules = [ Rowcount > 0 ]", "1:11", "got Rowcount, expected a rule type: RowCount,"),
    ],
)
def test_errors_name_the_place(text: str, place: str, problem: str) -> None:
    with pytest.raises(DqdlError) as caught:
        parse_ruleset(text, "orders.dqdl")
    assert str(caught.value).startswith(f"orders.dqdl:{place}: {problem}")
    assert f"{caught.value.line}:{caught.value.column}" == place


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('Rules = [ CustomSql "select 1" > 0 ]', "the rule type CustomSql"),
        ('Rules = [ ColumnDataType "a" = "INTEGER" ]', "the rule type ColumnDataType"),
        ('Rules = [ (IsComplete "a") and (IsUnique "a") ]', "a rule combined with and/or"),
        ("Rules = [ RowCount > avg(last(10)) ]", "a dynamic rule (avg)"),
        ('Rules = [ ColumnValues "a" not matches "x" ]', "not matches"),
        ('Rules = [ IsComplete "a" ] Analyzers = [ RowCount ]', "a section Analyzers"),
        ('DataSources = { "Primary": "x" } Rules = [ RowCount > 0 ]', "a section DataSources"),
    ],
)
def test_what_is_outside_the_subset_is_refused_by_name(text: str, what: str) -> None:
    with pytest.raises(DqdlError, match="outside the subset") as caught:
        parse_ruleset(text)
    assert f": {what} is DQDL, but outside the subset" in str(caught.value)


@given(st.text(st.sampled_from('Rules=[]RowCount>0,"a" #\n()-.1nullandbetwixt'), max_size=60))
def test_any_text_is_a_ruleset_or_an_error_with_a_place_inside_it(text: str) -> None:
    document = f"Rules = [ {text} ]"
    try:
        parse_ruleset(document)
    except DqdlError as error:
        lines = document.split("\n")
        assert 1 <= error.line <= len(lines)
        assert 1 <= error.column <= len(lines[error.line - 1]) + 1


@given(st.lists(st.sampled_from(["RowCount > 0", 'IsUnique "a" b', 'ColumnValues "x" in ["1", "2"]']), min_size=1))
def test_the_text_of_a_rule_is_itself_that_rule(texts: list[str]) -> None:
    rules = parse_ruleset(f"Rules = [{','.join(texts)}]").rules
    again = parse_ruleset("Rules = [" + ",".join(rule.text for rule in rules) + "]").rules
    assert [(rule.type, rule.parameters, rule.condition) for rule in rules] == [
        (rule.type, rule.parameters, rule.condition) for rule in again
    ]
    assert [rule.text for rule in rules] == texts
