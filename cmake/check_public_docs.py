#!/usr/bin/env python3
"""Fails, naming the places, where a public header says less than it should.

    cmake/check_public_docs.py [HEADER...]

- Each declaration of include/varve has a `///` line above it, or a `///<` behind it. A function's begins with a verb, a type's
  does not. None are needed by what is deleted or defaulted, copies, moves, destructors, friends, specialisations, private
  members and forward declarations.
- Lines with a label (Shape, Dtype, ...) stand in the order of LABELS, and each label begins its line: a formatter that fills
  comments anew breaks this first. So it does with a `///<`, which stands behind a declaration of one line.
"""
import pathlib
import re
import sys

LABELS = ["Shape", "Dtype", "Chunks", "Memory", "I/O", "Bits", "Values", "Source", "Errors"]
LABEL = re.compile(r"(?<![\w`/])(%s):(?= |$)" % "|".join(LABELS))
TEMPLATE = re.compile(r"template <(?:[^<>]|<(?:[^<>]|<[^<>]*>)*>)*> ?(?:requires ?\(.*?\)\)? )?")
NEEDS_NONE = re.compile(
    r"friend |using (?!\w+ =)|static_assert|VARVE_|template <>|.*~\w+\(|.*= (delete|default);|(enum class|class|struct) \w+( : [\w:]+)?;"
    r"|(\w+)\((const )?\4 ?&|\w+& operator=\("
)
NO_NOUNS = {"Is", "Says", "Names", "Tells", "Holds", "Describes", "Takes", "Returns", "Does", "Makes"}


def without_comments(source):
    """Returns the source with comments, texts and preprocessor lines blank, so that lines keep their numbers."""
    source = re.sub(r"^#(.*\\\n)*.*$", lambda match: "\n" * match[0].count("\n"), source, flags=re.M)
    return re.sub(r'//.*|"(\\.|[^"\\\n])*"', "", source)


def end_of_braces(code, at):
    depth = 0
    while True:
        depth += {"{": 1, "}": -1}.get(code[at], 0)
        at += 1
        if depth == 0:
            return at


def declarations(code):
    """Yields the place and the text of each declaration of namespaces and of public parts of classes."""
    scopes = []  # of each whether it is public now
    first, parens, at = 0, 0, 0
    while at < len(code):
        text = " ".join(code[first:at].split())
        letter = code[at]
        at += 1
        parens += {"(": 1, ")": -1}.get(letter, 0)
        if parens > 0 or letter not in "{};:":
            continue
        if letter == ":":
            if text in ("public", "private", "protected"):
                scopes[-1] = text == "public"
                first = at
            continue
        head = TEMPLATE.sub("", text)
        if letter == "{" and re.match(r"(inline )?namespace\b", head):
            scopes.append(True)
        elif letter == "{" and re.match(r"(class|struct)\b", head):
            if all(scopes):
                yield first, text + " {"
            scopes.append(head.startswith("struct"))
        elif letter == "{":
            at = end_of_braces(code, at - 1)
            if "(" not in text and not head.startswith("enum"):
                continue  # to the semicolon
            if all(scopes):
                yield first, text + " {}"
            at += code[at : at + 1] == ";"
        elif letter == "}":
            scopes.pop()
        elif text and all(scopes):
            yield first, text + ";"
        first = at


def lines_of(code, first):
    """Returns the number of the line on which what begins at `first`, after spaces, stands."""
    return code.count("\n", 0, first + len(code[first:]) - len(code[first:].lstrip()))


def comment_above(lines, number):
    block = []
    while number > 0 and lines[number - 1].strip().startswith("///"):
        number -= 1
        block.insert(0, lines[number].strip()[3:].strip())
    return block


def declaration_problems(source):
    lines, code = source.splitlines(), without_comments(source)
    for first, text in declarations(code):
        if NEEDS_NONE.match(text):
            continue
        number = lines_of(code, first)
        block = comment_above(lines, number)
        if not block and "///<" not in lines[number]:
            yield number, f"lacks a /// line: {text[:60]}"
        head = TEMPLATE.sub("", text)
        if not block:
            continue
        word = block[0].split(" ")[0]
        if re.match(r"(class|struct|enum class|enum|using|concept)\b", head):
            if word in NO_NOUNS:
                yield number, f"the /// line of a type is a noun phrase, and does not begin with '{word}'"
        elif "(" in re.sub(r"=.*|<.*>", "", head.replace("operator==", "").replace("operator", "")):
            if not re.fullmatch(r"[A-Z][a-z]+s", word):
                yield number, f"the /// line of a function begins with a verb, not '{word}'"


def comment_problems(lines):
    last = -1
    for number, line in enumerate(lines):
        if re.match(r"\s*(\}|[\w.]+[;)}]+)?\s*///<", line):
            yield number, "a ///< stands behind a declaration of one line"
        comment = re.match(r"\s*///?(?!<)(.*)", line)
        if not comment:
            last = -1
            continue
        for label in LABEL.finditer(comment[1]):
            if comment[1][: label.start()].strip():
                yield number, f"'{label[1]}:' begins its line"
            elif LABELS.index(label[1]) <= last:
                yield number, f"'{label[1]}:' stands after what it goes before: {', '.join(LABELS)}"
            last = LABELS.index(label[1])


def main():
    root = pathlib.Path(__file__).parent.parent
    paths = [pathlib.Path(name) for name in sys.argv[1:]] or sorted((root / "include/varve").rglob("*.hpp"))
    failed = False
    for path in paths:
        source = path.read_text()
        for number, problem in sorted([*declaration_problems(source), *comment_problems(source.splitlines())]):
            failed = True
            print(f"{path}:{number + 1}: {problem}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
