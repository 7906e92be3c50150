// What this browser likes: colours and time zone, in cookies that the server reads for the next page.

const YEAR_S = 365 * 24 * 3600;

function remember(name, value) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${value}; Path=/; Max-Age=${value ? YEAR_S : 0}; SameSite=Lax${secure}`;
}

function show(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  document.querySelector('meta[name="color-scheme"]').content = theme || "light dark";
  for (const button of document.querySelectorAll('button[name="theme"]')) {
    button.setAttribute("aria-pressed", String(button.value === theme));
  }
}

// The form works without this: it sets the same cookie and comes back to the page.
document.getElementById("theme-menu")?.addEventListener("submit", (event) => {
  event.preventDefault();
  remember("theme", event.submitter.value);
  show(event.submitter.value);
});

remember("zone", Intl.DateTimeFormat().resolvedOptions().timeZone ?? "");
