// Asking the server. A page without one (the browser kit) brings its own module with the same functions.

/** The answer for a photo (a Blob), or {error, hint}. */
export async function predict(photo, model) {
  try {
    const response = await fetch(`/api/predict?model=${encodeURIComponent(model)}`, {
      method: "POST",
      headers: { "Content-Type": "application/octet-stream" },
      body: photo,
    });
    return await response.json();
  } catch {
    return { error: "The server cannot be reached.", hint: "Is it still running?" };
  }
}
