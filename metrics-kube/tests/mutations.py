"""Do the generated tests fail when a rule is changed?

mutations.py FOLDER: for every alert of FOLDER/prometheus-rules.yaml changes one thing at a time (a threshold by 3 %, a
label, the name of a series, how long a state must last), runs the folder's tests with promtool and wants them to fail.
"""

import copy
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml


def mutations(rule):
    """Each a name and a changed rule."""
    expression = rule["expr"]
    thresholds = list(re.finditer(r"(?<=[>=] )[0-9.]+(?= and|$)", expression))
    for number in (one for one in thresholds if one.group() not in ("0", "1")):
        higher = str(float(number.group()) * 1.03)
        changed = expression[: number.start()] + higher + expression[number.end() :]
        yield f"{number.group()} becomes {higher} in one place", {**rule, "expr": changed}
    # Two windows share a threshold: lower in one of them, the other one still holds the alert back.
    for text in {one.group() for one in thresholds} - {"0", "1"}:
        lower = str(float(text) * 0.97)
        changed = re.sub(rf"(?<=[>=] ){re.escape(text)}(?= and|$)", lower, expression)
        yield f"{text} becomes {lower}", {**rule, "expr": changed}
    yield "another namespace", {**rule, "expr": re.sub(r'namespace="[^"]*"', 'namespace="another"', expression)}
    yield "another severity", {**rule, "labels": {**rule["labels"], "severity": "none"}}
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
        (work / tests).write_text((folder / tests).read_text())
        subprocess.run(["promtool", "check", "rules", "prometheus-rules.yaml"], cwd=work, check=True, capture_output=True)
        result = subprocess.run(["promtool", "test", "rules", tests], cwd=work, capture_output=True, text=True)
        return result.returncode != 0 and "FAILED" in result.stdout + result.stderr


def main():
    folder = pathlib.Path(sys.argv[1])
    rules = yaml.safe_load((folder / "prometheus-rules.yaml").read_text())
    survived, count = [], 0
    for place, group in enumerate(rules["groups"]):
        for line, rule in enumerate(group["rules"]):
            if "alert" not in rule:
                continue
            tests = f"prometheus-rules.{'objectives' if rule['alert'] == 'ErrorBudgetBurn' else 'states'}.test.yaml"
            for name, changed in mutations(rule):
                mutated = copy.deepcopy(rules)
                mutated["groups"][place]["rules"][line] = changed
                count += 1
                if not fails(folder, mutated, tests):
                    survived.append(f"{rule['alert']} {rule['labels']}: {name}")
    print(f"{count} changed rules, {count - len(survived)} found by the generated tests")
    for one in survived:
        print(f"NOT FOUND: {one}")
    sys.exit(1 if survived or not count else 0)


main()
