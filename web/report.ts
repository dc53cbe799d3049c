// SPDX-License-Identifier: Apache-2.0
// What the report page does beyond showing itself: draws its figures, sorts its tables, and hands
// both out. It computes no statistic: every number stands in the page already.
import { mountFigures } from "./figures";
import { armTables } from "./tables";
import { armTheme } from "./theme";

function armDetails() {
  const all = () => document.querySelectorAll<HTMLDetailsElement>("main details");
  const button = document.querySelector<HTMLButtonElement>("#expand");
  button?.addEventListener("click", () => {
    const open = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(open));
    button.textContent = open ? "Collapse all" : "Expand all";
    for (const details of all()) details.open = open;
  });
  // Paper has no triangle to click on. What was closed is closed again afterwards.
  let closed: HTMLDetailsElement[] = [];
  addEventListener("beforeprint", () => {
    closed = [...all()].filter((details) => !details.open);
    for (const details of closed) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of closed) details.open = false;
  });
}

/** A link into a closed chapter opens it. */
function openTarget() {
  const target = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
  for (let at: Element | null = target; at; at = at.parentElement)
    if (at instanceof HTMLDetailsElement) at.open = true;
}

document.documentElement.classList.add("js");
armTheme();
armDetails();
armTables();
mountFigures();
addEventListener("hashchange", openTarget);
openTarget();
