// Runs before the first paint: the remembered theme, then the program.
(() => {
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem("windlass-theme");
    if (theme) root.dataset.theme = theme;
  } catch {
    // A browser that keeps nothing shows the system's theme.
  }
  const failed = (error) => {
    console.error(error);
    const show = () => document.getElementById("boot-failed")?.removeAttribute("hidden");
    document.readyState === "loading" ? addEventListener("DOMContentLoaded", show) : show();
  };
  const ready = new Promise((done) =>
    document.readyState === "loading" ? addEventListener("DOMContentLoaded", done) : done(),
  );
  Promise.all([import("{{js}}"), ready])
    .then(([program]) => program.default({ module_or_path: "{{wasm}}" }))
    .catch(failed);
})();
