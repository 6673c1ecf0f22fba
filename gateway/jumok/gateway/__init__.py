"""HTTP for the service: JSON, server-sent events, LibreTranslate's API, and the page."""
