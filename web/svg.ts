// SPDX-License-Identifier: Apache-2.0
// Runs in Node.js behind a pipe: all figures of a report to SVG in one process. The specs are
// appended to this script by the caller; answers leave as one line of JSON for each figure.
import type * as Vega from "./vega";

declare const kinescapeVega: typeof Vega;
declare const process: { stdout: { write(text: string): void } };

// Advance widths of Helvetica and of the fonts made to its measure, in 1/1000 em, from U+0020.
const widths = [
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
  556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
  611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
  667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
  222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

function widthOf(text: string, sizePx: number, bold: boolean): number {
  let sum = 0;
  for (const letter of text) sum += widths[(letter.codePointAt(0) ?? 0) - 32] ?? 600;
  return (sum / 1000) * sizePx * (bold ? 1.06 : 1);
}

export async function run(figures: { name: string; spec: Vega.Spec }[]) {
  kinescapeVega.measureTextWith(widthOf);
  for (const { name, spec } of figures) {
    let line: object;
    try {
      line = { name, svg: await kinescapeVega.viewOf(spec, "compiled").toSVG() };
    } catch (error) {
      line = { name, error: String(error) };
    }
    process.stdout.write(JSON.stringify(line) + "\n");
  }
}
