// SPDX-License-Identifier: Apache-2.0
// The one door to Vega: a Vega-Lite spec becomes a view. On the page its expressions are interpreted,
// never compiled with eval, so that the page can forbid it; in Node.js compiled ones save a third of
// the time, and draw the same.
// @ts-expect-error textMetrics is exported, but its types leave it out
import { Warn, View, logger, parse, textMetrics } from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compile, type TopLevelSpec } from "vega-lite";

export type Spec = TopLevelSpec & Record<string, any>;

/** A view without an element yet; `initialize(element)` draws it, `toSVG()` needs none. */
export function viewOf(spec: Spec, expressions: "interpreted" | "compiled" = "interpreted"): View {
  const vega = compile(spec, { logger: logger(Warn) }).spec;
  const ast = expressions === "interpreted";
  return new View(parse(vega, undefined, { ast }), {
    expr: ast ? expressionInterpreter : undefined,
    logLevel: Warn,
    renderer: "none",
  });
}

/** Replaces the crude width estimate that Vega falls back to where there is no canvas. */
export function measureTextWith(width: (text: string, sizePx: number, bold: boolean) => number) {
  const metrics = textMetrics as Record<string, any>;
  metrics.width = (item: any, text: any) => {
    const shown = text ?? item.text;
    const size = Number(item.fontSize ?? 11);
    const bold = item.fontWeight === "bold" || Number(item.fontWeight) >= 600;
    return shown === null || shown === undefined ? 0 : width(String(shown), size, bold);
  };
}
