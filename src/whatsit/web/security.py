"""The headers that keep a page to itself: nothing foreign is loaded, framed, sniffed or told."""

from __future__ import annotations

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' blob:",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
}


def page_policy(**more: str) -> str:
    """The Content-Security-Policy of a page; `more` adds sources to a directive, as in `img_src="data:"`."""
    directives = dict(_POLICY)
    for name, sources in more.items():
        known = directives.get(name.replace("_", "-"), "")
        directives[name.replace("_", "-")] = f"{known} {sources}".strip()
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


ANSWER_POLICY = "default-src 'none'; frame-ancestors 'none'"  # of what is no page: JSON, text, pictures

HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), microphone=(), geolocation=(), interest-cohort=()"),
)
