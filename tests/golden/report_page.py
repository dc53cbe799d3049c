#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The shipped study's page in headless Chromium: every figure is drawn, nothing is complained of, no
request leaves; and results.json holds to its schema where Python's jsonschema is there.

usage: report_page.py PROGRAM. Says so and passes where there is no Chromium.
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
STUDY = ROOT / "examples" / "crizotinib" / "study.toml"


def dom_of(browser, page, folder):
    """The page's markup after its scripts have run, and the console's lines."""
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom",
               "--enable-logging=stderr", "--window-size=1200,900", "--virtual-time-budget=15000",
               f"--user-data-dir={folder}/profile", page.as_uri()]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    console = [line for line in run.stderr.splitlines() if ":CONSOLE" in line]
    return run.stdout, console


def check_schema(results):
    try:
        import jsonschema
    except ImportError:
        print("no jsonschema: results.json not validated here (the C++ test does)")
        return
    schema = json.loads((ROOT / "schemas" / "study-result.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(json.loads(results.read_text(encoding="utf-8")))


def main(program):
    help_text = subprocess.run([program, "--help"], capture_output=True, text=True, timeout=60, check=False)
    if "study" not in help_text.stdout:
        print("this build of the program has no study command")
        return
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "report"
        subprocess.run([program, "study", "run", str(STUDY), "-o", str(out)], check=True, timeout=120)
        check_schema(out / "results.json")
        specs = list((out / "figures").glob("*.vl.json"))
        assert specs, "the study has no figures"
        if not browser:
            print("no Chromium: the page was not opened")
            return
        dom, console = dom_of(browser, out / "report.html", folder)
        figures = re.findall(r"<figure data-figure=", dom)
        drawn = re.findall(r'data-drawn="yes"', dom)
        assert len(figures) == len(specs), f"{len(figures)} figures on the page, {len(specs)} specs"
        assert len(drawn) == len(figures), f"{len(drawn)} of {len(figures)} figures were drawn"
        assert dom.count("<svg") >= len(figures)
        assert not console, "\n".join(console)
        print(f"{len(figures)} figures drawn, console silent")


if __name__ == "__main__":
    main(sys.argv[1])
