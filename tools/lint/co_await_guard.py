#!/usr/bin/env python3
"""Refuses the co_await forms that GCC 12 miscompiles (double frees, crashes).

Rule: name it, then await it. A statement with co_await is `[T x =] co_await call(names);`: no braces, no `?:`,
no capturing lambda, and it is not the head of a switch. clang is right on all forms; GCC 12.2 is not
(asio issues 1007, 1027, 1135).

Usage: co_await_guard.py FILE|FOLDER...   prints file:line: reason, exits 1 if anything was found
       co_await_guard.py --self-test      runs the known broken and harmless forms
"""
import pathlib
import re
import sys

STRINGS_AND_COMMENTS = re.compile(
    r'R"(?P<d>[^(\s]*)\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|//[^\n]*|/\*.*?\*/', re.S)
CAPTURE = re.compile(r"\[(?!\[)\s*[&=\w][^\]\[]*\]\s*[({]")
BRACED_ARGUMENT = re.compile(r"[\w>(,=]\s*\{")


def blank(match):
    text = match.group(0)
    return re.sub(r"[^\n]", " ", text) if text[0] == "/" else '""' + "\n" * text.count("\n")


def statements(code):
    """Yields (offset, text) of every statement: from its start to the `;` or the `{` of its block."""
    start, depth, i = 0, 0, 0
    while i < len(code):
        c = code[i]
        if c in "([":
            depth += 1
        elif c in ")]":
            depth = max(0, depth - 1)
        elif c == ";" and depth == 0:
            yield start, code[start:i]
            start = i + 1
        elif c == "{" and depth == 0:
            head = code[start:i]
            if "co_await" in head and not re.search(r"\)\s*$", head):
                end = matching(code, i)  # an initialiser, part of the statement
                i = end
                continue
            if re.search(r"=\s*$|\w\s*$", head) and "co_await" in code[i:matching(code, i)] and is_initialiser(head):
                i = matching(code, i)
                continue
            yield start, head
            start = i + 1
        elif c == "}" and depth == 0:
            start = i + 1
        i += 1


def is_initialiser(head):
    words = head.split()
    not_a_name = r"(do|else|try|namespace|struct|class|enum|union|const|noexcept|override|final)\b"
    return len(words) >= 2 and not re.match(not_a_name, words[-1]) \
        and not re.search(r"\b(namespace|struct|class|enum|union)\b", head) and ")" not in words[-1]


def matching(code, i):
    depth = 0
    for j in range(i, len(code)):
        depth += {"{": 1, "}": -1}.get(code[j], 0)
        if depth == 0:
            return j + 1
    return len(code)


def faults(text):
    code = STRINGS_AND_COMMENTS.sub(blank, text)
    for offset, statement in statements(code):
        at = statement.find("co_await")
        if at < 0:
            continue
        line = code.count("\n", 0, offset + at) + 1
        if re.match(r"\s*switch\s*\(", statement):
            yield line, "co_await in the head of a switch crashes on GCC 12"
        elif re.search(r"\?[^;]*co_await|co_await[^;?]*\?[^;]*:(?!:)", statement):
            yield line, "co_await beside ?: frees twice on GCC 12"
        elif CAPTURE.search(statement[at:]):
            yield line, "a capturing lambda in a statement with co_await is destroyed twice on GCC 12"
        elif not re.search(r"co_return\s+[\w:<>]+\s*\{[^{}]*\}\s*$", statement) and (
                BRACED_ARGUMENT.search(statement[at:]) or re.search(r"\{[^}]*co_await", statement)):
            yield line, "braces in a statement with co_await free twice on GCC 12"


BROKEN = [
    "co_await f(Req{path, 3});", "co_await f(Req{});", "co_await f({path, 3});", "co_await f({.name = s});",
    "Report r{co_await probe(), 2};", "x = ok ? co_await f(s) : y;", "switch (co_await f()) { }",
    "co_await co_spawn(ex, [s]() -> awaitable<void> { co_return; }, token);", "co_await f([s](int) {});",
    "co_await f({1, 2, 3});", "co_await f(Req{}, 3);", "co_await f(a, {});", "co_await async_initiate([p](auto h) {}, t);",
]
HARMLESS = [
    "auto r = co_await f(request);", "if (auto s = co_await f(x); !s) { g(Req{1}); }", "while (co_await more()) { x(); }",
    "co_return Report{1, 2};", "auto r = co_await (a() || b());", "// co_await f({1});", 'log("co_await f({1})");',
    "void f() { co_await g(x); }", "co_await f(std::move(named), std::string(\"a\"));", "case 1: co_await f(x); break;",
    "awaitable<int> f() { auto x = co_await g(); co_return x; }", "for (auto& x : list) { co_await f(x); }",
    "struct S { awaitable<int> f() override { auto g = [x]() {}; auto y = co_await h(); co_return T{y}; } };",
]


def self_test():
    wrong = [s for s in BROKEN if not list(faults("void f() {" + s + "}"))]
    wrong += [s for s in HARMLESS if list(faults(s))]
    for s in wrong:
        print(f"guard judges wrongly: {s}")
    print(f"{len(BROKEN) + len(HARMLESS) - len(wrong)} of {len(BROKEN) + len(HARMLESS)} forms judged rightly")
    return 1 if wrong else 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    files = []
    for a in map(pathlib.Path, arguments):
        files += [a] if a.is_file() else [p for e in ("cpp", "hpp") for p in sorted(a.rglob("*." + e))]
    found = [(f, line, why) for f in files for line, why in faults(f.read_text())]
    for f, line, why in found:
        print(f"{f}:{line}: {why}")
    print(f"{len(files)} files read, {len(found)} forms to rewrite")
    return 1 if found or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
