#!/usr/bin/env python3
"""Is every memory ordering of the cells needed, and does a model notice when it is gone?

    metrics-core/orderings.py               weakens each ordering in turn, and compares with what orderings.txt says
    metrics-core/orderings.py run.rs:begin  only sites whose name contains this
    metrics-core/orderings.py --sample      every fourth weakening; whether all have their row is looked at all the same
    metrics-core/orderings.py --bless       writes orderings.txt anew; reasons that stand there stay
    metrics-core/orderings.py --list        names the sites

A copy of the sources is built once, with each ordering behind a number; the models then run with one number after the
other weakened: Acquire and Release to Relaxed, AcqRel to each half, SeqCst to what is next below it, fences left out.
An ordering that no model misses needs a reason in orderings.txt, or is to be weakened in earnest.
"""

import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEDGER = ROOT / "metrics-core/orderings.txt"
COPY = ROOT / "target/orderings"
SOURCES = ROOT / "metrics-core/src"
CELLS = ("busy", "directory", "held", "help", "histogram", "native", "run", "shared", "updown")
FILES = [f"cell/{name}.rs" for name in CELLS]
HERE = os.environ | {
    "RUSTFLAGS": os.environ.get("RUSTFLAGS", "") + " --cfg metrics_loom",
    "CARGO_TARGET_DIR": str(ROOT / "target/loom"),
    "LOOM_MAX_BRANCHES": os.environ.get("LOOM_MAX_BRANCHES", "10000"),
}
# A mutant may leave a model in a loop; a model that does not end has noticed.
SECONDS = 300

SHIM = """
fn weakened_site() -> Option<(u32, Option<Ordering>)> {
    static SITE: std::sync::OnceLock<Option<(u32, Option<Ordering>)>> = std::sync::OnceLock::new();
    *SITE.get_or_init(|| {
        let site = std::env::var("ORDERING_SITE").ok()?.parse().ok()?;
        let weaker = match std::env::var("ORDERING_WEAKER").ok()?.as_str() {
            "Relaxed" => Some(Ordering::Relaxed),
            "Acquire" => Some(Ordering::Acquire),
            "Release" => Some(Ordering::Release),
            "AcqRel" => Some(Ordering::AcqRel),
            _ => None,
        };
        Some((site, weaker))
    })
}

pub(crate) fn weakened(site: u32, ordering: Ordering) -> Ordering {
    weakened_site().filter(|weakened| weakened.0 == site).and_then(|weakened| weakened.1).unwrap_or(ordering)
}

pub(crate) fn weakened_fence(site: u32, ordering: Ordering) {
    if weakened_site().is_none_or(|weakened| weakened.0 != site) {
        fence(ordering);
    }
}
"""


class Site:
    """An ordering: where it stands, and to what it can be weakened."""

    def __init__(self, number, file, function, nth, ordering, statement):
        self.number, self.ordering = number, ordering
        self.name = f"{file}:{function}#{nth}"
        self.fence = "fence(" in statement
        self.statement = statement

    def weaker(self):
        if self.fence:
            return ["none"]
        if self.ordering == "SeqCst":
            if "swap" in self.statement or "exchange" in self.statement:
                return ["AcqRel", "Acquire", "Release"]
            return ["Release" if ".store(" in self.statement else "Acquire", "Relaxed"]
        return {"Acquire": ["Relaxed"], "Release": ["Relaxed"], "AcqRel": ["Acquire", "Release"]}[self.ordering]


def sites(text, file, first):
    """The sites of a file, and its text with each behind its number."""
    found, lines, function, nth = [], [], "", 0
    for line in text.split("\n"):
        if re.match(r"mod tests", line):
            break
        named = re.match(r"\s*(?:pub(?:\([a-z]+\))? )?(?:const )?fn (\w+)", line)
        if named:
            function, nth = named[1], 0
        code, comment, rest = line.partition("//")

        def behind_number(match):
            nonlocal nth
            nth += 1
            site = Site(first + len(found), file, function, nth, match[2], line.strip())
            found.append(site)
            what = "weakened_fence" if match[1] else "weakened"
            return f"crate::sync::{what}({site.number}, Ordering::{match[2]}"  + (")" if not match[1] else "")

        code = re.sub(r"(\bfence\()?Ordering::(Acquire|Release|AcqRel|SeqCst)\b", behind_number, code)
        lines.append(code + comment + rest)
    lines += text.split("\n")[len(lines):]
    return found, "\n".join(lines)


def copy_sources():
    """Copies the workspace as git knows it, and numbers the orderings of the copy."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            cwd=ROOT, check=True, capture_output=True)
    # What the copy before had and the workspace has no longer would be built too.
    shutil.rmtree(COPY, ignore_errors=True)
    COPY.mkdir(parents=True)
    subprocess.run(f"tar --null -T - -c | tar -x -C '{COPY}'", shell=True, cwd=ROOT, input=listed.stdout, check=True)
    found = []
    for pattern in FILES:
        for path in sorted(SOURCES.glob(pattern)):
            file = str(path.relative_to(SOURCES))
            more, text = sites(path.read_text(), file, len(found))
            found += more
            (COPY / "metrics-core/src" / file).write_text(text)
    sync = COPY / "metrics-core/src/sync.rs"
    sync.write_text(sync.read_text() + SHIM)
    return found


def build():
    """The program that runs the models."""
    cargo = os.environ.get("CARGO", "cargo").split()
    command = [*cargo, "test", "--release", "-p", "metrics-core", "--no-default-features", "--lib", "--no-run"]
    told = subprocess.run(command, cwd=COPY, env=HERE, capture_output=True, text=True)
    program = re.search(r"\((\S*metrics_core-[0-9a-f]+)\)", told.stderr)
    if told.returncode or not program:
        sys.exit(told.stderr)
    # A name of its own: loom.sh builds a program of the same name.
    return shutil.copy(COPY / program[1], COPY / "models")


def noticed(program, site=None, weaker=""):
    """The first model that fails with one ordering weakened; None if none does."""
    environment = HERE | ({"ORDERING_SITE": str(site.number), "ORDERING_WEAKER": weaker} if site else {})
    running = subprocess.Popen([program, "models"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                               text=True, start_new_session=True)
    clock = threading.Timer(SECONDS, running.kill)
    clock.start()
    failed = None
    for line in running.stdout:
        found = re.search(r"^test \S*models::(\S+) \.\.\. FAILED", line)
        if found:
            failed = found[1]
            running.kill()
            break
    clock.cancel()
    return failed or ("a model that does not end" if running.wait() else None)


def ledger():
    """What orderings.txt says of each weakening."""
    rows = {}
    for line in LEDGER.read_text().splitlines() if LEDGER.exists() else []:
        if line and not line.startswith("#"):
            name, said = line.split(" | ", 1)
            rows[name] = said
    return rows


HEAD = """# Each ordering of the cells, weakened: which model notices, or why none does. Checked by orderings.py, which says how.
"""


def main():
    arguments = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    all_sites = copy_sources()
    chosen = [site for site in all_sites if not arguments or any(argument in site.name for argument in arguments)]
    if "--list" in sys.argv:
        for site in all_sites:
            print(site.name, site.ordering, site.statement)
        return 0
    weakenings = {f"{site.name} {site.ordering} as {weaker}": (site, weaker) for site in chosen for weaker in site.weaker()}
    tried = dict(list(weakenings.items())[::4]) if "--sample" in sys.argv else weakenings
    program = build()
    if failing := noticed(program):
        sys.exit(f"models fail as they are: {failing}")
    said, now, wrong = ledger(), {}, 0
    for name, (site, weaker) in tried.items():
        failed = noticed(program, site, weaker)
        before = said.get(name, "")
        now[name] = f"caught by {failed}" if failed else before if before.startswith("unseen: ") else "SURVIVES"
        right = before.startswith("caught") if failed else before.startswith("unseen: ")
        wrong += not right
        print("ok   " if right else "WRONG", name, "|", now[name], flush=True)
    if not arguments:
        for name in sorted((said.keys() ^ weakenings.keys()) - tried.keys()):
            wrong += 1
            print("WRONG", name, "| is in orderings.txt and not in the sources" if name in said else "| is not in orderings.txt")
    if "--bless" in sys.argv:
        partial = arguments or "--sample" in sys.argv
        kept = {name: row for name, row in said.items() if partial and name not in now}
        LEDGER.write_text(HEAD + "".join(f"{name} | {row}\n" for name, row in sorted((kept | now).items())))
        return 0
    if wrong:
        print(f"{wrong} differ: weaken the ordering in earnest, add a model, or give the reason (metrics-core/orderings.py --help)")
    return int(wrong > 0)


if __name__ == "__main__":
    if "--help" in sys.argv:
        print(__doc__)
        sys.exit(0)
    sys.exit(main())
