// The choice of the language of a page: kept in a cookie, so that the server knows it too, whatever its port.
const YEAR_S = 365 * 24 * 3600;

document.getElementById("language")?.addEventListener("change", ({ target }) => {
  document.cookie = `whatsit-language=${target.value}; Path=/; Max-Age=${YEAR_S}; SameSite=Lax`;
  location.reload();
});
