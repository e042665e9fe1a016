"""Do the generated tests fail when a rule is changed?

mutations.py FOLDER [ALERT]: for every rule of FOLDER/prometheus-rules.yaml, or those of one alert, changes one thing at a
time (one of an alert's two thresholds by 3 % up or down, the length of a window by a fifth, a label, the name of a series, how long a state must last),
runs the folder's tests with promtool ($PROMTOOL, or the one on PATH) and wants them to fail. MUTATE_EVERY=N takes every Nth change
only.
"""

import concurrent.futures
import copy
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

PROMTOOL = os.environ.get("PROMTOOL", "promtool")

UNITS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}


def milliseconds(text):
    return sum(int(amount) * UNITS[unit] for amount, unit in re.findall(r"(\d+)(ms|[dhms])", text))


def mutations(rule):
    """Each a name and a changed rule."""
    expression = rule["expr"]
    for number in re.finditer(r"(?<=[>=] )[0-9.]+(?= and|$)", expression):
        for factor in (0.97, 1.03) if number.group() not in ("0", "1") else ():
            changed = f"{float(number.group()) * factor:.9g}"
            text = expression[: number.start()] + changed + expression[number.end() :]
            yield f"{number.group()} at {number.start()} becomes {changed}", {**rule, "expr": text}
    for window in sorted(set(re.findall(r"(?<=\[)[0-9a-z]+(?=\])", expression))):
        for factor in (0.8, 1.2):
            changed = f"{round(milliseconds(window) * factor)}ms"
            yield f"[{window}] becomes [{changed}]", {**rule, "expr": expression.replace(f"[{window}]", f"[{changed}]")}
    if "record" in rule:
        return
    yield "another namespace", {**rule, "expr": re.sub(r'namespace="[^"]*"', 'namespace="another"', expression)}
    if "job=" in expression:
        yield "another job", {**rule, "expr": re.sub(r'job="[^"]*"', 'job="another"', expression)}
    yield "another severity", {**rule, "labels": {**rule["labels"], "severity": "none"}}
    if " unless " in expression:
        yield "without its exception", {**rule, "expr": expression.split(" unless ")[0]}
        yield "always with its exception", {**rule, "expr": re.sub(r"== 0$", ">= 0", expression)}
    if "absent(" in expression:
        yield "another series", {**rule, "expr": expression.replace("absent(", "absent(another_")}
    if "for" in rule:
        minutes = int(rule["for"].removesuffix("m"))
        for changed in (minutes - 2, minutes + 2):
            yield f"for {changed}m", {**rule, "for": f"{changed}m"}


def fails(folder, rules, tests):
    """Whether promtool finds the changed rules wrong, by a failed test and not by an error of its own."""
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        (work / "prometheus-rules.yaml").write_text(yaml.safe_dump(rules))
        for path in tests:
            (work / path.name).write_text(path.read_text())
        subprocess.run([PROMTOOL, "check", "rules", "prometheus-rules.yaml"], cwd=work, check=True, capture_output=True)
        for path in tests:
            result = subprocess.run([PROMTOOL, "test", "rules", path.name], cwd=work, capture_output=True, text=True)
            if result.returncode != 0 and "FAILED" in result.stdout + result.stderr:
                return True
        return False


def main():
    folder = pathlib.Path(sys.argv[1])
    rules = yaml.safe_load((folder / "prometheus-rules.yaml").read_text())
    # Those of the windows first: they find most.
    tests = sorted(folder.glob("prometheus-rules.*.test.yaml"), reverse=True)
    states = [path for path in tests if ".states." in path.name]
    others = [path for path in tests if path not in states]
    jobs = []
    only = sys.argv[2:]
    for place, group in enumerate(rules["groups"]):
        for line, rule in enumerate(group["rules"]):
            if only and rule.get("alert") not in only:
                continue
            about = others if rule.get("alert", "ErrorBudgetBurn") == "ErrorBudgetBurn" else states
            for name, changed in mutations(rule):
                mutated = copy.deepcopy(rules)
                mutated["groups"][place]["rules"][line] = changed
                jobs.append((f"{rule.get('alert') or rule['record']} {rule['labels']}: {name}", mutated, about))
    jobs = jobs[:: int(os.environ.get("MUTATE_EVERY", "1"))]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as hands:
        found = list(hands.map(lambda job: fails(folder, *job[1:]), jobs))
    print(f"{len(jobs)} changed rules, {sum(found)} found by the generated tests")
    for job, one in zip(jobs, found, strict=True):
        if not one:
            print(f"NOT FOUND: {job[0]}")
    sys.exit(0 if jobs and all(found) else 1)


main()
