#!/usr/bin/env python3
"""Is recording compiled to plain loads and stores?

Reads the machine code of the `hot_` functions of examples/hot_paths.rs, and of every function that they call, which may
be in the library: no `lock` prefix, no fence, no exchange with memory, no call through a pointer, and no call to
anything whose code is not read, which allocation would be. Only functions that are cold may do what they like; each is
named below with the reason why recording does not come there in the steady state.

`codegen.py --test` checks what this check says of small pieces of code.
"""

import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))

HOT = ["counter_inc", "float_counter_add", "gauge_set", "updown_inc", "updown_dec", "busy_begin", "busy_end",
       "histogram_observe", "dense_inc"]
COLD = {
    "record_cold": "a thread's first record of a series, and records of handles that are stale",
    "find_place": "a native histogram's window moves, a few times in the life of a series",
    "unusual_index": "the native bucket of a subnormal number",
    "add_nothing": "an amount that a counter does not take",
    "ignored": "a record that is ignored and counted",
    "write_announced": "a gauge that was looked up, which pays one exchange with memory of its own thread, as documented",
    "let_go": "the last handle that kept a series ends",
    "mark_now": "the first lookup of a series in a family that opted out of series at zero",
    "resolve": "a label set that a dynamic family has not seen",
    "claim_for_thread": "a thread's first record",
    "with_borrowed_arena": "a record in a thread's last destructors",
    "panic_bounds_check": "never: an index out of bounds",
    "panic_in_cleanup": "never: a panic within a panic",
    "panic_const": "never: an overflow",
    "_Unwind_Resume": "never: recording does not panic",
}
FORBIDDEN = re.compile(r"^(lock|mfence|sfence|lfence)\b|^xchg\w* .*\(")


def functions(path):
    """The instructions of each function of an object or a library: text, and the name to which it refers."""
    told = subprocess.run(["objdump", "-dr", "--no-show-raw-insn", path], capture_output=True, text=True, check=False)
    found, body = {}, []
    for line in told.stdout.splitlines():
        if head := re.match(r"[0-9a-f]+ <(.+)>:$", line):
            body = found.setdefault(head[1], [])
        elif relocation := re.match(r"\s+[0-9a-f]+: R_X86_64_\w+\s+([^\s+-]+)", line):
            if body:
                body[-1][1] = re.sub(r"^\.text\.(unlikely\.)?", "", relocation[1])
        elif instruction := re.match(r"\s*[0-9a-f]+:\t(.+)", line):
            inside = re.search(r"<([^>+]+)(?:\+0x[0-9a-f]+)?>", instruction[1])
            body.append([instruction[1].strip(), inside[1] if inside else None])
    return found


def build():
    """The functions of the example, and those of the library that it was linked with."""
    cargo = os.environ.get("CARGO", "cargo").split()
    told = subprocess.run([*cargo, "rustc", "--quiet", "--release", "-p", "metrics-core", "--example", "hot_paths",
                           "--message-format=json-render-diagnostics", "--", "--emit", "obj,link", "-C", "codegen-units=1",
                           "-C", "debuginfo=0"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    artifacts = [artifact for artifact in map(json.loads, told.stdout.splitlines()) if "filenames" in artifact]
    library = next(name for artifact in artifacts if artifact["target"]["name"] == "metrics_core"
                   for name in artifact["filenames"] if name.endswith(".rlib"))
    newest = max((TARGET / "release/examples").glob("hot_paths-*.o"), key=lambda path: path.stat().st_mtime)
    return functions(newest), functions(library)


def is_cold(name):
    """Whether a part of the function's path is one of these, and not only like it: mangled names tell its length before."""
    return name in COLD or re.search(r"\dpanic_const_", name) or any(
        re.search(rf"(?<!\d){len(cold)}{cold}", name) for cold in COLD)


def jumps_by_table(body):
    """The jumps through a register that was made from a table of this function's own places just before."""
    texts = [text for text, _ in body]
    return {text for at, text in enumerate(texts)
            if (jump := re.match(r"(?:notrack )?jmp +\*(%r\w+)$", text))
            and re.match(rf"add +%r\w+,{jump[1]}$", texts[at - 1])
            and any(re.match(r"movslq \(%r\w+,%r\w+,4\),%r\w+$", before) for before in texts[max(at - 4, 0):at])}


def faults(name, body, code, seen):
    """What must not be there, in a function and in those that it calls."""
    tables = jumps_by_table(body)
    for text, refers in body:
        if FORBIDDEN.search(text):
            yield f"{text}    in {name}"
        # Not through a pointer: one that the linker fills in.
        called = re.match(r"(?:notrack )?(call|jmp)\w* +(\*(?!.*\(%rip\)))?", text)
        if not called:
            continue
        if called[1] == "jmp" and (refers == name or text in tables):
            continue
        if not called[2] and is_cold(refers or ""):
            continue
        if refers not in code:
            yield f"{text}    in {name}: calls {refers or 'through a pointer'}, whose code is not read"
        elif refers not in seen:
            seen.add(refers)
            yield from faults(refers, code[refers], code, seen)


def test():
    """What is said of code as it was seen, and of code as it must not be."""
    cold = "_ZN12metrics_core4cell5local11record_cold17h0123456789abcdefE"
    lookalike = "_ZN12metrics_core4cell5local18record_cold_or_not17h0123456789abcdefE"
    table = [["movslq (%rcx,%rax,4),%rax", None], ["add    %rcx,%rax", None], ["jmp    *%rax", None]]
    said = [
        ("a plain store", [["mov    %rax,(%rcx)", None]], 0),
        ("a lock prefix", [["lock incq (%rcx)", None]], 1),
        ("a fence", [["mfence", None]], 1),
        ("an exchange with memory", [["xchg   %rax,(%rcx)", None]], 1),
        ("a jump within", [["jmp    10 <f+0x10>", "f"]], 0),
        ("a jump by table", table, 0),
        ("a jump through a pointer", [["jmp    *%rax", None]], 1),
        ("a jump through memory", [["jmp    *0x18(%rax)", None]], 1),
        ("a jump through a sum that is of no table", table[1:], 1),
        ("a call through a pointer", [["call   *%rax", None]], 1),
        ("a call of what is cold", [["call   5 <f+0x5>", cold]], 0),
        ("a call of what is cold in std", [["call   5 <f+0x5>", "_RNvNtCsgEm_4core9panicking18panic_bounds_check"]], 0),
        ("a call by the linker's table", [["call   *0x0(%rip)        # 6 <f+0x6>", cold]], 0),
        ("a call of what is only called like it", [["call   5 <f+0x5>", lookalike]], 1),
        ("a call of what is not read", [["call   5 <f+0x5>", "malloc"]], 1),
    ]
    wrong = [what for what, body, number in said if len(list(faults("f", body, {}, set()))) != number]
    for what in wrong:
        print("WRONG:", what)
    print(f"{len(said) - len(wrong)} of {len(said)} pieces of code are judged as they should be")
    return bool(wrong)


def main():
    if sys.argv[1:] == ["--test"]:
        return test()
    if platform.machine() != "x86_64":
        print("SKIPPED: this check reads x86-64 code")
        return 0
    example, library = build()
    code = library | example
    broken = 0
    for hot in HOT:
        name = next((name for name in example if f"hot_{hot}17h" in name), None)
        if name is None:
            print(f"MISSING hot_{hot}")
            broken = 1
            continue
        seen = set()
        found = list(faults(name, code[name], code, seen))
        broken |= bool(found)
        read = sum(len(code[name]) for name in seen | {name})
        also = ", ".join(sorted(re.sub(r"^.*?\d+([a-z_]+)17h.*$", r"\1", name) for name in seen))
        print(f"{'BROKEN' if found else 'ok:'} hot_{hot}, {read} instructions" + (f", those of {also} included" if also else ""))
        for fault in found:
            print("   ", fault)
    return broken


if __name__ == "__main__":
    sys.exit(main())
