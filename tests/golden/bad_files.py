#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Bad input through every command that reads plates: viability analyze, study check, study run.

Each file below is faulty in its own way. All three commands must exit with 1, say what is wrong,
where, and how to mend it, use little memory and leave nothing behind.

    bad_files.py PROGRAM
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

HEAD = "plate,well,line,drug,dose_nM,role,repeat,signal\n"
MOST_BYTES = 1 << 30  # of memory, whatever the file


def plate(head=HEAD, skip_role="", change=None):
    """One good plate as rows of cells, with `change(row index, cells)` applied."""
    wells = [f"{row}{column:02d}" for row in "ABCD" for column in range(1, 13)]
    rows = [["0", "vehicle", "", 1.5]] * 6 + [["", "blank", "", 0.06]] * 3
    for dose, signal in ((1, 1.5), (10, 1.4), (100, 0.9), (1000, 0.4), (10000, 0.2)):
        rows += [[str(dose), "sample", "drug-1", signal]] * 3
    text = head
    for i, (dose, role, drug, signal) in enumerate(rows):
        if role == skip_role:
            continue
        line = "" if role == "blank" else "L"
        cells = ["P1", wells[i], line, drug, dose, role, "1", f"{signal + 0.01 * (i % 3):.3f}"]
        if change:
            change(i + 2, cells)  # the line of the file
        text += ",".join(cells) + "\n"
    return text


def cells_of(changes):
    def change(line, cells):
        for column, value in changes.get(line, {}).items():
            cells[column] = value
    return lambda: plate(change=change)


def workbook(rows):
    """A small XLSX; `rows` is called with the open sheet."""
    def make(path):
        office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        package = "http://schemas.openxmlformats.org/package/2006/"
        main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
            z.writestr("[Content_Types].xml",
                       f'<Types xmlns="{package}content-types"><Default Extension="xml" '
                       'ContentType="application/xml"/></Types>')
            z.writestr("_rels/.rels",
                       f'<Relationships xmlns="{package}relationships"><Relationship Id="r1" '
                       f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>')
            z.writestr("xl/workbook.xml",
                       f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
                       '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>')
            z.writestr("xl/_rels/workbook.xml.rels",
                       f'<Relationships xmlns="{package}relationships"><Relationship Id="r1" '
                       f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>')
            with z.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
                sheet.write(f'<worksheet xmlns="{main}"><sheetData>'.encode())
                rows(sheet)
                sheet.write(b"</sheetData></worksheet>")
    return make


def text_rows(sheet):
    for line in plate().splitlines():
        cells = "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in line.split(","))
        sheet.write(f"<row>{cells}</row>".encode())


def bomb_rows(sheet):
    row = b'<row><c t="inlineStr"><is><t>' + b"0" * 1_000_000 + b"</t></is></c></row>"
    for _ in range(1500):  # 1.5 GB out of 1.5 MB
        sheet.write(row)


def half_of_a_workbook(path):
    workbook(text_rows)(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:len(whole) // 2])


def one_endless_line(path):
    with open(path, "wb") as f:
        f.write(HEAD.encode() + b"P1,A01,")
        f.truncate(2 << 30)  # sparse: 2 GB of zeros that take no room on the disk


CASES = {
    "no_vehicle.csv": (lambda: plate(skip_role="vehicle"), ["plate P1", "no vehicle wells"]),
    "no_dose_unit.csv": (lambda: plate(HEAD.replace("dose_nM", "dose")),
                         ["line 1, column 5", "names no unit", "dose_nM"]),
    "dose_in_mol.csv": (lambda: plate(HEAD.replace("dose_nM", "dose_M")),
                        ["line 14", "10.0 M", "Check the unit"]),
    "dose_by_mass.csv": (lambda: plate(HEAD.replace("dose_nM", "dose_ug_per_ml")),
                         ['line 1, column 5: the column "dose_ug_per_ml"', "Give molar doses"]),
    "no_dose_column.csv": (lambda: plate(HEAD.replace("dose_nM", "note")),
                           ["line 1: the table has drugs but no column of doses"]),
    "well_twice.csv": (cells_of({14: {1: "A12"}, 20: {1: "A12"}}),
                       ["well A12", "line 14", "line 20", "there twice"]),
    "letters.csv": (cells_of({12: {7: "0.9x7"}, 13: {7: "O.5"}, 14: {4: "1O"}}),
                    ['line 12, column 8: "0.9x7"', 'line 13, column 8: "O.5"',
                     'line 14, column 5: "1O" is not a dose']),
    "nan.csv": (cells_of({12: {7: "NaN"}, 13: {7: "inf"}, 14: {4: "nan"}}),
                ['line 12, column 8: "NaN"', 'line 13, column 8: "inf"',
                 'line 14, column 5: drug "drug-1" has no dose']),
    "no_such_well.csv": (cells_of({12: {1: "A99"}, 13: {1: "ZZ1"}}),
                         ['line 12, column 2: "A99"', 'line 13, column 2: "ZZ1"', "A1 to AF48"]),
    "no_utf8.csv": (lambda: plate().encode().replace(b"drug-1", b"dr\xffg-1", 2)
                    .replace(b"drug-1", b"dr\xc3\xa9g-1", 2), ["line 13", "UTF-8"]),
    "noise.csv": (lambda: bytes((i * i * 31 + i // 7) % 256 for i in range(4096)), ["noise.csv"]),
    "empty.csv": (lambda: "", ["holds nothing"]),
    "head_only.csv": (lambda: HEAD, ["line 1", "no rows"]),
    "cut_off.xlsx": (half_of_a_workbook, ["damaged or cut off"]),
    "bomb.xlsx": (workbook(bomb_rows), ["bomb.xlsx", "unpacks to more than"]),
    "endless.csv": (one_endless_line, ["endless.csv"]),
    "percent.csv": (lambda: "line,drug,dose_nM,repeat,viability\n" + "".join(
        f"L,drug-1,{d},{r},{v + r}\n" for r in (1, 2)
        for d, v in ((1, 98), (10, 95), (100, 60), (1000, 20))),
        ["line 1, column 5", "should be a fraction", "viability_percent"]),
    "fraction.csv": (lambda: "line,drug,dose_nM,repeat,viability_percent\n" + "".join(
        f"L,drug-1,{d},{r},{v / 100}\n" for r in (1, 2)
        for d, v in ((1, 98), (10, 95), (100, 60), (1000, 20))),
        ["line 1, column 5", "should be percent"]),
    "grid_24.csv": (lambda: "".join(",".join(f"{1 + r * .1 + c * .01:.2f}" for c in range(6)) + "\n"
                                    for r in range(4)),
                    ["layout.toml", "24 wells) does not have", "24-well plate"]),
}
LAYOUT = '[expt]\nline = "L"\n[block.10x1.B2]\nrole = "vehicle"\n' \
         '[block.10x5.C2]\ndrug = "drug-1"\ndose_nM = 10\n'


def run(words, folder):
    """Exit code, messages, and the most memory in bytes."""
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(words, cwd=folder, stdout=said, stderr=said,
                                 stdin=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        said.seek(0)
        text = said.read().decode(errors="replace")
    return os.waitstatus_to_exitcode(status), text, used.ru_maxrss * 1024


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    faults = []
    for name, (make, wanted) in CASES.items():
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch)
            path = folder / name
            if make in (half_of_a_workbook, one_endless_line) or name == "bomb.xlsx":
                make(path)
            else:
                made = make()
                path.write_bytes(made if isinstance(made, bytes) else made.encode())
            layout = name.startswith("grid")
            if layout:
                (folder / "layout.toml").write_text(LAYOUT)
            (folder / "study.toml").write_text(
                f'[study]\ntitle = "t"\n[[viability]]\nfiles = ["{name}"]\n'
                + ('layout = "layout.toml"\n' if layout else ""))
            before = sorted(p.name for p in folder.iterdir())
            for words in (["viability", "analyze", name, "-o", "out"]
                          + (["--layout", "layout.toml"] if layout else []),
                          ["study", "check", "study.toml"],
                          ["study", "run", "study.toml", "-o", "out"]):
                code, said, memory = run([program, *words], folder)
                shown = " ".join(words)
                if code != 1:
                    faults.append(f"{shown}: exit {code}, not 1\n{said}")
                faults += [f"{shown}: does not say \"{text}\":\n{said}"
                           for text in wanted if text not in said]
                if memory > MOST_BYTES:
                    faults.append(f"{shown}: took {memory >> 20} MiB of memory")
                after = sorted(p.name for p in folder.iterdir())
                if after != before:
                    faults.append(f"{shown}: left {sorted(set(after) - set(before))} behind")
    print("\n".join(faults[:20]))
    print(f"{len(CASES)} bad files, {len(faults)} faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
