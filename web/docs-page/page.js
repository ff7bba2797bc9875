// Starts Swagger UI on this server's own description of the API, in the theme chosen on the other pages.
function storedTheme() {
  try {
    return JSON.parse(localStorage.getItem("rowhouse.preferences") ?? "{}").theme;
  } catch {
    return null;
  }
}

const system = matchMedia("(prefers-color-scheme: dark)");

function applyTheme() {
  const theme = storedTheme();
  const dark = theme === "dark" || (theme !== "light" && system.matches);
  document.documentElement.classList.toggle("dark-mode", dark);
}

/** Unsafe calls of someone who is signed in with cookies need the token of their session. */
async function withCsrfToken(request) {
  if (["GET", "HEAD", undefined].includes(request.method?.toUpperCase())) return request;
  const answer = await fetch("/api/v1/auth/csrf-token");
  if (answer.ok) request.headers["X-CSRF-Token"] = (await answer.json()).data.csrf_token;
  return request;
}

applyTheme();
system.addEventListener("change", applyTheme);
window.addEventListener("storage", applyTheme);

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  filter: true,
  displayRequestDuration: true,
  validatorUrl: null,
  requestInterceptor: withCsrfToken,
});
