// SPDX-License-Identifier: Apache-2.0
// Light, dark, or as the system is. The figures follow by style sheet: nothing is drawn again.
type Theme = "auto" | "light" | "dark";
const order: Theme[] = ["auto", "light", "dark"];
const label = { auto: "Theme: system", light: "Theme: light", dark: "Theme: dark" };

function remembered(): Theme {
  const asked = new URLSearchParams(location.search).get("theme");
  let stored: string | null = null;
  try {
    stored = localStorage.getItem("kinescape-theme");
  } catch {
    // A page opened from a file may have no storage: the system's theme it is.
  }
  const theme = (asked ?? stored) as Theme;
  return order.includes(theme) ? theme : "auto";
}

export function armTheme() {
  const button = document.querySelector<HTMLButtonElement>("#theme");
  let theme = remembered();
  const show = () => {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    if (button) button.textContent = label[theme];
  };
  button?.addEventListener("click", () => {
    theme = order[(order.indexOf(theme) + 1) % order.length];
    try {
      localStorage.setItem("kinescape-theme", theme);
    } catch {
      // See above.
    }
    show();
  });
  show();
}
