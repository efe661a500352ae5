#!/usr/bin/env python3
"""Fails, naming the places, where a public header says less than it should.

    cmake/check_public_docs.py [HEADER...]

- Each declaration of include/varve has a `///` line above it, or a `///<` behind it. A function's begins with a verb, a type's
  does not. None are needed by deleted and defaulted members, destructors, copies and moves, friends, specialisations, private
  members and forward declarations.
- The lines that begin with a label (Shape, Dtype, ...) stand in the order of LABELS, each label at the beginning of its line:
  a formatter that fills comments anew breaks this first.
- A `///<` stands behind a declaration that is one line.
"""
import pathlib
import re
import sys

LABELS = ["Shape", "Dtype", "Chunks", "Memory", "I/O", "Bits", "Values", "Source", "Errors"]
LABEL = re.compile(r"(?<![\w`/])(%s):(?= |$)" % "|".join(LABELS))
BEGINS_BLOCK = re.compile(r"(?:inline )?(namespace|enum class|enum|class|struct|union)\b(?!.*[;=)]\s*$)")
IGNORED = re.compile(r"#|using (?!\w+ =)|friend |static_assert|extern |VARVE_|template <>|~|(public|private|protected):|\}")


def statements(lines):
    """Yields (kind, name of the scope, number of the first line, text) of each declaration in namespaces and classes."""
    scopes, start, text, depth, macro = [], None, "", 0, False
    for number, line in enumerate(lines):
        code = re.sub(r'"(\\.|[^"\\])*"', '""', line.split("//")[0]).strip()
        macro, was_macro = line.rstrip().endswith("\\"), macro
        if not code or was_macro or code.startswith("#"):
            continue
        access = re.fullmatch(r"(public|private|protected):", code)
        if access and depth == 0:
            scopes[-1][2] = access[1] == "public"
            continue
        if start is None:
            start, text = number, ""
        text += " " + code
        if depth > 0 or not BEGINS_BLOCK.match(without_template(text)):
            depth += code.count("{") + code.count("(") - code.count("}") - code.count(")")
            closes = depth < 0
            if closes:  # the end of a class, an enumeration or a namespace
                depth, start = 0, None
                scopes.pop()
                continue
            in_enum = scopes and scopes[-1][0].startswith("enum")
            if depth == 0 and (code[-1] in ";}" or (in_enum and code[-1] == ",") or in_enum):
                if all(scope[2] for scope in scopes):
                    yield ("enumerator" if in_enum else "plain"), scopes, start, text.strip()
                start = None
            continue
        if not code.endswith("{"):
            if code.endswith("}") or code.endswith("};"):  # whole in one line
                if all(scope[2] for scope in scopes):
                    yield "type", scopes, start, text.strip()
                start = None
            continue
        kind = re.search(r"\b(namespace|enum class|enum|class|struct|union)\b", text)[1]
        if kind != "namespace" and all(scope[2] for scope in scopes):
            yield "type", scopes, start, text.strip()
        name = re.search(r"%s (\w*)" % kind, text)
        scopes.append([kind, name[1] if name else "", kind != "class"])
        start = None


def without_template(text):
    text = text.strip()
    while match := re.match(r"template <[^<>]*(<[^<>]*>[^<>]*)*> ?", text):
        text = text[match.end() :]
    return text


def comment_above(lines, number):
    block = []
    while number > 0 and lines[number - 1].strip().startswith("///"):
        number -= 1
        block.insert(0, lines[number].strip()[3:].strip())
    return block


def is_function(text):
    return bool(re.search(r"\w(?:<[^(]*>)?\(|operator\S+\(|operator\(\)", text.split("=")[0] if "operator" not in text else text))


def problems_of(path):
    lines = path.read_text().splitlines()
    verbs, types = set(), []
    for kind, scopes, number, text in statements(lines):
        if IGNORED.match(text) or "= delete" in text or "= default" in text or kind == "enumerator":
            continue
        if re.fullmatch(r"(enum class|class|struct) \w+( : [\w:]+)?;", text):
            continue
        block = comment_above(lines, number)
        if re.match(r"(\w+)\((const )?\1 ?&|\w+& operator=\(", text):
            continue
        if not block and not any("///<" in line for line in lines[number : number + 1 + text.count(";")]):
            yield number, f"lacks a /// line: {text[:60]}"
            continue
        first = block[0].split(" ")[0] if block else ""
        bare = without_template(text)
        constructor = scopes and scopes[-1][1] and re.match(r"(explicit |constexpr )*%s\(" % scopes[-1][1], bare)
        if kind == "type" or bare.startswith(("using ", "concept ")):
            types.append((number, first))
        elif block and is_function(bare) and "std::function<" not in bare and (constructor or not bare.startswith("std::function")):
            if not re.fullmatch(r"[A-Z][a-z]+s", first):
                yield number, f"the /// line of a function begins with a verb, not '{first}'"
            verbs.add(first)
    for number, first in types:
        if first in verbs | {"Is", "Says", "Names", "Tells", "Holds", "Describes", "Takes"}:
            yield number, f"the /// line of a type is a noun phrase, and does not begin with '{first}'"
    yield from layout_problems(lines)


def layout_problems(lines):
    last = -1
    for number, line in enumerate(lines):
        comment = re.match(r"\s*///?(?!<)(.*)", line)
        if re.match(r"\s*(\}|\w*;)?\s*///<", line) or re.search(r"[=(,{]\s*///<", line):
            if not re.search(r",\s*///<", line):
                yield number, "a ///< stands behind a declaration of one line"
        if not comment or not comment[1].strip():
            last = last if comment else -1
            continue
        for label in LABEL.finditer(comment[1]):
            if comment[1][: label.start()].strip():
                yield number, f"'{label[1]}:' begins its line"
            elif LABELS.index(label[1]) < last:
                yield number, f"'{label[1]}:' stands after what it goes before: {', '.join(LABELS)}"
            last = LABELS.index(label[1])


def main():
    root = pathlib.Path(__file__).parent.parent
    paths = [pathlib.Path(name) for name in sys.argv[1:]] or sorted((root / "include/varve").rglob("*.hpp"))
    failed = False
    for path in paths:
        for number, problem in problems_of(path):
            failed = True
            print(f"{path}:{number + 1}: {problem}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
