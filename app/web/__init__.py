"""The web side: server, middleware, pages, API."""
