// SPDX-License-Identifier: Apache-2.0
// Draws each figure from the spec that stands beside it, at the width there is, and hands it out
// as SVG, PNG, CSV or spec. The files carry a title and a white ground; on the page the heading
// and the style sheet take their place.
import type * as Vega from "./vega";
import { button, csv, save } from "./save";

declare const kinescapeVega: typeof Vega;
type Spec = Vega.Spec;
type View = ReturnType<typeof Vega.viewOf>;

interface Mounted {
  frame: HTMLElement;
  spec: Spec;
  view?: View;
  widthPx: number;
}

function specOf(figure: HTMLElement): Spec {
  return JSON.parse(figure.querySelector('script[type="application/json"]')!.textContent!);
}

function onPage(spec: Spec, widthPx: number): Spec {
  const { title: _, ...rest } = spec;
  const layout = (spec.usermeta ?? {}) as { aspect?: number };
  const width = Math.round(Math.min(widthPx, spec.width));
  const height = layout.aspect ? Math.round(width * layout.aspect) : spec.height;
  return { ...rest, width, height, background: "transparent", padding: 2 } as Spec;
}

/** What the pointer is on, as rows of name and value. */
function tooltip(box: HTMLElement) {
  return (_: unknown, event: MouseEvent, __: unknown, value: unknown) => {
    box.hidden = value === null || value === undefined || value === "";
    if (box.hidden) return;
    const pairs = typeof value === "object" ? Object.entries(value as object) : [["", value] as [string, unknown]];
    box.replaceChildren(
      ...pairs.flatMap(([name, shown]) => {
        const term = document.createElement("dt");
        const text = document.createElement("dd");
        term.textContent = name;
        text.textContent = String(shown);
        return [term, text];
      }),
    );
    const left = Math.min(event.clientX + 14, innerWidth - box.offsetWidth - 8);
    const top = Math.min(event.clientY + 14, innerHeight - box.offsetHeight - 8);
    box.style.transform = `translate(${Math.max(4, left)}px, ${Math.max(4, top)}px)`;
  };
}

async function draw(mounted: Mounted, box: HTMLElement) {
  const widthPx = mounted.frame.clientWidth;
  if (widthPx === 0 || widthPx === mounted.widthPx) return;
  mounted.widthPx = widthPx;
  mounted.view?.finalize();
  const view = kinescapeVega.viewOf(onPage(mounted.spec, widthPx));
  mounted.view = view;
  view.renderer("svg").tooltip(tooltip(box)).hover().initialize(mounted.frame);
  await view.runAsync();
  mounted.frame.dataset.drawn = "yes";
}

/** All data of a figure as one long table; `part` says which mark a row belongs to. */
function dataOf(spec: Spec): Blob {
  const parts = Object.entries((spec.datasets ?? {}) as Record<string, Record<string, any>[]>);
  const names = [...new Set(parts.flatMap(([, rows]) => rows.flatMap((row) => Object.keys(row))))];
  const rows = parts.flatMap(([part, all]) =>
    all.map((row) => [part, ...names.map((name) => row[name])]));
  return csv([["part", ...names], ...rows]);
}

async function png(spec: Spec): Promise<Blob> {
  const canvas = (await kinescapeVega.viewOf(spec).toCanvas(3)) as unknown as HTMLCanvasElement;
  return new Promise((done, fail) =>
    canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("no picture"))), "image/png"));
}

async function copy(spec: Spec, pressed: HTMLButtonElement) {
  const before = pressed.textContent;
  try {
    await navigator.clipboard.write([new ClipboardItem({ "image/png": png(spec) })]);
    pressed.textContent = "Copied";
  } catch {
    pressed.textContent = "Not allowed here";
  }
  setTimeout(() => (pressed.textContent = before), 1500);
}

function toolsOf(figure: HTMLElement, spec: Spec): HTMLElement {
  const name = figure.dataset.figure!;
  const bar = document.createElement("div");
  bar.className = "tools";
  const copier = button("Copy", "Copy as a picture", () => copy(spec, copier));
  bar.append(
    button("SVG", "Download as a vector graphic", async () =>
      save(`${name}.svg`, new Blob([await kinescapeVega.viewOf(spec).toSVG()], { type: "image/svg+xml" }))),
    button("PNG", "Download as a picture, 3 pixels a point", async () =>
      save(`${name}.png`, await png(spec))),
    copier,
    button("Data", "Download the numbers behind it as CSV", () => save(`${name}.csv`, dataOf(spec))),
    button("Spec", "Download the Vega-Lite spec, data inside", () =>
      save(`${name}.vl.json`, new Blob([JSON.stringify(spec, null, 1)], { type: "application/json" }))),
  );
  return bar;
}

export function mountFigures() {
  const box = document.createElement("dl");
  box.id = "tooltip";
  box.hidden = true;
  document.body.append(box);

  const all = new Map<Element, Mounted>();
  const drawLogged = (mounted: Mounted) =>
    draw(mounted, box).catch((error) => {
      mounted.frame.textContent = "This figure could not be drawn; its data are in the tables.";
      console.error(mounted.frame.parentElement?.dataset.figure, error);
    });
  const watcher = new ResizeObserver((entries) => {
    // Drawing changes the size that is being observed: not inside this call.
    for (const entry of entries) setTimeout(() => drawLogged(all.get(entry.target)!));
  });
  for (const figure of document.querySelectorAll<HTMLElement>("figure[data-figure]")) {
    const frame = figure.querySelector<HTMLElement>(".frame")!;
    const mounted = { frame, spec: specOf(figure), widthPx: 0 };
    all.set(frame, mounted);
    figure.append(toolsOf(figure, mounted.spec));
    watcher.observe(frame);
  }
  // Paper is narrower than the window: what was hidden or wide is drawn for it at once.
  addEventListener("beforeprint", () => all.forEach((mounted) => void drawLogged(mounted)));
}
