"""What our pages share: security headers, tokens, styles, templates and small ES modules."""
