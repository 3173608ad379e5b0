"""Cuts a DQDL document into tokens, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lakehouse.errors import LakehouseError

_TOKEN = re.compile(
    r"""(?P<blank>[ \t\r\n]+|\#[^\n]*)
      | (?P<string>"(?:[^"\\\n]|\\.)*")
      | (?P<number>[0-9]+(?:\.[0-9]+)?(?![A-Za-z0-9_.]))
      | (?P<word>[A-Za-z0-9_.]+)
      | (?P<sign>!=|<=|>=|[=<>\[\](){},:+*/-])""",
    re.VERBOSE,
)


class DqdlError(LakehouseError):
    """A ruleset is not valid, or says what is outside the subset. `line` and `column` count from 1."""

    def __init__(self, name: str, line: int, column: int, problem: str) -> None:
        """Names the ruleset, the place in it and the problem."""
        self.line, self.column = line, column
        super().__init__(f"{name}:{line}:{column}: {problem}")


@dataclass(frozen=True)
class Token:
    """A token: `kind` is string, number, word, sign or end; `text` as written."""

    kind: str
    text: str
    line: int
    column: int


def tokenize(text: str, name: str) -> list[Token]:
    """All tokens of the document and one of kind end. Comments (`#` to the end of the line) are left out."""
    tokens: list[Token] = []
    place, line, line_start = 0, 1, 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            problem = "a text that does not end" if text[place] == '"' else f"unexpected {text[place]!r}"
            raise DqdlError(name, line, place - line_start + 1, problem)
        if match.lastgroup != "blank":
            tokens.append(Token(str(match.lastgroup), match[0], line, place - line_start + 1))
        if "\n" in match[0]:
            line += match[0].count("\n")
            line_start = place + match[0].rindex("\n") + 1
        place = match.end()
    return [*tokens, Token("end", "", line, place - line_start + 1)]


def join_tokens(tokens: list[Token]) -> str:
    """The tokens as one line, the way such a rule is usually written."""
    text, before = "", Token("sign", "(", 0, 0)
    sign_of_number = False
    for token in tokens:
        tight = before.text in ("[", "(") or token.text in ("]", ")", ",") or (token.text, before.text) == ("(", "now")
        text += token.text if tight or sign_of_number else f" {token.text}"
        sign_of_number = token.text == "-" and before.text != ")"
        before = token
    return text
