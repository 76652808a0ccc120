// A file and not an inline script: the content security policy allows scripts from this address only.
import init from "/roadworthy-ui.js";

// Before the first paint, so that a dark page never flashes white; the page itself keeps this in step with the settings.
try {
  const theme = localStorage.getItem("roadworthy.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be refused; the system's theme then stands.
}

init({ module_or_path: "/roadworthy-ui_bg.wasm" }).then(
  () => document.getElementById("boot")?.remove(),
  (problem) => {
    const boot = document.getElementById("boot");
    if (!boot) return;
    boot.className = "boot-problem";
    boot.setAttribute("role", "alert");
    boot.textContent = `Roadworthy's pages could not start: ${problem}. Reload the page; if it stays so, update the browser.`;
  },
);
