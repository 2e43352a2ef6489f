"""One file a resource; each exposes `router`, listed in `api.app.ROUTERS`."""
