#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A ChEMBL activity export of a million invented rows, imported as a pack: time and memory.

    bench/evidence_import.py PROGRAM [ROWS]

Aims: below 20 s and 1 GiB for a million rows.
"""
import os
import pathlib
import random
import resource
import subprocess
import sys
import tempfile
import time

COLUMNS = ("Molecule ChEMBL ID;Molecule Name;Activity ID;Standard Type;Standard Relation;Standard Value;Standard Units;"
           "Data Validity Comment;Assay ChEMBL ID;Assay Description;Assay Type;Assay Variant Accession;"
           "Assay Variant Mutation;Target ChEMBL ID;Target Name;Document ChEMBL ID;Document Journal;Document Year;Cell Type")


def rows(n):
    draw = random.Random(1)
    for i in range(n):
        yield (f'"CHEMBL{draw.randrange(30000)}";"";"{i}";"{draw.choice(["IC50", "IC50", "Ki", "GI50", "Inhibition"])}";'
               f'"\'{draw.choice("==<>")}\'";"{draw.lognormvariate(6, 3):.2f}";"nM";"";"CHEMBL{draw.randrange(90000)}";'
               f'"Inhibition of human kinase, reduction in substrate phosphorylation after {i % 90} min";'
               f'"{draw.choice("BF")}";"Q9UM73";"{draw.choice(["None", "F1174L", "C1156Y", "L1196M", "G1202R"])}";'
               f'"CHEMBL4247";"ALK tyrosine kinase receptor";"CHEMBL{draw.randrange(4000)}";"J Med Chem";'
               f'"{draw.randrange(2000, 2025)}";""\n')


def main():
    program, n = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    with tempfile.TemporaryDirectory() as scratch:
        export = pathlib.Path(scratch) / "chembl.csv"
        with open(export, "w", encoding="utf-8") as out:
            out.write(";".join(f'"{c}"' for c in COLUMNS.split(";")) + "\n")
            out.writelines(rows(n))
        start = time.perf_counter()
        done = subprocess.run([program, "evidence", "import", str(export), "--from", "chembl", "--target",
                               "ALK tyrosine kinase receptor=ALK", "--date", "2026-01-01", "--quiet",
                               "-o", os.path.join(scratch, "pack")], capture_output=True, text=True, check=True)
        wall = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{n} ChEMBL rows: {wall:.1f} s of wall clock, {used.ru_utime + used.ru_stime:.1f} s of one core, "
          f"{used.ru_maxrss / 1024:.0f} MiB; {done.stdout.split(':')[0]}")


main()
