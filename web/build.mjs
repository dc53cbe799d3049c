// SPDX-License-Identifier: Apache-2.0
// node build.mjs OUT: bundles what the report page and the SVG renderer run, and writes each as
// OUT/<name>.z: eight bytes of plain length (little-endian), then a zlib stream.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { deflateSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2];
if (!out) throw new Error("usage: node build.mjs OUT");

async function bundle(entry, options = {}) {
  const result = await build({
    entryPoints: [join(here, entry)],
    bundle: true,
    minify: true,
    write: false,
    platform: "browser",
    format: "iife",
    target: "es2020",
    charset: "utf8",
    legalComments: "none",
    logLevel: "error",
    ...options,
  });
  return Buffer.from(result.outputFiles[0].contents);
}

function store(name, bytes) {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  writeFileSync(join(out, `${name}.z`), Buffer.concat([length, deflateSync(bytes, { level: 9 })]));
}

mkdirSync(out, { recursive: true });
store("vega.js", await bundle("vega.ts", { globalName: "kinescapeVega" }));
store("report.js", await bundle("report.ts"));
store("svg.js", await bundle("svg.ts", { globalName: "kinescapeSvg" }));
store("report.css", await bundle("report.css", { format: undefined }));
